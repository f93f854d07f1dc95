// An audit for people: what is wrong, by which line of the policy, and what to do first.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/report.hpp"
#include "audit/value_words.hpp"
#include "output/escape.hpp"
#include "output/table.hpp"
#include "output/wrapped.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_most_rows = 30;
constexpr std::size_t k_for_allowed = 72, k_for_examples = 90;  // columns of the terminal

Cell mark_of(FindingLevel level, Glyphs glyphs) {
    const bool unicode = glyphs == Glyphs::unicode;
    switch (level) {
        case FindingLevel::error:
            return {unicode ? " ✗" : " x", Style::red};
        case FindingLevel::warning:
            return {" !", Style::yellow};
        case FindingLevel::note:
            return {unicode ? " ·" : " -", Style::dim};
    }
    return {""};
}

void write_head(Writer& out, const Display& display, const AuditReport& report) {
    Wrapped text(display, 2);
    if (!report.complete) {
        text.add("", "INCOMPLETE", Style::red);
    } else if (report.failing() != 0) {
        text.add("", "VIOLATED", Style::red);
    } else {
        text.add("", "OK", report.warnings() != 0 ? Style::yellow : Style::green);
    }
    text.add("  ", escape_for_terminal(report.server), Style::bold);
    text.words(", ", fmt::format("{} against {} with {}", counted(report.keys, "key", "keys"),
                                 escape_for_terminal(report.policy.file),
                                 counted(report.policy.rules.size(), "rule", "rules")));
    out.write(text.text());
}

/// The keys of a finding as a table has them: "~" before what is estimated.
std::string keys_of(const AuditReport& report, const Finding& finding) {
    const auto keys = static_cast<std::uint64_t>(report.gathered.count(finding.keys).keys);
    return (report.sampled() ? "~" : "") + format_count(keys);
}

std::string first_example(const Finding& finding) {
    return finding.examples.empty() ? std::string()
                                    : unescape(example_text(finding, finding.examples.front()));
}

/// Those that a narrow terminal has room for.
std::vector<Cell> cells_of(const AuditReport& report, const Finding& finding, Glyphs glyphs) {
    const bool ruled = finding.rule != nullptr;
    return {mark_of(level_of(finding), glyphs),
            std::string(row_of(finding.check).title),
            keys_of(report, finding),
            finding.name_space,
            ruled ? fmt::format("{}", finding.rule->line) : std::string("-"),
            ruled ? finding.rule->pattern : std::string("-")};
}

void write_rows(Writer& out, const Display& display, const AuditReport& report) {
    if (report.findings.empty()) {
        return;
    }
    out.write("\n");
    const std::size_t width = display.columns;
    const bool has_examples = width == 0 || width >= k_for_examples;
    const bool has_allowed = width == 0 || width >= k_for_allowed;
    std::vector<Column> columns = {
        {"", ColumnKind::left},      {"CHECK", ColumnKind::left},
        {"KEYS", ColumnKind::right}, {"NAMESPACE", ColumnKind::left, Overflow::cut},
        {"LINE", ColumnKind::right}, {"PATTERN", ColumnKind::left, Overflow::cut}};
    if (has_allowed) {
        columns.push_back({"ALLOWED", ColumnKind::left});
    }
    if (has_examples) {
        columns.push_back({"FOR EXAMPLE", ColumnKind::left, Overflow::cut});
    }
    Table table(out, display, columns);
    const std::size_t shown = std::min(report.findings.size(), k_most_rows);
    for (std::size_t i = 0; i < shown; ++i) {
        const Finding& finding = report.findings[i];
        std::vector<Cell> cells = cells_of(report, finding, display.glyphs);
        if (has_allowed) {
            cells.emplace_back(allowed_text(finding));
        }
        if (has_examples) {
            cells.emplace_back(first_example(finding));
        }
        table.row(std::move(cells));
    }
    table.finish();
    if (shown < report.findings.size()) {
        out.write(fmt::format("   {} more; all of them: -o plain\n",
                              format_count(report.findings.size() - shown)));
    }
}

/// The command that mends the largest finding about TTLs.
std::string remedy(const AuditReport& report) {
    const Finding* largest = nullptr;
    for (const Finding& finding : report.findings) {
        const bool by_ttl =
            finding.check == AuditCheck::no_ttl || finding.check == AuditCheck::ttl_too_long;
        if (by_ttl && finding.fails() && !finding.rule->is_protected &&
            (largest == nullptr || finding.keys > largest->keys)) {
            largest = &finding;
        }
    }
    if (largest == nullptr) {
        return {};
    }
    const KeyRule& rule = *largest->rule;
    const auto ttl = rule.max_ttl ? *rule.max_ttl : *rule.ttl;
    return fmt::format("{} expire {} --cap {} --dry-run", report.command, shell_word(rule.pattern),
                       duration_word(ttl));
}

void write_notes(Writer& out, const Display& display, const AuditReport& report) {
    const auto sentence = [&](const std::string& text) {
        Wrapped line(display, 2);
        line.words("", text);
        out.write(line.text());
    };
    out.write("\n");
    if (report.findings.empty()) {
        sentence("Every key that was looked at keeps to its rule.");
    }
    if (report.sampled()) {
        sentence(fmt::format("estimated from {} drawn by lot; every key: --exact",
                             counted(report.gathered.sample()->drawn, "key", "keys")));
    }
    for (const AuditCheck check : report.not_checked) {
        sentence(fmt::format("not checked, for want of a right: {}", row_of(check).title));
    }
    if (report.known() != 0) {
        sentence(fmt::format("{} known from {}",
                             counted(report.known(), "finding is", "findings are"),
                             escape_for_terminal(*report.baseline)));
    }
    if (const std::string command = remedy(report); !command.empty()) {
        out.write("next: " + escape_for_terminal(command) + '\n');
    }
}

}  // namespace

void write_audit_table(Writer& out, const Display& display, const AuditReport& report) {
    write_head(out, display, report);
    write_rows(out, display, report);
    write_notes(out, display, report);
}

}  // namespace cachectl
