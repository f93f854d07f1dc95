// SARIF, JUnit and workflow commands, with names that try to break out of them.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "audit/report.hpp"
#include "util/text.hpp"

using namespace cachectl;
using nlohmann::json;

namespace {

const std::string k_names[] = {
    "t:]]></failure><testcase name=\"x\">&amp;\"'",
    "t:a\n::error file=x::owned\r\n##[error]y",
    std::string("t:nul\0bell\x07 esc\x1b[2J", 20),
    "t:\xff\xfe not UTF-8",
    "t:\xef\xbf\xbe\xef\xbf\xbf noncharacters",
    "t:100%25 %0A,:",
    "\"}],\"x\":[{\":1",
};

struct Stage {
    KeyPolicy policy;
    Findings findings;
    AuditReport report;

    explicit Stage(const std::string& file = "keys/p.json")
        : policy(parse_key_policy("{\"keys\": [{\"pattern\": \"t:*\", \"ttl\": \"1h\"},\n"
                                  "{\"pattern\": \"fine<&>%,:*\"}],\n\"unknown\": \"warn\"}",
                                  file)),
          findings(policy, ":", {}),
          report{.policy = policy, .gathered = findings, .findings = {}} {
        for (const std::string& name : k_names) {
            KeyFacts facts;
            facts.key = name;
            findings.add(facts);
        }
        report.findings = findings.all();
    }
    std::string text(void (*write)(Writer&, const AuditReport&)) const {
        std::string text;
        Writer out(text);
        write(out, report);
        out.flush();
        return text;
    }
};

}  // namespace

TEST_CASE("SARIF has its required fields, and points at the rule's line") {
    const Stage stage;
    const json sarif = json::parse(stage.text(write_audit_sarif));
    CHECK(sarif["version"] == "2.1.0");
    CHECK(sarif["$schema"].get<std::string>().ends_with("sarif-2.1.0.json"));
    const json& run = sarif["runs"].at(0);
    const json& driver = run["tool"]["driver"];
    CHECK(driver["name"] == "cachectl");
    CHECK(driver["version"].is_string());
    CHECK(driver["rules"].size() == 6);
    REQUIRE(run["results"].size() == 2);
    const json& result = run["results"][0];
    CHECK(result["ruleId"] == "no-ttl");
    CHECK(driver["rules"][result["ruleIndex"].get<std::size_t>()]["id"] == "no-ttl");
    CHECK(result["level"] == "error");
    CHECK(result["message"]["text"].get<std::string>().starts_with(
        "6 keys of the namespace t never expire, though the rule 't:*' has ttl 1h"));
    const json& place = result["locations"][0]["physicalLocation"];
    CHECK(place["artifactLocation"]["uri"] == "keys/p.json");
    CHECK(place["region"]["startLine"] == 1);
    CHECK(result["partialFingerprints"]["cachectlFinding/v1"].get<std::string>().size() == 64);
    CHECK_FALSE(result.contains("baselineState"));
    const json& unknown = run["results"][1];
    CHECK(unknown["level"] == "warning");
    CHECK(unknown["locations"][0]["physicalLocation"]["region"]["startLine"] == 3);
    CHECK(run["invocations"][0]["executionSuccessful"] == true);
}

TEST_CASE("SARIF's paths are URIs, and what is known is unchanged") {
    Stage stage("/a b/ü:p.json");
    stage.report.baseline = "b.json";
    stage.report.findings[0].is_known = true;
    const json results = json::parse(stage.text(write_audit_sarif))["runs"][0]["results"];
    CHECK(results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] ==
          "file:///a%20b/%C3%BC%3Ap.json");
    CHECK(results[0]["baselineState"] == "unchanged");
    CHECK(results[0]["level"] == "note");
    CHECK(results[1]["baselineState"] == "new");
}

TEST_CASE("JUnit's XML holds only characters of XML 1.0, and no key ends an element") {
    const Stage stage;
    const std::string xml = stage.text(write_audit_junit);
    CHECK(is_utf8(xml));
    for (std::string_view rest = xml; !rest.empty();) {
        const Utf8Step step = decode_utf8(rest);
        CHECK((step.code_point == '\n' || step.code_point >= 0x20));
        CHECK(step.code_point != 0xfffe);
        CHECK(step.code_point != 0xffff);
        rest.remove_prefix(step.bytes);
    }
    const auto count = [&](std::string_view text) {
        std::size_t found = 0;
        for (std::size_t at = xml.find(text); at != std::string::npos;
             at = xml.find(text, at + 1)) {
            ++found;
        }
        return found;
    };
    CHECK(count("<testcase ") == 3);
    CHECK(count("<failure ") == 1);
    CHECK(count("</failure>") == 1);
    CHECK(count("<system-out>") == 1);  // the warning
    CHECK(xml.find("tests=\"3\" failures=\"1\" errors=\"0\"") != std::string::npos);
    CHECK(xml.find("name=\"fine&#60;&#38;&#62;%,:*\"") != std::string::npos);
}

TEST_CASE("an audit that has not seen all is an error in JUnit's XML") {
    Stage stage;
    stage.report.complete = false;
    CHECK(stage.text(write_audit_junit).find("<error type=\"incomplete\"") != std::string::npos);
    const json sarif = json::parse(stage.text(write_audit_sarif));
    CHECK(sarif["runs"][0]["invocations"][0]["executionSuccessful"] == false);
}

TEST_CASE("workflow commands are one line a finding, with nothing that ends a property") {
    const Stage stage("a:b,c%.json");
    const std::string text = stage.text(write_audit_github);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].starts_with("::error file=a%3Ab%2Cc%25.json,line=1,title=no TTL%3A t%3A*::"));
    CHECK(lines[1].starts_with("::warning file=a%3Ab%2Cc%25.json,line=3,title=no rule%3A "));
    CHECK(text.find('\r') == std::string::npos);
    CHECK(text.find("100%2525") != std::string::npos);
}
