// health against real servers that are driven from well to bad and back.
#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "support/fake_server.hpp"
#include "support/process.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"
#include "support/text.hpp"

using namespace cachectl::test;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

using Strings = std::vector<std::string>;

ProcessResult health(const RedisServer& server, const Strings& args) {
    Strings all = {"health", "-s", server.socket_path(), "--interval", "300ms"};
    all.insert(all.end(), args.begin(), args.end());
    return run_cachectl(all);
}

struct Verdict {
    int exit_code;
    json whole;
    std::map<std::string, json> checks;

    [[nodiscard]] std::string status(const std::string& id) const {
        const auto found = checks.find(id);
        return found == checks.end() ? "" : found->second["status"].get<std::string>();
    }
};

Verdict verdict_of(const ProcessResult& result) {
    Verdict verdict{result.exit_code, json::parse(result.out), {}};
    for (const json& check : verdict.whole["checks"]) {
        verdict.checks[check["id"]] = check;
    }
    return verdict;
}

Verdict verdict(const RedisServer& server, Strings args = {}) {
    args.emplace_back("--json");
    return verdict_of(health(server, args));
}

/// Runs `work` again and again beside health.
Verdict verdict_during(const RedisServer& server, const std::function<void(RespClient&)>& work,
                       const Strings& args = {}) {
    Strings all =
        cachectl_argv({"health", "-s", server.socket_path(), "--interval", "1s", "--json"});
    all.insert(all.end(), args.begin(), args.end());
    Process process(all);
    RespClient redis = server.client();
    const auto end = std::chrono::steady_clock::now() + 5s;
    while (process.running() && std::chrono::steady_clock::now() < end) {
        work(redis);
    }
    return verdict_of(process.wait());
}

const Strings k_limited = {"--maxmemory", "64mb"};

}  // namespace

TEST_CASE("a healthy server is healthy, in little of its time") {
    const RedisServer server(k_limited);
    RespClient redis = server.client();
    for (int i = 0; i < 5000; ++i) {
        redis.run({"SET", "a:" + std::to_string(i), "value", "EX", std::to_string(1000 + i)});
    }
    const auto began = std::chrono::steady_clock::now();
    const Verdict well = verdict(server);
    CHECK(std::chrono::steady_clock::now() - began < 2s);
    CHECK(well.exit_code == 0);
    CHECK(well.whole["status"] == "healthy");
    CHECK(well.whole["error"].is_null());
    CHECK(well.whole["keys"] == 5000);
    CHECK(well.status("MEMORY_NEAR_MAX") == "ok");
    CHECK(well.status("BIG_KEYS") == "ok");
    CHECK(well.status("LATENCY_HIGH") == "ok");
    CHECK(well.checks.at("NO_PASSWORD")["info"] == true);
}

TEST_CASE("memory goes from ok to warn to crit and back") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.run({"SET", "fill", std::string(3'000'000, 'v')});
    const auto at = [&](double share) {
        const std::string info = redis.text({"INFO", "memory"});
        const double used = std::stod(info.substr(info.find("used_memory:") + 12));
        redis.run({"CONFIG", "SET", "maxmemory", std::to_string(static_cast<long>(used / share))});
        return verdict(server, {"--no-keys"});
    };
    CHECK(at(0.5).status("MEMORY_NEAR_MAX") == "ok");
    CHECK(at(0.84).status("MEMORY_NEAR_MAX") == "warn");
    const Verdict full = at(0.96);
    CHECK(full.status("MEMORY_NEAR_MAX") == "crit");
    CHECK(full.exit_code == 1);
    CHECK(full.whole["status"] == "degraded");
    CHECK(full.whole["recommendation"].get<std::string>().find(" du") != std::string::npos);
    CHECK(at(0.5).exit_code == 0);
    redis.run({"CONFIG", "SET", "maxmemory", "0"});
    CHECK(verdict(server, {"--no-keys"}).status("MEMORY_NO_LIMIT") == "warn");
    CHECK(verdict(server, {"--no-keys", "--mute", "MEMORY_NO_LIMIT"}).exit_code == 0);
    CHECK(verdict(server, {"--no-keys", "--fail-on", "crit"}).exit_code == 0);
}

