#include <doctest/doctest.h>

#include <algorithm>

#include "support/fake_client.hpp"

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

TEST_CASE("stats as JSON has the contract's fields, from the INFO of the login") {
    FakeClient client = busy_server();
    const RunResult run = run_with(client, {"stats", "--json"});
    CHECK(run.code == 0);
    CHECK(run.out ==
          "{\n"
          "  \"server\": {\n"
          "    \"name\": \"redis\",\n    \"version\": \"7.0.15\",\n    \"mode\": \"standalone\",\n"
          "    \"role\": \"master\",\n    \"uptime_s\": 93784\n  },\n"
          "  \"memory\": {\n"
          "    \"used_bytes\": 1048576,\n    \"peak_bytes\": 2097152,\n"
          "    \"rss_bytes\": 3145728,\n    \"max_bytes\": 4194304,\n"
          "    \"policy\": \"allkeys-lru\",\n    \"fragmentation_ratio\": 1.5,\n"
          "    \"dataset_bytes\": 524288\n  },\n"
          "  \"keyspace\": [\n"
          "    {\"db\": 0, \"keys\": 1000, \"expires\": 250, \"avg_ttl_ms\": 60000},\n"
          "    {\"db\": 2, \"keys\": 1, \"expires\": 1, \"avg_ttl_ms\": 5},\n"
          "    {\"db\": 10, \"keys\": 2, \"expires\": 0, \"avg_ttl_ms\": 0}\n  ],\n"
          "  \"cache\": {\n"
          "    \"hits\": 75,\n    \"misses\": 25,\n    \"hit_ratio\": 0.75,\n"
          "    \"total_requests\": 100,\n    \"expired_keys\": 3,\n    \"evicted_keys\": 1234,\n"
          "    \"errors\": 4,\n    \"inspection_requests\": 0\n  },\n"
          "  \"rates\": {\n"
          "    \"interval_ms\": null,\n    \"commands_per_s\": 12,\n"
          "    \"input_bytes_per_s\": null,\n    \"output_bytes_per_s\": null,\n"
          "    \"hits_per_s\": null,\n    \"misses_per_s\": null,\n"
          "    \"evicted_per_s\": null,\n    \"expired_per_s\": null,\n"
          "    \"errors_per_s\": null,\n    \"connections_per_s\": null,\n"
          "    \"cpu_share\": null\n  }\n"
          "}\n");
    CHECK(client.lines() == std::vector<std::string>{"INFO commandstats"});
}

TEST_CASE("what a server does not tell is null, and so is the ratio of no requests") {
    FakeClient client = server_with("redis_version:6.0.1\nkeyspace_hits:0\nkeyspace_misses:0\n");
    CHECK(
        run_with(client, {"stats", "-o", "ndjson"}).out ==
        R"({"server":{"name":"redis","version":"7.0.15","mode":"standalone","role":"master",)"
        R"("uptime_s":null},"memory":{"used_bytes":null,"peak_bytes":null,"rss_bytes":null,)"
        R"("max_bytes":null,"policy":null,"fragmentation_ratio":null,"dataset_bytes":null},)"
        R"("keyspace":[],"cache":{"hits":0,"misses":0,"hit_ratio":null,"total_requests":0,)"
        R"("expired_keys":null,"evicted_keys":null,"errors":null,"inspection_requests":null},"rates":{"interval_ms":null,"commands_per_s":null,)"
        R"("input_bytes_per_s":null,"output_bytes_per_s":null,"hits_per_s":null,)"
        R"("misses_per_s":null,"evicted_per_s":null,"expired_per_s":null,"errors_per_s":null,)"
        R"("connections_per_s":null,"cpu_share":null}})"
        "\n");
}

