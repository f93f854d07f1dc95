// --members-of on real servers: large sets, sorted sets, clusters, and an application that writes
// and lists keys while the tag is invalidated.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "support/process.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;

namespace {

ProcessResult run(const RedisServer& server, std::vector<std::string> words) {
    words.insert(words.end(), {"-s", server.socket_path()});
    return run_cachectl(std::move(words));
}

/// Keys item:0 … item:N-1, each listed by the set and the sorted set.
void fill(const RedisServer& server, std::size_t n) {
    RespClient client = server.client();
    const auto name = [](std::size_t i) { return "item:" + std::to_string(i); };
    client.pipeline(n, [&](std::size_t i) { return RespClient::Args{"SET", name(i), "x"}; });
    client.pipeline(n, [&](std::size_t i) { return RespClient::Args{"SADD", "tag", name(i)}; });
    client.pipeline(n, [&](std::size_t i) {
        return RespClient::Args{"ZADD", "ranked", std::to_string(i), name(i)};
    });
}

}  // namespace

TEST_CASE("the members of a large set and sorted set go, and the set with them") {
    RedisServer server;
    fill(server, 30'000);
    server.client().run({"SET", "other", "x"});
    const ProcessResult list =
        run(server, {"keys", "--members-of", "tag", "--members-of", "ranked"});
    CHECK(std::count(list.out.begin(), list.out.end(), '\n') == 30'000);

    const ProcessResult result = run(server, {"invalidate", "--members-of", "tag", "--members-of",
                                              "ranked", "--and-set", "--yes", "--json"});
    CHECK(result.exit_code == 0);
    const Json summary = Json::parse(result.out);
    CHECK(summary["deleted"] == 30'000);
    CHECK(summary["sets"][0]["gone"] == true);
    CHECK(summary["sets"][1]["gone"] == true);
    CHECK(server.client().integer({"DBSIZE"}) == 1);
}

TEST_CASE("hostile members are keys like others") {
    RedisServer server;
    RespClient client = server.client();
    const std::vector<std::string> names = {
        "",   "new\nline", std::string("nul\0byte", 8), "\xff\xfe",
        "-n", "*",         std::string(70'000, 'k')};
    for (const std::string& name : names) {
        client.run({"SET", name, "x"});
        client.run({"SADD", "tag", name});
    }
    client.run({"SET", "bystander", "x"});
    const ProcessResult result =
        run(server, {"invalidate", "--members-of", "tag", "--and-set", "--yes", "--json"});
    CHECK(result.exit_code == 0);
    CHECK(Json::parse(result.out)["deleted"] == static_cast<std::int64_t>(names.size()));
    CHECK(client.integer({"DBSIZE"}) == 1);
}

TEST_CASE("a key that the application writes and lists meanwhile is listed in the end") {
    RedisServer server;
    fill(server, 3'000);
    std::atomic<bool> over = false;
    std::thread application([&] {
        RespClient client = server.client();
        for (std::size_t i = 0; !over; i = (i + 7) % 3'000) {
            const std::string name = "item:" + std::to_string(i);
            client.run({"SET", name, "x"});
            client.run({"SADD", "tag", name});
        }
    });
    for (int round = 0; round < 5; ++round) {
        const ProcessResult result =
            run(server, {"invalidate", "--members-of", "tag", "--and-set", "--yes"});
        CHECK(result.exit_code == 0);
    }
    over = true;
    application.join();
    RespClient client = server.client();
    int unlisted = 0;
    for (std::size_t i = 0; i < 3'000; ++i) {
        const std::string name = "item:" + std::to_string(i);
        if (client.integer({"EXISTS", name}) == 1 &&
            client.integer({"SISMEMBER", "tag", name}) == 0) {
            ++unlisted;
        }
    }
    CHECK(unlisted == 0);
}

TEST_CASE("on a cluster the set and its members are on different nodes") {
    RedisCluster cluster;
    std::vector<std::string> names;
    for (int i = 0; i < 500; ++i) {
        names.push_back("item:" + std::to_string(i));
    }
    cluster.set(names);
    for (const std::string& name : names) {
        cluster.at_owner("tag", {"SADD", "tag", name});
    }
    cluster.set({"other"});
    const std::string port = std::to_string(cluster.port(0));
    const ProcessResult result = run_cachectl(
        {"invalidate", "--members-of", "tag", "--and-set", "--yes", "--json", "-p", port});
    CHECK(result.exit_code == 0);
    CHECK(Json::parse(result.out)["deleted"] == 500);
    CHECK(cluster.all_keys() == std::vector<std::string>{"other"});
}

TEST_CASE("without the right to take members out, the keys are gone and the set is told of") {
    RedisServer server;
    RespClient client = server.client();
    client.run({"SET", "a", "x"});
    client.run({"SADD", "tag", "a"});
    client.run({"ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "-srem"});
    const ProcessResult result = run(server, {"invalidate", "--members-of", "tag", "--and-set",
                                              "--yes", "--user", "app", "-a", "pw"});
    CHECK(result.exit_code == 5);
    CHECK(result.err.find("the keys are gone, but not the set that listed them") !=
          std::string::npos);
    CHECK(client.integer({"EXISTS", "tag"}) == 1);
    CHECK(client.integer({"EXISTS", "a"}) == 0);
}
