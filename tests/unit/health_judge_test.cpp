// Verdicts, mutes and limits of health.
#include "health/judge.hpp"

#include <doctest/doctest.h>

#include <ctime>
#include <stdexcept>

#include "health/report.hpp"
#include "support/text.hpp"

using namespace cachectl;
using State = HealthVerdict::State;

namespace {

HealthEvidence without_limit() {
    HealthEvidence all;
    NodeEvidence& node = all.nodes.emplace_back();
    node.after.server.info = InfoFields("used_memory:5\nmaxmemory:0\nused_memory_rss:5\n");
    node.before = node.after;
    return all;
}

HealthStatus status_of(const HealthVerdict& verdict, std::string_view id) {
    for (const HealthFinding& found : verdict.findings) {
        if (found.check->id == id) {
            return found.status;
        }
    }
    return HealthStatus::unknown;
}

const HealthFinding& finding_of(const HealthVerdict& verdict, std::string_view id) {
    for (const HealthFinding& found : verdict.findings) {
        if (found.check->id == id) {
            return found;
        }
    }
    throw std::runtime_error("not listed: " + std::string(id));
}

HealthRules rules(const std::string& text) {
    return parse_health_rules(parse_json(text, "policy.json"));
}

std::chrono::system_clock::time_point day(int year, int month, int day_of_month) {
    std::tm date{};
    date.tm_year = year - 1900;
    date.tm_mon = month - 1;
    date.tm_mday = day_of_month;
    return std::chrono::system_clock::from_time_t(::timegm(&date));
}

std::string error_of(const std::string& text) {
    try {
        rules(text);
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("a warning degrades, unless it is muted, off, or has other limits") {
    const auto state = [](const std::string& text, auto now) {
        return judge_health(without_limit(), rules(text), now).state;
    };
    const auto now = day(2026, 11, 30);
    CHECK(state("{}", now) == State::degraded);
    CHECK(state(R"({"health": {"MEMORY_NO_LIMIT": "off"}})", now) == State::healthy);
    CHECK(state(R"({"health": {"MEMORY_NO_LIMIT": {"warn": 2}}})", now) == State::healthy);
    CHECK(state(R"({"mute": {"MEMORY_NO_LIMIT": "2026-12-01"}})", now) == State::healthy);
    CHECK(state(R"({"mute": {"MEMORY_NO_LIMIT": "2026-12-01"}})", day(2026, 12, 1)) ==
          State::degraded);
}

TEST_CASE("what is muted is shown as muted, with what it has found") {
    const HealthVerdict verdict =
        judge_health(without_limit(), rules(R"({"mute": {"MEMORY_NO_LIMIT": "2026-12-01"}})"), {});
    CHECK(status_of(verdict, "MEMORY_NO_LIMIT") == HealthStatus::warn);
    for (const HealthFinding& found : verdict.findings) {
        CHECK(found.muted == (found.check->id == "MEMORY_NO_LIMIT"));
    }
}

TEST_CASE("mistakes in the limits are told with file, line and the nearest id") {
    CHECK(error_of(R"({"health": {"EVICTION": "off"}})").starts_with("policy.json:1: "));
    CHECK(error_of(R"({"health": {"EVICTIONS": {}}})").find("neither") != std::string::npos);
    CHECK(error_of(R"({"health": {"EVICTIONS": "on"}})").find("must be") != std::string::npos);
    CHECK(
        error_of(R"({"health": {"EVICTIONS": {"warn": 5, "crit": 2}}})").find("before it warns") !=
        std::string::npos);
    CHECK(error_of(R"({"health": {"HIT_RATIO_LOW": {"warn": 0.9, "crit": 0.5}}})").empty());
    CHECK(error_of(R"({"mute": {"EVICTIONS": "tomorrow"}})").find("date") != std::string::npos);
    CHECK(error_of(R"({"mute": {"EVICTIONS": "2026-02-30"}})").find("calendar") !=
          std::string::npos);
}

TEST_CASE("a server that could not be asked is down, and one that refuses INFO is unknown") {
    const HealthVerdict down = judge_failure({ExitCode::unreachable, "cannot connect"});
    CHECK(down.state == State::down);
    CHECK(status_of(down, "SERVER_DOWN") == HealthStatus::crit);
    const HealthVerdict loading = judge_failure({ExitCode::refused, "cannot use it: LOADING"});
    CHECK(status_of(loading, "SERVER_LOADING") == HealthStatus::crit);
    const HealthVerdict denied = judge_failure({ExitCode::refused, "cannot read: NOPERM no"});
    CHECK(denied.state == State::unknown);
    CHECK_THROWS_AS(judge_failure({ExitCode::usage, "a mistake"}), Error);
}

TEST_CASE("exit codes for scripts and for monitoring plugins") {
    HealthReport report;
    report.verdict = judge_health(without_limit(), {}, {});
    CHECK(report.exit_code() == ExitCode::no);
    CHECK(static_cast<int>(report.plugin_exit_code()) == 1);
    report.fail_on = FailOn::crit;
    CHECK(report.exit_code() == ExitCode::ok);
    CHECK(static_cast<int>(report.plugin_exit_code()) == 0);
    report.verdict = judge_failure({ExitCode::unreachable, "cannot connect"});
    CHECK(report.exit_code() == ExitCode::unreachable);
    CHECK(static_cast<int>(report.plugin_exit_code()) == 2);
    report.verdict = judge_failure({ExitCode::refused, "cannot read: NOPERM no"});
    CHECK(static_cast<int>(report.plugin_exit_code()) == 3);
}

TEST_CASE("the line of a plugin has one bar, no second line, and ranges that alarm as we do") {
    HealthReport report;
    report.title.target = "cache:6379";
    HealthEvidence evidence = without_limit();
    evidence.nodes[0].held = {{.shape = "GET a|b\nc", .share = 0.2}};
    report.verdict = judge_health(evidence, {}, {});
    std::string text;
    {
        Writer out(text);
        write_health_nagios(out, report);
    }
    CHECK(text.starts_with("WARNING - "));
    CHECK(std::count(text.begin(), text.end(), '|') == 1);
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
    CHECK(text.find("server_held=0.2;0.1;0.3;0;") != std::string::npos);
    CHECK(text.find("memory_swapped=0B;52428800;;0;") != std::string::npos);
}

TEST_CASE("the line of a plugin cannot send a terminal anything") {
    HealthReport report;
    report.verdict = judge_failure({ExitCode::unreachable,
                                    "\xc2\x9b"
                                    "2J\u202e\xff\x1b[m"});
    std::string text;
    {
        Writer out(text);
        write_health_nagios(out, report);
    }
    CHECK(text == "CRITICAL - \\xc2\\x9b2J\\xe2\\x80\\xae\\xff\\x1b[m\n");
}

TEST_CASE("of a master that refuses INFO nothing is known, which is never healthy") {
    HealthEvidence evidence = without_limit();
    evidence.is_cluster = true;
    NodeEvidence& node = evidence.nodes.front();
    node.after.node = "a:1";
    node.after.server.info =
        InfoFields("used_memory:5\nmaxmemory:10\nused_memory_rss:5\nmaxmemory_policy:noeviction\n");
    node.before = node.after;
    evidence.nodes.push_back(node);
    CHECK(judge_health(evidence, {}, {}).state == State::healthy);
    NodeEvidence& silent = evidence.nodes.back();
    silent.after = Reading();
    silent.after.node = "b:1";
    silent.after.failure = Error(ExitCode::refused, "cannot read the figures of b:1: NOPERM no",
                                 "the user lacks the ACL rule +info");
    const HealthVerdict verdict = judge_health(evidence, {}, {});
    CHECK(verdict.state == State::unknown);
    REQUIRE(verdict.failure);
    CHECK(verdict.failure->code() == ExitCode::refused);
    CHECK(status_of(verdict, "SERVER_DOWN") == HealthStatus::ok);
    for (const char* id : {"MEMORY_NEAR_MAX", "MEMORY_NO_LIMIT", "MEMORY_SWAPPED", "CONFIG_DRIFT",
                           "CLUSTER_UNBALANCED"}) {
        CAPTURE(id);
        const HealthFinding& found = finding_of(verdict, id);
        CHECK(found.status == HealthStatus::unknown);
        CHECK(found.message.find("+info") != std::string::npos);
    }
    CHECK(finding_of(verdict, "MEMORY_NEAR_MAX").node == "b:1");

    evidence.nodes.front().after.server.info = InfoFields("used_memory:9\nmaxmemory:10\n");
    CHECK(judge_health(evidence, {}, {}).state == State::degraded);
    silent.after.failure = Error(ExitCode::refused, "cannot read the figures of b:1: LOADING it");
    CHECK(status_of(judge_health(evidence, {}, {}), "SERVER_LOADING") == HealthStatus::crit);
    CHECK(finding_of(judge_health(evidence, {}, {}), "MEMORY_NEAR_MAX").node == "a:1");
}
