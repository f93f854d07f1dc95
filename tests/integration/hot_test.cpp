// hot against real servers, beside a client that uses one key all the time.
#include <doctest/doctest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/process.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using nlohmann::json;

namespace {

using Strings = std::vector<std::string>;

/// Uses one key all the time, and another one now and then.
class User {
public:
    User(RespClient client, std::string hot, std::string cool)
        : m_client(std::move(client)), m_thread([this, hot, cool] {
              for (int i = 0; !m_stop; ++i) {
                  m_client.command({"GET", i % 4'000 == 3'999 ? cool : hot});
                  std::this_thread::sleep_for(std::chrono::milliseconds(1));
              }
          }) {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
    ~User() {
        m_stop = true;
        m_thread.join();
    }

private:
    RespClient m_client;
    std::atomic<bool> m_stop{false};
    std::thread m_thread;
};

void fill(RespClient redis) {
    redis.pipeline(2'000, [](std::size_t i) {
        return RespClient::Args{"SET", "cold:" + std::to_string(i), "some text"};
    });
    redis.run({"SET", std::string("hot:\xff\n"), "some text"});
    redis.run({"SET", "cool", "some text"});
}

json hot(Strings args) {
    args.insert(args.begin(), {"hot", "--json"});
    const ProcessResult result = run_cachectl(std::move(args));
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    return json::parse(result.out);
}

const std::string k_hot = "aG90Ov8K";  // in base64

}  // namespace