TEST_CASE("stats on a terminal") {
    FakeClient client = busy_server();
    client.on("SLOWLOG", [](const FakeClient::Args&) { return Reply::make_array({}); });
    CHECK(run_with(client, {"stats"}, {.terminal = true}).out ==
          "127.0.0.1:6379  redis 7.0.15, master of 1 replica, up 1d 2h\n"
          "\n"
          "memory     1.0 MiB of 4.0 MiB       ██       25 %  allkeys-lru\n"
          "           dataset 512.0 KiB, peak 2.0 MiB, process 3.0 MiB (1.50 of used)\n"
          "keys       1,003 in 3 databases     ██       25 % expire, on average in 59.7s\n"
          "cache      65.8 % hits since start  █████▎   79 of 120\n"
          "           20.0 % in the last second; evicting 0 keys/s, 1,234 so far; expired 0\n"
          "           keys/s, 3 so far\n"
          "load       25 clients of 100, 2 blocked\n"
          "replicas   1 online, 1 s behind (10.0.0.7:6379)\n");
    CHECK(client.lines() ==
          std::vector<std::string>{"INFO", "INFO", "INFO commandstats", "SLOWLOG GET 8"});
}

TEST_CASE("no limit and no requests are said in words") {
    FakeClient client = server_with("used_memory:1\nmaxmemory:0\n");
    client.on("INFO", [](const FakeClient::Args&) {
        return Reply::make_string("used_memory:1\nmaxmemory:0\nkeyspace_hits:0\nkeyspace_misses:0");
    });
    const std::string out = run_with(client, {"stats"}, {.terminal = true}).out;
    CHECK(out.find("memory     1 B, no limit\n") != std::string::npos);
    CHECK(out.find("cache      no requests yet\n") != std::string::npos);
}

TEST_CASE("stats into a pipe and as CSV: one figure a line") {
    FakeClient client = busy_server();
    CHECK(run_with(client, {"stats", "keyspace"}).out ==
          "keyspace.db0.keys\t1000\nkeyspace.db0.expires\t250\nkeyspace.db0.avg_ttl_ms\t60000\n"
          "keyspace.db2.keys\t1\nkeyspace.db2.expires\t1\nkeyspace.db2.avg_ttl_ms\t5\n"
          "keyspace.db10.keys\t2\nkeyspace.db10.expires\t0\nkeyspace.db10.avg_ttl_ms\t0\n");
    CHECK(run_with(client, {"stats", "replication"}).out ==
          "replication.role\tmaster\nreplication.connected_replicas\t1\nreplication.offset\t99\n"
          "replication.replicas.10.0.0.7:6379.state\tonline\n"
          "replication.replicas.10.0.0.7:6379.lag_s\t1\n"
          "replication.replicas.10.0.0.7:6379.offset\t98\n");
    CHECK(run_with(client, {"stats", "keyspace", "-o", "csv"})
              .out.starts_with("section,name,value\r\nkeyspace,db0.keys,1000\r\n"));
}

TEST_CASE("commands: those that took the most time first, in one round trip") {
    FakeClient client = busy_server();
    CHECK(run_with(client, {"stats", "commands", "--json"}).out ==
          "{\n  \"commands\": [\n"
          R"(    {"name": "config|get", "calls": 1, "usec_total": 750, "usec_per_call": 750, )"
          R"("failed": 0, "rejected": 2, "p99_usec": null},)"
          "\n"
          R"(    {"name": "get", "calls": 100, "usec_total": 250, "usec_per_call": 2.5, )"
          R"("failed": 1, "rejected": 0, "p99_usec": 9.023})"
          "\n  ]\n}\n");
    CHECK(client.lines() == std::vector<std::string>{"INFO commandstats", "INFO latencystats"});
    CHECK(run_with(client, {"stats", "commands"}, {.terminal = true}).out ==
          "127.0.0.1:6379  redis 7.0.15, master of 1 replica, up 1d 2h\n\n"
          "COMMAND     CALLS   TOTAL  PER CALL  FAILED  REJECTED      P99\n"
          "config|get      1  750 us    750 us       0         2        -  ████████████\n"
          "get           100  250 us    2.5 us       1         0  9.02 us  ████\n");
}

TEST_CASE("people see the commands that matter, and how many more there are") {
    FakeClient client = server_with(k_info);
    client.on("INFO", [](const FakeClient::Args&) {
        std::string info;
        for (int i = 0; i < 25; ++i) {
            info += "cmdstat_c" + std::to_string(i) + ":calls=1,usec=" + std::to_string(i) + "\r\n";
        }
        return Reply::make_string(info);
    });
    const std::string out = run_with(client, {"stats", "commands"}, {.terminal = true}).out;
    CHECK(std::count(out.begin(), out.end(), '\n') == 24);
    CHECK(out.ends_with("\nand 5 more with less\n"));
}

