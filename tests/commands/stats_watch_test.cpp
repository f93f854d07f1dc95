// stats --watch, and what stats asks for besides INFO.
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>

#include "support/fake_client.hpp"
#include "util/signals.hpp"

using namespace cachectl::test;
using cachectl::InfoFields;
using cachectl::Reply;

namespace {

constexpr const char* k_info =
    "# Server\r\nredis_version:7.0.15\r\nuptime_in_seconds:93784\r\n"
    "# Clients\r\nconnected_clients:25\r\nblocked_clients:2\r\nmaxclients:100\r\n"
    "# Memory\r\nused_memory:1048576\r\nused_memory_peak:2097152\r\nused_memory_rss:3145728\r\n"
    "maxmemory:4194304\r\nmaxmemory_policy:allkeys-lru\r\nmem_fragmentation_ratio:1.50\r\n"
    "used_memory_dataset:524288\r\nused_memory_overhead:4096\r\n"
    "# Stats\r\nkeyspace_hits:75\r\nkeyspace_misses:25\r\nexpired_keys:3\r\nevicted_keys:1234\r\n"
    "total_error_replies:4\r\ninstantaneous_ops_per_sec:12\r\n"
    "# Replication\r\nrole:master\r\nconnected_slaves:1\r\nmaster_repl_offset:99\r\n"
    "slave0:ip=10.0.0.7,port=6379,state=online,offset=98,lag=1\r\n"
    "# Keyspace\r\ndb0:keys=1000,expires=250,avg_ttl=60000\r\ndb10:keys=2,expires=0,avg_ttl=0\r\n"
    "db2:keys=1,expires=1,avg_ttl=5\r\n";

FakeClient server_with(const std::string& info) {
    FakeClient client;
    client.info.info = InfoFields(info);
    return client;
}

FakeClient busy_server() {
    FakeClient client = server_with(k_info);
    client.on("INFO", [hits = 75, misses = 25](const FakeClient::Args& args) mutable {
        if (args.size() == 1) {
            return Reply::make_string(k_info + ("keyspace_hits:" + std::to_string(hits += 2)) +
                                      "\r\nkeyspace_misses:" + std::to_string(misses += 8) +
                                      "\r\n");
        }
        return Reply::make_string(
            args.at(1) == "commandstats"
                ? "# Commandstats\r\n"
                  "cmdstat_get:calls=100,usec=250,usec_per_call=2.50,rejected_calls=0,"
                  "failed_calls=1\r\n"
                  "cmdstat_config|get:calls=1,usec=750,usec_per_call=750.00,rejected_calls=2,"
                  "failed_calls=0\r\n"
                : "# Latencystats\r\n"
                  "latency_percentiles_usec_get:p50=1.003,p99=9.023,p99.9=9.023\r\n");
    });
    return client;
}

}  // namespace

