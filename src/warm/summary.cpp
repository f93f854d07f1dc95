#include "warm/summary.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include "cli/target.hpp"
#include "output/escape.hpp"
#include "output/table.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

std::string counted(std::uint64_t n, std::string_view noun) {
    return fmt::format("{} {}{}", format_count(n), noun, n == 1 ? "" : "s");
}

std::uint64_t sum(const WarmSummary& summary, std::uint64_t WarmDataset::*member) {
    return std::accumulate(
        summary.datasets.begin(), summary.datasets.end(), std::uint64_t{0},
        [member](std::uint64_t n, const WarmDataset& dataset) { return n + dataset.*member; });
}

std::optional<std::string_view> text_or_null(const std::string& text) {
    return text.empty() ? std::optional<std::string_view>() : text;
}

std::string headline(const WarmSummary& summary) {
    const std::string target =
        escape_for_terminal(describe_server(summary.target, summary.masters));
    const std::uint64_t usable = summary.records() - summary.rejected();
    const std::string size = format_size(summary.tally.bytes);
    if (summary.dry_run) {
        return fmt::format("would write {} as {} ({}) on {} (dry run: nothing was written)",
                           counted(usable, "record"),
                           counted(summary.keys - summary.duplicates, "key"), size, target);
    }
    const double seconds = std::chrono::duration<double>(summary.elapsed).count();
    std::string rate;
    if (seconds > 0) {
        rate = format_rate(static_cast<double>(summary.records()) / seconds);
        rate.insert(rate.find('/'), " records");
        rate = " (" + rate + ")";
    }
    const std::string time = format_duration(summary.elapsed);
    if (summary.tally.written == summary.keys) {
        return fmt::format("wrote {} as {} ({}) on {} in {}{}", counted(usable, "record"),
                           counted(summary.keys, "key"), size, target, time, rate);
    }
    return fmt::format("wrote {} ({}) of {} on {} in {}{}", counted(summary.tally.written, "key"),
                       size, format_count(summary.keys), target, time, rate);
}

void write_counts(const WarmSummary& summary, Writer& out) {
    const WriteTally& tally = summary.tally;
    const auto line = [&](std::uint64_t n, std::string_view noun, std::string_view what) {
        if (n != 0) {
            out.write(fmt::format("  {} {}\n", counted(n, noun), what));
        }
    };
    if (summary.resumed_from) {
        out.write(fmt::format("  went on behind {} of an interrupted run\n",
                              counted(summary.resumed_from->keys, "key")));
    }
    line(tally.replaced, "key", "of these replaced what was there");
    line(tally.skipped, "key", "skipped: there already");
    line(tally.unchanged, "key", "unchanged: there already with the same value");
    line(summary.duplicates, "duplicate", "of keys that rows before had made");
    line(tally.protected_keys, "protected key", "not overwritten");
    line(summary.rejected(), "record", "rejected");
    line(summary.filtered(), "record", "passed over: --where is not true of them");
    line(tally.failed, "key", "refused by the server");
    line(tally.unknown, "key", "unknown: sent, but no reply came");
    line(tally.not_attempted, "key", "not attempted");
    if (summary.dry_run) {
        std::set<std::string_view> formats;
        for (const WarmDataset& dataset : summary.datasets) {
            formats.insert(dataset.format);
        }
        formats.erase("");
        if (!formats.empty()) {
            out.write(fmt::format("  read as {}\n", fmt::join(formats, ", ")));
        }
        out.write(fmt::format("  about {} of the server's memory, in the layout of Redis 7.0\n",
                              format_size(summary.estimated_memory)));
    }
    if (summary.verification) {
        const VerifyTally& read_back = *summary.verification;
        out.write(fmt::format("  {} read back as written\n", counted(read_back.verified, "key")));
        line(read_back.mismatched, "key", "read back as something else");
        line(read_back.gone, "key", "gone before being read back");
        line(read_back.expired, "key", "expired before being read back");
        line(read_back.unread, "key", "that could not be read back");
    }
    if (summary.pointer) {
        write_switch(*summary.pointer, summary.dry_run, out);
    }
    if (summary.sync) {
        write_sync(*summary.sync, summary.dry_run, out);
    }
    const bool is_left =
        !summary.all_read || tally.failed + tally.unknown + tally.not_attempted != 0;
    if (!summary.complete && !summary.unavailable && is_left) {
        out.write("  not complete: there may be more to write\n");
    }
}

