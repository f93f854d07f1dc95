#include "warm/summary.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include "change/begin_backup.hpp"
#include "cli/target.hpp"
#include "output/escape.hpp"
#include "output/table.hpp"
#include "output/wrapped.hpp"
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

/// " (12k records/s)"
std::string rate_of(const WarmSummary& summary) {
    const double seconds = std::chrono::duration<double>(summary.elapsed).count();
    if (seconds <= 0) {
        return {};
    }
    std::string rate = format_rate(static_cast<double>(summary.records()) / seconds);
    rate.insert(rate.find('/'), " records");
    return " (" + rate + ")";
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
    const std::string time = format_duration(summary.elapsed);
    const WriteTally& tally = summary.tally;
    if (tally.written == 0 && tally.unknown == 0) {
        return fmt::format("wrote nothing on {}: read {} in {}", target,
                           counted(summary.records(), "record"), time);
    }
    const std::string where =
        fmt::format("on {} in {}{}", target, time, tally.written == 0 ? "" : rate_of(summary));
    // Records that a run before has made keys of are no part of these.
    const bool goes_on = summary.resumed_from && summary.resumed_from->keys != 0;
    if (tally.written == summary.keys && !goes_on) {
        return fmt::format("wrote {} as {} ({}) {}", counted(usable, "record"),
                           counted(summary.keys, "key"), size, where);
    }
    return fmt::format("wrote {} ({}) of {} {}", counted(tally.written, "key"), size,
                       format_count(summary.keys), where);
}

void write_counts(const WarmSummary& summary, Writer& out, const Display& display) {
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
    line(summary.replaced_records(), "record", "replaced by later ones of the same name");
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
        out.write(wrapped_sentence(
            fmt::format("  about {} of the server's memory, in the layout of Redis 7.0",
                        format_size(summary.estimated_memory)),
            display, 4));
    }
    if (summary.verification) {
        const VerifyTally& read_back = *summary.verification;
        if (read_back.verified != 0 || tally.written != 0) {
            out.write(
                fmt::format("  {} read back as written\n", counted(read_back.verified, "key")));
        }
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
                {{"KEY", ColumnKind::left, Overflow::cut},
                 {"TYPE"},
                 {"TTL", ColumnKind::right},
                 {"SIZE", ColumnKind::right},
                 {"VALUE", ColumnKind::left, Overflow::cut}});
    for (const WarmSample& key : summary.sample) {
        table.row({key.key, key.type, key.ttl ? format_duration(*key.ttl) : "never",
                   format_size(key.bytes), key.head + (key.is_cut ? display.ellipsis() : "")});
    }
    table.finish();
}

}  // namespace

std::uint64_t WarmSummary::records() const { return sum(*this, &WarmDataset::records); }

std::uint64_t WarmSummary::rejected() const { return sum(*this, &WarmDataset::rejected); }

std::uint64_t WarmSummary::filtered() const { return sum(*this, &WarmDataset::filtered); }

std::uint64_t WarmSummary::replaced_records() const {
    return sum(*this, &WarmDataset::replaced_records);
}

void write_summary(const WarmSummary& summary, Writer& out, const Display& display) {
    out.write(wrapped_sentence(headline(summary), display, 2));
    write_counts(summary, out, display);
    if (summary.backup) {
        write_backup(*summary.backup, out);
    }
    write_sample(summary, out, display);
    // A single one is what the sentences above are about.
    if (summary.datasets.size() > 1) {
        out.write("\n");
        write_datasets(summary, {.format = Format::table, .display = display}, out);
    }
}

}  // namespace cachectl
