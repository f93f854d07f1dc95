#include "redis/cluster/address.hpp"

#include <doctest/doctest.h>

#include "util/error.hpp"

using namespace cachectl;

namespace {

std::string parsed(std::string_view text) {
    const auto address = parse_node_address(text);
    return address ? address->name() : "-";
}

std::string redirected(const std::string& text) {
    const auto redirection = parse_redirection(Reply::make_error(text));
    if (!redirection) {
        return "-";
    }
    return std::string(redirection->kind == Redirection::Kind::ask ? "ask " : "moved ") +
           std::to_string(redirection->slot) + ' ' + redirection->to.name();
}

}  // namespace

TEST_CASE("addresses as people and as nodes write them") {
    CHECK(parsed("10.0.0.5:6379") == "10.0.0.5:6379");
    CHECK(parsed("db-1.example_x:1") == "db-1.example_x:1");
    CHECK(parsed("azAZ09:1") == "azAZ09:1");
    CHECK(parsed("[::1]:7000") == "[::1]:7000");
    CHECK(parsed("::1:7000") == "[::1]:7000");
    CHECK(parsed("fe80::1%eth0:7000") == "[fe80::1%eth0]:7000");
    CHECK(parsed(":7000") == ":7000");
    CHECK(parsed("?:7000") == "?:7000");
}

TEST_CASE("what cannot be an address") {
    for (const char* text : {"", "host", "host:", "host:0", "host:65536", "host:-1", "host:7000x",
                             "ho st:7000", "host\n:7000", "h?:7000"}) {
        CAPTURE(text);
        CHECK(parsed(text) == "-");
    }
    CHECK(parsed(std::string(255, 'a') + ":1").size() == 257);
    CHECK(parsed(std::string(256, 'a') + ":1") == "-");
}

TEST_CASE("redirections") {
    CHECK(redirected("MOVED 3999 127.0.0.1:6381") == "moved 3999 127.0.0.1:6381");
    CHECK(redirected("MOVED 0 ::1:6381") == "moved 0 [::1]:6381");
    CHECK(redirected("MOVED 16383 :6381") == "moved 16383 :6381");
    CHECK(redirected("ASK 5 db.example:7001") == "ask 5 db.example:7001");
}

TEST_CASE("what is no redirection, or one to nowhere") {
    for (const char* text :
         {"ERR no", "MOVED", "MOVED ", "MOVED 5", "MOVED 16384 h:1", "MOVED 99999 h:1",
          "MOVED -1 h:1", "MOVED x h:1", "MOVED 5 h:99999", "MOVED 5 h:0", "ASK 5 h", "ASKING"}) {
        CAPTURE(text);
        CHECK(redirected(text) == "-");
    }
    CHECK(redirected("MOVED 5 " + std::string(1000, 'h') + ":1") == "-");
    CHECK_FALSE(parse_redirection(Reply::make_string("MOVED 5 h:1")));
}

TEST_CASE("a node map from the command line") {
    NodeMap map;
    add_to_node_map(map, "a:1=b:2");
    add_to_node_map(map, "a:1=c:3");  // the last one counts
    CHECK(map.at({"a", 1}).name() == "c:3");
    for (const char* text : {"", "a:1", "a:1=", "=b:2", "a=b:2", "a:1=b", "a:1=?:2", "a:1=:2"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(add_to_node_map(map, text), Error);
    }
}
