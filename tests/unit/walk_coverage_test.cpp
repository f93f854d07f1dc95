#include "walk/coverage.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

std::optional<SlotHoldings> parsed(const std::string& text) {
    return parse_own_slots(Reply::make_string(text));
}

}  // namespace

TEST_CASE("a node's own line among the others") {
    const auto holdings = parsed(
        "b 127.0.0.1:7002@17002,host master - 0 1700000000000 2 connected 5461-10922\n"
        "a 127.0.0.1:7001@17001 myself,master - 0 0 7 connected 0-5459 5460 12000 [93->-b] "
        "[77-<-c]\n"
        "d :0 slave,fail,noaddr a 0 0 2 disconnected\n");
    REQUIRE(holdings);
    CHECK(holdings->id == "a");
    CHECK(holdings->is_master);
    CHECK(holdings->epoch == 7);
    CHECK(ranges_of(holdings->served) == std::vector<SlotRange>{{0, 5460}, {12000, 12000}});
    CHECK(ranges_of(holdings->leaving) == std::vector<SlotRange>{{93, 93}});
    CHECK(ranges_of(holdings->arriving) == std::vector<SlotRange>{{77, 77}});
}

TEST_CASE("a replica holds nothing") {
    const auto holdings = parsed("a h:1@2 myself,slave b 0 0 1 connected\n");
    REQUIRE(holdings);
    CHECK_FALSE(holdings->is_master);
    CHECK(holdings->served.none());
}

TEST_CASE("what cannot be read is nothing") {
    for (const char* text : {"", "\n", "a", "a h:1@2 master - 0 0 1 connected 0-5\n",
                             "a h:1@2 myself,master - 0 0 x connected 0-5\n",
                             "a h:1@2 myself,master - 0 0 1 connected 0-16384\n",
                             "a h:1@2 myself,master - 0 0 1 connected 5-3\n",
                             "a h:1@2 myself,master - 0 0 1 connected x\n",
                             "a h:1@2 myself,master - 0 0 1 connected [5=>-b]\n",
                             "a h:1@2 myself,master - 0 0 1 connected [99999->-b]\n"}) {
        CAPTURE(text);
        CHECK_FALSE(parsed(text));
    }
    CHECK_FALSE(parse_own_slots(Reply::make_integer(1)));
}

TEST_CASE("slots count once, until all are there") {
    Coverage coverage;
    SlotSet first, rest;
    for (std::size_t slot = 0; slot < k_slots; ++slot) {
        (slot < 100 ? first : rest).set(slot);
    }
    CHECK(coverage.add(first) == 100);
    CHECK(coverage.add(first) == 0);
    CHECK(coverage.missing() == std::vector<SlotRange>{{100, 16383}});
    CHECK_FALSE(coverage.complete());
    CHECK(coverage.add(rest) == 16284);
    CHECK(coverage.complete());
    CHECK(coverage.missing().empty());
}

TEST_CASE("the fraction is of the slots that are wanted") {
    Coverage coverage;
    CHECK(coverage.fraction(0) == 0);
    coverage.leave_out({{0, 8191}});
    CHECK(coverage.fraction(0) == 0);
    CHECK(coverage.fraction(2048) == 0.25);
    SlotSet half;
    for (std::size_t slot = 8192; slot < 8192 + 4096; ++slot) {
        half.set(slot);
    }
    coverage.add(half);
    CHECK(coverage.fraction(2048) == 0.75);
}
