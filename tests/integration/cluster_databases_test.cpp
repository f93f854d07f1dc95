// Databases other than 0 in a cluster (Valkey 9 with cluster-databases): every command works in the
// one that was chosen, on every master, and leaves the others alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/redis_cluster.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl;
using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

constexpr int k_keys = 3'000;

/// Says so where the server does not have it.
bool has_no_databases() {
    static const bool has =
        RedisServer().client().list({"CONFIG", "GET", "cluster-databases"}).size() == 2;
    if (!has) {
        MESSAGE("skipped: a cluster of this server has database 0 alone");
    }
    return !has;
}

RedisCluster& cluster() {
    static RedisCluster shared(
        {.masters = 3, .replicas = false, .config = {"--cluster-databases", "16"}});
    return shared;
}

ProcessResult run(Strings args, std::string input = {}) {
    args.insert(args.end(), {"-p", std::to_string(cluster().port(0))});
    ProcessOptions options;
    options.stdin_bytes = std::move(input);
    return run_cachectl(std::move(args), std::move(options));
}

ProcessResult run_in_3(Strings args, std::string input = {}) {
    args.insert(args.end(), {"-n", "3"});
    return run(std::move(args), std::move(input));
}

json json_of(const ProcessResult& result) {
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    return json::parse(result.out);
}

/// How many keys all masters have in the database.
std::int64_t size_of(int db) {
    std::int64_t keys = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        RespClient node = cluster().client(i);
        node.run({"SELECT", std::to_string(db)});
        keys += node.integer({"DBSIZE"});
    }
    return keys;
}

RespValue in_database(int db, const std::string& key, const RespClient::Args& args) {
    RespClient node = cluster().client(cluster().owner_of_key(key));
    node.run({"SELECT", std::to_string(db)});
    return node.command(args);
}

/// 100 keys in database 0, k_keys of another namespace in database 3; some have the same names.
void fill() {
    cluster().flush();
    Strings keys;
    for (int i = 0; i < 100; ++i) {
        keys.push_back("three:" + std::to_string(i));
    }
    cluster().set(keys, "zero");
    std::string input;
    for (int i = 0; i < k_keys; ++i) {
        input += "{\"id\":" + std::to_string(i) + "}\n";
    }
    const json summary = json_of(
        run_in_3({"warm", "-", "--key", "three:{id}", "--ttl", "1h", "--verify", "--json"}, input));
    REQUIRE(summary["written"] == k_keys);
    REQUIRE(summary["database"] == 3);
    REQUIRE(size_of(0) == 100);
    REQUIRE(size_of(3) == k_keys);
}

