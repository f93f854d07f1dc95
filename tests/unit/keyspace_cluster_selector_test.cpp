// Selecting from a cluster whose nodes lose replies, begin anew and pass keys to each other while
// they are walked: each key is handed on, and none twice.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "keyspace/key_selector.hpp"
#include "support/fake_cluster.hpp"
#include "support/replies.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Strings = std::vector<std::string>;

namespace {

constexpr std::size_t k_page = 10;

/// Two masters with 40 keys each, and SCAN in pages of ten.
struct Filled : FakeCluster {
    Filled() : FakeCluster(2) {
        for (int i = 0; node(0).keys.size() < 40 || node(1).keys.size() < 40; ++i) {
            const std::string key = "key:" + std::to_string(i);
            Node& home = node(slot_of(key) / (k_slots / 2));
            if (home.keys.size() < 40) {
                home.keys[key] = {};
                all.insert(key);
            }
        }
        for (std::size_t i = 0; i < 2; ++i) {
            node(i).on("SCAN", [this, i](const auto& args) { return scan(i, args.at(1)); });
        }
        answer("PTTL", Reply::make_integer(-1));
    }

    /// The cursor is the name before the page.
    Reply scan(std::size_t index, const std::string& cursor) {
        if (before_page) {
            if (const auto reply = before_page(index, cursor)) {
                return *reply;
            }
        }
        const auto& keys = node(index).keys;
        const std::size_t first = std::stoul(cursor);
        std::vector<Reply> page;
        std::size_t at = 0;
        for (const auto& [name, key] : keys) {
            if (at >= first && at < first + k_page) {
                page.push_back(Reply::make_string(name));
            }
            ++at;
        }
        const std::size_t next = first + k_page < keys.size() ? first + k_page : 0;
        return Reply::make_array(
            {Reply::make_string(std::to_string(next)), Reply::make_array(std::move(page))});
    }

    bool answer_next() override {
        const auto answer_of = [this](std::size_t i) { return node(i).answer_next(); };
        return holds_facts ? answer_of(0) || answer_of(1) : FakeCluster::answer_next();
    }

    bool holds_facts = false;  // their answers are on their way
    /// May answer in the node's place.
    std::function<std::optional<Reply>(std::size_t node, const std::string& cursor)> before_page;
    std::set<std::string> all;
};

struct Selected {
    explicit Selected(FakeCluster& cluster, Selection selection = {.facts = {.ttl = true}}) {
        Paces paces(cluster, {});
        Selector selector(cluster, paces, std::move(selection));
        outcome = selector.run([&](std::span<KeyFacts> page) {
            for (const KeyFacts& key : page) {
                keys.push_back(key.key);
            }
            return Flow::go_on;
        });
        std::sort(keys.begin(), keys.end());
    }
    Strings keys;
    SelectionOutcome outcome;
};

Strings sorted(const std::set<std::string>& keys) { return {keys.begin(), keys.end()}; }

}  // namespace

TEST_CASE("keys of a cluster whose facts were lost are looked at in the next round") {
    Filled cluster;
    int lost = 0;
    cluster.on("PTTL", [&](const auto& args) {
        const bool loses = slot_of(args.at(1)) < k_slots / 2 && lost < 15;
        return loses ? (++lost, broken_reply(Reply::Type::lost, "no reply"))
                     : Reply::make_integer(-1);
    });
    const Selected selected(cluster);
    CHECK(lost == 15);
    CHECK(selected.outcome.complete());
    CHECK(selected.keys == sorted(cluster.all));
    CHECK(selected.outcome.selected == 80);
}
TEST_CASE("a node of a cluster that begins anew is not counted again") {
    for (const auto after : {AfterRestart::all_again, AfterRestart::new_ones}) {
        CAPTURE(static_cast<int>(after));
        Filled cluster;
        cluster.node(0).same_server_after_reconnect = false;
        bool restarted = false;
        cluster.before_page = [&](std::size_t node, const std::string& cursor) {
            const bool loses = node == 0 && cursor == "20" && !std::exchange(restarted, true);
            return loses ? std::optional(broken_reply(Reply::Type::lost, "no reply"))
                         : std::nullopt;
        };
        const Selected selected(cluster, {.facts = {.ttl = true}, .after_restart = after});
        CHECK(restarted);
        CHECK(selected.outcome.walk.restarts == 1);
        CHECK(selected.outcome.complete());
        CHECK(selected.keys == sorted(cluster.all));
    }
}

TEST_CASE("facts that come after their node has begun anew are those of keys that come again") {
    for (const auto after : {AfterRestart::all_again, AfterRestart::new_ones}) {
        CAPTURE(static_cast<int>(after));
        Filled cluster;
        cluster.node(0).same_server_after_reconnect = false;
        cluster.before_page = [&](std::size_t node,
                                  const std::string& cursor) -> std::optional<Reply> {
            if (node != 0) {
                return std::nullopt;
            }
            const bool restarted = cluster.node(0).reconnect_calls != 0;
            cluster.holds_facts = cursor == "10" && !restarted;
            if (cursor == "20" && !restarted) {
                cluster.holds_facts = true;
                return broken_reply(Reply::Type::lost, "no reply");
            }
            return std::nullopt;
        };
        const Selected selected(cluster, {.facts = {.ttl = true}, .after_restart = after});
        CHECK(selected.outcome.walk.restarts == 1);
        CHECK(selected.outcome.complete());
        CHECK(selected.keys == sorted(cluster.all));
    }
}

TEST_CASE("a key that leaves a slot which was open from the start is handed on once") {
    Filled cluster;
    cluster.node(0).keys.clear();
    cluster.all.clear();
    for (int i = 0; i < 40; ++i) {
        const std::string key = "{b}" + std::to_string(i);
        cluster.node(0).keys[key] = {};
        cluster.all.insert(key);
    }
    for (const auto& [key, value] : cluster.node(1).keys) {
        cluster.all.insert(key);
    }
    const std::uint16_t slot = slot_of("b");
    cluster.open(slot, 0, 1);
    bool moved = false;
    cluster.before_page = [&](std::size_t node, const std::string& cursor) -> std::optional<Reply> {
        if (node == 0 && cursor == "20" && !std::exchange(moved, true)) {
            cluster.move_keys(slot, 0, 1);
            cluster.make_stable(slot);
            cluster.node(0).served.reset(slot);
            cluster.node(1).served.set(slot);
            cluster.node(1).epoch = 2;
        }
        return std::nullopt;
    };
    const Selected selected(cluster);
    CHECK(moved);
    CHECK(selected.outcome.complete());
    CHECK(selected.keys == sorted(cluster.all));
}
