#include "audit/value_words.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "util/text.hpp"

namespace cachectl {

std::string duration_word(std::chrono::milliseconds duration) {
    constexpr std::array<std::pair<std::int64_t, std::string_view>, 5> k_units = {
        {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1'000, "s"}, {1, "ms"}}};
    std::int64_t left = duration.count();
    std::string word;
    for (const auto& [unit, name] : k_units) {
        if (left >= unit) {
            word += fmt::format("{}{}", left / unit, name);
            left %= unit;
        }
    }
    return word.empty() ? "0" : word;
}

std::string size_word(std::uint64_t bytes) {
    constexpr std::array<std::pair<unsigned, std::string_view>, 4> k_units = {
        {{40, "TiB"}, {30, "GiB"}, {20, "MiB"}, {10, "KiB"}}};
    for (const auto& [shift, name] : k_units) {
        if (bytes != 0 && bytes % (std::uint64_t{1} << shift) == 0) {
            return fmt::format("{}{}", bytes >> shift, name);
        }
    }
    return fmt::format("{}", bytes);
}

std::string counted(std::uint64_t n, std::string_view one, std::string_view several) {
    return fmt::format("{} {}", format_count(n), n == 1 ? one : several);
}

}  // namespace cachectl
