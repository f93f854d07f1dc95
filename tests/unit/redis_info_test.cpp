#include "redis/info.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace cachectl;

TEST_CASE("INFO is lines of names and values; headings, blanks and odd lines are passed over") {
    const InfoFields info(
        "# Server\r\nredis_version:7.0.15\r\n\r\nexecutable:/a:b\r\nempty:\r\nnonsense\r\n"
        "ratio:1.50\nnegative:-1\nlast:9");
    CHECK(info.all().size() == 6);
    CHECK(info.text("redis_version") == "7.0.15");
    CHECK(info.text("executable") == "/a:b");
    CHECK(info.text("empty").empty());
    CHECK(info.text("none").empty());
    CHECK(info.number("ratio") == 1.5);
    CHECK(info.integer("negative") == -1);
    CHECK(info.integer("last") == 9);
    CHECK_FALSE(info.integer("ratio"));
    CHECK_FALSE(info.integer("empty"));
    CHECK_FALSE(info.integer("none"));
    CHECK_FALSE(info.number("executable"));
    CHECK_FALSE(InfoFields("big:99999999999999999999").integer("big"));
    CHECK(InfoFields().empty());
    CHECK(InfoFields("# only a heading\r\n").empty());
    CHECK(InfoFields("a:1\na:2\n").text("a") == "2");
}

namespace {

ServerInfo from_info(const std::string& info) {
    return server_info_from(Reply::make_error("ERR unknown command"), Reply::make_string(info));
}

}  // namespace

TEST_CASE("the product is told by its own field, because all print a redis_version") {
    ServerInfo server =
        from_info("redis_version:7.0.15\r\nredis_mode:standalone\r\nrole:slave\r\nrun_id:abc\r\n");
    CHECK(server.name == "redis");
    CHECK(server.version == "7.0.15");
    CHECK(server.mode == "standalone");
    CHECK(server.role == "replica");
    CHECK(server.run_id == "abc");

    server = from_info(
        "redis_version:7.2.4\nserver_name:valkey\nvalkey_version:8.0.1\nserver_mode:cluster\n"
        "role:master\n");
    CHECK(server.name == "valkey");
    CHECK(server.version == "8.0.1");
    CHECK(server.mode == "cluster");
    CHECK(server.role == "master");

    CHECK(from_info("redis_version:7.4.0\ndragonfly_version:df-v1.2\n").name == "dragonfly");
    CHECK(from_info("redis_version:4.0.0\nkvrocks_version:2.9\n").name == "kvrocks");
    CHECK(from_info("redis_version:7.4.3\ngarnet_version:1.0\n").name == "garnet");
    server = from_info("redis_version:6.3.4\nmvcc_depth:0\n");
    CHECK(server.name == "keydb");
    CHECK(server.version == "6.3.4");
}

TEST_CASE("Redict has a name of its own for its mode, too") {
    const ServerInfo server = server_info_from(
        {}, Reply::make_string(
                "redict_version:7.3.6\r\nredict_mode:cluster\r\nredis_version:7.2.4\r\n"));
    CHECK(server.name == "redict");
    CHECK(server.version == "7.3.6");
    CHECK(server.mode == "cluster");
    CHECK(server.is_of_known_kind());
    CHECK(takes_no_touch(server));
}

TEST_CASE("where INFO does not tell the mode, HELLO does") {
    const ServerInfo server = server_info_from(
        Reply::make_array({Reply::make_string("mode"), Reply::make_string("cluster")}),
        Reply::make_string("redis_version:7.0.15\r\n"));
    CHECK(server.mode == "cluster");
}

TEST_CASE("CLIENT NO-TOUCH is for servers that have it and do not crash of it") {
    const auto survives = [](const std::string& name, const std::string& version) {
        ServerInfo server;
        server.name = name;
        server.version = version;
        return takes_no_touch(server);
    };
    for (const char* version : {"7.2.6", "7.4.1", "8.4.0", "9.0.0"}) {
        CAPTURE(version);
        CHECK(survives("redis", version));
    }
    for (const char* version :
         {"6.2.16", "7.0.15", "8.0.2", "8.2.0", "8.3.224", "", "8", "unstable"}) {
        CAPTURE(version);
        CHECK_FALSE(survives("redis", version));
    }
    for (const char* version : {"7.2.7", "8.0.1", "9.0.0"}) {
        CAPTURE(version);
        CHECK(survives("valkey", version));
    }
    CHECK_FALSE(survives("valkey", "8.1.1"));
    CHECK_FALSE(survives("", "7.2.6"));
    CHECK_FALSE(survives("dragonfly", "1.27.1"));
}

