#include "stats/command_shape.hpp"

#include <doctest/doctest.h>

#include "util/secrets.hpp"
#include "util/text.hpp"

using namespace cachectl;

TEST_CASE("calls of keys that differ in numbers and identifiers have one shape") {
    CHECK(shape_of({"hgetall", "user:1234:cart"}) == "HGETALL user:<n>:cart");
    CHECK(shape_of({"GET", "sess:9ffd1ae121c4f26f"}) == "GET sess:<hex>");
    CHECK(shape_of({"GET", "cafe:deadbeef"}) == "GET cafe:deadbeef");  // no digit: a word
    CHECK(shape_of({"DBSIZE"}) == "DBSIZE");
    CHECK(shape_of({}) == "?");
}

TEST_CASE("patterns and scripts are shown as they are, in one line and cut") {
    CHECK(shape_of({"KEYS", "sess:0000*"}) == "KEYS sess:0000*");
    CHECK(shape_of({"EVAL", "local s=0\n  for i=1,\t2 do\nend", "0"}) ==
          "EVAL local s=0 for i=1, 2 do end");
    const std::string shape = shape_of({"EVAL", std::string(1000, 'x')});
    CHECK(display_width(shape) <= 64);
    CHECK(shape.ends_with("…"));
}

TEST_CASE("values are not shown, nor what may be a password") {
    CHECK(shape_of({"SET", "k", "secret value"}) == "SET k");
    CHECK(shape_of({"AUTH", "hunter2"}) == "AUTH");
    CHECK(shape_of({"hello", "3", "AUTH", "u", "hunter2"}) == "HELLO");
    CHECK(shape_of({"CONFIG", "SET", "requirepass", "hunter2"}) == "CONFIG SET");
    CHECK(shape_of({"ACL", "SETUSER", "bob", ">hunter2"}) == "ACL SETUSER");
    CHECK(shape_of({"MIGRATE", "h", "1", "k", "0", "1", "AUTH", "hunter2"}) == "MIGRATE");
    remember_secret("s3cr3t-of-this-run");
    CHECK(shape_of({"KEYS", "s3cr3t-of-this-run*"}).find("s3cr3t") == std::string::npos);
    forget_secrets();
}

TEST_CASE("a shape is bounded, and ends with a whole character") {
    const std::string name(100'000, 'A');
    CHECK(shape_of({name, name, name}).size() <= 64 + 6);
    std::string accents;
    for (int i = 0; i < 100; ++i) {
        accents += "é";
    }
    CHECK(is_utf8(shape_of({"KEYS", accents})));
    CHECK(is_utf8(shape_of({"KEYS", "x" + accents})));
    CHECK(shape_of({std::string("\0\x1b[2J", 5), "\xff\xfe"}).size() < 20);  // escaped when shown
}

TEST_CASE("the command's name is the one of INFO commandstats") {
    CHECK(stats_name_of({"GET", "k"}) == "get");
    CHECK(stats_name_of({"CONFIG", "Get", "*"}) == "config|get");
    CHECK(stats_name_of({}).empty());
}
