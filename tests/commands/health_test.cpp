// health against a server that answers as it is told.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "redis/info.hpp"
#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"
#include "support/text.hpp"

using namespace cachectl::test;
using cachectl::InfoFields;
using cachectl::Reply;
using nlohmann::json;

namespace {

constexpr const char* k_info =
    "redis_version:7.4.1\r\nrun_id:a\r\nuptime_in_seconds:100\r\nrole:master\r\n"
    "used_memory:1000000\r\nused_memory_rss:1200000\r\nmaxmemory:10000000\r\n"
    "maxmemory_policy:noeviction\r\ntotal_system_memory:100000000\r\nmem_clients_normal:0\r\n"
    "evicted_keys:0\r\nkeyspace_hits:1000\r\nkeyspace_misses:0\r\nconnected_clients:1\r\n"
    "maxclients:100\r\nrejected_connections:0\r\nused_cpu_sys:1\r\nused_cpu_user:1\r\n"
    "total_error_replies:0\r\nrdb_last_bgsave_status:ok\r\nrdb_last_save_time:1\r\n"
    "connected_slaves:0\r\ndb0:keys=2,expires=0,avg_ttl=0\r\n";

FakeClient server(std::string info = k_info) {
    FakeClient client;
    client.keys["tmp:a"] = {};
    client.keys["sess:b"] = {};
    client.info.info = InfoFields(info);
    client.on("INFO", [info](const FakeClient::Args& args) {
        return Reply::make_string(args.size() == 1 ? info : "cmdstat_get:calls=1,usec=5000000\r\n");
    });
    client.on("PING", [](const auto&) { return Reply::make_status("PONG"); });
    client.on("SLOWLOG", [](const auto&) { return Reply::make_array({}); });
    client.on("LATENCY", [](const auto&) { return Reply::make_array({}); });
    client.on("CONFIG", [](const FakeClient::Args& args) {
        return Reply::make_array({Reply::make_string(args[2]), Reply::make_string("")});
    });
    return client;
}

std::string nearly_full() {
    std::string info = k_info;
    info.replace(info.find("used_memory:1000000"), 19, "used_memory:9500000");
    return info;
}

json check_of(const json& verdict, const std::string& id) {
    for (const json& check : verdict["checks"]) {
        if (check["id"] == id) {
            return check;
        }
    }
    return nullptr;
}

std::string message_of(const json& check) { return check["message"].get<std::string>(); }

}  // namespace

TEST_CASE("a healthy server: exit code 0, and only commands that read") {
    FakeClient client = server();
    const RunResult run = run_with(client, {"health", "--json"});
    CHECK(run.code == 0);
    const json verdict = json::parse(run.out);
    CHECK(verdict["status"] == "healthy");
    CHECK(verdict["interval_ms"] == 1000);
    CHECK(verdict["recommendation"].is_null());
    for (const std::string& line : client.lines()) {
        const std::string name = line.substr(0, line.find(' '));
        CAPTURE(line);
        const bool reads = name == "INFO" || name == "SLOWLOG" || name == "LATENCY" ||
                           name == "CONFIG" || name == "SCAN" || name == "PTTL" ||
                           name == "MEMORY" || name == "DBSIZE" || name == "CLIENT";
        CHECK(reads);
    }
}

TEST_CASE("on a terminal the verdict comes first, and what to do last") {
    FakeClient client = server(nearly_full());
    const RunResult run = run_with(client, {"health"}, {.terminal = true});
    CHECK(run.code == 1);
    CHECK(run.out.starts_with("DEGRADED  127.0.0.1:6379  redis 7.0.15"));
    CHECK(has(run.out, "memory          95.0 % of 9.5 MiB"));
    CHECK(has(run.out, "Do first  1  cachectl -h 127.0.0.1 -p 6379 du"));
    CHECK(has(run.out, "exit 1"));
}

TEST_CASE("limits and mutes of a policy, and of the command line") {
    const TempDir dir;
    const std::string policy =
        dir.file("policy.json",
                 R"({"keys": [{"pattern": "*"}], "health": {"MEMORY_NEAR_MAX": {"warn": 0.97}}})");
    FakeClient client = server(nearly_full());
    CHECK(run_with(client, {"health", "--policy", policy}).code == 0);
    const RunResult muted = run_with(client, {"health", "--mute", "MEMORY_NEAR_MAX", "--json"});
    CHECK(muted.code == 0);
    CHECK(check_of(json::parse(muted.out), "MEMORY_NEAR_MAX")["muted"] == true);
    CHECK(check_of(json::parse(muted.out), "MEMORY_NEAR_MAX")["status"] == "crit");
    const RunResult unknown = run_with(client, {"health", "--mute", "MEMORY_NEAR"});
    CHECK(unknown.code == 2);
    CHECK(has(unknown.err, "did you mean MEMORY_NEAR_MAX?"));
    CHECK(run_with(client, {"health", "--interval", "10ms"}).code == 2);
}

