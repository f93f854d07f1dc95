#include "safety/change_summary.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "output/escape.hpp"
#include "output/table.hpp"
#include "output/target.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_shown_namespaces = 20;

std::string keys_text(std::uint64_t n, std::string_view kind = "") {
    return fmt::format("{} {}{}", format_count(n), kind, n == 1 ? "key" : "keys");
}

std::string headline(const ChangeSummary& summary) {
    const bool deletion = summary.kind == ChangeKind::deletion;
    const std::string target =
        escape_for_terminal(describe_server(summary.target, summary.masters));
    const std::string time = format_duration(summary.elapsed);
    if (summary.matched == 0 && summary.complete) {
        return fmt::format("no key matches on {}", target);
    }
    if (summary.dry_run == DryRun::yes) {
        return fmt::format("would {} {} of {} on {} (dry run: nothing was changed)",
                           deletion ? "delete" : "change the expiry of",
                           format_count(summary.would_change()), keys_text(summary.matched),
                           target);
    }
    return fmt::format("{} {}{} of {} on {} in {}", deletion ? "deleted" : "changed the expiry of",
                       summary.tally.changed_is_lower_bound ? "at least " : "",
                       format_count(summary.tally.changed), keys_text(summary.matched), target,
                       time);
}

void write_counts(const ChangeSummary& summary, Writer& out) {
    const ChangeTally& tally = summary.tally;
    const auto line = [&](std::uint64_t n, std::string_view kind, std::string_view what) {
        if (n != 0) out.write(fmt::format("  {} {}\n", keys_text(n, kind), what));
    };
    line(summary.protected_keys, "protected ",
         summary.dry_run == DryRun::yes ? "would be spared" : "spared");
    line(summary.unchanged, "", "already as asked for");
    line(tally.vanished, "", "gone already");
    line(tally.failed, "", "refused by the server");
    line(tally.unknown, "", "unknown: sent, but no reply came");
    line(tally.not_attempted, "", "not attempted");
    if (!summary.complete) out.write("  not complete: there may be more\n");
}

void write_namespaces(const ChangeSummary& summary, SummaryLook how, Writer& out,
                      const Look& look) {
    std::uint64_t total = 0;
    for (const auto& [name, keys] : summary.namespaces) total += keys;
    if (total == 0) return;
    const std::size_t shown = std::min(summary.namespaces.size(), k_shown_namespaces);
    out.write("\n");
    std::vector<Column> columns = {{"NAMESPACE", ColumnKind::left, Overflow::cut},
                                   {"KEYS", ColumnKind::right}};
    if (how == SummaryLook::table) columns.push_back({"SHARE", ColumnKind::bar});
    Table table(out, look, std::move(columns));
    std::uint64_t rest = total;
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& [name, keys] = summary.namespaces[i];
        rest -= keys;
        std::vector<Cell> cells = {name, format_count(keys)};
        if (how == SummaryLook::table) {
            cells.push_back(Cell::bar(static_cast<double>(keys) / static_cast<double>(total)));
        }
        table.row(std::move(cells));
    }
    table.finish();
    if (const std::size_t more = summary.namespaces.size() - shown; more != 0) {
        out.write(fmt::format("and {} in {} more\n", keys_text(rest), format_count(more)));
    }
}

}  // namespace

std::uint64_t ChangeSummary::would_change() const {
    return matched - unchanged - protected_keys - tally.vanished;
}

void write_summary(const ChangeSummary& summary, JsonWriter& json) {
    const ChangeTally& tally = summary.tally;
    json.begin_object();
    json.field("command", std::string_view(summary.command));
    json.field("target", std::string_view(summary.target));
    json.field("dry_run", summary.dry_run == DryRun::yes);
    json.field("matched", summary.matched);
    if (summary.kind == ChangeKind::deletion) {
        json.field("deleted", tally.changed);
    } else {
        json.field("changed", tally.changed);
        json.field("unchanged", summary.unchanged);
    }
    json.field("protected", summary.protected_keys);
    json.field("vanished", tally.vanished);
    json.field("failed", tally.failed);
    json.field("unknown", tally.unknown);
    json.field("not_attempted", tally.not_attempted);
    json.key("namespaces");
    json.begin_object();
    for (const auto& [name, keys] : summary.namespaces) json.field(name, keys);
    json.end_object();
    json.field("complete", summary.complete);
    json.field("elapsed_ms", std::int64_t{summary.elapsed.count()});
    json.end_object();
}

void write_summary(const ChangeSummary& summary, SummaryLook how, Writer& out, const Look& look) {
    out.write(headline(summary) + '\n');
    write_counts(summary, out);
    if (!summary.sample.empty()) {
        out.write("\nfor example:\n");
        for (const std::string& key : summary.sample) {
            out.write("  " + escape_for_terminal(key) + '\n');
        }
    }
    write_namespaces(summary, how, out, look);
}

}  // namespace cachectl
