#include "hot/monitor_line.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cachectl;

namespace {

using Strings = std::vector<std::string>;
using Views = std::vector<std::string_view>;

Strings args_of(std::string_view text) {
    const auto line = parse_monitor_line(text);
    return line ? line->args : Strings{"no line"};
}

}  // namespace

TEST_CASE("a line of MONITOR, with what its strings escape") {
    const auto line =
        parse_monitor_line(R"(1339518083.107412 [3 127.0.0.1:60866] "set" "k\x00\"\\\n" "v")");
    REQUIRE(line);
    CHECK(line->at == doctest::Approx(1339518083.107412));
    CHECK(line->database == 3);
    CHECK(line->args == Strings{"set", std::string("k\0\"\\\n", 5), "v"});
    CHECK(args_of(R"(1.5 [0 lua] "get" "k")") == Strings{"get", "k"});
    CHECK(args_of(R"(1.5 [0 [::1]:5] "get" "")") == Strings{"get", ""});
}

TEST_CASE("bytes as hexadecimal digits, and what looks like them") {
    CHECK(args_of(R"(1.5 [0 a] "\x0a\xFf\xaB")") == Strings{"\x0a\xff\xab"});
    CHECK(args_of(R"(1.5 [0 a] "\xg1" "\x1g" "\x1:" "\x/1" "\xG1" "\x@1")") ==
          Strings{"xg1", "x1g", "x1:", "x/1", "xG1", "x@1"});
}

TEST_CASE("of more arguments than anybody needs the first are kept") {
    std::string text = "1.5 [0 a]";
    for (std::size_t i = 0; i < MonitorLine::k_most_args + 10; ++i) {
        text += " \"k\"";
    }
    CHECK(args_of(text).size() == MonitorLine::k_most_args + 1);
}

TEST_CASE("of a line that was cut, the arguments that are whole") {
    CHECK(args_of(R"(1.5 [0 a] "set" "k" "a long val)") == Strings{"set", "k"});
    CHECK(args_of(R"(1.5 [0 a] "set" "k)") == Strings{"set"});
}

TEST_CASE("what is no such line") {
    for (const char* text : {"", "OK", "1.5", "1.5 [", "1.5 [x 1] \"get\"", "1.5 [0 a] get",
                             "1.5 [0 a] \"get", "1.5 [0 a] \"get\\", "1.5 [0 a] \"get\\x0"}) {
        CHECK_MESSAGE(args_of(text) == Strings{"no line"}, text);
    }
}

TEST_CASE("the keys of a command") {
    CHECK(keys_of_command({"GET", "a"}) == Views{"a"});
    CHECK(keys_of_command({"ping"}).empty());
    CHECK(keys_of_command({"INFO", "memory"}).empty());
    CHECK(keys_of_command({"mget", "a", "b"}) == Views{"a", "b"});
    CHECK(keys_of_command({"MSET", "a", "1", "b", "2"}) == Views{"a", "b"});
    CHECK(keys_of_command({"blpop", "a", "b", "5"}) == Views{"a", "b"});
    CHECK(keys_of_command({"eval", "return 1", "1", "a"}).empty());
    CHECK(keys_of_command({"object", "freq", "a"}) == Views{"a"});
    CHECK(keys_of_command({"rename", "a", "b"}) == Views{"a", "b"});
    CHECK(keys_of_command({"xread", "COUNT", "1", "STREAMS", "a", "b", "0", "0"}) ==
          Views{"a", "b"});
    CHECK(keys_of_command({"zunionstore", "d", "2", "a", "b"}) == Views{"a", "b", "d"});
    CHECK(keys_of_command({"sintercard", "2", "a", "b", "LIMIT", "1"}) == Views{"a", "b"});
    CHECK(keys_of_command({"msetex", "2", "a", "1", "b", "2", "EX", "5"}) == Views{"a", "b"});
    CHECK(keys_of_command({"zmpop", "99999999999", "a"}).empty());
    CHECK(keys_of_command({"zmpop", "x", "a"}).empty());
    CHECK(keys_of_command({"lpush", "a", "1", "2"}) == Views{"a"});
    CHECK(keys_of_command({"xread", "COUNT", "1"}).empty());
    CHECK(keys_of_command({"blmpop", "0"}).empty());
}
