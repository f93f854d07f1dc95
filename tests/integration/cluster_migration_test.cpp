// Slots that the servers move by themselves (CLUSTER MIGRATESLOTS of Valkey 9), there and back,
// while cachectl walks, changes and loads. The new master has the keys before it has the slots.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "redis/slot.hpp"
#include "support/redis_cluster.hpp"

using namespace cachectl;
using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

constexpr int k_keys = 12'000;
constexpr std::uint16_t k_slots_moved = 300;
constexpr int k_runs = 5;

RedisCluster& cluster() {
    static RedisCluster shared(
        {.masters = 3, .replicas = false, .config = {"--enable-debug-command", "yes"}});
    return shared;
}

ProcessResult run(Strings args) {
    args.insert(args.end(), {"-p", std::to_string(cluster().port(0))});
    return run_cachectl(std::move(args));
}

/// A migration of a third of the first master's slots to the second one, which has their keys by
/// now and is not given the slots until the end of the guard's life.
class HeldMigration {
public:
    HeldMigration() {
        prevent_pause("1");
        RespClient source = cluster().client(0);
        source.run({"CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", "0", "1999", "NODE", cluster().id(1)});
        cluster().wait_for("copy the keys", [&] {
            const RespValue jobs = cluster().client(1).command({"CLUSTER", "GETSLOTMIGRATIONS"});
            return !jobs.elements.empty() &&
                   std::any_of(
                       jobs.elements[0].elements.begin(), jobs.elements[0].elements.end(),
                       [](const RespValue& field) { return field.text == "waiting-for-paused"; });
        });
    }
    ~HeldMigration() {
        cluster().client(0).command({"CLUSTER", "CANCELSLOTMIGRATIONS"});
        prevent_pause("0");
    }
    HeldMigration(const HeldMigration&) = delete;
    HeldMigration& operator=(const HeldMigration&) = delete;

private:
    static void prevent_pause(const char* yes) {
        cluster().client(0).run({"DEBUG", "SLOTMIGRATION", "PREVENT-PAUSE", yes});
    }
};

/// Says so where the server does not have it.
bool cannot_migrate() {
    if (cluster().migrates_slots()) {
        return false;
    }
    MESSAGE("skipped: the server has no CLUSTER MIGRATESLOTS");
    return true;
}

const Strings& sorted_keys() {
    static const Strings all = [] {
        Strings keys;
        for (int i = 0; i < k_keys; ++i) {
            keys.push_back("k:" + std::to_string(i));
        }
        std::sort(keys.begin(), keys.end());
        return keys;
    }();
    return all;
}

const Strings k_kept = {"kept:1", "kept:2", "kept:3", "kept:4"};

void fill() {
    cluster().flush();
    cluster().set(sorted_keys());
    cluster().set(k_kept);
}

