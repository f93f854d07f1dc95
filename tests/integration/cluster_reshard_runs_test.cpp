// Walks and changes while slots move from node to node, in as many runs as there is time for, each
// with a seed of its own: no key is missed, or the slots that are not certain are named.
// $CACHECTL_RESHARD_SECONDS is the time for each of the two (default 10).
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>

#include "redis/slot.hpp"
#include "support/redis_cluster.hpp"
#include "support/text.hpp"

using namespace cachectl;
using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int k_tags = 40;  // slots with many keys each, among many with few
constexpr int k_keys_of_tag = 50;
constexpr int k_others = 4'000;

RedisCluster& cluster() {
    static RedisCluster shared({.masters = 3, .replicas = false});
    return shared;
}

std::chrono::seconds time_to_run() {
    const char* seconds = std::getenv("CACHECTL_RESHARD_SECONDS");
    return std::chrono::seconds(seconds == nullptr ? 10 : std::atoi(seconds));
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

/// Moves slots until the process has ended.
ProcessResult reshard_under(Process& process, std::mt19937& random) {
    while (process.running()) {
        const std::uint16_t slot = random() % 2 == 0
                                       ? slot_of("{t" + std::to_string(random() % k_tags) + "}")
                                       : static_cast<std::uint16_t>(random() % k_slots);
        const std::size_t from = cluster().owner(slot);
        const std::size_t to = (from + 1 + random() % 2) % 3;
        cluster().open_slot(slot, from, to);
        // Some take their time over it.
        cluster().move_keys(slot, from, to, k_keys_of_tag / 2);
        process.pump(Millis(random() % 4 == 0 ? 50 : 0));
        cluster().move_keys(slot, from, to);
        cluster().close_slot(slot, to);
        cluster().wait_until_agreed();
        process.pump(Millis(0));
    }
    return process.wait();
}

/// Calls `run` with one seed after the other; it returns whether the command was sure of all.
void run_seeds(const std::function<bool(std::mt19937&)>& run) {
    const auto end = Clock::now() + time_to_run();
    unsigned runs = 0, certain = 0;
    do {
        const unsigned seed = ++runs;
        CAPTURE(seed);
        std::mt19937 random(seed);
        if (run(random)) {
            ++certain;
        }
    } while (Clock::now() < end);
    MESSAGE("complete: " << certain << " of " << runs << " runs");
}

Strings argv(Strings args) {
    args.insert(args.end(), {"-p", std::to_string(cluster().port(0)), "--max-rate", "10000"});
    return cachectl_argv(std::move(args));
}

}  // namespace

TEST_CASE("slots that move under a walk are walked again: no key is missed") {
    cluster().flush();
    cluster().set(sorted_keys());
    run_seeds([](std::mt19937& random) {
        Process walk(argv({"keys"}));
        const ProcessResult result = reshard_under(walk, random);
        Strings seen = sorted_lines(result.out);
        // A key that went from node to node may have been met at both.
        seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
        if (result.exit_code == 0) {
            CHECK(seen == sorted_keys());
        } else {
            CHECK(result.exit_code == 5);
            CHECK(result.err.find("slots ") != std::string::npos);
        }
        return result.exit_code == 0;
    });
}

TEST_CASE("slots that move under an invalidate: all is deleted, or the truth is told") {
    run_seeds([](std::mt19937& random) {
        cluster().flush();
        cluster().set(sorted_keys());
        const Strings kept = {"kept:1", "kept:2", "{t1}:kept", "{t2}:kept"};
        cluster().set(kept);
        Process work(argv({"invalidate", "k:*", "--yes", "--json"}));
        const ProcessResult result = reshard_under(work, random);
        const json summary = json::parse(result.out);
        CHECK(summary["complete"] == (result.exit_code == 0));
        Strings left = cluster().all_keys();
        const auto is_kept = [](const std::string& key) { return !key.starts_with("k:"); };
        CHECK(std::count_if(left.begin(), left.end(), is_kept) == 4);
        if (result.exit_code == 0) {
            CHECK(left == kept);
            CHECK(summary["deleted"] == sorted_keys().size());
        } else {
            CHECK(result.exit_code == 5);
            CHECK(summary["deleted"].get<std::size_t>() + (left.size() - 4) <=
                  sorted_keys().size());
        }
        return result.exit_code == 0;
    });
}
