#include "fuzz/target.hpp"

#include <fmt/format.h>

namespace cachectl {

void expect(bool kept, std::string_view promise) {
    if (!kept) {
        throw BrokenPromise(std::string(promise));
    }
}

void expect_same(std::string_view a, std::string_view b, std::string_view what) {
    if (a != b) {
        throw BrokenPromise(fmt::format("{}:\n{}\n--- but:\n{}", what, a, b));
    }
}

}  // namespace cachectl