TEST_CASE("sections are joined in one object; a wrong one is a usage error and nothing is sent") {
    FakeClient client = busy_server();
    const RunResult run = run_with(client, {"stats", "memory", "clients", "--json"});
    CHECK(run.out.starts_with("{\n  \"memory\": {\n    \"used_bytes\": 1048576,\n"));
    CHECK(run.out.find("\"overhead_bytes\": 4096,\n") != std::string::npos);
    CHECK(run.out.find("  \"clients\": {\n    \"connected\": 25,\n    \"blocked\": 2,\n"
                       "    \"max\": 100,\n") != std::string::npos);
    CHECK(run.out.find("\"server\"") == std::string::npos);
    const RunResult wrong = run_with(client, {"stats", "memori"});
    CHECK(wrong.code == 2);
    CHECK(wrong.err ==
          "cachectl: error: 'memori' is not a section of stats\n"
          "cachectl: the sections are overview, memory, keyspace, sizes, commands, clients, slow, "
          "latency, replication, all\n");
    CHECK_FALSE(wrong.connected);
}

TEST_CASE("a replica knows its master, a master has none") {
    FakeClient client = server_with(
        "role:slave\nmaster_host:10.0.0.1\nmaster_port:6380\nmaster_link_status:down\n"
        "master_last_io_seconds_ago:-1\nmaster_sync_in_progress:0\n"
        "master_link_down_since_seconds:7\nslave_repl_offset:12\nconnected_slaves:0\n"
        "master_repl_offset:12\n");
    client.info.role = "replica";
    CHECK(run_with(client, {"stats", "replication", "-o", "ndjson"}).out ==
          R"({"replication":{"role":"replica","connected_replicas":0,"offset":12,"replicas":[],)"
          R"("master":{"address":"10.0.0.1:6380","link":"down","last_io_s":-1,)"
          R"("sync_in_progress":0,"link_down_s":7,"offset":12}}})"
          "\n");
    CHECK(run_with(client, {"stats", "replication"}, {.terminal = true}).out ==
          "127.0.0.1:6379  redis 7.0.15, replica of 10.0.0.1:6380\n\n"
          "replication  role                replica\n"
          "             connected replicas  0\n"
          "             offset              12\n"
          "master       address             10.0.0.1:6380\n"
          "             link                down\n"
          "             last io             -\n"
          "             sync in progress    0\n"
          "             link down           7s\n"
          "             offset              12\n");
    FakeClient master = busy_server();
    CHECK(run_with(master, {"stats", "replication", "-o", "ndjson"}).out ==
          R"({"replication":{"role":"master","connected_replicas":1,"offset":99,"replicas":[)"
          R"({"address":"10.0.0.7:6379","state":"online","lag_s":1,"offset":98}],"master":null}})"
          "\n");
}

TEST_CASE("prometheus: families with help and type, counters that end in _total") {
    FakeClient client = busy_server();
    const std::string out =
        run_with(client, {"stats", "overview", "commands", "-o", "prometheus"}).out;
    CHECK(out.starts_with(
        "# HELP cachectl_server_info What is text about it; always 1\n"
        "# TYPE cachectl_server_info gauge\n"
        "cachectl_server_info{target=\"127.0.0.1:6379\",name=\"redis\",version=\"7.0.15\",mode="
        "\"standalone\","
        "role=\"master\"} 1\n"
        "# HELP cachectl_server_uptime_seconds Seconds since the server was started\n"
        "# TYPE cachectl_server_uptime_seconds gauge\n"
        "cachectl_server_uptime_seconds{target=\"127.0.0.1:6379\"} 93784\n"));
    CHECK(out.find("# TYPE cachectl_keyspace_keys gauge\n"
                   "cachectl_keyspace_keys{target=\"127.0.0.1:6379\",db=\"0\"} 1000\n"
                   "cachectl_keyspace_keys{target=\"127.0.0.1:6379\",db=\"2\"} 1\n"
                   "cachectl_keyspace_keys{target=\"127.0.0.1:6379\",db=\"10\"} 2\n") !=
          std::string::npos);
    CHECK(out.find("# TYPE cachectl_cache_requests_total counter\n"
                   "cachectl_cache_requests_total{target=\"127.0.0.1:6379\"} 100\n") !=
          std::string::npos);
    CHECK(out.find(
              "# HELP cachectl_commands_p99_seconds Seconds that 99 % of the calls did not exceed\n"
              "# TYPE cachectl_commands_p99_seconds gauge\n"
              "cachectl_commands_p99_seconds{target=\"127.0.0.1:6379\",command=\"get\"} "
              "9.023e-06\n") != std::string::npos);
    CHECK(run_with(client, {"keys", "-o", "prometheus"}).code == 2);
}