TEST_CASE("evictions of a cache with protected keys are critical, and the hit ratio is told") {
    const RedisServer server({"--maxmemory", "12mb", "--maxmemory-policy", "allkeys-lru"});
    const TempDir dir;
    const std::string policy = dir.file(
        "policy.json", R"({"keys": [{"pattern": "sess:*", "protected": true}, {"pattern": "*"}],
                           "unknown": "ignore"})");
    RespClient redis = server.client();
    int n = 0;
    const auto fill = [&](RespClient& client) {
        client.run({"SET", "sess:" + std::to_string(++n), std::string(1000, 'v')});
        client.command({"GET", "none:" + std::to_string(n)});
    };
    for (int i = 0; i < 12'000; ++i) {
        fill(redis);
    }
    const Verdict bad = verdict_during(server, fill, {"--policy", policy});
    CHECK(bad.exit_code == 1);
    CHECK(bad.status("EVICTIONS") == "crit");
    CHECK(bad.status("EVICTION_MAY_TAKE_PROTECTED") == "warn");
    CHECK(bad.status("HIT_RATIO_LOW") == "crit");
    CHECK(bad.status("MEMORY_NEAR_MAX") == "ok");
    const Verdict after = verdict(server);
    CHECK(after.status("EVICTIONS") == "ok");
    CHECK(after.status("HIT_RATIO_LOW") == "ok");
}

TEST_CASE("rejected clients, slow commands and errors are told with their rates") {
    const RedisServer server(
        {"--maxmemory", "64mb", "--maxclients", "6", "--slowlog-log-slower-than", "2000"});
    std::vector<RespClient> others;
    for (int i = 0; i < 3; ++i) {
        others.push_back(server.client());
        others.back().run({"PING"});
    }
    const Verdict bad = verdict_during(server, [&](RespClient& redis) {
        redis.run({"EVAL", "local t=0 for i=1,2000000 do t=t+i end return t", "0"});
        redis.command({"NO_SUCH_COMMAND"});
        for (int i = 0; i < 3; ++i) {
            try {
                RespClient another = server.client();
                RespClient one_too_many = server.client();
                one_too_many.command({"PING"});
            } catch (const std::exception&) {
                break;  // it was rejected
            }
        }
        std::this_thread::sleep_for(5ms);
    });
    CHECK(bad.status("CLIENTS_REJECTED") != "ok");
    CHECK(bad.status("CLIENTS_NEAR_MAX") != "");
    CHECK(bad.status("SLOW_COMMANDS") == "warn");
    CHECK(bad.status("ERRORS_RATE") == "warn");
    CHECK(bad.checks.at("SLOW_COMMANDS")["message"].get<std::string>().find("EVAL") !=
          std::string::npos);
}

TEST_CASE("a replica whose master is gone, and a save that failed") {
    RedisServer master(k_limited, Listen::tcp_too);
    const RedisServer replica(
        {"--maxmemory", "64mb", "--replicaof", "127.0.0.1 " + std::to_string(master.port())});
    RespClient redis = replica.client();
    const auto link = [&] {
        return redis.text({"INFO", "replication"}).find("master_link_status:up") !=
               std::string::npos;
    };
    for (int i = 0; i < 600 && !link(); ++i) {
        std::this_thread::sleep_for(100ms);
    }
    CHECK(verdict(replica).status("REPLICA_LINK_DOWN") == "ok");
    CHECK(verdict(master).status("REPLICA_LAG") == "ok");
    master.kill();
    for (int i = 0; i < 600 && link(); ++i) {
        std::this_thread::sleep_for(100ms);
    }
    CHECK(verdict(replica).status("REPLICA_LINK_DOWN") == "warn");

    const RedisServer saving(k_limited);
    RespClient other = saving.client();
    other.run({"SET", "a", "b"});
    CHECK(verdict(saving).status("SAVE_FAILED") == "ok");
    std::filesystem::create_directory(saving.dir().path() / "dump.rdb");
    other.command({"BGSAVE"});
    const auto failed = [&] {
        return other.text({"INFO", "persistence"}).find("rdb_last_bgsave_status:err") !=
               std::string::npos;
    };
    for (int i = 0; i < 600 && !failed(); ++i) {
        std::this_thread::sleep_for(100ms);
    }
    CHECK(verdict(saving).status("SAVE_FAILED") == "crit");
}

