// keys --sort and --count, and ttl --timeline, against real servers and a cluster.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/process.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"
#include "support/text.hpp"

using namespace cachectl::test;
using nlohmann::json;

namespace {

using Strings = std::vector<std::string>;

ProcessResult run_at(const std::string& socket, Strings args) {
    args.insert(args.end(), {"-s", socket});
    return run_cachectl(std::move(args));
}

}  // namespace

TEST_CASE("the largest keys are those that a list of all of them has first") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.pipeline(3'000, [](std::size_t i) {
        return Strings{"SET", "k:" + std::to_string(i), std::string(i * 7 % 2'000, 'x')};
    });
    const auto listed = [&](Strings args) {
        args.emplace_back("--json");
        const ProcessResult result = run_at(server.socket_path(), std::move(args));
        REQUIRE(result.exit_code == 0);
        return json::parse(result.out);
    };
    json all = listed({"keys", "-l"});
    std::sort(all.begin(), all.end(), [](const json& a, const json& b) {
        return a["size_bytes"] != b["size_bytes"] ? a["size_bytes"] > b["size_bytes"]
                                                  : a["key"] < b["key"];
    });
    const json top = listed({"keys", "--sort", "size", "--limit", "20"});
    REQUIRE(top.size() == 20);
    for (std::size_t i = 0; i < top.size(); ++i) {
        CHECK(top[i]["key"] == all[i]["key"]);
        CHECK(top[i]["size_bytes"] == all[i]["size_bytes"]);
    }
    CHECK(run_at(server.socket_path(), {"keys", "--count"}).out == "3000\n");
    CHECK(run_at(server.socket_path(), {"keys", "k:1*", "--count"}).out == "1111\n");
}

TEST_CASE("the timeline finds what was planted, also by a sample") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.pipeline(4'000, [](std::size_t i) {
        return Strings{"SET", "dispatch:" + std::to_string(i), "x", "EX", "900"};
    });
    redis.pipeline(6'000, [](std::size_t i) {
        return Strings{"SET", "cache:" + std::to_string(i), "x", "PX",
                       std::to_string(1'000'000 + i * 1'000)};
    });
    redis.pipeline(500, [](std::size_t i) {
        return Strings{"SET", "tmp:" + std::to_string(i), "x"};
    });
    for (const Strings& how : {Strings{}, Strings{"--sample", "2000"}}) {
        Strings args = {"ttl", "--timeline", "1h", "--json"};
        args.insert(args.end(), how.begin(), how.end());
        const ProcessResult result = run_at(server.socket_path(), args);
        REQUIRE(result.exit_code == 0);
        const json timeline = json::parse(result.out);
        CHECK(timeline["sampled"] == !how.empty());
        REQUIRE(timeline["cliffs"].size() == 1);
        CHECK(timeline["cliffs"][0]["namespace"] == "dispatch");
        CHECK(timeline["cliffs"][0]["in_ms"].get<int>() >= 840'000);
        CHECK(timeline["cliffs"][0]["in_ms"].get<int>() <= 900'000);
        const double dispatch = timeline["cliffs"][0]["keys"].get<double>();
        CHECK(timeline["cliffs"][0].contains("keys_low") == !how.empty());
        CHECK(dispatch > 3'500);
        CHECK(dispatch < 4'500);
        if (how.empty()) {
            CHECK(timeline["all"]["within"].get<int>() + timeline["all"]["later"].get<int>() ==
                  10'000);
            CHECK(timeline["all"]["never"] == 500);
        }
    }
}

TEST_CASE("what the timeline advises spreads the cliff") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.pipeline(500, [](std::size_t i) {
        return Strings{"SET", "it's [a] *:" + std::to_string(i), "x", "EX", "300"};
    });
    redis.run({"SET", "it's [a] *:later", "x", "EX", "90000"});
    const json timeline =
        json::parse(run_at(server.socket_path(), {"ttl", "--timeline", "1h", "--json"}).out);
    REQUIRE(timeline["cliffs"].size() == 1);
    const std::string command = timeline["cliffs"][0]["command"];
    REQUIRE(command.starts_with("cachectl expire "));
    ProcessOptions options;
    const std::string line =
        std::string(CACHECTL_BINARY) + command.substr(8) + " --yes -s " + server.socket_path();
    CHECK(run_process({"bash", "-c", line}, options).exit_code == 0);
    CHECK(json::parse(
              run_at(server.socket_path(), {"ttl", "--timeline", "1h", "--json"}).out)["cliffs"]
              .empty());
    CHECK(redis.integer({"TTL", "it's [a] *:later"}) > 80'000);
}

TEST_CASE("a cluster is looked at as one") {
    RedisCluster cluster;
    cluster.set(numbered("k:", 300), "value");
    cluster.set({"large"}, std::string(5'000, 'x'));
    const auto run = [&](Strings args) {
        args.insert(args.end(), {"-p", std::to_string(cluster.port(1))});
        const ProcessResult result = run_cachectl(std::move(args));
        CHECK(result.exit_code == 0);
        return result.out;
    };
    CHECK(run({"keys", "--count"}) == "301\n");
    CHECK(json::parse(run({"keys", "--sort", "size", "--limit", "3", "--json"}))[0]["key"] ==
          "large");
    CHECK(run({"keys", "--sort", "name", "--limit", "2"}) == "k:0\nk:1\n");
    const json timeline = json::parse(run({"ttl", "--timeline", "1h", "--json"}));
    CHECK(timeline["all"]["never"] == 301);
    CHECK(json::parse(run({"get", "k:1", "k:2", "k:3", "large", "--json"})).size() == 4);
}
