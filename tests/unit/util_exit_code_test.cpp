#include "util/exit_code.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace cachectl;

TEST_CASE("the list of exit codes is the enum, in order, each with a meaning") {
    std::vector<int> numbers;
    for (const ExitCode code : k_exit_codes) {
        numbers.push_back(static_cast<int>(code));
        CHECK(!exit_code_meaning(code).empty());
        CHECK(!exit_code_meaning(code).ends_with('.'));
    }
    CHECK(numbers == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 130, 143});
    CHECK(exit_code_meaning(static_cast<ExitCode>(9)).empty());
}
