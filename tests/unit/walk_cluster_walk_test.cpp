#include "walk/cluster_walk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "keyspace/key_selector.hpp"
#include "support/fake_cluster.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Strings = std::vector<std::string>;
using std::chrono::milliseconds;

namespace {

/// A walk of a cluster of two: `during` happens while the nodes are being walked. What the nodes
/// hold at their end counts as met.
struct Walked {
    explicit Walked(FakeCluster& cluster, std::function<void()> during, std::size_t more = 0) {
        Paces paces(cluster, {});
        const auto walk_nodes = [&](const std::vector<NodeWalk>& parts) {
            ++rounds;
            during();
            std::vector<WalkOutcome> outcomes(parts.size());
            for (std::size_t i = 0; i < parts.size(); ++i) {
                outcomes[i].complete = true;
                const auto& node = dynamic_cast<FakeCluster::Node&>(parts[i].node);
                for (const auto& [key, value] : node.keys) {
                    if (!hidden.contains(key) && parts[i].wants(key)) {
                        parts[i].note(key);
                        met.insert(key);
                    }
                }
                // And so many that are not kept anywhere.
                for (std::size_t n = 0; i == 0 && rounds == 1 && n < more; ++n) {
                    parts[i].note("{b}" + std::to_string(n));
                }
            }
            return outcomes;
        };
        ClusterWalk walk(cluster, paces, walk_nodes, [&](const Strings& keys) {
            met.insert(keys.begin(), keys.end());
            listed.insert(listed.end(), keys.begin(), keys.end());
        });
        walk.on_again = [&](const std::string& why) { again.push_back(why); };
        outcome = walk.run([] { return false; });
    }

    static inline std::set<std::string> hidden;  // from walks: away when its turn came
    std::set<std::string> met;
    Strings listed;  // slot by slot
    Strings again;
    int rounds = 0;
    WalkOutcome outcome;
};

/// Keys with tags of slots at the first node: 3300 and 7365; and at the second: 15495.
struct Two : FakeCluster {
    Two() : FakeCluster(2) {
        node(0).keys = {{"{b}1", {}}, {"{c}1", {}}};
        node(1).keys = {{"{a}1", {}}};
        Walked::hidden = {};
    }
};

const std::set<std::string> k_all = {"{a}1", "{b}1", "{c}1"};
const std::uint16_t k_slot = slot_of("b");

/// Away and back, while the walk comes by.
void send_away_and_back(FakeCluster& cluster, milliseconds time) {
    Walked::hidden = {"{b}1"};
    cluster.open(k_slot, 0, 1);
    cluster.move_keys(k_slot, 0, 1);
    cluster.pass(time);
    cluster.move_keys(k_slot, 1, 0);
    cluster.make_stable(k_slot);
    cluster.pass(milliseconds(10));
}

}  // namespace

TEST_CASE("slots that stay where they are are walked once") {
    Two cluster;
    const Walked walked(cluster, [&] { cluster.pass(milliseconds(1000)); });
    CHECK(walked.outcome.complete);
    CHECK(walked.rounds == 1);
    CHECK(walked.met == k_all);
    CHECK(walked.again.empty());
    CHECK(cluster.node(0).count("CLUSTER GETKEYSINSLOT") == 0);
}

TEST_CASE("a slot that was open for a while only is walked again") {
    Two cluster;
    for (std::size_t i = 0; i < 2; ++i) {
        cluster.node(i).info.info = {};  // no INFO for this user
    }
    const Walked walked(cluster, [&] { send_away_and_back(cluster, milliseconds(1000)); });
    CHECK(walked.outcome.complete);
    CHECK(walked.met == k_all);
    CHECK(walked.again == Strings{"slots of the cluster moved: 3300"});
    CHECK(cluster.node(0).count("INFO") == 0);
    CHECK(cluster.node(0).count("CLUSTER GETKEYSINSLOT") == 1);
}

TEST_CASE("a slot that only the node that takes it in shows as open is walked again") {
    Two cluster;
    for (std::size_t i = 0; i < 2; ++i) {
        cluster.node(i).info.info = {};
    }
    const Walked walked(cluster, [&] {
        cluster.node(1).arriving.set(k_slot);
        cluster.pass(milliseconds(1000));
        cluster.node(1).arriving.reset(k_slot);
    });
    CHECK(walked.outcome.complete);
    CHECK(walked.again == Strings{"slots of the cluster moved: 3300"});
}

TEST_CASE("keys that leave and come back between two looks show in what their node counts") {
    Two cluster;
    const Walked walked(cluster, [&] { send_away_and_back(cluster, milliseconds(0)); });
    CHECK(walked.outcome.complete);
    CHECK(walked.met == k_all);
    CHECK(walked.rounds == 1);
    // The other node counts the same of keys that are none of its own.
    CHECK(walked.again == Strings{"slots of the cluster moved: 0-16383"});
}

TEST_CASE("a key of an open slot that both of its nodes list is handed on once") {
    Two cluster;
    Walked::hidden = {"{b}1"};
    cluster.open(k_slot, 0, 1);
    cluster.node(1).keys["{b}1"] = {};  // as if it had gone from one to the other meanwhile
    const Walked walked(cluster, [] {});
    CHECK_FALSE(walked.outcome.complete);
    CHECK(walked.listed == Strings{"{b}1"});
}