TEST_CASE("the planted hot key is found by idle times, by LFU counters and by MONITOR") {
    const RedisServer server;
    fill(server.client());
    std::this_thread::sleep_for(std::chrono::milliseconds(2'500));  // they become idle
    const User user(server.client(), std::string("hot:\xff\n"), "cool");
    const Strings there = {"-s", server.socket_path()};
    const auto with = [&](Strings more) {
        more.insert(more.end(), there.begin(), there.end());
        return hot(std::move(more));
    };

    const json idle = with({"--interval", "3s"});
    CHECK(idle["method"] == "idle");
    REQUIRE_FALSE(idle["keys"].empty());
    CHECK(idle["keys"][0]["key_base64"] == k_hot);
    CHECK(idle["keys"][0]["score"].get<double>() > 0.9);
    CHECK(idle["keys"][0]["type"] == "string");
    for (const json& key : idle["keys"]) {
        CHECK_FALSE(key["key"].get<std::string>().starts_with("cold:"));
    }
    CHECK(with({"cold:*", "--interval", "1s"})["keys"].empty());

    const json watched = with({"--monitor", "1s", "--limit", "1"});
    CHECK(watched["method"] == "monitor");
    REQUIRE(watched["keys"].size() == 1);
    CHECK(watched["keys"][0]["key_base64"] == k_hot);
    CHECK(watched["keys"][0]["score"].get<double>() > 100);

    server.client().run({"CONFIG", "SET", "maxmemory-policy", "allkeys-lfu"});
    std::this_thread::sleep_for(std::chrono::seconds(2));
    const json frequent = with({"--limit", "3"});
    CHECK(frequent["method"] == "freq");
    REQUIRE_FALSE(frequent["keys"].empty());
    CHECK(frequent["keys"][0]["key_base64"] == k_hot);
}

TEST_CASE("small numbers, which share one object, are not taken for hot keys") {
    const RedisServer server;
    RespClient redis = server.client();
    for (int i = 0; i < 50; ++i) {
        redis.run({"SET", "flag:" + std::to_string(i), "1"});
    }
    redis.run({"SET", "busy", "text"});
    std::this_thread::sleep_for(std::chrono::milliseconds(2'200));
    const User user(server.client(), "flag:1", "busy");
    const json found = hot({"-s", server.socket_path(), "--interval", "2s"});
    const bool shares =
        redis.integer({"OBJECT", "REFCOUNT", "flag:1"}) > 1'000'000;  // Valkey 9: no
    for (const json& key : found["keys"]) {
        CHECK((key["key"] == "busy" || (!shares && key["key"] == "flag:1")));
    }
}

TEST_CASE("a cluster whose nodes add up their time by slot") {
    RedisCluster cluster({.replicas = false});
    Strings keys;
    for (int i = 0; i < 500; ++i) {
        keys.push_back("cold:" + std::to_string(i));
    }
    keys.emplace_back("hot");
    cluster.set(keys, "some text");
    bool has_stats = true;
    for (std::size_t i = 0; i < cluster.size(); ++i) {
        has_stats &= cluster.client(i)
                         .command({"CONFIG", "SET", "cluster-slot-stats-enabled", "yes"})
                         .type == RespValue::Type::text;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2'200));
    const User user(cluster.client(cluster.owner_of_key("hot")), "hot", "hot");
    const json found = hot({"-p", std::to_string(cluster.port(0)), "--interval", "4s"});
    CHECK(found["method"] == (has_stats ? "slot-stats" : "idle"));
    REQUIRE_FALSE(found["keys"].empty());
    CHECK(found["keys"][0]["key"] == "hot");
    CHECK(found["keys"][0]["node"] == cluster.address(cluster.owner_of_key("hot")));
}

TEST_CASE(
    "a master that does not answer: what the others have, or exit 3 where they have nothing") {
    RedisCluster cluster({.replicas = false});
    Strings keys = {"hot"};
    for (int i = 0; i < 200; ++i) {
        keys.push_back("cold:" + std::to_string(i));
    }
    cluster.set(keys, "some text");
    bool has_stats = true;
    for (std::size_t i = 0; i < cluster.size(); ++i) {
        has_stats &= cluster.client(i)
                         .command({"CONFIG", "SET", "cluster-slot-stats-enabled", "yes"})
                         .type == RespValue::Type::text;
    }
    const std::size_t owner = cluster.owner_of_key("hot");
    const std::size_t frozen = (owner + 1) % cluster.size();
    const User user(cluster.client(owner), "hot", "hot");
    cluster.node(frozen).freeze();
    const auto ask = [&](Strings more) {
        Strings args = {"hot",
                        "--json",
                        "--timeout",
                        "1s",
                        "--connect-timeout",
                        "1s",
                        "-p",
                        std::to_string(cluster.port(owner))};
        args.insert(args.end(), more.begin(), more.end());
        return run_cachectl(std::move(args));
    };
    const auto names = [&](const ProcessResult& result) {
        CAPTURE(result.err);
        CHECK(result.exit_code == 5);
        CHECK(result.err.find(cluster.address(frozen)) != std::string::npos);
        REQUIRE_FALSE(result.out.empty());
        const json found = json::parse(result.out);
        CHECK(found["complete"] == false);
        REQUIRE_FALSE(found["keys"].empty());
        CHECK(found["keys"][0]["key"] == "hot");
    };
    names(ask({"--monitor", "1s"}));
    if (has_stats) {
        names(ask({"--method", "slot-stats", "--interval", "2s"}));
        // Where it is the only one that could tell, there is nothing to show.
        const ProcessResult nothing = ask({"cold:*", "--method", "slot-stats", "--interval", "1s"});
        CHECK(nothing.exit_code == 3);
    } else {
        CHECK(ask({"--method", "slot-stats"}).exit_code == 4);
    }
    cluster.node(frozen).thaw();
}

TEST_CASE("keys that the user may not look at are told, for one of them may be the hottest") {
    const RedisServer server;
    fill(server.client());
    RespClient redis = server.client();
    redis.run(
        {"ACL", "SETUSER", "looker", "on", ">pw", "~cool*", "+@read", "+info", "+@connection"});
    for (const char* policy : {"noeviction", "allkeys-lfu"}) {
        redis.run({"CONFIG", "SET", "maxmemory-policy", policy});
        const ProcessResult result = run_cachectl({"hot", "--interval", "1s", "--user", "looker",
                                                   "-a", "pw", "-s", server.socket_path()});
        CHECK(result.exit_code == 5);
        CHECK(result.err.find("2,001 keys were left out") != std::string::npos);
    }
}

TEST_CASE("a user who may not MONITOR is not warned of what it costs") {
    const RedisServer server;
    server.client().run({"ACL", "SETUSER", "default", "-monitor"});
    const ProcessResult result =
        run_cachectl({"hot", "--monitor", "1s", "-s", server.socket_path()});
    CHECK(result.exit_code == 4);
    CHECK(result.err.find("warning") == std::string::npos);
    CHECK(result.err.find("+monitor") != std::string::npos);
}

TEST_CASE("a value of megabytes does not end MONITOR") {
    const RedisServer server;
    Process watching(
        {cachectl_binary(), "hot", "--monitor", "2s", "--json", "-s", server.socket_path()});
    REQUIRE(watching.wait_for_err("MONITOR"));
    for (int i = 0; i < 3; ++i) {
        server.client().run({"SET", "large", std::string(2'000'000, 'x')});
    }
    server.client().run({"GET", "small"});
    const ProcessResult result = watching.wait();
    CHECK(result.exit_code == 0);
    const json found = json::parse(result.out);
    REQUIRE(found["keys"].size() == 2);
    CHECK(found["keys"][0]["key"] == "large");
    CHECK(found["keys"][1]["key"] == "small");
}

TEST_CASE("MONITOR is left at a signal, and what was seen is said") {
    const RedisServer server;
    fill(server.client());
    const User user(server.client(), std::string("hot:\xff\n"), "cool");
    Process watching(
        {CACHECTL_BINARY, "hot", "--monitor", "30s", "--json", "-s", server.socket_path()});
    REQUIRE(watching.wait_for_err("MONITOR"));
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    watching.send_signal(2);
    const ProcessResult result = watching.wait();
    CHECK(result.exit_code == 130);
    CHECK(json::parse(result.out)["keys"].size() >= 1);
}

TEST_CASE("MONITOR is left when the server goes away, and rates are those of the time before") {
    RedisServer server;
    fill(server.client());
    Process watching(
        {CACHECTL_BINARY, "hot", "--monitor", "30s", "--json", "-s", server.socket_path()});
    REQUIRE(watching.wait_for_err("MONITOR"));
    {
        const User user(server.client(), std::string("hot:\xff\n"), "cool");
        std::this_thread::sleep_for(std::chrono::milliseconds(700));
    }
    server.kill();
    const ProcessResult result = watching.wait();
    CHECK(result.exit_code == 5);
    CHECK(result.err.find("MONITOR ended early") != std::string::npos);
    const json found = json::parse(result.out);
    CHECK(found["complete"] == false);
    CHECK(found["interval_ms"].get<int>() < 20'000);
    REQUIRE_FALSE(found["keys"].empty());
    CHECK(found["keys"][0]["key_base64"] == k_hot);
}

TEST_CASE(
    "a server with a timeout hangs up while MONITOR lasts, and tells what keys are all the same") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.run({"SET", "hot", "some text", "EX", "1000"});
    redis.run({"CONFIG", "SET", "timeout", "1"});
    Process watching(
        {CACHECTL_BINARY, "hot", "--monitor", "4s", "--json", "-s", server.socket_path()});
    REQUIRE(watching.wait_for_err("MONITOR"));
    {
        const User user(server.client(), "hot", "hot");
        std::this_thread::sleep_for(std::chrono::milliseconds(3'200));
    }
    const ProcessResult result = watching.wait();
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    const json found = json::parse(result.out);
    REQUIRE_FALSE(found["keys"].empty());
    CHECK(found["keys"][0]["type"] == "string");
    CHECK(found["keys"][0]["ttl_ms"].get<int>() > 900'000);
}

TEST_CASE("MONITOR counts no more names than memory is meant for them, and says so") {
    const RedisServer server;
    Process watching(
        {CACHECTL_BINARY, "hot", "--monitor", "4s", "--json", "-s", server.socket_path()});
    REQUIRE(watching.wait_for_err("MONITOR"));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    server.client().pipeline(400, [](std::size_t i) {
        return RespClient::Args{"GET", std::to_string(i) + std::string(30'000, 'x')};
    });
    const ProcessResult result = watching.wait();
    CHECK(result.exit_code == 0);
    CHECK(result.err.find("only the first 279 different keys are counted") != std::string::npos);
}
