#include "audit/suggestion.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>

#include "audit/findings.hpp"
#include "audit/value_words.hpp"
#include "util/parse.hpp"

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

KeyFacts key(std::string name, std::optional<std::chrono::milliseconds> ttl = {},
             std::uint64_t size = 100, std::string type = "string") {
    KeyFacts facts;
    facts.key = std::move(name);
    facts.ttl = ttl;
    facts.size_bytes = size;
    facts.type = std::move(type);
    return facts;
}

std::string suggested(const std::vector<KeyFacts>& keys, const std::string& delimiter = ":") {
    Suggestion suggestion(delimiter);
    for (const KeyFacts& facts : keys) {
        suggestion.add(facts);
    }
    return policy_text(suggestion, {"about"});
}

/// What an audit of the keys finds by the policy that was made of them.
std::vector<Finding> findings_by(const std::string& policy_text,
                                 const std::vector<KeyFacts>& keys) {
    const KeyPolicy policy = parse_key_policy(policy_text, "p.json");
    Findings findings(policy, policy.delimiter, {});
    for (const KeyFacts& facts : keys) {
        findings.add(facts);
    }
    std::vector<Finding> all = findings.all();
    for (Finding& finding : all) {
        finding.rule = nullptr;  // of a policy that is gone
    }
    return all;
}

/// Names that share parts, in all depths, some with odd bytes.
std::string random_name(std::mt19937& random, const std::string& delimiter) {
    static const std::vector<std::string> words = {"user", "cart", "a*b",  "x",  "v3",    "[z",
                                                   "tmp",  "\xff", "all?", "\n", "{tag}", "\\"};
    const auto pick = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
    std::string name;
    for (int segments = 1 + pick(pick(8) == 0 ? 12 : 3); segments > 0; --segments) {
        name += name.empty() ? "" : delimiter;
        switch (pick(4)) {
            case 0:
                name += fmt::format("{}", pick(10'000));
                break;
            case 1:
                name += fmt::format("name{}", static_cast<char>('a' + pick(26))) +
                        static_cast<char>('a' + pick(26));
                break;
            default:
                name += words[static_cast<std::size_t>(pick(static_cast<int>(words.size())))];
        }
    }
    return name.empty() ? "x" : name;
}

}  // namespace

TEST_CASE("a policy of live keys: ids folded, TTLs and sizes rounded up") {
    std::vector<KeyFacts> keys;
    for (int i = 0; i < 40; ++i) {
        keys.push_back(key(fmt::format("user:{}:cart", i), 50min, 700, "hash"));
        keys.push_back(key(fmt::format("user:{}", i), {}, 3'000));
    }
    keys.push_back(key("codes:all", 59min + 58s, 100'000));
    CHECK(suggested(keys) ==
          "// about\n"
          "{\n"
          "  \"delimiter\": \":\",\n"
          "  \"keys\": [\n"
          "    {\"pattern\": \"codes:all\", \"type\": \"string\", \"ttl\": \"1h\", \"max_ttl\": "
          "\"1h\", \"max_size\": \"256KiB\"}, // 1 key, 97.7 KiB\n"
          "    {\"pattern\": \"user:*:cart\", \"type\": \"hash\", \"ttl\": \"1h\", \"max_ttl\": "
          "\"1h\", \"max_size\": \"2KiB\"}, // 40 keys, 27.3 KiB\n"
          "    {\"pattern\": \"user:*\", \"type\": \"string\", \"max_size\": \"8KiB\"} // 40 keys, "
          "117.2 KiB, none expires\n"
          "  ],\n"
          "  \"unknown\": \"warn\"\n"
          "}\n");
}

TEST_CASE("the keys that a policy was made of keep to it") {
    std::mt19937 random(7);
    const auto pick = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
    const std::vector<std::string> types = {"string", "hash", "list"};
    for (int round = 0; round < 60; ++round) {
        const std::string delimiter = round % 3 == 0 ? "::" : round % 3 == 1 ? ":" : "/";
        std::vector<KeyFacts> keys;
        const int count = round % 10 == 0 ? 20'000 : 1 + pick(300);
        for (int i = 0; i < count; ++i) {
            const bool expires = pick(4) != 0;
            keys.push_back(key(
                random_name(random, delimiter),
                expires ? std::optional(std::chrono::milliseconds(pick(90'000'000))) : std::nullopt,
                static_cast<std::uint64_t>(pick(1'000'000)),
                types[static_cast<std::size_t>(pick(3))]));
        }
        const std::string text = suggested(keys, delimiter);
        const auto findings = findings_by(text, keys);
        CAPTURE(round);
        CAPTURE(findings.empty() ? "" : text);
        for (const Finding& finding : findings) {
            CAPTURE(finding.examples.at(0).key);
            CHECK(row_of(finding.check).id == "nothing");
        }
        CHECK(parse_key_policy(text, "p.json").rules.size() <= 210);
    }
}

TEST_CASE("a million different names make a short policy") {
    Suggestion suggestion(":");
    for (int i = 0; i < 300'000; ++i) {
        std::string name = "profile:";
        for (int rest = i; rest != 0; rest /= 26) {
            name += static_cast<char>('a' + rest % 26);
        }
        suggestion.add(key(name + ":x", 1h));
    }
    const auto rules = suggestion.rules();
    REQUIRE(rules.size() == 1);
    CHECK(rules[0].shape.pattern == "profile:*:x");
    CHECK(rules[0].own.keys == 300'000);
}

TEST_CASE("of keys that expire and keys that do not, no TTL is asked for") {
    const std::string text = suggested({key("a:1", 1h), key("a:2")});
    CHECK(text.find("ttl") == std::string::npos);
    CHECK(text.find("2 keys, 200 B, of which 1 never expires") != std::string::npos);
}

TEST_CASE("limits are usual ones, and can be read back") {
    CHECK(rounded_up_ttl(0ms) == 1s);
    CHECK(rounded_up_ttl(1s) == 1s);
    CHECK(rounded_up_ttl(1001ms) == 2s);
    CHECK(rounded_up_ttl(59min + 58s) == 1h);
    CHECK(rounded_up_ttl(181 * 24h) == 365 * 24h);
    CHECK(rounded_up_ttl(k_longest_duration) == k_longest_duration);
    CHECK_FALSE(rounded_up_ttl(k_longest_duration + 1ms).has_value());
    CHECK(size_with_headroom(0) == 1024);
    CHECK(size_with_headroom(513) == 2048);
    for (const auto ttl : {1ms, 1500ms, 3'600'000ms, 90'061'001ms}) {
        CHECK(parse_duration(duration_word(ttl)) == ttl);
    }
    for (const std::uint64_t size : {1ULL, 1024ULL, 1536ULL, 8ULL << 20, 3ULL << 40}) {
        CHECK(parse_size(size_word(size)) == size);
    }
}