Strings sorted_lines(const std::string& text) {
    Strings lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

Process started(Strings args, std::string input = {}) {
    args.insert(args.end(), {"-p", std::to_string(cluster().port(0)), "--max-rate", "12000"});
    ProcessOptions options;
    options.stdin_bytes = std::move(input);
    return Process(cachectl_argv(std::move(args)), std::move(options));
}

/// Moves slots to another master and back until the process has ended.
ProcessResult under_migration(Process process, std::mt19937& random) {
    do {
        const std::size_t from = random() % 3;
        const std::size_t to = (from + 1 + random() % 2) % 3;
        const auto first = static_cast<std::uint16_t>(k_slots * from / 3 + random() % 5'000);
        const SlotRange slots{first, static_cast<std::uint16_t>(first + k_slots_moved - 1)};
        cluster().migrate_slots(slots, from, to);
        process.pump(Millis(random() % 2 == 0 ? 0 : 100));
        cluster().migrate_slots(slots, to, from);
        process.pump(Millis(random() % 40));
    } while (process.running());
    return process.wait();
}

/// `run` is given the seed's numbers, and returns whether the command was sure of all.
void in_many_runs(const std::function<bool(std::mt19937&)>& run) {
    int certain = 0;
    for (unsigned seed = 1; seed <= k_runs; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        certain += run(random) ? 1 : 0;
    }
    MESSAGE("complete: " << certain << " of " << k_runs << " runs");
}

/// That it was sure of all, or named the slots that it was not sure of.
bool is_certain(const ProcessResult& result) {
    CAPTURE(result.err);
    if (result.exit_code != 0) {
        CHECK(result.exit_code == 5);
        CHECK(result.err.find("slots ") != std::string::npos);
    }
    return result.exit_code == 0;
}

std::size_t count_kept(const Strings& keys) {
    return static_cast<std::size_t>(std::count_if(
        keys.begin(), keys.end(), [](const std::string& key) { return key.starts_with("kept:"); }));
}

}  // namespace

TEST_CASE("slots that migrate under a walk: every key is listed, and no key twice") {
    if (cannot_migrate()) {
        return;
    }
    fill();
    in_many_runs([](std::mt19937& random) {
        const ProcessResult result = under_migration(started({"keys", "k:*"}), random);
        if (!is_certain(result)) {
            return false;
        }
        CHECK(sorted_lines(result.out) == sorted_keys());
        return true;
    });
}

TEST_CASE("slots that migrate under keys -l: what is shown of a key is its own") {
    if (cannot_migrate()) {
        return;
    }
    fill();
    in_many_runs([](std::mt19937& random) {
        const ProcessResult result =
            under_migration(started({"keys", "k:*", "-l", "--json"}), random);
        if (!is_certain(result)) {
            return false;
        }
        Strings seen;
        int without_type = 0;
        for (const json& row : json::parse(result.out)) {
            seen.push_back(row["key"]);
            without_type += row["type"] != "string" || !row["ttl_ms"].is_null() ? 1 : 0;
        }
        std::sort(seen.begin(), seen.end());
        CHECK(seen == sorted_keys());
        CHECK(without_type == 0);
        return true;
    });
}

TEST_CASE("slots that migrate under du: the sums are those of the keys") {
    if (cannot_migrate()) {
        return;
    }
    fill();
    in_many_runs([](std::mt19937& random) {
        const ProcessResult result = under_migration(started({"du", "--exact", "--json"}), random);
        if (!is_certain(result)) {
            return false;
        }
        const json du = json::parse(result.out);
        CHECK(du["total"]["keys"] == k_keys + 4);
        for (const json& row : du["namespaces"]) {
            CHECK(row["keys"] == (row["namespace"] == "k" ? k_keys : 4));
            // All keys of a namespace are alike.
            CHECK(row["bytes"].get<std::int64_t>() >= 24 * row["keys"].get<std::int64_t>());
        }
        return true;
    });
}

TEST_CASE("slots that migrate under an invalidate: what was asked for is deleted, and no more") {
    if (cannot_migrate()) {
        return;
    }
    in_many_runs([](std::mt19937& random) {
        fill();
        const ProcessResult result =
            under_migration(started({"invalidate", "k:*", "--yes", "--json"}), random);
        const json summary = json::parse(result.out);
        CHECK(summary["complete"] == (result.exit_code == 0));
        const Strings left = cluster().all_keys();
        CHECK(count_kept(left) == 4);
        // A key is counted once, whichever master had it.
        CHECK(summary["deleted"].get<std::size_t>() + (left.size() - 4) == sorted_keys().size());
        if (result.exit_code == 0) {
            CHECK(left == k_kept);
        }
        return is_certain(result);
    });
}

TEST_CASE("slots that migrate under an expire: each key has its TTL, and no other one") {
    if (cannot_migrate()) {
        return;
    }
    in_many_runs([](std::mt19937& random) {
        fill();
        const ProcessResult result =
            under_migration(started({"expire", "k:*", "--set", "1h", "--yes", "--json"}), random);
        const json summary = json::parse(result.out);
        std::int64_t expiring = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            const std::string said = cluster().client(i).text({"INFO", "keyspace"});
            const auto at = said.find("expires=");
            expiring += at == std::string::npos ? 0 : std::stoll(said.substr(at + 8));
        }
        CHECK(summary["changed"] == expiring);
        for (const std::string& key : k_kept) {
            CHECK(cluster().at_owner(key, {"TTL", key}).integer == -1);
        }
        if (result.exit_code == 0) {
            CHECK(expiring == k_keys);
        }
        CHECK(cluster().all_keys().size() == sorted_keys().size() + 4);
        return is_certain(result);
    });
}

