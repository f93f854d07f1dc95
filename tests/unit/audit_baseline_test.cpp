#include "audit/baseline.hpp"

#include <doctest/doctest.h>

#include "audit/report.hpp"
#include "util/error.hpp"

using namespace cachectl;

namespace {

KeyFacts key(std::string name) {
    KeyFacts facts;
    facts.key = std::move(name);
    return facts;
}

std::string json_of(const KeyPolicy& policy, const Findings& findings) {
    std::string text;
    Writer out(text);
    JsonWriter json(out, JsonLayout::lines);
    json.begin_object();
    write_audit_json(json, {.policy = policy, .gathered = findings, .findings = findings.all()});
    json.end_object();
    out.flush();
    return text;
}

}  // namespace

TEST_CASE("what an audit wrote is known to the next, whatever the names") {
    const KeyPolicy policy =
        parse_key_policy(R"({"keys": [{"pattern": "t:*", "ttl": "1h"}]})", "p.json");
    Findings findings(policy, ":", {});
    for (const char* name : {"t:1", "x:1", "plain", "\xff\xfe:1", "\x1b[2J\n:1", "(none):1"}) {
        findings.add(key(name));
    }
    const Baseline baseline = Baseline::parse(json_of(policy, findings), "b.json");
    CHECK(baseline.size() == 6);
    for (const Finding& finding : findings.all()) {
        CAPTURE(finding.name_space);
        CHECK(baseline.has(finding));
    }
    Findings later(policy, ":", {});
    later.add(key("\xff\xff:1"));
    later.add(key("y:1"));
    for (const Finding& finding : later.all()) {
        CHECK_FALSE(baseline.has(finding));
    }
}

TEST_CASE(
    "a finding is the same in another line of the policy, and another one of another pattern") {
    const KeyPolicy before =
        parse_key_policy(R"({"keys": [{"pattern": "t:*", "ttl": "1h"}]})", "p.json");
    const KeyPolicy moved = parse_key_policy(
        "{\"keys\": [\n\n{\"pattern\": \"a\"},\n{\"pattern\": \"t:*\", \"ttl\": \"2h\"}]}",
        "p.json");
    const KeyPolicy renamed =
        parse_key_policy(R"({"keys": [{"pattern": "t*", "ttl": "1h"}]})", "p.json");
    const auto identity = [](const KeyPolicy& policy) {
        Findings findings(policy, ":", {});
        findings.add(key("t:1"));
        return identity_of(findings.all().at(0));
    };
    CHECK(identity(before) == identity(moved));
    CHECK(identity(before) != identity(renamed));
}

TEST_CASE("a baseline that is none") {
    for (const char* text :
         {"", "[]", "{}", R"({"findings": 1})", R"({"findings": [{}]})",
          R"({"findings": [{"rule": "no-ttl", "pattern": 1, "namespace": "a"}]})"}) {
        CAPTURE(text);
        try {
            Baseline::parse(text, "b.json");
            FAIL("no error");
        } catch (const Error& error) {
            CHECK(error.code() == ExitCode::usage);
            CHECK(std::string(error.what()).starts_with("b.json:1: "));
        }
    }
}
