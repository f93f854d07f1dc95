// audit against real servers.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/process.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using nlohmann::json;

namespace {

using Strings = std::vector<std::string>;

ProcessResult audit(const RedisServer& server, Strings args) {
    args.insert(args.begin(), {"audit", "-s", server.socket_path()});
    return run_cachectl(std::move(args));
}

/// Keys of a usual cache, and some with odd names.
void fill(RespClient& redis, std::size_t keys) {
    redis.pipeline(keys, [](std::size_t i) {
        const std::string n = std::to_string(i);
        switch (i % 6) {
            case 0:
                return RespClient::Args{"SET", fmt::format("sess:{:032x}", i * 7919), "v", "EX",
                                        std::to_string(900 + i % 86'400)};
            case 1:
                return RespClient::Args{"HSET", "user:" + n + ":cart", "a", n};
            case 2:
                return RespClient::Args{"SET", "user:" + n, std::string(i % 3'000, 'x')};
            case 3:
                return RespClient::Args{"RPUSH", "queue:" + std::to_string(i % 5), n};
            case 4:
                return RespClient::Args{
                    "SET",
                    "page:name" + std::string(1, "abcdefgh"[i % 8]) + std::string(1 + i % 40, 'z'),
                    n, "EX", "60000"};
            default:
                return RespClient::Args{"SET", "tmp:" + n + ":2026-11-28", n, "PX", "90000000"};
        }
    });
    for (const std::string& name :
         {std::string("odd:\0\xff\x1b[2J\n::error::x", 20), std::string("]]></failure>&\""),
          std::string("a*b:[c"), std::string("\xef\xbf\xbf:\x01")}) {
        redis.run({"SET", name, "v"});
    }
}

}  // namespace

TEST_CASE("a policy that is suggested from a live server audits that server clean") {
    const RedisServer server;
    RespClient redis = server.client();
    fill(redis, 30'000);
    const ProcessResult suggested = audit(server, {"--suggest"});
    REQUIRE(suggested.exit_code == 0);
    const TempDir dir;
    const std::string policy = dir.file("keys.json", suggested.out);
    const ProcessResult clean = audit(server, {"--policy", policy, "--json"});
    CAPTURE(suggested.out);
    CHECK(clean.exit_code == 0);
    const json out = json::parse(clean.out);
    CHECK(out["findings"].empty());
    CHECK(out["keys"] == redis.integer({"DBSIZE"}));
    CHECK(suggested.out.find("\"user:*:cart\"") != std::string::npos);

    redis.run({"SET", "user:77:cart", "of another type"});
    redis.run({"PERSIST", fmt::format("sess:{:032x}", 0)});
    const json worse = json::parse(audit(server, {"--policy", policy, "--json"}).out);
    REQUIRE(worse["findings"].size() == 2);
    CHECK(worse["findings"][0]["rule"] == "no-ttl");
    CHECK(worse["findings"][1]["rule"] == "wrong-type");
    CHECK(worse["findings"][1]["examples"] == json{"user:77:cart"});
}

TEST_CASE("one that is suggested from a sample fails nothing of what is common") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.pipeline(120'000, [](std::size_t i) {
        return RespClient::Args{"SET", fmt::format("s{}:{}", i % 3, i), std::string(i % 100, 'x'),
                                "EX", std::to_string(1'000 + i % 3'000)};
    });
    const TempDir dir;
    const std::string policy = dir.file("keys.json", audit(server, {"--suggest"}).out);
    const ProcessResult sampled = audit(server, {"--policy", policy, "--json"});
    CHECK(sampled.exit_code == 0);
    CHECK(json::parse(sampled.out)["sampled"] == true);
    CHECK(json::parse(sampled.out)["keys"] == 120'000);
    const ProcessResult exact = audit(server, {"--policy", policy, "--exact", "--json"});
    CHECK(exact.exit_code == 0);
    CHECK(json::parse(exact.out)["findings"].empty());

    // Of a sample, counts are estimates with limits.
    const std::string strict = dir.file("strict.json", R"({"keys": [{"pattern": "s0:*",
        "max_ttl": "1s"}], "unknown": "ignore"})");
    const json findings =
        json::parse(audit(server, {"--policy", strict, "--json"}).out)["findings"];
    REQUIRE(findings.size() == 1);
    CHECK(findings[0]["keys_low"].get<int>() <= 40'000 * 1.05);
    CHECK(findings[0]["keys_high"].get<int>() >= 40'000 * 0.95);
    CHECK(findings[0]["examples"].size() == 10);
}

TEST_CASE("the formats of CI servers can be read by their readers, whatever keys are called") {
    const RedisServer server;
    RespClient redis = server.client();
    fill(redis, 300);
    const TempDir dir;
    const std::string policy =
        dir.file("keys.json", R"({"keys": [{"pattern": "sess:*", "ttl": "1h"}]})");
    const ProcessResult junit = audit(server, {"--policy", policy, "-o", "junit"});
    CHECK(junit.exit_code == 1);
    const std::string xml = dir.file("audit.xml", junit.out);
    const ProcessResult lint = run_process({"xmllint", "--noout", xml});
    CHECK(lint.exit_code == 0);
    CHECK(lint.err.empty());
    const ProcessResult count =
        run_process({"xmllint", "--xpath", "count(//testcase[failure])", xml});
    CHECK(count.out.substr(0, 1) == "1");  // the keys without a rule

    const json sarif = json::parse(audit(server, {"--policy", policy, "-o", "sarif"}).out);
    CHECK(sarif["runs"][0]["results"].size() >= 5);
    const ProcessResult github = audit(server, {"--policy", policy, "-o", "github"});
    for (std::size_t at = 0; at < github.out.size(); at = github.out.find('\n', at) + 1) {
        CHECK(github.out.compare(at, 13, "::error file=") == 0);
    }
}

TEST_CASE("protected keys on a server that evicts") {
    const RedisServer server({"--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"});
    RespClient redis = server.client();
    redis.run({"SET", "sess:1", "v"});
    const TempDir dir;
    const std::string policy =
        dir.file("keys.json", R"({"keys": [{"pattern": "sess:*", "protected": true}]})");
    CHECK(audit(server, {"--policy", policy}).out ==
          "error\tmay-be-evicted\t1\t1\tsess:*\tsess\tsess:1\n");
    redis.run({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
    CHECK(audit(server, {"--policy", policy}).exit_code == 0);
}

TEST_CASE("a cluster is audited as one, and a policy made of it is clean") {
    RedisCluster cluster({.replicas = false});
    for (int i = 0; i < 300; ++i) {
        const std::string name = fmt::format("course:{}", i);
        RespClient redis = cluster.client(cluster.owner_of_key(name));
        redis.run({"SET", name, "v", "EX", "1000"});
    }
    const std::string port = std::to_string(cluster.port(0));
    const TempDir dir;
    const std::string policy =
        dir.file("keys.json", run_cachectl({"audit", "-p", port, "--suggest"}).out);
    const ProcessResult run = run_cachectl({"audit", "-p", port, "--policy", policy, "--json"});
    CHECK(run.exit_code == 0);
    CHECK(json::parse(run.out)["keys"] == 300);
}
