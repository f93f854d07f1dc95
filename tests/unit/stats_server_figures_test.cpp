#include "stats/server_figures.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

TEST_CASE("databases and replicas come in the order of their numbers") {
    const InfoFields info("db10:keys=1\ndb9:keys=1\ndbx:keys=1\n");
    const FigureGroup databases = keyspace_figures(info);
    REQUIRE(databases.rows.size() == 2);
    CHECK(std::get<std::int64_t>(databases.rows[0][0].value) == 9);
    CHECK(std::get<std::int64_t>(databases.rows[1][0].value) == 10);

    ServerInfo server;
    server.info = InfoFields(
        "slave1:ip=::1,port=7001,state=wait_bgsave,offset=0,lag=0\n"
        "slave0:ip=10.0.0.1,port=7000,state=online,offset=5,lag=2\nslave_repl_offset:3\n");
    const FigureGroup replicas = replication_figures(server).inner.at(0);
    REQUIRE(replicas.rows.size() == 2);
    CHECK(std::get<std::string>(replicas.rows[0][0].value) == "10.0.0.1:7000");
    CHECK(std::get<std::string>(replicas.rows[1][0].value) == "[::1]:7001");
}

TEST_CASE("figures that are no numbers are not known") {
    const FigureGroup group =
        memory_figures(InfoFields("used_memory:many\nmaxmemory:100\n"), MemoryDetail::overview);
    CHECK(std::holds_alternative<std::monostate>(group.rows[0][0].value));
    CHECK_FALSE(group.rows[0][0].fraction);
    CHECK(std::get<std::int64_t>(group.rows[0][3].value) == 100);
}

TEST_CASE("a server before 7.0 has commands without percentiles") {
    const FigureGroup group = command_figures(
        InfoFields("cmdstat_get:calls=2,usec=4,usec_per_call=2.00\nother:x=1\n"), InfoFields());
    REQUIRE(group.rows.size() == 1);
    CHECK(std::get<std::string>(group.rows[0][0].value) == "get");
    CHECK(std::get<std::int64_t>(group.rows[0][1].value) == 2);
    CHECK(std::get<double>(group.rows[0][3].value) == 2.0);
    CHECK(std::holds_alternative<std::monostate>(group.rows[0][4].value));  // failed
    CHECK(std::holds_alternative<std::monostate>(group.rows[0][6].value));  // p99
    CHECK(*group.rows[0][2].fraction == 1.0);
}
