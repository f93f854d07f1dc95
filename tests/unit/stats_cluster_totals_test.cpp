#include "stats/cluster_totals.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace cachectl;

namespace {

InfoFields total(const char* a, const char* b) {
    const std::array nodes = {InfoFields(a), InfoFields(b)};
    return total_info(nodes);
}

}  // namespace

TEST_CASE("counts are added up, also by database") {
    const InfoFields info =
        total("used_memory:100\nkeyspace_hits:7\ndb0:keys=10,expires=4,avg_ttl=100\n",
              "used_memory:50\nkeyspace_hits:0\ndb0:keys=5,expires=1,avg_ttl=600\ndb2:keys=1,"
              "expires=0\n");
    CHECK(info.text("used_memory") == "150");
    CHECK(info.text("keyspace_hits") == "7");
    CHECK(info.text("db0") == "avg_ttl=200,expires=5,keys=15");
    CHECK(info.text("db2") == "expires=0,keys=1");
}

TEST_CASE("a node that has not estimated its times to live does not count for the average") {
    const InfoFields info =
        total("db0:keys=10,expires=4,avg_ttl=100\n", "db0:keys=5,expires=5,avg_ttl=0\n");
    CHECK(info.text("db0") == "avg_ttl=100,expires=9,keys=15");
    CHECK(
        total("db0:keys=1,expires=1,avg_ttl=0\n", "db0:keys=1,expires=1,avg_ttl=0\n").text("db0") ==
        "avg_ttl=0,expires=2,keys=2");
}

TEST_CASE("a counter comes out exactly") {
    CHECK(total("total_commands_processed:4503599627370496\n", "total_commands_processed:1\n")
              .text("total_commands_processed") == "4503599627370497");
}

TEST_CASE("ratios are worked out anew") {
    const InfoFields info =
        total("used_memory:100\nused_memory_rss:300\nmem_fragmentation_ratio:3\n",
              "used_memory:300\nused_memory_rss:300\nmem_fragmentation_ratio:1\n");
    CHECK(info.text("mem_fragmentation_ratio") == "1.500");
}

TEST_CASE("what has no sum is the smallest or the largest, or left out") {
    const InfoFields info = total(
        "uptime_in_seconds:100\nclient_recent_max_input_buffer:7\ntcp_port:1\n"
        "maxmemory_policy:noeviction\nmem_allocator:jemalloc\nmaster_repl_offset:9\n",
        "uptime_in_seconds:50\nclient_recent_max_input_buffer:70\ntcp_port:2\n"
        "maxmemory_policy:allkeys-lru\nmem_allocator:jemalloc\nmaster_repl_offset:8\n");
    CHECK(info.text("uptime_in_seconds") == "50");
    CHECK(info.text("client_recent_max_input_buffer") == "70");
    CHECK(info.text("tcp_port").empty());
    CHECK(info.text("maxmemory_policy").empty());
    CHECK(info.text("mem_allocator") == "jemalloc");
    CHECK(info.text("master_repl_offset").empty());
}

TEST_CASE("one node without a limit is a cluster without one") {
    CHECK(total("maxmemory:100\n", "maxmemory:200\n").text("maxmemory") == "300");
    CHECK(total("maxmemory:100\n", "maxmemory:0\n").text("maxmemory") == "0");
}

TEST_CASE("replicas of all masters, and calls of all commands") {
    const InfoFields info = total(
        "connected_slaves:1\nslave0:ip=a,port=1\ncmdstat_get:calls=1,usec=10,"
        "usec_per_call=10.00\nlatency_percentiles_usec_get:p50=1.003,p99=9.023\n",
        "connected_slaves:1\nslave0:ip=b,port=2\ncmdstat_get:calls=3,usec=20,"
        "usec_per_call=6.67\nlatency_percentiles_usec_get:p50=2.007,p99=4.015\n");
    CHECK(info.text("connected_slaves") == "2");
    CHECK(info.text("slave0") == "ip=a,port=1");
    CHECK(info.text("slave1") == "ip=b,port=2");
    CHECK(info.text("cmdstat_get") == "calls=4,usec=30,usec_per_call=7.500");
    CHECK(info.text("latency_percentiles_usec_get") == "p50=2.007,p99=9.023");
}

TEST_CASE("versions that differ are all told") {
    ServerInfo a;
    a.name = "redis";
    a.version = "7.0.15";
    ServerInfo b = a;
    b.version = "7.2.4";
    const std::array<const ServerInfo*, 2> both = {&a, &b};
    const ServerInfo total = total_of_servers(both);
    CHECK(total.name == "redis");
    CHECK(total.version == "7.0.15, 7.2.4");
    CHECK(total.mode == "cluster");
}

TEST_CASE("a node that has not answered has no figures") {
    ServerInfo server;
    server.info =
        InfoFields("used_memory:5\nmaxmemory:0\ndb0:keys=2,expires=0\ndb1:keys=3,expires=0\n");
    const FigureRow up = node_figures("a:1", &server);
    const FigureRow down = node_figures("a:1", nullptr);
    REQUIRE(up.size() == down.size());
    CHECK(up[0].name == "node");
    CHECK(std::get<std::string>(down[1].value) == "out of reach");
    for (std::size_t i = 0; i < up.size(); ++i) {
        if (up[i].name == "keys") {
            CHECK(std::get<std::int64_t>(up[i].value) == 5);
        }
        if (up[i].name == "max_bytes") {
            CHECK(up[i].shown == "no limit");
        }
        if (i > 1) {
            CHECK(std::holds_alternative<std::monostate>(down[i].value));
        }
    }
}
