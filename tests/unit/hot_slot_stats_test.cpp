#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hot/hot_keys.hpp"
#include "support/fake_cluster.hpp"
#include "support/replies.hpp"
#include "util/error.hpp"

using namespace cachectl;
using cachectl::test::broken_reply;
using cachectl::test::FakeClient;
using cachectl::test::FakeCluster;

namespace {

constexpr int k_a = 15495, k_b = 3300;  // slots of the keys {a} and {b}

/// Two masters that add up their time by slot: `per_second` is in microseconds.
struct TimedCluster {
    TimedCluster() {
        for (const std::size_t index : {0U, 1U}) {
            cluster.node(index).on("CLUSTER", [this, index](const FakeClient::Args& args) {
                return answer(index, args);
            });
        }
        question.interval = std::chrono::seconds(4);
    }

    Reply answer(std::size_t index, const FakeClient::Args& args) {
        if (args.at(1) == "SLOT-STATS") {
            return stats(index, std::stoi(args.at(3)), std::stoi(args.at(4)));
        }
        const auto& held = keys[std::stoi(args.at(2))];
        if (args.at(1) == "COUNTKEYSINSLOT") {
            const bool is_here = (std::stoi(args.at(2)) < 8192) == (index == 0);
            return Reply::make_integer(is_here ? static_cast<std::int64_t>(held.size()) : 0);
        }
        std::vector<Reply> names;
        for (const std::string& key : held) {
            names.push_back(Reply::make_string(key));
        }
        return Reply::make_array(std::move(names));
    }

    Reply stats(std::size_t index, int first, int last) {
        if (refusals[index]) {
            return *refusals[index];
        }
        const auto seconds = std::chrono::duration<double>(cluster.now().time_since_epoch());
        std::vector<Reply> entries = odd_entries;
        for (const auto& [slot, usec] : per_second) {
            if (slot >= first && slot <= last && (slot < 8192) == (index == 0)) {
                const auto time = static_cast<std::int64_t>(usec * seconds.count());
                entries.push_back(entry(Reply::make_integer(slot), Reply::make_integer(time)));
            }
        }
        return Reply::make_array(std::move(entries));
    }

    static Reply entry(Reply slot, Reply time) {
        return Reply::make_array(
            {std::move(slot),
             Reply::make_array({Reply::make_string("key-count"), Reply::make_integer(2),
                                Reply::make_string("cpu-usec"), std::move(time)})});
    }

    void add(int slot, const std::string& key, std::int64_t idle_s) {
        keys[slot].push_back(key);
        cluster.keys[key].idle_s = idle_s;
    }

    std::optional<HotKeys> find() {
        Paces paces(cluster, {});
        return hot_by_slot_stats(cluster, paces, question, why_not);
    }

    FakeCluster cluster{2};
    std::map<int, double> per_second;
    std::map<int, std::vector<std::string>> keys;
    std::vector<Reply> odd_entries;
    std::optional<Reply> refusals[2];
    HotQuestion question;
    std::string why_not;
};

}  // namespace

TEST_CASE("keys that are used all the time in the slots that take the most time") {
    TimedCluster server;
    server.per_second = {{k_a, 3'000}, {k_b, 1'000}, {7, 0}, {9, 50}};
    server.add(k_a, "{a}1", 0);
    server.add(k_b, "{b}1", 0);
    server.add(k_b, "{b}2", 100);
    server.add(7, "of a slot without use", 0);
    const auto found = server.find();
    REQUIRE(found);
    CHECK(found->method == HotMethod::slot_stats);
    CHECK(found->unit == "slot_cpu_us_per_s");
    CHECK_FALSE(found->failure);
    REQUIRE(found->keys.size() == 2);
    CHECK(found->keys[0].key == "{a}1");
    CHECK(found->keys[0].score == doctest::Approx(3'000));
    CHECK(found->keys[1].key == "{b}1");
    CHECK(found->keys[1].score == doctest::Approx(1'000));
    CHECK(server.cluster.node(0).count("CLUSTER GETKEYSINSLOT 9 ") == 0);  // it has no keys
}

TEST_CASE("where the nodes do not tell their time by slot, the reason is given") {
    FakeClient alone;
    Paces paces(alone, {});
    std::string why_not;
    CHECK_FALSE(hot_by_slot_stats(alone, paces, {}, why_not));
    CHECK(why_not == "CLUSTER SLOT-STATS is of clusters");

    TimedCluster silent;
    CHECK_FALSE(silent.find());
    CHECK(silent.why_not.find("cluster-slot-stats-enabled") != std::string::npos);

    TimedCluster old;
    old.per_second = {{k_b, 1'000}};
    old.refusals[1] = Reply::make_error("ERR unknown subcommand 'SLOT-STATS'");
    CHECK_FALSE(old.find());
    CHECK(old.why_not.find("unknown subcommand") != std::string::npos);
    CHECK(old.cluster.node(1).count("CLUSTER SLOT-STATS") == 1);  // it is not asked 15 times more
}

TEST_CASE("a node that does not answer leaves the others, and the list is not complete") {
    TimedCluster server;
    server.per_second = {{k_a, 3'000}, {k_b, 1'000}};
    server.add(k_b, "{b}1", 0);
    server.refusals[1] = broken_reply();
    const auto found = server.find();
    REQUIRE(found);
    REQUIRE(found->failure);
    CHECK(found->failure->code() == ExitCode::unreachable);
    REQUIRE(found->keys.size() == 1);
    CHECK(found->keys[0].key == "{b}1");

    server.refusals[0] = broken_reply();
    CHECK_THROWS_AS(server.find(), Error);
}

TEST_CASE("entries that are not as they should be are passed over") {
    TimedCluster server;
    server.per_second = {{k_b, 1'000}};
    server.add(k_b, "{b}1", 0);
    server.odd_entries = {Reply::make_string("x"),
                          Reply::make_array({Reply::make_integer(1)}),
                          TimedCluster::entry(Reply::make_string("1"), Reply::make_integer(9)),
                          TimedCluster::entry(Reply::make_integer(-1), Reply::make_integer(9)),
                          TimedCluster::entry(Reply::make_integer(16'384), Reply::make_integer(9)),
                          TimedCluster::entry(Reply::make_integer(1), Reply::make_string("9"))};
    const auto found = server.find();
    REQUIRE(found);
    CHECK(found->keys.size() == 1);
}

TEST_CASE("no more than ten thousand keys of the hot slots are watched") {
    TimedCluster server;
    for (int slot = 0; slot < 11; ++slot) {
        server.per_second[slot] = 1'000;
        for (int i = 0; i < 1'000; ++i) {
            server.keys[slot].push_back(std::to_string(slot) + "." + std::to_string(i));
        }
    }
    REQUIRE(server.find());
    CHECK(server.cluster.node(0).count("CLUSTER GETKEYSINSLOT") == 10);
}
