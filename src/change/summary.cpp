#include "change/summary.hpp"

#include "change/begin_backup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "cli/target.hpp"
#include "output/escape.hpp"
#include "output/table.hpp"
#include "output/wrapped.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_shown_namespaces = 20;

std::string keys_text(std::uint64_t n, std::string_view kind = "") {
    return fmt::format("{} {}{}", format_count(n), kind, n == 1 ? "key" : "keys");
}

/// "deleted", and for an expiry what the keys have got: "(set to 1h)".
std::string done_to(const ChangeSummary& summary, std::string_view keys) {
    if (!summary.expiry) {
        return std::string(keys);
    }
    return fmt::format("{} ({})", keys, describe(*summary.expiry));
}

std::string headline(const ChangeSummary& summary) {
    const std::string target =
        escape_for_terminal(describe_server(summary.target, summary.masters));
    const std::string time = format_duration(summary.elapsed);
    if (summary.matched == 0 && summary.flushed_whole && summary.complete) {
        return fmt::format("emptied {}, which told of no keys, in {}", target, time);
    }
    if (summary.matched == 0 && summary.complete) {
        return fmt::format("no key matches on {}", target);
    }
    const std::string matched = keys_text(summary.matched);
    if (summary.dry_run == DryRun::yes) {
        return fmt::format("would {} {} of {} on {} (dry run: nothing was changed)",
                           summary.expiry ? "change the expiry of" : "delete",
                           format_count(summary.would_change()), done_to(summary, matched), target);
    }
    return fmt::format(
        "{} {} of {}{} on {} in {}", summary.expiry ? "changed the expiry of" : "deleted",
        format_count(summary.tally.changed), summary.all_seen ? "" : "the ",
        done_to(summary, matched + (summary.all_seen ? "" : " seen so far")), target, time);
}

std::string incompleteness(const ChangeSummary& summary) {
    const char* const more = summary.all_seen ? "" : "there may be more";
    if (!summary.progress) {
        return fmt::format("not complete{}{}", *more == 0 ? "" : ": ", more);
    }
    return fmt::format("not complete: stopped at {:.0f} % of the way{}{}", 100 * *summary.progress,
                       *more == 0 ? "" : "; ", more);
}

void write_counts(const ChangeSummary& summary, Writer& out) {
    const ChangeTally& tally = summary.tally;
    const auto line = [&](std::uint64_t n, std::string_view kind, std::string_view what) {
        if (n != 0) {
            out.write(fmt::format("  {} {}\n", keys_text(n, kind), what));
        }
    };
    line(summary.protected_keys, "protected ",
         summary.dry_run == DryRun::yes ? "would be spared" : "spared");
    if (summary.expiry) {
        line(summary.unchanged, "", why_unchanged(summary.expiry->mode));
    }
    line(tally.vanished, "", "gone already");
    line(tally.failed - summary.unreadable - tally.unsaved, "", "refused by the server");
    line(tally.unsaved, "", "left: they could not be saved");
    line(summary.unreadable, "", "left alone: what the server says of them is no answer");
    line(tally.presumed, "",
         summary.expiry ? "counted though only a lost command may have changed them"
                        : "counted though they were gone when the lost command was repeated");
    line(tally.unknown, "", "unknown: sent, but no reply came");
    line(tally.not_attempted, "", "not attempted");
    write_neighbours(summary.neighbours, "  ", out);
    for (const ListingSet& set : summary.sets) {
        out.write(fmt::format("  {}\n", escape_for_terminal(describe(set))));
    }
    line(summary.repeated, "", "named more than once: counted once");
    if (!summary.complete) {
        out.write(fmt::format("  {}\n", incompleteness(summary)));
    }
}

/// An object's names must differ: what is not UTF-8 would become U+FFFD, in several names alike.
std::vector<std::pair<std::string, std::uint64_t>> unique_names(
    const std::vector<std::pair<std::string, std::uint64_t>>& namespaces) {
    std::vector<std::pair<std::string, std::uint64_t>> unique;
    std::unordered_map<std::string, std::size_t> places;
    for (const auto& [name, keys] : namespaces) {
        const std::string text = is_utf8(name) ? name : escape_for_terminal(name);
        const auto [place, is_new] = places.emplace(text, unique.size());
        if (is_new) {
            unique.emplace_back(text, 0);
        }
        unique[place->second].second += keys;
    }
    return unique;
}