TEST_CASE("where more keys were met than are remembered, it is said that some may come twice") {
    for (const std::size_t more : {std::size_t{10}, SeenKeys::k_most}) {
        Two cluster;
        const Walked walked(
            cluster, [&] { send_away_and_back(cluster, milliseconds(0)); }, more);
        CHECK(walked.outcome.complete);
        CHECK(walked.outcome.may_repeat == (more > 10));
    }
    Two cluster;
    const Walked walked(
        cluster, [] {}, SeenKeys::k_most);
    CHECK_FALSE(walked.outcome.may_repeat);  // none was walked again
}

TEST_CASE("keys that only leave, or only come, make nothing uncertain that stays") {
    Two cluster;
    const Walked walked(cluster, [&] {
        cluster.node(0).migrate_calls += 100;
        cluster.node(1).restore_calls += 100;
    });
    CHECK(walked.outcome.complete);
    CHECK(walked.again.empty());
}

TEST_CASE("a node that has begun to count anew may have been through anything") {
    Two cluster;
    const Walked walked(cluster, [&] { cluster.node(0).other_calls = 10; });
    CHECK(walked.outcome.complete);
    CHECK(walked.again == Strings{"slots of the cluster moved: 0-8191"});
}

TEST_CASE("slots whose keys come and go all the time are named in the end") {
    Two cluster;
    cluster.node(0).on("INFO", [&](const auto&) {
        ++cluster.node(0).migrate_calls;
        return Reply::make_string(
            "cmdstat_migrate:calls=" + std::to_string(cluster.node(0).migrate_calls) +
            "\r\ncmdstat_restore-asking:calls=" + std::to_string(cluster.node(0).migrate_calls) +
            "\r\n");
    });
    const Walked walked(cluster, [] {});
    CHECK_FALSE(walked.outcome.complete);
    REQUIRE(walked.outcome.failure);
    CHECK(walked.outcome.failure->code() == ExitCode::partial);
    CHECK(std::string(walked.outcome.failure->what()) ==
          "slots 0-8191 are being moved from one node to another: not all of their keys are "
          "certain");
    CHECK(walked.met == k_all);
}

TEST_CASE("a slot that has moved for good is walked at its new master") {
    Two cluster;
    bool moved = false;
    const Walked walked(cluster, [&] {
        if (std::exchange(moved, true)) {
            return;
        }
        Walked::hidden = {"{b}1"};
        cluster.open(k_slot, 0, 1);
        cluster.move_keys(k_slot, 0, 1);
        cluster.make_stable(k_slot);
        cluster.node(0).served.reset(k_slot);
        cluster.node(1).served.set(k_slot);
        cluster.node(1).epoch = 2;
    });
    CHECK(walked.outcome.complete);
    CHECK(walked.met == k_all);
    CHECK(cluster.node(0).count("CLUSTER GETKEYSINSLOT") == 0);
    CHECK(cluster.node(1).count("CLUSTER GETKEYSINSLOT") == 8193);
}

TEST_CASE("the slots of a node that is lost are named") {
    Two cluster;
    const Walked walked(cluster, [&] { cluster.node(1).answers = false; });
    CHECK_FALSE(walked.outcome.complete);
    REQUIRE(walked.outcome.failure);
    CHECK(std::string(walked.outcome.failure->what()) ==
          "slots 8192-16383 could not be walked: b: the connection was lost");
}

TEST_CASE("progress goes back by the slots that are walked again, not to the beginning") {
    for (const bool may_list : {true, false}) {
        CAPTURE(may_list);
        FakeCluster cluster(4);
        for (int i = 0; i < 160; ++i) {
            const std::string key = "key:" + std::to_string(i);
            cluster.node(slot_of(key) / (k_slots / 4)).keys[key] = {};
        }
        for (std::size_t i = 0; i < 4; ++i) {
            cluster.node(i).scan_page = 10;
        }
        // The first node is given a slot: which of its others it had all the while is not known.
        if (!may_list) {
            const auto answer = cluster.node(0).handler("CLUSTER");
            cluster.node(0).on("CLUSTER", [=](const auto& args) {
                return args.at(1) == "NODES" ? answer(args) : Reply::make_error("NOPERM no");
            });
        }
        bool given = false;
        std::vector<double> fractions;
        Paces paces(cluster, {});
        Selector selector(cluster, paces, {});
        selector.on_progress = [&](double fraction, std::uint64_t) {
            if (!std::exchange(given, true)) {
                ++cluster.node(0).epoch;
            }
            fractions.push_back(fraction);
        };
        std::size_t keys = 0;
        const auto outcome = selector.run([&](std::span<KeyFacts> page) {
            keys += page.size();
            return Flow::go_on;
        });
        CHECK(outcome.walk.complete);
        CHECK(keys == 160);
        CHECK(fractions.front() < 0.25);
        const auto again = std::find(fractions.begin(), fractions.end(), 1.0);
        REQUIRE(fractions.end() - again > 1);
        CHECK(*std::min_element(again, fractions.end()) >= 0.75);
        CHECK(fractions.back() == 1);
    }
}