TEST_CASE("a server that is down or hangs is told in every format") {
    RedisServer server(k_limited);
    const std::string socket = server.socket_path();
    server.freeze();
    const auto run = [&](const Strings& format) {
        Strings args = {"health", "-s", socket, "--timeout", "500ms", "--connect-timeout", "500ms"};
        args.insert(args.end(), format.begin(), format.end());
        const auto began = std::chrono::steady_clock::now();
        ProcessResult result = run_cachectl(args);
        CHECK(std::chrono::steady_clock::now() - began < 20s);
        return result;
    };
    CHECK(verdict_of(run({"--json"})).whole["status"] == "down");
    server.thaw();
    server.stop();
    const Verdict down = verdict_of(run({"--json"}));
    CHECK(down.exit_code == 3);
    CHECK(down.whole["status"] == "down");
    CHECK(down.whole["error"]["id"] == "unreachable");
    CHECK(json::parse(run({"--json"}).err)["error"]["code"] == 3);
    CHECK(down.status("SERVER_DOWN") == "crit");
    const ProcessResult plugin = run({"-o", "nagios"});
    CHECK(plugin.exit_code == 2);
    CHECK(plugin.out.starts_with("CRITICAL - "));
    const ProcessResult metrics = run({"-o", "prometheus"});
    CHECK(metrics.exit_code == 3);
    CHECK(has(metrics.out, "cachectl_up{"));
    CHECK(has(metrics.out, "cachectl_health_status{"));
    CHECK(has(run({"-o", "table"}).out, "DOWN"));
    CHECK(has(run({"-o", "plain"}).out, "SERVER_DOWN\tcrit\t1\t"));
}

TEST_CASE("a connection that the server closes within the interval is none that is down") {
    const RedisServer server(k_limited);
    for (const Strings& command : {Strings{"health", "--no-keys"}, Strings{"stats"}}) {
        Strings args = command;
        args.insert(args.end(), {"-s", server.socket_path(), "--interval", "1s", "--json"});
        Process process(cachectl_argv(args));
        const std::string name = "cachectl";
        RespClient redis = server.client();
        for (int i = 0; i < 600 && redis.text({"CLIENT", "LIST"}).find(name) == std::string::npos;
             ++i) {
            std::this_thread::sleep_for(5ms);
        }
        std::this_thread::sleep_for(300ms);
        CHECK(redis.command({"CLIENT", "KILL", "TYPE", "normal"}).integer == 1);
        const ProcessResult result = process.wait();
        CAPTURE(result.err);
        CHECK(result.exit_code == 0);
    }
    RedisServer dying(k_limited);
    Process process(cachectl_argv(
        {"health", "--no-keys", "-s", dying.socket_path(), "--interval", "1s", "--json"}));
    RespClient redis = dying.client();
    while (redis.text({"CLIENT", "LIST"}).find("cachectl") == std::string::npos) {
        std::this_thread::sleep_for(5ms);
    }
    std::this_thread::sleep_for(300ms);
    dying.kill();
    const Verdict down = verdict_of(process.wait());
    CHECK(down.exit_code == 3);
    CHECK(down.whole["status"] == "down");
    CHECK(has(down.checks.at("SERVER_DOWN")["message"].get<std::string>(), "cannot connect"));
}

TEST_CASE("a server that is loading, or held by a script, is down for that reason") {
    FakeServer loading(answer(polite_redis(
        {{"INFO",
          resp::bulk("redis_version:7.0.15\r\nloading:1\r\nloading_eta_seconds:42\r\n")}})));
    const Verdict reads =
        verdict_of(run_cachectl({"health", "-p", std::to_string(loading.port()), "--json"}));
    CHECK(reads.exit_code == 4);
    CHECK(reads.whole["status"] == "down");
    CHECK(reads.status("SERVER_LOADING") == "crit");

    const RedisServer server({"--lua-time-limit", "50"});
    std::thread script([&] {
        try {
            server.client().command({"EVAL", "while true do end", "0"});
        } catch (const std::exception&) {
            // it is killed below
        }
    });
    RespClient other = server.client();
    for (int i = 0; i < 600 && !other.command({"PING"}).text.starts_with("BUSY"); ++i) {
        std::this_thread::sleep_for(20ms);
    }
    const Verdict held = verdict(server);
    other.command({"SCRIPT", "KILL"});
    script.join();
    CHECK(held.exit_code == 4);
    CHECK(held.status("SERVER_BUSY") == "crit");
}