void write_namespaces(const ChangeSummary& summary, SummaryStyle how, Writer& out,
                      const Display& display) {
    std::uint64_t total = 0;
    for (const auto& [name, keys] : summary.namespaces) {
        total += keys;
    }
    if (total == 0) {
        return;
    }
    const std::size_t shown = std::min(summary.namespaces.size(), k_shown_namespaces);
    out.write("\n");
    std::vector<Column> columns = {{"NAMESPACE", ColumnKind::left, Overflow::cut},
                                   {"KEYS", ColumnKind::right}};
    if (how == SummaryStyle::table) {
        columns.push_back({"SHARE", ColumnKind::bar});
    }
    Table table(out, display, std::move(columns));
    std::uint64_t rest = total;
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& [name, keys] = summary.namespaces[i];
        rest -= keys;
        std::vector<Cell> cells = {name, format_count(keys)};
        if (how == SummaryStyle::table) {
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
    return matched - unchanged - protected_keys - tally.vanished - tally.failed;
}

std::optional<double> ChangeSummary::misses_per_s() const {
    if (!expiry || expiry->mode != ExpiryMode::spread) {
        return std::nullopt;
    }
    const auto keys = unchanged + (dry_run == DryRun::yes ? would_change() : tally.changed);
    return static_cast<double>(keys) / std::chrono::duration<double>(expiry->ttl).count();
}

namespace {

void write_texts(std::string_view name, const std::vector<std::string>& texts, JsonWriter& json) {
    json.key(name);
    json.begin_array();
    for (const std::string& text : texts) {
        json.value(std::string_view(text));
    }
    json.end_array();
}

void write_sets(const std::vector<ListingSet>& sets, JsonWriter& json) {
    if (sets.empty()) {
        return;
    }
    json.key("sets");
    json.begin_array();
    for (const ListingSet& set : sets) {
        json.begin_object();
        json.field("set", std::string_view(set.name));
        json.field("gone", set.gone);
        json.field("members_left", set.members_left);
        json.end_object();
    }
    json.end_array();
}

void write_request(const ChangeSummary& summary, JsonWriter& json) {
    write_head(summary, json);
    const AskedFor& asked = summary.asked_for;
    if (!asked.namespaces.empty()) {
        write_texts("namespaces_asked", asked.namespaces, json);
    } else {
        write_texts("patterns", asked.patterns, json);
    }
    if (!asked.keys_from.empty()) {
        json.field("keys_from", std::string_view(asked.keys_from));
    }
    if (!asked.members_of.empty()) {
        write_texts("members_of", asked.members_of, json);
    }
    if (const auto& expiry = summary.expiry) {
        json.field("mode", name_of(expiry->mode));
        json.key("ttl_ms");
        expiry->mode == ExpiryMode::remove ? json.value(nullptr)
                                           : json.value(std::int64_t{expiry->ttl.count()});
        if (expiry->jitter != 0) {
            json.field("jitter", expiry->jitter);
        }
    }
}

}  // namespace

void write_neighbours(const std::vector<NeighbourCount>& neighbours, JsonWriter& json) {
    json.key("neighbours");
    json.begin_array();
    for (const NeighbourCount& neighbour : neighbours) {
        json.begin_object();
        json.field("name", std::string_view(neighbour.name));
        json.field("keys", neighbour.keys);
        write_texts("patterns", neighbour.patterns, json);
        json.end_object();
    }
    json.end_array();
}

void write_neighbours(const std::vector<NeighbourCount>& neighbours, std::string_view indent,
                      Writer& out) {
    for (const NeighbourCount& neighbour : neighbours) {
        out.write(fmt::format("{}among them {}: {}, it seems\n", indent,
                              escape_for_terminal(describe(neighbour)), neighbour.what));
    }
}

void write_summary(const ChangeSummary& summary, JsonWriter& json) {
    const ChangeTally& tally = summary.tally;
    json.begin_object();
    write_request(summary, json);
    json.field("dry_run", summary.dry_run == DryRun::yes);
    json.field("matched", summary.matched);
    json.field(summary.expiry ? "changed" : "deleted", tally.changed);
    if (summary.dry_run == DryRun::yes) {
        json.field(summary.expiry ? "would_change" : "would_delete", summary.would_change());
    }
    if (summary.expiry) {
        json.field("unchanged", summary.unchanged);
    }
    if (const auto misses = summary.misses_per_s()) {
        json.field("misses_per_s", *misses);
    }
    json.field("protected", summary.protected_keys);
    json.field("vanished", tally.vanished);
    json.field("failed", tally.failed);
    json.field("unknown", tally.unknown);
    json.field("not_attempted", tally.not_attempted);
    if (tally.presumed != 0) {
        json.field("presumed", tally.presumed);
    }
    if (summary.repeated != 0) {
        json.field("repeated", summary.repeated);
    }
    json.key("namespaces");
    json.begin_object();
    for (const auto& [name, keys] : unique_names(summary.namespaces)) {
        json.field(name, keys);
    }
    json.end_object();
    write_neighbours(summary.neighbours, json);
    write_sets(summary.sets, json);
    json.field("complete", summary.complete);
    if (!summary.all_seen) {
        json.field("progress", summary.progress);
    }
    if (!summary.plan_file.empty()) {
        json.field("plan", std::string_view(summary.plan_file));
    }
    if (const auto& backup = summary.backup) {
        json.key("backup");
        write_backup(*backup, json);
    }
    json.field("elapsed_ms", std::int64_t{summary.elapsed.count()});
    json.end_object();
}

void write_summary(const ChangeSummary& summary, SummaryStyle how, Writer& out,
                   const Display& display) {
    out.write(wrapped_sentence(headline(summary), display, 2));
    write_counts(summary, out);
    if (summary.backup) {
        write_backup(*summary.backup, out);
    }
    if (summary.plan_valid_until) {
        out.write(fmt::format("  planned in {}; until {}: {}\n",
                              escape_for_terminal(summary.plan_file),
                              format_utc(*summary.plan_valid_until).value_or("the end of time"),
                              escape_for_terminal(summary.apply_command)));
    }
    if (const auto misses = summary.misses_per_s()) {
        const std::string number = *misses < 10 ? fmt::format("{:.1f}", *misses)
                                                : format_count(static_cast<std::uint64_t>(*misses));
        out.write(
            fmt::format("  that makes {} misses a second, if all are asked for again\n", number));
    }
    if (!summary.sample.empty()) {
        out.write("\nfor example:\n");
        for (const std::string& key : summary.sample) {
            out.write("  " + escape_for_terminal(key) + '\n');
        }
    }
    write_namespaces(summary, how, out, display);
}

}  // namespace cachectl
