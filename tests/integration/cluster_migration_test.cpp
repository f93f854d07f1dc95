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
#include "support/migration_stage.hpp"

using namespace cachectl;
using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

constexpr std::uint16_t k_slots_moved = 300;
constexpr int k_runs = 5;

Process started(Strings args, std::string input = {}) {
    args = MigrationStage::at_first(std::move(args));
    args.insert(args.end(), {"--max-rate", "12000"});
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
        MigrationStage::cluster().migrate_slots(slots, from, to);
        process.pump(Millis(random() % 2 == 0 ? 0 : 100));
        MigrationStage::cluster().migrate_slots(slots, to, from);
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

}  // namespace

TEST_CASE_FIXTURE(MigrationStage,
                  "slots that migrate under a walk: every key is listed, and no key twice") {
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

TEST_CASE_FIXTURE(MigrationStage,
                  "slots that migrate under keys -l: what is shown of a key is its own") {
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

TEST_CASE_FIXTURE(MigrationStage, "slots that migrate under du: the sums are those of the keys") {
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

TEST_CASE_FIXTURE(
    MigrationStage,
    "slots that migrate under an invalidate: what was asked for is deleted, and no more") {
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
            CHECK(left == kept());
        }
        return is_certain(result);
    });
}

TEST_CASE_FIXTURE(MigrationStage,
                  "slots that migrate under an expire: each key has its TTL, and no other one") {
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
        for (const std::string& key : kept()) {
            CHECK(cluster().at_owner(key, {"TTL", key}).integer == -1);
        }
        if (result.exit_code == 0) {
            CHECK(expiring == k_keys);
        }
        CHECK(cluster().all_keys().size() == sorted_keys().size() + 4);
        return is_certain(result);
    });
}

TEST_CASE_FIXTURE(MigrationStage,
                  "slots that migrate under a warm: each key is written where it belongs") {
    if (cannot_migrate()) {
        return;
    }
    std::string input;
    for (int i = 0; i < k_keys; ++i) {
        input += "{\"id\":" + std::to_string(i) + "}\n";
    }
    in_many_runs([&](std::mt19937& random) {
        cluster().flush();
        cluster().set(kept());
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
