#include "walk/slot_watch.hpp"

#include <doctest/doctest.h>

#include "support/fake_cluster.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Way = SlotWatch::Way;
using Ranges = std::vector<SlotRange>;

namespace {

/// Of the first node of two, after `during`.
Ranges steady(FakeCluster& cluster, const std::function<void()>& during,
              Way way = Way::page_by_page) {
    SlotWatch watch(cluster);
    watch.keep_looking();
    during();
    watch.end();
    return ranges_of(watch.steady(watch.nodes().front(), way));
}

std::optional<KeyTransfers> parsed(const std::string& text) {
    return parse_transfers(Reply::make_string(text));
}

}  // namespace

TEST_CASE("what is served all the while is steady") {
    FakeCluster cluster(2);
    CHECK(steady(cluster, [] {}) == Ranges{{0, 8191}});
}

TEST_CASE("slots that leave, come or go are not") {
    FakeCluster cluster(2);
    cluster.open(3, 0, 1);
    CHECK(steady(cluster, [&] {
              cluster.make_stable(3);
              cluster.open(5, 0, 1);
              cluster.node(0).served.reset(7);
              cluster.node(0).served.set(9000);
          }) == Ranges{{0, 2}, {4, 4}, {6, 6}, {8, 8191}});
}

TEST_CASE("a look in between sees what is as it was in the end") {
    FakeCluster cluster(2);
    CHECK(steady(cluster, [&] {
              cluster.node(0).served.reset(7);
              cluster.pass(std::chrono::milliseconds(500));
              cluster.node(0).served.set(7);
          }) == Ranges{{0, 6}, {8, 8191}});
}

TEST_CASE("a slot may have gone and come back where the epoch is another") {
    FakeCluster cluster(2);
    const auto given_one = [&] { ++cluster.node(0).epoch; };
    CHECK(steady(cluster, given_one, Way::page_by_page).empty());
    // All of its keys at once are all of its keys.
    CHECK(steady(cluster, given_one, Way::slot_by_slot) == Ranges{{0, 8191}});
}

TEST_CASE("where slots move as a whole, one may have been away when its keys were asked for") {
    FakeCluster cluster(2);
    const auto arrived = [&] {
        ++cluster.node(0).epoch;
        cluster.node(0).syncslots_calls += 5;
    };
    CHECK(steady(cluster, arrived, Way::slot_by_slot).empty());
    CHECK(steady(cluster, arrived, Way::page_by_page).empty());
    // What leaves does not come with a new epoch.
    const auto left = [&] {
        cluster.node(0).served.reset(7);
        cluster.node(0).syncslots_calls += 2;
    };
    CHECK(steady(cluster, left, Way::slot_by_slot) == Ranges{{0, 6}, {8, 8191}});
    CHECK(steady(cluster, left, Way::page_by_page) == Ranges{{0, 6}, {8, 8191}});
}

TEST_CASE("nothing is steady of a node that is another one, no master, or lost") {
    FakeCluster cluster(2);
    CHECK(steady(cluster, [&] { cluster.node(0).id = "x"; }).empty());
    CHECK(steady(cluster, [&] { cluster.node(0).served.reset(); }).empty());
    cluster.node(0).served.set(1);
    CHECK(steady(cluster, [&] { cluster.node(0).answers = false; }).empty());
}

TEST_CASE("nor of one whose keys both left and came") {
    FakeCluster cluster(2);
    const auto left = [&] { ++cluster.node(0).migrate_calls; };
    const auto came = [&] { ++cluster.node(0).restore_calls; };
    CHECK(steady(cluster, left) == Ranges{{0, 8191}});
    CHECK(steady(cluster, came) == Ranges{{0, 8191}});
    const auto both = [&] { left(), came(); };
    CHECK(steady(cluster, both, Way::page_by_page).empty());
    CHECK(steady(cluster, both, Way::slot_by_slot).empty());
}

TEST_CASE("what the nodes count is read around the looks at their slots") {
    FakeCluster cluster(1);
    (void)steady(cluster, [] {});
    CHECK(cluster.node(0).lines() == std::vector<std::string>{"INFO commandstats", "CLUSTER NODES",
                                                              "CLUSTER NODES",
                                                              "INFO commandstats"});
}

TEST_CASE("a watch that has ended looks no more") {
    FakeCluster cluster(1);
    (void)steady(cluster, [] {});
    cluster.pass(std::chrono::milliseconds(5000));
    CHECK(cluster.node(0).count("CLUSTER NODES") == 2);
}

TEST_CASE("what commandstats says of keys that move") {
    const auto transfers = parsed(
        "# Commandstats\r\n"
        "cmdstat_migrate:calls=3,usec=90,usec_per_call=30.00,rejected_calls=1,failed_calls=0\r\n"
        "cmdstat_restore-asking:calls=5,usec=90,usec_per_call=18.00\r\n"
        "cmdstat_cluster|syncslots:calls=4,usec=90\r\n"
        "cmdstat_cluster|nodes:calls=10,usec=90\r\n");
    REQUIRE(transfers);
    CHECK(transfers->sent == 3);
    CHECK(transfers->received == 5);
    CHECK(transfers->slots == 4);
    CHECK(transfers->commands == 22);
    CHECK(parsed("cmdstat_get:calls=1,usec=2\r\n")->sent == 0);
    CHECK_FALSE(parsed(""));
    CHECK_FALSE(parsed("# Commandstats\r\n"));
    CHECK_FALSE(parse_transfers(Reply::make_error("NOPERM")));
}

TEST_CASE("fewer commands than before: it has begun to count anew") {
    CHECK(may_have_come_back({0, 0, 0, 100}, {0, 0, 0, 5}));
    CHECK_FALSE(may_have_come_back({0, 0, 0, 100}, {0, 0, 0, 100}));
    CHECK_FALSE(may_have_come_back({1, 2, 0, 100}, {3, 2, 0, 105}));
    CHECK_FALSE(may_have_come_back({1, 2, 0, 100}, {1, 9, 0, 105}));
    CHECK(may_have_come_back({1, 2, 0, 100}, {3, 9, 0, 105}));
}
