#include "walk/coverage.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

std::optional<SlotHoldings> parsed(const std::string& text) {
    return parse_own_slots(Reply::make_string(text));
}

SlotHoldings holding(const std::string& slots, const std::string& epoch = "1") {
    const auto holdings =
        parsed("a 127.0.0.1:1@2 myself,master - 0 0 " + epoch + " connected " + slots + "\n");
    REQUIRE(holdings);
    return *holdings;
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

TEST_CASE("a slot that was served all the time counts") {
    Coverage coverage;
    CHECK(coverage.add(holding("0-99"), holding("0-99")) == 100);
    CHECK(coverage.add(holding("0-99"), holding("0-99")) == 0);
    CHECK(coverage.has(99));
    CHECK(coverage.missing() == std::vector<SlotRange>{{100, 16383}});
    CHECK_FALSE(coverage.complete());
    CHECK(coverage.add(holding("100-16383"), holding("100-16383")) == 16284);
    CHECK(coverage.complete());
    CHECK(coverage.missing().empty());
}

TEST_CASE("a slot that came, went or was open does not") {
    Coverage coverage;
    coverage.add(holding("0-9 [3->-b]"), holding("0-8 20 [5->-b]"));
    CHECK(ranges_of(coverage.walked()) == std::vector<SlotRange>{{0, 2}, {4, 4}, {6, 8}});
}

TEST_CASE("nothing counts where a slot may have gone and come back") {
    Coverage coverage;
    CHECK(coverage.add(holding("0-9", "1"), holding("0-9", "2")) == 0);
}

TEST_CASE("of listed slots only these count, whatever the epoch") {
    Coverage coverage;
    SlotSet listed;
    for (const std::size_t slot : {1, 2, 3, 4, 50}) listed.set(slot);
    CHECK(coverage.add_listed(holding("0-9 [3->-b]", "1"), holding("0-3 5-9", "2"), listed) == 2);
    CHECK(ranges_of(coverage.walked()) == std::vector<SlotRange>{{1, 2}});
}

TEST_CASE("nothing counts of a node that is another one, or no master any more") {
    Coverage coverage;
    SlotHoldings other = holding("0-9");
    other.id = "b";
    CHECK(coverage.add(holding("0-9"), other) == 0);
    SlotHoldings replica = holding("0-9");
    replica.is_master = false;
    CHECK(coverage.add(holding("0-9"), replica) == 0);
    CHECK(coverage.add(replica, holding("0-9")) == 0);
}
