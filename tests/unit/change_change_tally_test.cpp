#include "change/change_tally.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cachectl;

TEST_CASE("of two tallies the sum, the first refusal and the first refused keys") {
    ChangeTally first, second;
    first.changed = 1;
    first.refused_keys = {"a", "b", "c"};
    second.changed = 2;
    second.vanished = second.failed = second.unknown = second.unsaved = second.not_attempted = 3;
    second.refused_keys = {"d", "e", "f"};
    second.refusal = "NOPERM";
    first.add(second);
    CHECK(first.changed == 3);
    CHECK(first.vanished == 3);
    CHECK(first.failed == 3);
    CHECK(first.unknown == 3);
    CHECK(first.unsaved == 3);
    CHECK(first.not_attempted == 3);
    CHECK(first.refused_keys == std::vector<std::string>{"a", "b", "c", "d", "e"});
    CHECK(first.refusal == "NOPERM");
    second.refusal = "READONLY";
    first.add(second);
    CHECK(first.refusal == "NOPERM");
    CHECK(first.refused_keys.size() == ChangeTally::k_refused_keys_kept);
}
