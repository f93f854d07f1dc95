// Slots that the servers move by themselves (CLUSTER MIGRATESLOTS of Valkey 9), held at the point
// where the new master has their keys and is not yet given the slots.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/migration_stage.hpp"

using namespace cachectl;
using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

ProcessResult run(Strings args) { return run_cachectl(MigrationStage::at_first(std::move(args))); }

/// A migration of a third of the first master's slots to the second one, which has their keys by
/// now and is not given the slots until the end of the guard's life.
class HeldMigration {
public:
    HeldMigration() {
        prevent_pause("1");
        RespClient source = MigrationStage::cluster().client(0);
        source.run({"CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", "0", "1999", "NODE",
                    MigrationStage::cluster().id(1)});
        MigrationStage::cluster().wait_for("copy the keys", [&] {
            const RespValue jobs =
                MigrationStage::cluster().client(1).command({"CLUSTER", "GETSLOTMIGRATIONS"});
            return !jobs.elements.empty() &&
                   std::any_of(
                       jobs.elements[0].elements.begin(), jobs.elements[0].elements.end(),
                       [](const RespValue& field) { return field.text == "waiting-for-paused"; });
        });
    }
    ~HeldMigration() {
        MigrationStage::cluster().client(0).command({"CLUSTER", "CANCELSLOTMIGRATIONS"});
        prevent_pause("0");
    }
    HeldMigration(const HeldMigration&) = delete;
    HeldMigration& operator=(const HeldMigration&) = delete;

private:
    static void prevent_pause(const char* yes) {
        MigrationStage::cluster().client(0).run({"DEBUG", "SLOTMIGRATION", "PREVENT-PAUSE", yes});
    }
};

}  // namespace

TEST_CASE_FIXTURE(
    MigrationStage,
    "keys that have arrived before their slots are listed once, counted once and not stray") {
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

TEST_CASE_FIXTURE(
    MigrationStage,
    "what is deleted and what expires while slots arrive is so when they have arrived") {
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

TEST_CASE_FIXTURE(
    MigrationStage,
    "flush --whole-db while slots arrive leaves nothing, or says that it is not sure") {
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
