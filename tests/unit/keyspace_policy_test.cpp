#include "keyspace/policy.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

std::string message_of(std::string_view text) {
    try {
        parse_key_policy(text, "p.json");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
    return "no error";
}

constexpr const char* k_policy = R"({
  "delimiter": "/", // ours
  "keys": [
    {"pattern": "ramq:*:all", "ttl": "1h", "max_ttl": "2h", "max_size": "8MiB"},
    {"pattern": "ramq:*"},
    {"pattern": "sess:*", "ttl": "7d", "protected": true},
    {"pattern": "*:lock", "protected": true}
  ],
  "unknown": "warn"
})";

}  // namespace

TEST_CASE("a policy file with all it may say") {
    const test::TempDir dir;
    const std::string path = dir.file("policy.json", k_policy);
    const KeyPolicy policy = read_key_policy(path);
    CHECK(policy.file == path);
    CHECK(policy.delimiter == "/");
    CHECK(policy.unknown == UnknownKeys::warn);
    REQUIRE(policy.rules.size() == 4);
    const KeyRule& rule = policy.rules[0];
    CHECK(rule.pattern == "ramq:*:all");
    CHECK(rule.ttl == 1h);
    CHECK(rule.max_ttl == 2h);
    CHECK(rule.max_size == 8 * 1024 * 1024);
    CHECK_FALSE(rule.is_protected);
    CHECK(rule.line == 4);
    CHECK_FALSE(policy.rules[1].ttl.has_value());
    CHECK(policy.rules[2].is_protected);
}

TEST_CASE("a policy that others may change is refused, one with a glob that cannot be right too") {
    const test::TempDir dir;
    const std::string path = dir.file("policy.json", k_policy);
    for (const mode_t mode : {0666, 0664, 0646}) {
        REQUIRE(::chmod(path.c_str(), mode) == 0);
        CHECK_THROWS_WITH_AS(
            read_key_policy(path),
            fmt::format("{} may be changed by others (mode {:04o})", path, mode).c_str(), Error);
    }
    CHECK(message_of(R"({"keys": [{"pattern": "sess:[", "protected": true}]})")
              .find("p.json:1: 'keys[0].pattern' is wrong: pattern 'sess:['") == 0);
}

TEST_CASE("what a policy leaves out") {
    const KeyPolicy policy = parse_key_policy(R"({"keys": []})", "p.json");
    CHECK(policy.delimiter == ":");
    CHECK(policy.unknown == UnknownKeys::fail);
    CHECK(policy.find("a") == nullptr);
}

TEST_CASE("the first rule that matches counts, but protection by any") {
    const KeyPolicy policy = parse_key_policy(k_policy, "p.json");
    CHECK(policy.find("ramq:codes:all")->line == 4);
    CHECK(policy.find("ramq:codes")->line == 5);
    CHECK(policy.find("ramq:lock")->line == 5);
    CHECK(policy.find("course:1") == nullptr);
    CHECK(policy.protected_patterns() == std::vector<std::string>{"sess:*", "*:lock"});
}

TEST_CASE("mistakes carry file and line") {
    CHECK(message_of("{}") == "p.json:1: the file has no 'keys'");
    CHECK(message_of("{\"keys\": [\n{\"ttl\": \"1h\"}]}") ==
          "p.json:2: 'keys[0]' has no 'pattern'");
    CHECK(message_of("{\"keys\": [{\"pattern\": \"a\",\n\"ttl\": \"1x\"}]}") ==
          "p.json:2: 'keys[0].ttl' is wrong: '1x' is not a duration: give a number and a unit, "
          "such as 500ms, 30s, 5m, 2h or 7d");
    CHECK(message_of("{\"keys\": [{\"pattern\": \"a\",\n\"ttl\": \"0s\"}]}") ==
          "p.json:2: 'keys[0].ttl' must be more than 0");
    CHECK(message_of("{\"keys\": [{\"pattern\": \"a\",\n\"ttl\": 60}]}") ==
          "p.json:2: 'keys[0].ttl' must be a string, not a number");
    CHECK(message_of("{\"keys\": [{\"pattern\": \"a\",\n\"ttl\": \"2h\", \"max_ttl\": \"1h\"}]}") ==
          "p.json:2: 'keys[0].ttl' is longer than its max_ttl");
    CHECK(message_of("{\"keys\": [{\"pattern\": \"a\",\n\"max_size\": \"0\"}]}") ==
          "p.json:2: 'keys[0].max_size' must be more than 0");
    CHECK(message_of("{\"keys\": [{\"pattern\": \"a\",\n\"protectd\": true}]}") ==
          "p.json:2: 'keys[0].protectd' is not a known field");
    CHECK(message_of("{\"keys\": [{\"pattern\": \"a\"},\n{\"pattern\": \"a\"}]}") ==
          "p.json:2: 'keys[1].pattern' 'a' is the pattern of line 1 already: this rule would never "
          "apply");
    CHECK(message_of("{\"keys\": [\n{\"pattern\": \"\"}]}") ==
          "p.json:2: 'keys[0].pattern' must not be empty");
    CHECK(message_of("{\"keys\": [\n{\"pattern\": \"a\\\\\"}]}") ==
          "p.json:2: 'keys[0].pattern' is wrong: pattern 'a\\' ends in a single '\\', which the "
          "server matches as a backslash; write '\\\\' if that is meant");
    CHECK(message_of("{\"keys\": [],\n\"delimiter\": \"\"}") ==
          "p.json:2: 'delimiter' must not be empty");
    CHECK(message_of("{\"keys\": [],\n\"unknown\": \"no\"}") ==
          "p.json:2: 'unknown' must be \"fail\", \"warn\" or \"ignore\", not \"no\"");
}

TEST_CASE("a rule may have a type, which has to be one") {
    const KeyPolicy policy = parse_key_policy(R"({"keys": [
      {"pattern": "a", "type": "hash"}, {"pattern": "b", "type": "ReJSON-RL"}, {"pattern": "c"}],
      "unknown": "warn"})",
                                              "p.json");
    CHECK(policy.rules[0].type == "hash");
    CHECK(policy.rules[1].type == "ReJSON-RL");
    CHECK(policy.rules[2].type.empty());
    CHECK(policy.unknown_line == 3);
    CHECK(parse_key_policy(R"({"keys": []})", "p.json").unknown_line == 0);
    CHECK(message_of(R"({"keys": [{"pattern": "a", "type": "hsah"}]})")
              .find("'hsah' is not a type") != std::string::npos);
    CHECK(message_of(R"({"keys": [{"pattern": "a", "type": 1}]})").find("p.json:1") == 0);
}

TEST_CASE("the protected rule of a key is found behind others") {
    const KeyPolicy policy = parse_key_policy(
        R"({"keys": [{"pattern": "a:*"}, {"pattern": "*:lock", "protected": true}]})", "p.json");
    REQUIRE(policy.find_protected("a:lock") != nullptr);
    CHECK(policy.find_protected("a:lock")->pattern == "*:lock");
    CHECK(policy.find_protected("a:b") == nullptr);
}
