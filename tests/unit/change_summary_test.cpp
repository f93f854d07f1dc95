#include "change/summary.hpp"

#include <doctest/doctest.h>

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

ChangeSummary half_done() {
    ChangeSummary summary;
    summary.command = "invalidate";
    summary.target = "10.0.0.5:6379/2";
    summary.database = 2;
    summary.started_at = WallTime(1'700'000'000'000ms);
    summary.asked_for.patterns = {"course:*"};
    summary.matched = 2'020;
    summary.protected_keys = 2;
    summary.tally.changed = 1'000;
    summary.tally.vanished = 3;
    summary.tally.failed = 1;
    summary.tally.unknown = 500;
    summary.tally.not_attempted = 514;
    summary.namespaces = {{"course", 900}, {"\x1b[2J", 103}};
    summary.all_seen = false;
    summary.progress = 0.137;
    summary.elapsed = 1'234ms;
    return summary;
}

std::string for_people(const ChangeSummary& summary, SummaryStyle how) {
    std::string text;
    Writer out(text);
    write_summary(summary, how, out, {});
    out.flush();
    return text;
}

}  // namespace

TEST_CASE("every key is accounted for, and what a namespace is called is escaped") {
    CHECK(for_people(half_done(), SummaryStyle::plain) ==
          "deleted 1,000 of the 2,020 keys seen so far on 10.0.0.5:6379/2 in 1.2s\n"
          "  2 protected keys spared\n"
          "  3 keys gone already\n"
          "  1 key refused by the server\n"
          "  500 keys unknown: sent, but no reply came\n"
          "  514 keys not attempted\n"
          "  not complete: stopped at 14 % of the way; there may be more\n"
          "\n"
          "NAMESPACE  KEYS\n"
          "course      900\n"
          "\\x1b[2J     103\n");
}

TEST_CASE("a key that failed is in one line, by what became of it") {
    ChangeSummary summary = half_done();
    summary.tally.failed = 9;
    summary.tally.unsaved = 4;
    summary.unreadable = 3;
    const std::string text = for_people(summary, SummaryStyle::plain);
    CHECK(text.find("\n  2 keys refused by the server\n  4 keys left: they could not be saved\n"
                    "  3 keys left alone: what the server says of them is no answer\n") !=
          std::string::npos);
}

TEST_CASE("lines without a figure are left out") {
    ChangeSummary summary;
    summary.expiry = {ExpiryMode::cap, 1h, 0.1};
    summary.target = "h:1";
    summary.matched = 1;
    summary.unchanged = 1;
    summary.complete = true;
    CHECK(for_people(summary, SummaryStyle::plain) ==
          "changed the expiry of 0 of 1 key (capped at 54m to 1h (1h, jitter 10 %)) on h:1 in 0s\n"
          "  1 key already as asked for: they live no longer than that\n");
    summary.matched = summary.unchanged = 0;
    CHECK(for_people(summary, SummaryStyle::plain) == "no key matches on h:1\n");
    summary.masters = 3;
    CHECK(for_people(summary, SummaryStyle::plain) ==
          "no key matches on the cluster of 3 masters at h:1\n");
}

TEST_CASE("of very many namespaces the largest are shown, and the rest counted") {
    ChangeSummary summary;
    summary.complete = true;
    summary.matched = summary.tally.changed = 25;
    for (int i = 0; i < 25; ++i) {
        summary.namespaces.emplace_back("n" + std::to_string(i), 1);
    }
    const std::string text = for_people(summary, SummaryStyle::table);
    CHECK(text.find("n19 ") != std::string::npos);
    CHECK(text.find("n20 ") == std::string::npos);
    CHECK(text.ends_with("and 5 keys in 5 more\n"));
}

TEST_CASE("the JSON object") {
    std::string text;
    Writer out(text);
    JsonWriter json(out, JsonLayout::compact);
    write_summary(half_done(), json);
    out.flush();
    CHECK(
        text ==
        R"({"command":"invalidate","context":null,"target":"10.0.0.5:6379/2","database":2,)"
        R"("started_at":"2023-11-14T22:13:20Z","patterns":["course:*"],)"
        R"("dry_run":false,"matched":2020,)"
        R"("deleted":1000,"protected":2,"vanished":3,"failed":1,"unknown":500,)"
        R"("not_attempted":514,"namespaces":{"course":900,"\u001b[2J":103},"neighbours":[],"complete":false,)"
        R"("progress":0.137,"elapsed_ms":1234})"
        "\n");
}

TEST_CASE("the JSON object of an expiry says which, and of a dry run what would be") {
    ChangeSummary summary;
    summary.command = "expire";
    summary.context = "prod";
    summary.asked_for = {{}, {}, "-"};
    summary.expiry = {ExpiryMode::set, 1h, 0.1};
    summary.dry_run = DryRun::yes;
    summary.matched = 5;
    summary.unchanged = 1;
    summary.protected_keys = 1;
    summary.repeated = 7;
    summary.complete = true;
    std::string text;
    Writer out(text);
    JsonWriter json(out, JsonLayout::compact);
    write_summary(summary, json);
    out.flush();
    CHECK(
        text ==
        R"({"command":"expire","context":"prod","target":null,"database":null,)"
        R"("started_at":"1970-01-01T00:00:00Z","patterns":[],"keys_from":"-","mode":"set",)"
        R"("ttl_ms":3600000,"jitter":0.1,"dry_run":true,"matched":5,"changed":0,)"
        R"("would_change":3,"unchanged":1,"protected":1,"vanished":0,"failed":0,"unknown":0,)"
        R"("not_attempted":0,"repeated":7,"namespaces":{},"neighbours":[],"complete":true,"elapsed_ms":0})"
        "\n");
}

TEST_CASE("no name stands twice in the JSON of namespaces, whatever its bytes") {
    ChangeSummary summary;
    summary.namespaces = {{"\xff", 3}, {"\xfe", 2}, {"caf\u00e9", 1}};
    std::string text;
    Writer out(text);
    JsonWriter json(out, JsonLayout::compact);
    write_summary(summary, json);
    out.flush();
    CHECK(text.find(R"("namespaces":{"\\xff":3,"\\xfe":2,"caf)") != std::string::npos);
}