std::size_t lines(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("commands that look see the keys of the database that was chosen") {
    if (has_no_databases()) {
        return;
    }
    fill();
    for (const Strings& way :
         {Strings{}, Strings{"--walk", "partitioned"}, Strings{"--walk", "plain"}}) {
        Strings args = {"keys"};
        args.insert(args.end(), way.begin(), way.end());
        CHECK(lines(run_in_3(args).out) == k_keys);
        CHECK(lines(run(args).out) == 100);
    }
    const std::string url = "redis://127.0.0.1:" + std::to_string(cluster().port(1)) + "/3";
    CHECK(run_cachectl({"keys", "--count", "-u", url}).out == std::to_string(k_keys) + "\n");
    CHECK(run_in_3({"get", "three:7", "--raw"}).out == "{\"id\":7}");
    CHECK(run({"get", "three:7", "--raw"}).out == "zero");
    CHECK(run({"get", "three:2999"}).exit_code == 1);
    CHECK(json_of(run_in_3({"ttl", "three:2999", "--json"}))[0]["exists"] == true);
    CHECK(json_of(run_in_3({"ttl", "--summary", "--json"}))["expiring"] == k_keys);
    CHECK(json_of(run_in_3({"du", "--exact", "--json"}))["total"]["keys"] == k_keys);
    const json sampled = json_of(run_in_3({"du", "--sample", "500", "--json"}));
    CHECK(sampled["total"]["keys"] == k_keys);
    CHECK(sampled["sample_keys"] == 500);
    CHECK(run_in_3({"wait", "three:2999", "--within", "5s"}).exit_code == 0);
}

TEST_CASE("stats names the keys of each database, and health looks into the one") {
    if (has_no_databases()) {
        return;
    }
    fill();
    const json keyspace = json_of(run_in_3({"stats", "--json"}))["keyspace"];
    REQUIRE(keyspace.size() == 2);
    CHECK(keyspace[0]["db"] == 0);
    CHECK(keyspace[0]["keys"] == 100);
    CHECK(keyspace[1]["db"] == 3);
    CHECK(keyspace[1]["keys"] == k_keys);
    CHECK(keyspace[1]["expires"] == k_keys);
    const json health = json::parse(run_in_3({"health", "--json"}).out);
    for (const json& check : health["checks"]) {
        if (check["id"] == "CLUSTER_ORPHAN_KEYS") {
            CHECK(check["value"] == 0);
        }
    }
}

TEST_CASE("commands that change touch the database that was chosen, and no other") {
    if (has_no_databases()) {
        return;
    }
    fill();
    CHECK(json_of(run_in_3({"expire", "three:*", "--set", "2h", "--yes", "--json"}))["changed"] ==
          k_keys);
    CHECK(in_database(0, "three:7", {"TTL", "three:7"}).integer == -1);
    CHECK(in_database(3, "three:7", {"TTL", "three:7"}).integer > 3'600);
    const TempDir dir;
    const std::string backup = dir.path() / "backup.rdb";
    CHECK(json_of(run_in_3({"invalidate", "three:1*", "--yes", "--json", "--backup",
                            backup}))["deleted"] == 1'111);
    CHECK(size_of(0) == 100);
    CHECK(size_of(3) == k_keys - 1'111);
    const ProcessResult elsewhere = run({"restore", backup, "--yes"});
    CHECK(elsewhere.exit_code == 8);
    CHECK(elsewhere.err.find("database 3") != std::string::npos);
    CHECK(json_of(run_in_3({"restore", backup, "--yes", "--json"}))["restored"] == 1'111);
    CHECK(size_of(3) == k_keys);
    CHECK(json_of(run_in_3({"flush", "three", "--yes", "--json"}))["deleted"] == k_keys);
    CHECK(size_of(0) == 100);
    CHECK(size_of(3) == 0);
}

TEST_CASE("flush --whole-db empties one database of all masters, --all-dbs all of them") {
    if (has_no_databases()) {
        return;
    }
    fill();
    CHECK(json_of(run_in_3({"flush", "--whole-db", "--yes", "--json"}))["deleted"] == k_keys);
    CHECK(size_of(3) == 0);
    CHECK(size_of(0) == 100);
    fill();
    CHECK(json_of(run({"flush", "--all-dbs", "--yes", "--json"}))["deleted"] == k_keys + 100);
    CHECK(size_of(3) + size_of(0) == 0);
}

TEST_CASE("the database is chosen again where a slot has moved and where a connection was lost") {
    if (has_no_databases()) {
        return;
    }
    fill();
    const std::uint16_t slot = slot_of("three:7");
    const std::size_t from = cluster().owner(slot);
    const std::size_t to = (from + 1) % 3;
    // The way to a node that the seed does not name: MOVED, and ASK while the slot is open.
    cluster().open_slot(slot, from, to);
    in_database(
        3, "three:7",
        {"MIGRATE", "127.0.0.1", std::to_string(cluster().port(to)), "three:7", "3", "5000"});
    CHECK(run_in_3({"get", "three:7", "--raw"}).out == "{\"id\":7}");
    CHECK(json_of(run_in_3({"invalidate", "three:7", "--yes", "--json"}))["deleted"] == 1);
    cluster().move_keys(slot, from, to);  // those of database 0
    cluster().close_slot(slot, to);
    cluster().wait_until_agreed();
    CHECK(in_database(0, "three:7", {"GET", "three:7"}).text == "zero");
    CHECK(size_of(3) == k_keys - 1);
    Strings args = {
        "keys", "-n", "3", "--max-rate", "3000", "-p", std::to_string(cluster().port(0))};
    Process walk(cachectl_argv(args));
    for (int i = 0; i < 4; ++i) {
        walk.pump(Millis(100));
        for (std::size_t node = 0; node < 3; ++node) {
            cluster().client(node).command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
        }
    }
    const ProcessResult result = walk.wait();
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    std::string keys = result.out;
    CHECK(lines(keys) >= k_keys - 1);
    CHECK(keys.find("three:2999\n") != std::string::npos);
}

TEST_CASE("a database that the cluster does not have is refused, and nothing is sent") {
    if (has_no_databases()) {
        return;
    }
    fill();
    const ProcessResult result = run({"flush", "--whole-db", "--yes", "-n", "16"});
    CHECK(result.exit_code == 2);
    CHECK(result.err.find("cannot select database 16") != std::string::npos);
    CHECK(result.err.find("cluster-databases of the nodes says") != std::string::npos);
    CHECK(size_of(0) == 100);
    CHECK(size_of(3) == k_keys);
}
