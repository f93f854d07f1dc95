#include "audit_log/verify.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "audit_log/line.hpp"
#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;

namespace {

struct Fixture {
    test::TempDir dir;
    std::vector<std::string> lines;  // with their ends

    void add(std::string_view event, std::string_view run) {
        std::optional<std::string> previous;
        if (!lines.empty()) {
            previous = line_digest(lines.back().substr(0, lines.back().size() - 1));
        }
        lines.push_back(make_audit_line(previous, [&](JsonWriter& json) {
            json.field("at", std::string_view("2026-01-31T10:00:00Z"));
            json.field("event", event);
            json.field("run", run);
            json.field("command", std::string_view("flush"));
        }));
    }
    Fixture() {
        add("begin", "a");
        add("begin", "b");
        add("refused", "c");
        add("end", "a");
    }
    [[nodiscard]] static std::string joined(const std::vector<std::string>& parts) {
        std::string text;
        for (const std::string& part : parts) {
            text += part;
        }
        return text;
    }
    [[nodiscard]] AuditLogCheck check(const std::string& text) const {
        return check_audit_log(dir.file("audit.jsonl", text));
    }
    [[nodiscard]] std::string verdict(const std::string& text) const {
        const auto broken = check(text).broken;
        return broken ? broken->message : "whole";
    }
    [[nodiscard]] std::string kind(const std::string& text) const {
        return std::string(name_of(check(text).broken.value().kind));
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "of a whole log it counts lines and runs, and names those without an end") {
    const AuditLogCheck found = check(joined(lines));
    CHECK_FALSE(found.broken.has_value());
    CHECK(found.lines == 4);
    CHECK(found.runs == 2);
    REQUIRE(found.unfinished.size() == 1);
    CHECK(found.unfinished[0].line == 2);
    CHECK(found.unfinished[0].run == "b");
    CHECK(found.unfinished[0].command == "flush");
    CHECK(found.last_digest == line_digest(lines[3].substr(0, lines[3].size() - 1)));
}

TEST_CASE_FIXTURE(Fixture, "an empty log is whole") {
    CHECK(verdict("") == "whole");
    CHECK(check("").last_digest.empty());
}

TEST_CASE_FIXTURE(Fixture, "whichever byte is changed, its line is named") {
    const std::string text = joined(lines);
    std::uint64_t line = 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const char other : {static_cast<char>(text[i] ^ 1), '\n'}) {
            if (other == text[i]) {
                continue;
            }
            std::string changed = text;
            changed[i] = other;
            const AuditLogCheck found = check(changed);
            CAPTURE(changed);
            REQUIRE(found.broken.has_value());
            CHECK(found.broken->line == line);
        }
        line += text[i] == '\n' ? 1 : 0;
    }
}

TEST_CASE_FIXTURE(Fixture, "wherever the last line was cut, that is told as a crash") {
    const std::string text = joined(lines);
    for (std::size_t left = 1; left < lines[3].size(); ++left) {
        const AuditLogCheck found = check(text.substr(0, text.size() - left));
        REQUIRE(found.broken.has_value());
        CHECK(found.broken->kind == BrokenLine::Kind::torn);
        CHECK(found.broken->message ==
              "line 4 is torn: the file ends in the middle of it, as after a crash");
    }
}

TEST_CASE_FIXTURE(Fixture, "lines that are missing are told by the line behind them") {
    CHECK(verdict(joined({lines[0], lines[2], lines[3]}))
              .starts_with("line 2 follows a line that is gone, of SHA-256 "));
    CHECK(verdict(joined({lines[1], lines[2]}))
              .starts_with("line 1 follows a line that is gone, of SHA-256 "));
}

TEST_CASE_FIXTURE(Fixture, "lines at another place are told, with their own") {
    CHECK(verdict(joined({lines[0], lines[1], lines[3], lines[2]})) ==
          "line 3 stands at the wrong place: it was written behind line 4");
    CHECK(verdict(joined({lines[0], lines[1], lines[1], lines[2]})) ==
          "line 3 stands at the wrong place: it was written behind line 1");
    CHECK(verdict(joined({lines[0], lines[1], lines[0]})) ==
          "line 3 was the first of a file, and does not follow the line before it");
}

TEST_CASE_FIXTURE(Fixture, "a file of something else is broken at its first line") {
    CHECK(verdict("id,name\n1,a\n") == "line 1 was changed: it is no line of an audit log");
    CHECK_THROWS_AS(check_audit_log("/no/such"), Error);
    CHECK_THROWS_AS(check_audit_log("/dev/null"), Error);
}

TEST_CASE_FIXTURE(Fixture, "each kind of damage has its name in JSON") {
    CHECK(kind("x\n") == "changed");
    CHECK(kind(lines[0] + lines[1].substr(0, 20)) == "torn");
    CHECK(kind(joined({lines[0], lines[2]})) == "missing");
    CHECK(kind(joined({lines[0], lines[2], lines[1]})) == "reordered");
}

TEST_CASE_FIXTURE(Fixture, "members that are of another type than we write are as none") {
    const std::string line = make_audit_line(std::nullopt, [](JsonWriter& json) {
        json.field("event", std::string_view("begin"));
        json.field("run", 7);
        json.field("command", 7);
    });
    const AuditLogCheck found = check(line);
    CHECK_FALSE(found.broken.has_value());
    REQUIRE(found.unfinished.size() == 1);
    CHECK(found.unfinished[0].run.empty());
    CHECK(found.unfinished[0].command.empty());
}