TEST_CASE("without INFO, what HELLO says") {
    const Reply hello = Reply::make_array(
        {Reply::make_string("server"), Reply::make_string("valkey"), Reply::make_string("version"),
         Reply::make_string("8.0.1"), Reply::make_string("proto"), Reply::make_integer(2),
         Reply::make_string("mode"), Reply::make_string("standalone"), Reply::make_string("role"),
         Reply::make_string("slave"), Reply::make_string("modules"), Reply::make_array({})});
    const ServerInfo server = server_info_from(hello, Reply::make_error("NOPERM x"));
    CHECK(server.name == "valkey");
    CHECK(server.version == "8.0.1");
    CHECK(server.mode == "standalone");
    CHECK(server.role == "replica");
    CHECK(server.run_id.empty());
    CHECK(server.info.empty());
}

TEST_CASE("a server that tells nothing is one of which nothing is known") {
    const ServerInfo server = server_info_from(Reply::make_error("ERR"), Reply{});
    CHECK(server.name.empty());
    CHECK(server.mode.empty());
    CHECK(
        server_info_from(Reply::make_array({Reply::make_string("server")}), Reply{}).name.empty());
}

TEST_CASE("the parts of a field that has several") {
    const InfoParts parts("calls=3,usec=21,usec_per_call=7.00,failed_calls=x,odd");
    CHECK(parts.count("calls") == 3);
    CHECK(parts.integer("usec") == 21);
    CHECK(parts.number("usec_per_call") == 7);
    CHECK_FALSE(parts.count("usec_per_call"));
    CHECK_FALSE(parts.count("failed_calls"));
    CHECK_FALSE(parts.count("all"));
    CHECK(parts.text("failed_calls") == "x");
    REQUIRE(parts.all().size() == 4);
    CHECK(parts.all()[1].first == "usec");
    CHECK_FALSE(InfoParts("").count("calls"));
}

TEST_CASE("databases, replicas and commands out of their fields") {
    const InfoFields info(
        "db10:keys=1\ndb9:keys=2,expires=1\ndbx:keys=4\ndb:keys=8\ndb-1:keys=16\n"
        "slave10:port=3\nslave2:port=2\nslave_read_only:1\n"
        "cmdstat_get:calls=3\ncmdstat_object|idletime:calls=1\n"
        "latency_percentiles_usec_get:p50=1.5,p99=3.0\n");
    REQUIRE(info.databases().size() == 2);
    CHECK(info.databases()[0].number == 9);
    CHECK(info.databases()[0].parts.count("expires") == 1);
    CHECK(info.keys() == 3);
    REQUIRE(info.replicas().size() == 2);
    CHECK(info.replicas()[0].text("port") == "2");
    REQUIRE(info.commands().size() == 2);
    CHECK(info.commands()[1].name == "object|idletime");
    CHECK(info.command("get").count("calls") == 3);
    CHECK_FALSE(info.command("set").count("calls"));
    CHECK(info.latency("get").number("p99") == 3);
    CHECK(InfoFields::kind_of("db9") == InfoFields::Kind::database);
    CHECK(InfoFields::kind_of("slave_read_only") == InfoFields::Kind::plain);
}

TEST_CASE("a replica takes no changes unless it says that it does") {
    ServerInfo server;
    server.role = "replica";
    CHECK_FALSE(server.is_read_only_replica());
    server.info = InfoFields("slave_read_only:1\n");
    CHECK(server.is_read_only_replica());
    server.role = "master";
    CHECK_FALSE(server.is_read_only_replica());
}

namespace {

bool holds(bool (*has)(const ServerInfo&), const char* name, const char* version) {
    ServerInfo server;
    server.name = name;
    server.version = version;
    return has(server);
}

}  // namespace

TEST_CASE("what servers have by their name and version") {
    struct Row {
        bool (*has)(const ServerInfo&);
        std::vector<std::pair<const char*, const char*>> yes, no;
    };
    const Row rows[] = {
        {sets_many_strings,
         {{"redis", "8.4.0"}, {"valkey", "9.1.0"}},
         {{"redis", "8.2.1"}, {"valkey", "9.0.4"}, {"", "9.1.0"}}},
        {lists_hash_names,
         {{"redis", "7.4.0"}, {"valkey", "8.0.0"}},
         {{"redis", "7.2.9"}, {"valkey", "7.2.5"}, {"redict", "9.0.0"}}},
        {expires_hash_fields,
         {{"redis", "7.4.0"}, {"valkey", "9.0.0"}},
         {{"redis", "7.2.9"}, {"valkey", "8.1.0"}, {"", "9.0.0"}}},
    };
    for (const Row& row : rows) {
        for (const auto& server : row.yes) {
            CAPTURE(server.second);
            CHECK(holds(row.has, server.first, server.second));
        }
        for (const auto& server : row.no) {
            CAPTURE(server.second);
            CHECK_FALSE(holds(row.has, server.first, server.second));
        }
    }
}

TEST_CASE("servers of known kinds, and others that speak the protocol") {
    ServerInfo server;
    for (const char* name : {"redis", "valkey", "redict"}) {
        server.name = name;
        CHECK(server.is_of_known_kind());
    }
    server.name = "kvrocks";
    CHECK_FALSE(server.is_of_known_kind());
}