TEST_CASE("a user without INFO is told the missing rule") {
    FakeClient client;
    client.tells_info = false;
    client.on("INFO", [](const FakeClient::Args&) {
        return Reply::make_error("NOPERM User bob has no permissions to run the 'info' command");
    });
    const RunResult run = run_with(client, {"stats"});
    CHECK(run.code == 4);
    CHECK(run.out.empty());
    CHECK(run.err ==
          "cachectl: error: cannot read the server's figures: NOPERM User bob has no permissions "
          "to run the 'info' command\ncachectl: the user lacks the ACL rule +info\n");
}

TEST_CASE("what a server calls its commands cannot act on a terminal") {
    FakeClient client = server_with(k_info);
    client.on("INFO", [](const FakeClient::Args&) {
        return Reply::make_string("cmdstat_x\x1b[2J:calls=1,usec=1\r\n");
    });
    CHECK(run_with(client, {"stats", "commands", "-o", "plain"}, {.terminal = true})
              .out.starts_with("commands.x\\x1b[2J.calls\t1\n"));
    CHECK(run_with(client, {"stats", "commands"}, {.terminal = true}).out.find('\x1b') ==
          std::string::npos);
}

TEST_CASE("the hit ratio of an interval is what came within it, or unknown") {
    FakeClient client = busy_server();
    const std::string out = run_with(client, {"stats", "--interval", "5s", "-o", "plain"}).out;
    CHECK(out.find("cache.interval_ms\t5000\ncache.interval_requests\t10\n"
                   "cache.interval_hit_ratio\t0.2\n") != std::string::npos);
    client.on("INFO", [n = 1000](const FakeClient::Args&) mutable {  // CONFIG RESETSTAT in between
        return Reply::make_string("keyspace_hits:" + std::to_string(n -= 60) +
                                  "\nkeyspace_misses:0");
    });
    CHECK(run_with(client, {"stats", "--interval", "5s"}).out.find("interval_hit") ==
          std::string::npos);
}

TEST_CASE("numbers beyond int64 are told as what they are, roughly") {
    FakeClient client = server_with(
        "used_memory:18446744073597767720\nkeyspace_hits:99999999999999999999\n"
        "db0:keys=18446744073709551615,expires=0,avg_ttl=0\n");
    const std::string out = run_with(client, {"stats", "--json"}).out;
    CHECK(out.find("\"used_bytes\": 1.84467440735977") != std::string::npos);
    CHECK(out.find("\"hits\": 1e+20") != std::string::npos);
    CHECK(out.find("\"keys\": 1.8446744073709552e+19") != std::string::npos);
}

TEST_CASE("databases tell of hashes with fields that expire where the server counts them") {
    FakeClient client = server_with("db0:keys=3,expires=0,avg_ttl=0,subexpiry=2\n");
    CHECK(run_with(client, {"stats", "keyspace", "-o", "plain"})
              .out.ends_with("keyspace.db0.subexpiry\t2\n"));
}

TEST_CASE("look-ups by tools are told apart as far as the commands' figures show them") {
    FakeClient client = server_with(k_info);
    client.on("INFO", [](const FakeClient::Args&) {
        return Reply::make_string(
            "cmdstat_type:calls=30,usec=1\r\ncmdstat_pttl:calls=2,usec=1\r\n"
            "cmdstat_object|idletime:calls=8,usec=1\r\ncmdstat_get:calls=60,usec=1\r\n");
    });
    CHECK(run_with(client, {"stats", "-o", "plain"}).out.find("cache.inspection_requests\t40\n") !=
          std::string::npos);
}