void write_sample(const WarmSummary& summary, Writer& out, const Display& display) {
    if (summary.sample.empty()) {
        return;
    }
    out.write("\nfor example:\n");
    Table table(out, display,
                {{"KEY"},
                 {"TYPE"},
                 {"TTL", ColumnKind::right},
                 {"SIZE", ColumnKind::right},
                 {"VALUE", ColumnKind::left, Overflow::cut}});
    for (const WarmSample& key : summary.sample) {
        table.row({key.key, key.type, key.ttl ? format_duration(*key.ttl) : "never",
                   format_size(key.bytes), key.head});
    }
    table.finish();
}

bool any_has(const WarmSummary& summary, bool (*has)(const WarmDataset&)) {
    return std::any_of(summary.datasets.begin(), summary.datasets.end(), has);
}

/// "course:{id}", or what else its keys are.
std::string keys_of(const WarmDataset& dataset) {
    return dataset.key.value_or(dataset.collect.value_or(dataset.group.value_or("")));
}

// What is the same for all, or for none, is left out.
void write_datasets(const WarmSummary& summary, Writer& out, const Display& display) {
    if (summary.datasets.size() < 2) {
        return;
    }
    const std::string first = keys_of(summary.datasets.front());
    const bool keys_differ =
        std::any_of(summary.datasets.begin(), summary.datasets.end(),
                    [&first](const WarmDataset& dataset) { return keys_of(dataset) != first; });
    const bool tables =
        any_has(summary, [](const auto& dataset) { return !dataset.table.empty(); });
    std::vector<Column> columns = {{"FILE"}};
    if (tables) {
        columns.push_back({"TABLE"});
    }
    if (keys_differ) {
        columns.push_back({"KEY"});
    }
    const bool unchanged =
        any_has(summary, [](const auto& dataset) { return dataset.counts.unchanged != 0; });
    for (const char* title : {"RECORDS", "WRITTEN", "SKIPPED", "UNCHANGED", "REJECTED", "SIZE"}) {
        if (!unchanged && std::string_view(title) == "UNCHANGED") {
            continue;
        }
        columns.push_back({title, ColumnKind::right});
    }
    if (summary.dry_run) {
        columns[columns.size() - 4].title = "KEYS";
    }

    out.write("\n");
    Table table(out, display, std::move(columns));
    for (const WarmDataset& dataset : summary.datasets) {
        std::vector<Cell> cells = {dataset.file};
        if (tables) {
            cells.emplace_back(dataset.table);
        }
        if (keys_differ) {
            cells.emplace_back(keys_of(dataset));
        }
        cells.emplace_back(dataset.format.empty() ? "not read" : format_count(dataset.records));
        cells.emplace_back(format_count(summary.dry_run ? dataset.keys : dataset.counts.written));
        cells.emplace_back(format_count(dataset.counts.skipped));
        if (unchanged) {
            cells.emplace_back(format_count(dataset.counts.unchanged));
        }
        cells.emplace_back(format_count(dataset.rejected));
        cells.emplace_back(format_size(dataset.counts.bytes));
        table.row(std::move(cells));
    }
    table.finish();
}

}  // namespace

std::uint64_t WarmSummary::records() const { return sum(*this, &WarmDataset::records); }

std::uint64_t WarmSummary::rejected() const { return sum(*this, &WarmDataset::rejected); }

std::uint64_t WarmSummary::filtered() const { return sum(*this, &WarmDataset::filtered); }

namespace {

void write_error(const std::optional<WarmError>& error, JsonWriter& json) {
    json.key("error");
    if (!error) {
        return json.value(nullptr);
    }
    json.begin_object();
    json.field("code", static_cast<int>(error->code));
    json.field("id", std::string_view(error->id));
    json.field("message", std::string_view(error->message));
    json.field("hint", text_or_null(error->hint));
    json.end_object();
}

}  // namespace

