#include "redis/info.hpp"

#include <doctest/doctest.h>

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

TEST_CASE("one number out of a field that has several") {
    const char* text = "calls=3,usec=21,usec_per_call=7.00,failed_calls=x";
    CHECK(info_part(text, "calls") == 3);
    CHECK(info_part(text, "usec") == 21);
    CHECK_FALSE(info_part(text, "usec_per_call"));
    CHECK_FALSE(info_part(text, "failed_calls"));
    CHECK_FALSE(info_part(text, "all"));
    CHECK_FALSE(info_part("", "calls"));
}
