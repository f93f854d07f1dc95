#include "audit/findings.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

KeyPolicy policy_of(std::string_view keys, std::string_view unknown = "fail") {
    return parse_key_policy(fmt::format(R"({{"keys": [{}], "unknown": "{}"}})", keys, unknown),
                            "p.json");
}

KeyFacts key(std::string name, std::optional<std::chrono::milliseconds> ttl = {},
             std::optional<std::uint64_t> size = 100, std::string type = "string") {
    KeyFacts facts;
    facts.key = std::move(name);
    facts.ttl = ttl;
    facts.size_bytes = size;
    facts.type = std::move(type);
    return facts;
}

/// "no-ttl tmp:* tmp 2" a finding.
std::vector<std::string> texts_of(const Findings& findings) {
    std::vector<std::string> texts;
    for (const Finding& finding : findings.all()) {
        texts.push_back(fmt::format("{} {} {} {}", row_of(finding.check).id,
                                    finding.rule == nullptr ? "-" : finding.rule->pattern,
                                    finding.name_space, finding.keys));
    }
    return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("each check finds its keys, and those on the limit keep to it") {
    const KeyPolicy policy = policy_of(R"(
        {"pattern": "t:*", "ttl": "1h"},
        {"pattern": "m:*", "max_ttl": "1h"},
        {"pattern": "s:*", "max_size": "1KiB"},
        {"pattern": "h:*", "type": "hash"})");
    Findings findings(policy, ":", {});
    findings.add(key("t:1"));
    findings.add(key("t:2", 9h));  // a ttl alone limits nothing
    findings.add(key("m:1"));
    findings.add(key("m:2", 1h));
    findings.add(key("m:3", 1h + 1ms));
    findings.add(key("s:1", {}, 1024));
    findings.add(key("s:2", {}, 1025));
    findings.add(key("h:1", {}, 1, "hash"));
    findings.add(key("h:2", {}, 1, "list"));
    findings.add(key("x:1"));
    CHECK(texts_of(findings) == Texts{"no-ttl t:* t 1", "no-ttl m:* m 1", "ttl-too-long m:* m 1",
                                      "too-large s:* s 1", "wrong-type h:* h 1", "unknown - x 1"});
    CHECK(findings.keys() == 10);
    CHECK(findings.all()[4].examples[0].type == "list");
}

TEST_CASE("the first rule that matches is a key's rule") {
    const KeyPolicy policy =
        policy_of(R"({"pattern": "a:b:*"}, {"pattern": "a:*", "max_size": "1"})");
    Findings findings(policy, ":", {});
    findings.add(key("a:b:c"));
    findings.add(key("a:c"));
    CHECK(texts_of(findings) == Texts{"too-large a:* a 1"});
}

TEST_CASE("keys without a rule fail, warn or are ignored") {
    for (const auto& [unknown, found, warns] :
         {std::tuple("fail", 1, false), std::tuple("warn", 1, true),
          std::tuple("ignore", 0, true)}) {
        const KeyPolicy policy = policy_of(R"({"pattern": "a"})", unknown);
        Findings findings(policy, ":", {});
        findings.add(key("b"));
        const auto all = findings.all();
        CHECK(all.size() == static_cast<std::size_t>(found));
        if (found == 1) {
            CHECK(all[0].fails() != warns);
            CHECK(all[0].name_space == "(none)");
        }
    }
}

TEST_CASE("protected keys that the server evicts, by the protected rule") {
    const KeyPolicy policy = policy_of(
        R"({"pattern": "a:*"}, {"pattern": "*:lock", "protected": true}, {"pattern": "b:*"})");
    Findings findings(policy, ":", [](const std::string& name) { return name != "b:lock"; });
    findings.add(key("a:lock"));
    findings.add(key("b:lock"));
    findings.add(key("a:x"));
    CHECK(texts_of(findings) == Texts{"may-be-evicted *:lock a 1"});
}

TEST_CASE("the worst are the examples, each once, and ten at most") {
    const KeyPolicy policy = policy_of(R"({"pattern": "*", "max_ttl": "1s"})");
    Findings findings(policy, ":", {});
    for (int i = 0; i < 100; ++i) {
        findings.add(key(fmt::format("k:{:03}", i), std::chrono::seconds(2 + i)));
    }
    findings.add(key("k:099", 90s));  // drawn twice, a moment later
    const Finding finding = findings.all().at(0);
    CHECK(finding.keys == 101);
    REQUIRE(finding.examples.size() == 10);
    CHECK(finding.examples[0].key == "k:099");
    CHECK(finding.examples[0].worth == 101'000);
    CHECK(finding.examples[9].key == "k:090");
}

TEST_CASE("memory stays bounded by what keys are called") {
    const KeyPolicy policy = policy_of(R"({"pattern": "*", "ttl": "1s"})");
    Findings findings(policy, ":", {});
    for (int i = 0; i < 5'000; ++i) {
        findings.add(key(fmt::format("n{}:x", i)));
    }
    findings.add(key(std::string(300, 'n') + ":x"));
    findings.add(key("long:" + std::string(5'000, 'x')));
    CHECK(findings.all().size() <= Findings::k_most_findings + 1);
    std::uint64_t keys = 0;
    for (const Finding& finding : findings.all()) {
        keys += finding.keys;
        for (const FoundKey& example : finding.examples) {
            CHECK(example.key.size() <= 1'024);
        }
    }
    CHECK(keys == 5'002);
}

TEST_CASE("what is not known is not held against a key") {
    const KeyPolicy policy =
        policy_of(R"({"pattern": "*", "ttl": "1s", "max_size": "1", "type": "hash"})");
    Findings findings(policy, ":", {});
    KeyFacts odd = key("a", {}, {}, "");
    odd.unreadable = true;
    findings.add(odd);
    CHECK(findings.all().empty());
    CHECK(findings.unsized() == 1);
    findings.reset();
    CHECK(findings.keys() == 0);
}