TEST_CASE("slots that migrate under a warm: each key is written where it belongs") {
    if (cannot_migrate()) {
        return;
    }
    std::string input;
    for (int i = 0; i < k_keys; ++i) {
        input += "{\"id\":" + std::to_string(i) + "}\n";
    }
    in_many_runs([&](std::mt19937& random) {
        cluster().flush();
        cluster().set(k_kept);
        const ProcessResult result = under_migration(
            started({"warm", "-", "--key", "k:{id}", "--ttl", "1h", "--json"}, input), random);
        CAPTURE(result.err);
        CHECK(result.exit_code == 0);
        CHECK(json::parse(result.out)["written"] == k_keys);
        const Strings all = cluster().all_keys();
        CHECK(count_kept(all) == 4);
        CHECK(all.size() == sorted_keys().size() + 4);
        return result.exit_code == 0;
    });
}

TEST_CASE("keys that have arrived before their slots are listed once, counted once and not stray") {
    if (cannot_migrate()) {
        return;
    }
    fill();
    const HeldMigration held;
    // The second master counts what it hides.
    REQUIRE(cluster().client(1).integer({"CLUSTER", "COUNTKEYSINSLOT", "1000"}) ==
            cluster().client(0).integer({"CLUSTER", "COUNTKEYSINSLOT", "1000"}));
    for (const Strings& way :
         {Strings{}, Strings{"--walk", "partitioned"}, Strings{"--walk", "plain"}}) {
        Strings args = {"keys", "k:*"};
        args.insert(args.end(), way.begin(), way.end());
        const ProcessResult result = run(args);
        CHECK(result.exit_code == 0);
        CHECK(sorted_lines(result.out) == sorted_keys());
    }
    const json keyspace = json::parse(run({"stats", "--json"}).out)["keyspace"];
    CHECK(keyspace[0]["keys"] == k_keys + 4);
    CHECK(json::parse(run({"du", "--exact", "--json"}).out)["total"]["keys"] == k_keys + 4);
    const json sampled = json::parse(run({"du", "--sample", "2000", "--json"}).out);
    CHECK(sampled["total"]["keys"] == k_keys + 4);
    CHECK(sampled["sample_keys"] == 2'000);
    const json health = json::parse(run({"health", "--json"}).out);
    for (const json& check : health["checks"]) {
        if (check["id"] == "CLUSTER_ORPHAN_KEYS") {
            CAPTURE(check.dump());
            CHECK(check["value"].is_null());
        }
    }
}

TEST_CASE("what is deleted and what expires while slots arrive is so when they have arrived") {
    if (cannot_migrate()) {
        return;
    }
    fill();
    {
        const HeldMigration held;
        const json expired =
            json::parse(run({"expire", "k:1*", "--set", "1h", "--yes", "--json"}).out);
        const json deleted = json::parse(run({"invalidate", "k:2*", "--yes", "--json"}).out);
        CHECK(expired["changed"] == 3'111);  // k:1, k:10…k:19, …, k:10000…k:11999
        CHECK(deleted["deleted"] == 1'111);
        CHECK(deleted["complete"] == true);
    }
    cluster().migrate_slots({0, 1'999}, 0, 1);
    const Strings left = cluster().all_keys();
    CHECK(left.size() == sorted_keys().size() + 4 - 1'111);
    CHECK(count_kept(left) == 4);
    const json summary = json::parse(run({"ttl", "--summary", "--json"}).out);
    CHECK(summary["expiring"] == 3'111);
    cluster().migrate_slots({0, 1'999}, 1, 0);
}

TEST_CASE("flush --whole-db while slots arrive leaves nothing, or says that it is not sure") {
    if (cannot_migrate()) {
        return;
    }
    fill();
    ProcessResult result;
    {
        const HeldMigration held;
        result = run({"flush", "--whole-db", "--yes", "--json"});
    }
    const json summary = json::parse(result.out);
    CHECK(summary["deleted"] == k_keys + 4);
    CHECK((result.exit_code == 0 || result.exit_code == 5));
    CHECK(cluster().all_keys().empty());
}