TEST_CASE("who held the server is in the overview, with the command that tells more") {
    FakeClient client = busy_server();
    client.on("SLOWLOG", [](const FakeClient::Args&) {
        return Reply::make_array({Reply::make_array(
            {Reply::make_integer(0), Reply::make_integer(1'699'999'990),
             Reply::make_integer(12'000'000),
             Reply::make_array({Reply::make_string("KEYS"), Reply::make_string("\x1b[2J*")}),
             Reply::make_string("10.0.3.7:38468"), Reply::make_string("")})});
    });
    client.on("CLIENT", [](const FakeClient::Args& args) {
        return args.at(1) == "ID"
                   ? Reply::make_integer(1)
                   : Reply::make_string("id=2 addr=10.0.3.7:38468 name=cron-legacy user=default\n");
    });
    const std::string out = run_with(client, {"stats"}, {.terminal = true}).out;
    CHECK(out.find("! KEYS \\x1b[2J* by cron-legacy, 10.0.3.7:38468 held the server for 20.0 % of "
                   "the\n  last minute: cachectl -h 127.0.0.1 -p 6379 stats slow\n") !=
          std::string::npos);
    CHECK(out.find("HELD THE SERVER") != std::string::npos);
    CHECK(out.find('\x1b') == std::string::npos);
}

TEST_CASE("whoever may not see the slow log has the overview all the same") {
    FakeClient client = busy_server();
    client.on("SLOWLOG", [](const FakeClient::Args&) {
        return Reply::make_error(
            "NOPERM User bob has no permissions to run the 'slowlog|get' command");
    });
    const RunResult run = run_with(client, {"stats"}, {.terminal = true});
    CHECK(run.code == 0);
    CHECK(run.err.empty());
    CHECK(run.out.find("who held the server is not known") != std::string::npos);
    const RunResult section = run_with(client, {"stats", "slow", "-o", "ndjson"});
    CHECK(section.code == 0);
    CHECK(section.out == "{\"slow\":[]}\n");
    CHECK(section.err.find("the user lacks the ACL rule +slowlog|get; it is left out\n") !=
          std::string::npos);
}

TEST_CASE("--watch into a pipe is a line of JSON for each reading, with rates from the second on") {
    FakeClient client = busy_server();
    client.on("SLOWLOG", [](const FakeClient::Args&) { return Reply::make_array({}); });
    const auto info = client.handler("INFO");
    int readings = 0;
    client.on("INFO", [&, info](const FakeClient::Args& args) {
        if (args.size() == 1 && ++readings == 4) {
            cachectl::set_stop_signal(SIGINT);
        }
        return info(args);
    });
    const RunResult run = run_with(client, {"stats", "--watch", "5s", "clients"});
    cachectl::set_stop_signal(0);
    CHECK(run.code == 130);
    CHECK(run.err.empty());
    CHECK(std::count(run.out.begin(), run.out.end(), '\n') == 3);
    CHECK(run.out.starts_with(
        R"({"at":"2023-11-14T22:13:20Z","reachable":true,"clients":{"connected":25,)"));
    CHECK(run.out.find(R"("rates":{"interval_ms":5000,"commands_per_s":)") != std::string::npos);
    CHECK(client.lines()[0] == "INFO commandstats");
    CHECK(client.lines()[1] == "INFO");
    CHECK(client.lines()[2] == "SLOWLOG GET 8");
    CHECK(client.lines().back() == "INFO");
    CHECK(client.count("CLIENT") == 0);
}

TEST_CASE("a server that goes away is said so, and asked again") {
    FakeClient client = busy_server();
    client.on("SLOWLOG", [](const FakeClient::Args&) { return Reply::make_array({}); });
    const auto info = client.handler("INFO");
    int readings = 0;
    client.on("INFO", [&, info](const FakeClient::Args& args) {
        readings += args.size() == 1 ? 1 : 0;
        if (readings == 5) {
            cachectl::set_stop_signal(SIGTERM);
        }
        return readings == 2 || readings == 3 ? Reply::make_unsent("not connected") : info(args);
    });
    const RunResult run = run_with(client, {"stats", "--watch"});
    cachectl::set_stop_signal(0);
    CHECK(run.code == 143);
    CHECK(client.reconnect_calls == 2);
    CHECK(run.out.find(R"("reachable":false,"error":"cannot read the server's figures: not )"
                       R"(connected"})") != std::string::npos);
    CHECK(std::count(run.out.begin(), run.out.end(), '\n') == 4);
    CHECK(run.out.substr(run.out.rfind("{\"at\"")).find("\"reachable\":true") != std::string::npos);
}

TEST_CASE("on a terminal that cannot be redrawn, a sentence for each reading") {
    FakeClient client = busy_server();
    client.on("SLOWLOG", [](const FakeClient::Args&) { return Reply::make_error("ERR no"); });
    const auto info = client.handler("INFO");
    int readings = 0;
    client.on("INFO", [&, info](const FakeClient::Args& args) {
        if (args.size() == 1 && ++readings == 3) {
            cachectl::set_stop_signal(SIGINT);
        }
        return info(args);
    });
    const RunResult run = run_with(client, {"stats", "--watch"}, {.terminal = true});
    cachectl::set_stop_signal(0);
    CHECK(run.code == 130);
    CHECK(run.out.starts_with("2023-11-14T22:13:20Z 12/s commands, - hits, "));
    CHECK(run.out.find("2023-11-14T22:13:20Z - commands, 20.0 % hits, 0/s evicted") !=
          std::string::npos);
    CHECK(run.err == "cachectl: warning: cannot read the slow log: ERR no; it is left out\n");
}

TEST_CASE("what --watch cannot do is a usage error, and nothing is sent") {
    using Words = std::vector<std::string>;
    for (const Words& words : {Words{"-o", "csv"}, Words{"--json"}, Words{"-o", "table"},
                               Words{"slow"}, Words{"all"}, Words{"--interval", "1s"}}) {
        FakeClient client = busy_server();
        Words args{"stats", "--watch=1s"};
        args.insert(args.end(), words.begin(), words.end());
        const RunResult run = run_with(client, args);
        CAPTURE(run.err);
        CHECK(run.code == 2);
        CHECK_FALSE(run.connected);
    }
    FakeClient client = busy_server();
    CHECK(run_with(client, {"stats", "--watch", "10ms"}).code == 2);
    CHECK(run_with(client, {"stats", "--watch", "1x"}).code == 2);
    CHECK(run_with(client, {"stats", "--watch", "memory"}, {.terminal = true}).code == 2);
}

TEST_CASE("clients by name and host, without ourselves; the largest buffers") {
    FakeClient client = busy_server();
    client.on("CLIENT", [](const FakeClient::Args& args) {
        return args.at(1) == "ID"
                   ? Reply::make_integer(9)
                   : Reply::make_string(
                         "id=1 addr=10.0.0.1:1 name=app idle=4 flags=b qbuf=10 omem=5 cmd=blpop "
                         "user=default tot-mem=100\n"
                         "id=2 addr=10.0.0.1:2 name=app idle=1 flags=N cmd=get user=default\n"
                         "id=9 addr=10.0.0.9:2 name= cmd=client|list user=default\n");
    });
    const std::string out = run_with(client, {"stats", "clients", "-o", "ndjson"}).out;
    CHECK(out.find(R"("connections":[{"group":"app default@10.0.0.1","client":"app",)"
                   R"("address":"10.0.0.1","user":"default","connections":2,"blocked":1,)"
                   R"("least_idle_s":1,"most_idle_s":4,"last_command":"get","buffer_bytes":15,)"
                   R"("memory_bytes":100}])") != std::string::npos);
    CHECK(out.find(R"("largest_connections":[{"connection":"1",)") != std::string::npos);
    CHECK(out.find("10.0.0.9") == std::string::npos);
}

TEST_CASE("sizes, where the server counts them, and one warning where it does not") {
    FakeClient client = server_with(k_info);
    client.on("INFO", [](const FakeClient::Args&) {
        return Reply::make_string("# Keysizes\r\ndb0_distrib_strings_sizes:1=3,1K=1\r\n");
    });
    CHECK(run_with(client, {"stats", "sizes", "-o", "ndjson"})
              .out.starts_with(R"({"sizes":[{"bin":"db0.strings.1","db":0,"type":"strings",)"
                               R"("unit":"bytes","from":1,"below":2,"keys":3},)"));
    CHECK(run_with(client, {"stats", "sizes"}, {.terminal = true})
              .out.find("0   strings              4          1 B      1.0 KiB  ▁█") !=
          std::string::npos);
    client.on("INFO", [](const FakeClient::Args&) { return Reply::make_string(""); });
    const RunResult run = run_with(client, {"stats", "sizes"}, {.terminal = true});
    CHECK(run.code == 0);
    CHECK(run.err ==
          "cachectl: warning: cannot read the sizes of keys: the server does not count them\n"
          "(Redis does from 8.0 on); it is left out\n");
}
