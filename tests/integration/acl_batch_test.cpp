// One key that the user may not touch, in the middle of a full batch: the others go, it is listed,
// and nothing else has changed.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/redis_cluster.hpp"
#include "support/text.hpp"

using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

constexpr int k_keys = 500;
constexpr int k_denied = 250;

const Strings k_user = {"ACL",    "SETUSER",  "bob",   "reset",        "on",
                        "nopass", "~{t}:k:*", "+scan", "+unlink",      "+info",
                        "+pttl",  "+pexpire", "+type", "+memory|usage"};

/// Keys that share a slot, so that they share a command on a cluster too.
struct Keys {
    Strings all;
    std::string denied = "{t}:\x1bother";
    std::string beside = "{t}:beside";  // not asked for

    Keys() {
        for (int i = 0; i < k_keys; ++i) {
            all.push_back(i == k_denied ? denied : "{t}:k:" + std::to_string(i));
        }
    }
    [[nodiscard]] std::string list() const {
        std::string text;
        for (const std::string& key : all) {
            text += key + '\n';
        }
        return text;
    }
};

ProcessResult run(Strings args, const Strings& connection, const Keys& keys) {
    args.insert(args.end(), {"--keys-from", "-", "--yes", "--user", "bob", "-a", "any"});
    args.insert(args.end(), connection.begin(), connection.end());
    ProcessOptions options;
    options.stdin_bytes = keys.list();
    return run_cachectl(args, options);
}

void check_that_one_is_refused(const ProcessResult& run, const char* done) {
    CHECK(run.exit_code == 5);
    const json summary = json::parse(run.out);
    CHECK(summary[done] == k_keys - 1);
    CHECK(summary["failed"] == 1);
    CHECK(summary["complete"] == false);
    CHECK(has(run.err, "not permitted to change '{t}:\\x1bother'"));
    CHECK(has(run.err, "NOPERM"));
    CHECK(has(run.err,
              "1 key could not be changed\",\"hint\":\"the user's ACL key patterns (~PATTERN) do "
              "not cover these keys"));
}

}  // namespace

TEST_CASE("invalidate splits the batch: 499 keys go, one is listed") {
    const Keys keys;
    RedisServer server;
    RespClient redis = server.client();
    redis.run(k_user);
    for (const std::string& key : keys.all) {
        redis.run({"SET", key, "v"});
    }
    redis.run({"SET", keys.beside, "v"});
    const ProcessResult result = run({"invalidate", "--json"}, {"-s", server.socket_path()}, keys);
    check_that_one_is_refused(result, "deleted");
    CHECK(redis.integer({"DBSIZE"}) == 2);
    CHECK(redis.text({"GET", keys.denied}) == "v");
    CHECK(redis.text({"GET", keys.beside}) == "v");
}

TEST_CASE("expire leaves the time to live of the key that it may not touch") {
    const Keys keys;
    RedisServer server;
    RespClient redis = server.client();
    redis.run(k_user);
    for (const std::string& key : keys.all) {
        redis.run({"SET", key, "v"});
    }
    redis.run({"SET", keys.beside, "v"});
    const ProcessResult result =
        run({"expire", "--set", "1h", "--json"}, {"-s", server.socket_path()}, keys);
    check_that_one_is_refused(result, "changed");
    CHECK(redis.integer({"PTTL", keys.denied}) == -1);
    CHECK(redis.integer({"PTTL", keys.beside}) == -1);
    CHECK(redis.integer({"PTTL", keys.all.back()}) > 3'500'000);
}

TEST_CASE("on a cluster too") {
    const Keys keys;
    RedisCluster cluster({.masters = 3, .replicas = false});
    Strings rules = k_user;
    rules.insert(rules.end(), {"+cluster|slots", "+cluster|nodes", "+cluster|myid"});
    for (std::size_t i = 0; i < cluster.size(); ++i) {
        cluster.client(i).run(rules);
    }
    cluster.set(keys.all);
    cluster.set({keys.beside});
    const ProcessResult result =
        run({"invalidate", "--json"}, {"-p", std::to_string(cluster.port(0))}, keys);
    check_that_one_is_refused(result, "deleted");
    CHECK(cluster.all_keys() == Strings{keys.denied, keys.beside});
}