TEST_CASE("a cluster that lacks slots is down, and one with a slot left open is degraded") {
    RedisCluster cluster({.masters = 3, .replicas = false});
    const auto verdict_of_cluster = [&] {
        return verdict_of(
            run_cachectl({"health", "-p", std::to_string(cluster.port(0)), "--interval", "100ms",
                          "--mute", "MEMORY_NO_LIMIT", "--json"}));
    };
    cluster.set({"a", "b", "c"});
    const Verdict well = verdict_of_cluster();
    CHECK(well.exit_code == 0);
    CHECK(well.status("CLUSTER_STATE") == "ok");
    CHECK(well.status("CLUSTER_ORPHAN_KEYS") == "ok");
    CHECK(well.status("CLUSTER_TWO_OWNERS") == "ok");
    const std::size_t from = cluster.owner(42), to = (from + 1) % 3;
    cluster.open_slot(42, from, to);
    CHECK(verdict_of_cluster().status("CLUSTER_OPEN_SLOTS") == "warn");
    cluster.client(from).run({"CLUSTER", "SETSLOT", "42", "STABLE"});
    cluster.client(to).run({"CLUSTER", "SETSLOT", "42", "STABLE"});
    CHECK(verdict_of_cluster().status("CLUSTER_OPEN_SLOTS") == "ok");

    for (std::size_t i = 0; i < 3; ++i) {
        cluster.client(i).command({"CLUSTER", "DELSLOTS", "42"});
    }
    const auto state = [&](std::size_t i) {
        return cluster.client(i).text({"CLUSTER", "INFO"}).find("cluster_state:fail") !=
               std::string::npos;
    };
    for (int i = 0; i < 600 && !(state(0) && state(1) && state(2)); ++i) {
        std::this_thread::sleep_for(100ms);
    }
    const Verdict down = verdict_of_cluster();
    CHECK(down.exit_code == 4);
    CHECK(down.whole["status"] == "down");
    CHECK(down.status("CLUSTER_STATE") == "crit");
}

TEST_CASE("of a cluster's master that does not tell its figures nothing is known") {
    RedisCluster cluster({.masters = 3, .replicas = false});
    cluster.set({"a", "b", "c"});
    for (std::size_t i = 0; i < 3; ++i) {
        cluster.client(i).run({"CONFIG", "SET", "maxmemory", "1gb"});
        cluster.client(i).run({"ACL", "SETUSER", "mon", "on", ">mon", "~*", "&*", "+@all"});
    }
    RespClient silent = cluster.client(1);
    silent.run({"CONFIG", "SET", "maxmemory", "1500000"});
    const auto verdict_of_mon = [&](const Strings& more) {
        Strings args = {"health", "-u",
                        "redis://mon:mon@127.0.0.1:" + std::to_string(cluster.port(0)),
                        "--interval", "100ms"};
        args.insert(args.end(), more.begin(), more.end());
        return run_cachectl(args);
    };
    CHECK(verdict_of(verdict_of_mon({"--json"})).status("MEMORY_NEAR_MAX") == "crit");
    silent.run({"ACL", "SETUSER", "mon", "-info"});
    const Verdict unknown = verdict_of(verdict_of_mon({"--json"}));
    CHECK(unknown.exit_code == 4);
    CHECK(unknown.whole["status"] == "unknown");
    for (const char* id : {"MEMORY_NEAR_MAX", "EVICTIONS", "CONFIG_DRIFT", "REPLICA_LAG"}) {
        CAPTURE(id);
        CHECK(unknown.status(id) == "unknown");
        CHECK(has(unknown.checks.at(id)["message"].get<std::string>(), "+info"));
        CHECK(has(unknown.checks.at(id)["message"].get<std::string>(), cluster.address(1)));
    }
    const ProcessResult plugin = verdict_of_mon({"-o", "nagios"});
    CHECK(plugin.exit_code == 3);
    CHECK(plugin.out.starts_with("UNKNOWN - "));
}

TEST_CASE("what holds the masters of a cluster is not added up") {
    RedisCluster cluster({.masters = 3, .replicas = false});
    for (std::size_t i = 0; i < 3; ++i) {
        RespClient redis = cluster.client(i);
        redis.run({"CONFIG", "SET", "maxmemory", "1gb"});
        // 3 s of each, in a script of its own: 5 % of a minute. Newer servers let time stand still
        // in a script, for 5 s.
        redis.run({"EVAL",
                   "local b = redis.call('TIME') repeat local t = redis.call('TIME') until "
                   "(t[1] - b[1]) * 1000000 + t[2] - b[2] > 3000000 return " +
                       std::to_string(i),
                   "0"});
    }
    const Verdict well = verdict_of(run_cachectl(
        {"health", "-p", std::to_string(cluster.port(0)), "--interval", "100ms", "--json"}));
    CHECK(well.status("SERVER_HELD") == "ok");
    CHECK(well.checks.at("SERVER_HELD")["value"].get<double>() > 0.04);
    CHECK(well.checks.at("SERVER_HELD")["value"].get<double>() < 0.1);
}
