// Slots that are opened under a walk and given back before it ends: their keys are away for a
// while and then where they were, so that nothing shows it afterwards.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <random>

#include "redis/slot.hpp"
#include "support/redis_cluster.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Strings = std::vector<std::string>;

namespace {

constexpr int k_tags = 12;
constexpr int k_keys_of_tag = 60;
constexpr int k_others = 2'000;

RedisCluster& cluster() {
    static RedisCluster shared({.masters = 3, .replicas = false});
    return shared;
}

const Strings& sorted_keys() {
    static const Strings all = [] {
        Strings keys;
        for (int i = 0; i < k_others; ++i) {
            keys.push_back("k:" + std::to_string(i));
        }
        for (int tag = 0; tag < k_tags; ++tag) {
            for (int i = 0; i < k_keys_of_tag; ++i) {
                keys.push_back("k:{t" + std::to_string(tag) + "}:" + std::to_string(i));
            }
        }
        std::sort(keys.begin(), keys.end());
        return keys;
    }();
    return all;
}

/// SCANs that the node has executed: some 15 make a slow walk of it.
int scans_at(std::size_t node) {
    const std::string stats = cluster().client(node).command({"INFO", "commandstats"}).text;
    const std::string name = "cmdstat_scan:calls=";
    const auto at = stats.find(name);
    return at == std::string::npos ? 0 : std::atoi(stats.c_str() + at + name.size());
}

/// Each once: a key that was away may have been met where it was as well.
Strings keys_in(const std::string& text) {
    Strings lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    std::sort(lines.begin(), lines.end());
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    return lines;
}

Strings slow_walk(const Strings& user = {}) {
    Strings args = {"keys", "-p", std::to_string(cluster().port(0)), "--max-rate", "2000"};
    args.insert(args.end(), user.begin(), user.end());
    return cachectl_argv(std::move(args));
}

void set_stable(std::uint16_t slot, std::size_t node) {
    cluster().client(node).run({"CLUSTER", "SETSLOT", std::to_string(slot), "STABLE"});
}

/// A master takes back the keys of a slot only when the slot is no longer migrating.
void undo(std::uint16_t slot, std::size_t from, std::size_t to) {
    set_stable(slot, from);
    cluster().move_keys(slot, to, from);
    set_stable(slot, to);
}

void check(const ProcessResult& result) {
    CAPTURE(result.err);
    if (result.exit_code == 0) {
        const Strings met = keys_in(result.out);
        Strings missed;
        std::set_difference(sorted_keys().begin(), sorted_keys().end(), met.begin(), met.end(),
                            std::back_inserter(missed));
        CHECK(missed == Strings{});
    } else {
        CHECK(result.exit_code == 5);
        CHECK(result.err.find("slots ") != std::string::npos);
    }
}

/// The keys of one slot are away for most of the walk.
void send_away_under_walk(const Strings& user) {
    cluster().flush();
    cluster().set(sorted_keys());
    const std::uint16_t slot = slot_of("k:{t1}");
    const std::size_t from = cluster().owner(slot);
    const std::size_t to = (from + 1) % 3;
    bool in_time = false;
    for (int tries = 0; !in_time && tries < 5; ++tries) {
        const int scans = scans_at(from);
        Process walk(slow_walk(user));
        while (walk.running() && scans_at(from) == scans) {
            walk.pump(Millis(5));
        }
        cluster().open_slot(slot, from, to);
        cluster().move_keys(slot, from, to);
        while (walk.running() && scans_at(from) < scans + 10) {
            walk.pump(Millis(5));
        }
        undo(slot, from, to);
        in_time = walk.running();
        check(walk.wait());
    }
    CHECK(in_time);
}

}  // namespace

TEST_CASE("a slot whose keys are away for most of the walk is missed by no one") {
    send_away_under_walk({});
}

TEST_CASE("it is not missed by a user without INFO either") {
    for (std::size_t i = 0; i < 3; ++i) {
        cluster().client(i).run({"ACL", "SETUSER", "bob", "on", "nopass", "~*", "+@all", "-info"});
    }
    send_away_under_walk({"--user", "bob", "-a", "any"});
}

TEST_CASE("slots that are open for an instant only are missed by no one") {
    cluster().flush();
    cluster().set(sorted_keys());
    for (unsigned seed = 1; seed <= 2; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        Process walk(slow_walk());
        int undone = 0;
        while (walk.running()) {
            const std::uint16_t slot = slot_of("k:{t" + std::to_string(random() % k_tags) + "}");
            const std::size_t from = cluster().owner(slot);
            const std::size_t to = (from + 1 + random() % 2) % 3;
            cluster().open_slot(slot, from, to);
            cluster().move_keys(slot, from, to);
            undo(slot, from, to);
            ++undone;
            walk.pump(Millis(random() % 4 == 0 ? 50 : 0));
        }
        CAPTURE(undone);
        check(walk.wait());
    }
}