TEST_CASE("a user without INFO gets no verdict, and is told the rule") {
    FakeClient client = server();
    client.info.info = InfoFields("");
    client.on("INFO", [](const auto&) {
        return Reply::make_error("NOPERM this user has no permissions to run the 'info' command");
    });
    client.tells_info = false;
    const RunResult run = run_with(client, {"health", "--json"});
    CHECK(run.code == 4);
    CHECK(json::parse(run.out)["status"] == "unknown");
    CHECK(json::parse(run.out)["error"]["id"] == "noperm");
    CHECK(has(run.err, "+info"));
    CHECK(run_with(client, {"health", "-o", "nagios"}).code == 3);
}

TEST_CASE("names from the server are escaped on a terminal") {
    FakeClient client = server();
    client.keys.clear();
    for (int i = 0; i < 5; ++i) {
        client.keys["\x1b[31mred:" + std::to_string(i)] = {.size_bytes = 5'000'000};
    }
    const RunResult run = run_with(client, {"health"}, {.terminal = true});
    CHECK(run.code == 1);
    CHECK(has(run.out, "big keys        5"));
    CHECK(run.out.find('\x1b') == std::string::npos);
}

TEST_CASE("keys that the user may not see leave the checks of keys unknown") {
    FakeClient client = server();
    client.on("PTTL", [](const FakeClient::Args& args) {
        return args[1].starts_with("other:")
                   ? Reply::make_integer(-1)
                   : Reply::make_error("NOPERM No permissions to access a key");
    });
    for (const bool sees_one : {false, true}) {
        CAPTURE(sees_one);
        if (sees_one) {
            client.keys["other:1"] = {};
        }
        const RunResult run = run_with(client, {"health", "--json"});
        const json verdict = json::parse(run.out);
        for (const char* id : {"BIG_KEYS", "EXPIRY_CLIFF"}) {
            const json check = check_of(verdict, id);
            CAPTURE(id);
            CHECK(check["status"] == "unknown");
            CHECK(has(message_of(check), "2 of "));
            CHECK(has(message_of(check), "ACL key patterns"));
        }
    }
}

TEST_CASE("a connection that ends within the interval is made anew") {
    for (const std::string broken : {"INFO", "PING"}) {
        CAPTURE(broken);
        FakeClient client = server();
        const auto answered = client.handler(broken);
        auto calls = std::make_shared<int>(0);
        client.on(broken, [&client, answered, calls, broken](const FakeClient::Args& args) {
            const bool is_there = client.reconnect_calls > 0;
            const int last = broken == "INFO" ? 1 : 2;
            if (is_there || ++*calls <= last) {
                return answered(args);
            }
            Reply reply = Reply::make_unsent("the server closed the connection");
            reply.loss =
                std::make_shared<cachectl::Loss>(cachectl::Loss{cachectl::Loss::Cause::closed, ""});
            return reply;
        });
        const RunResult run = run_with(client, {"health", "--json", "--no-keys"});
        CHECK(run.code == 0);
        CHECK(client.reconnect_calls == 1);
        CHECK(json::parse(run.out)["status"] == "healthy");
        CHECK(json::parse(run.out)["checks"][0]["message"] == "up");
    }
    FakeClient gone = server();
    gone.reconnects = false;
    auto calls = std::make_shared<int>(0);
    gone.on("INFO", [answered = gone.handler("INFO"), calls](const FakeClient::Args& args) {
        return ++*calls <= 1 ? answered(args) : Reply::make_unsent("not connected");
    });
    const RunResult run = run_with(gone, {"health", "--json", "--no-keys"});
    CHECK(run.code == 3);
    CHECK(json::parse(run.out)["status"] == "down");
}

TEST_CASE("a process that has taken the place of another is told of") {
    FakeClient client = server();
    auto calls = std::make_shared<int>(0);
    client.on("INFO", [answered = client.handler("INFO"), calls](const FakeClient::Args& args) {
        Reply reply = answered(args);
        if (++*calls > 1 && args.size() == 1) {
            reply.text.replace(reply.text.find("run_id:a"), 8, "run_id:b");
        }
        return reply;
    });
    const json verdict = json::parse(run_with(client, {"health", "--json", "--no-keys"}).out);
    for (const char* id : {"HIT_RATIO_LOW", "CPU_SATURATED", "ERRORS_RATE", "EVICTIONS"}) {
        CAPTURE(id);
        CHECK(check_of(verdict, id)["status"] == "unknown");
        CHECK(has(message_of(check_of(verdict, id)), "another process"));
    }
}
