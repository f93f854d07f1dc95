#include "restore/summary.hpp"

#include <fmt/format.h>

#include "cli/target.hpp"
#include "output/escape.hpp"
#include "output/wrapped.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

std::string headline(const RestoreSummary& summary) {
    const std::string target =
        escape_for_terminal(describe_server(summary.head.target, summary.masters));
    const std::string file = escape_for_terminal(summary.file);
    if (summary.matched == 0) {
        return fmt::format("no key of {} is to be restored on {}", file, target);
    }
    const std::string restored = fmt::format("{} of {}", format_count(summary.tally.restored),
                                             format_counted(summary.matched, "key"));
    if (summary.dry_run) {
        return fmt::format("would restore {} from {} on {} (dry run: nothing was changed)",
                           restored, file, target);
    }
    return fmt::format("restored {} from {} on {} in {}", restored, file, target,
                       format_duration(summary.elapsed));
}

}  // namespace

void write_summary(const RestoreSummary& summary, Writer& out, const Display& display) {
    const RestoreTally& tally = summary.tally;
    out.write(wrapped_sentence(headline(summary), display, 2));
    const auto line = [&](std::uint64_t n, std::string_view what) {
        if (n != 0) {
            out.write(fmt::format("  {} {}\n", format_counted(n, "key"), what));
        }
    };
    if (summary.dry_run && summary.likely_refused && tally.restored != 0) {
        out.write(fmt::format(
            "  most of these are likely to be refused: RDB version {}, and the server's is {} "
            "(--any-version)\n",
            summary.rdb_version_file, summary.rdb_version_server.value_or(0)));
    }
    line(tally.overwritten, "of these there already, to be overwritten");
    line(tally.exists, "left alone: there already (--replace overwrites)");
    line(tally.protected_keys, "spared: protected, and there already");
    line(tally.expired_since, "left out: the time to live was over");
    line(summary.other_database, "left out: of another database");
    line(tally.failed, "refused by the server");
    for (const auto& [reason, keys] : tally.reasons) {
        out.write(fmt::format("    {}: {}\n", format_count(keys), escape_for_terminal(reason)));
    }
    line(summary.evicted, "evicted by the server meanwhile, these or others");
    line(tally.unknown, "unknown: sent, but no reply came");
    line(tally.not_attempted, "not attempted");
    if (summary.other_version) {
        out.write(fmt::format("  written as of RDB version {}, which the server takes\n",
                              *summary.other_version));
    }
    if (!summary.file_whole) {
        out.write(summary.file_bytes_unused == 0
                      ? "  the file lacks its end mark: keys may be missing from it\n"
                      : fmt::format("  the file is not whole: {} could not be used\n",
                                    format_counted(summary.file_bytes_unused, "byte")));
    }
    if (!summary.complete) {
        const bool is_all = tally.unknown + tally.not_attempted == 0 && summary.file_whole;
        out.write(
            fmt::format("  not complete{}\n", is_all ? "" : ": there may be more to restore"));
    }
}

void write_summary(const RestoreSummary& summary, JsonWriter& json) {
    const RestoreTally& tally = summary.tally;
    json.begin_object();
    write_head(summary.head, json);
    json.field("file", std::string_view(summary.file));
    json.field("file_whole", summary.file_whole);
    json.field("file_bytes_unused", summary.file_bytes_unused);
    json.field("rdb_version_file", summary.rdb_version_file);
    json.field("rdb_version_server", summary.rdb_version_server);
    json.field("likely_refused", summary.likely_refused);
    json.field("dry_run", summary.dry_run);
    json.field("matched", summary.matched);
    json.field("restored", summary.dry_run ? 0 : tally.restored);
    if (summary.dry_run) {
        json.field("would_restore", tally.restored);
        json.field("would_overwrite", tally.overwritten);
    }
    json.field("exists", tally.exists);
    json.field("protected", tally.protected_keys);
    json.field("expired_since", tally.expired_since);
    json.field("failed", tally.failed);
    json.field("unknown", tally.unknown);
    json.field("not_attempted", tally.not_attempted);
    json.field("other_database", summary.other_database);
    json.field("evicted", summary.evicted);
    json.field("bytes", tally.bytes);
    json.key("reasons");
    json.begin_object();
    for (const auto& [reason, keys] : tally.reasons) {
        json.field(reason, keys);
    }
    json.end_object();
    json.field("rdb_version_sent", summary.other_version);
    json.field("complete", summary.complete);
    json.field("elapsed_ms", std::int64_t{summary.elapsed.count()});
    json.end_object();
}

}  // namespace cachectl