void write_summary(const WarmSummary& summary, JsonWriter& json) {
    const WriteTally& tally = summary.tally;
    json.begin_object();
    json.field("target", text_or_null(summary.target));
    json.field("dry_run", summary.dry_run);
    json.field("records", summary.records());
    json.field("keys", summary.keys);
    json.field("written", tally.written);
    json.field("skipped", tally.skipped);
    json.field("rejected", summary.rejected());
    json.field("filtered", summary.filtered());
    json.field("duplicates", summary.duplicates);
    json.field("protected", tally.protected_keys);
    json.field("failed", tally.failed);
    json.field("unknown", tally.unknown);
    json.field("not_attempted", tally.not_attempted);
    json.field("unchanged", tally.unchanged);
    json.field("replaced", tally.replaced);
    json.field("bytes", tally.bytes);
    if (summary.dry_run) {
        json.field("estimated_memory_bytes", summary.estimated_memory);
        json.field("layout", MemoryModel{}.name());
    }
    if (summary.evicted) {
        json.field("evicted", *summary.evicted);
    }
    if (summary.verification) {
        json.field("verified", summary.verification->verified);
        json.field("mismatched", summary.verification->mismatched);
        json.field("gone", summary.verification->gone);
        json.field("expired", summary.verification->expired);
        json.field("unread", summary.verification->unread);
    }
    if (summary.resumed_from) {
        const WarmResumed& before = *summary.resumed_from;
        json.key("resumed_from");
        json.begin_object();
        json.field("records", before.records);
        json.field("keys", before.keys);
        json.field("written", before.written);
        json.field("skipped", before.skipped);
        json.field("rejected", before.rejected);
        json.end_object();
    }
    if (summary.fit) {
        json.field("needed_bytes", summary.fit->needed);
        json.field("peak_bytes", summary.fit->peak);
        json.field("free_bytes", summary.fit->free);
        json.field("layout", summary.fit->layout);
    }
    if (summary.pointer) {
        write_switch(*summary.pointer, summary.dry_run, json);
    }
    if (summary.sync) {
        write_sync(*summary.sync, summary.dry_run, json);
    }
    json.field("complete", summary.complete);
    json.field("interrupted", summary.interrupted);
    json.field("unavailable", summary.unavailable);
    json.field("resumable", summary.resumable);
    json.field("journal", text_or_null(summary.journal));
    write_error(summary.error, json);
    json.field("elapsed_ms", std::int64_t{summary.elapsed.count()});
    json.key("datasets");
    json.begin_array();
    for (const WarmDataset& dataset : summary.datasets) {
        json.begin_object();
        json.field("file", std::string_view(dataset.file));
        json.field("format", text_or_null(dataset.format));
        json.field("table", text_or_null(dataset.table));
        json.field("key", dataset.key);
        json.field("collect", dataset.collect);
        json.field("group", dataset.group);
        json.field("records", dataset.records);
        json.field("keys", dataset.keys);
        json.field("written", dataset.counts.written);
        json.field("skipped", dataset.counts.skipped);
        json.field("rejected", dataset.rejected);
        json.field("filtered", dataset.filtered);
        json.field("duplicates", dataset.duplicates);
        json.field("unchanged", dataset.counts.unchanged);
        json.field("replaced", dataset.counts.replaced);
        json.field("bytes", dataset.counts.bytes);
        json.end_object();
    }
    json.end_array();
    if (summary.dry_run) {
        json.key("sample");
        json.begin_array();
        for (const WarmSample& key : summary.sample) {
            json.begin_object();
            json.bytes_field("key", key.key);
            json.field("type", std::string_view(key.type));
            json.field("ttl_ms", key.ttl ? std::optional<std::int64_t>(key.ttl->count())
                                         : std::optional<std::int64_t>());
            json.field("bytes", key.bytes);
            json.bytes_field("value_head", key.head);
            json.end_object();
        }
        json.end_array();
    }
    json.end_object();
}

void write_summary(const WarmSummary& summary, CsvWriter& csv) {
    for (const char* name :
         {"file", "table", "key", "records", "keys", "written", "skipped", "rejected", "bytes"}) {
        csv.field(name);
    }
    csv.end_row();
    for (const WarmDataset& dataset : summary.datasets) {
        for (const std::string& text : {dataset.file, dataset.table, keys_of(dataset)}) {
            csv.field(text);
        }
        for (const std::uint64_t n :
             {dataset.records, dataset.keys, dataset.counts.written, dataset.counts.skipped,
              dataset.rejected, dataset.counts.bytes}) {
            csv.field(std::to_string(n));
        }
        csv.end_row();
    }
}

void write_summary(const WarmSummary& summary, Writer& out, const Display& display) {
    out.write(headline(summary) + '\n');
    write_counts(summary, out);
    write_sample(summary, out, display);
    write_datasets(summary, out, display);
}

}  // namespace cachectl
