// The part of warm/summary.hpp that writes the summary as JSON.
#include "change/begin_backup.hpp"
#include "warm/summary.hpp"

namespace cachectl {

namespace {

std::optional<std::string_view> text_or_null(const std::string& text) {
    return text.empty() ? std::optional<std::string_view>() : text;
}

/// A number of duplicates.
std::optional<std::uint64_t> known(const WarmSummary& summary, std::uint64_t duplicates) {
    return summary.duplicates_are_known ? std::optional(duplicates) : std::nullopt;
}

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

void write_verification(const VerifyTally& read_back, JsonWriter& json) {
    json.field("verified", read_back.verified);
    json.field("mismatched", read_back.mismatched);
    json.field("gone", read_back.gone);
    json.field("expired", read_back.expired);
    json.field("unread", read_back.unread);
}

void write_resumed_from(const WarmResumed& before, JsonWriter& json) {
    json.key("resumed_from");
    json.begin_object();
    json.field("records", before.records);
    json.field("keys", before.keys);
    json.field("written", before.written);
    json.field("skipped", before.skipped);
    json.field("rejected", before.rejected);
    json.field("duplicates", before.duplicates);
    json.end_object();
}

void write_datasets(const WarmSummary& summary, JsonWriter& json) {
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
        json.field("duplicates", known(summary, dataset.duplicates));
        json.field("unchanged", dataset.counts.unchanged);
        json.field("replaced", dataset.counts.replaced);
        json.field("replaced_records", dataset.replaced_records);
        json.field("bytes", dataset.counts.bytes);
        json.end_object();
    }
    json.end_array();
}

void write_sample(const WarmSummary& summary, JsonWriter& json) {
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

}  // namespace

void write_summary(const WarmSummary& summary, JsonWriter& json) {
    const WriteTally& tally = summary.tally;
    json.begin_object();
    write_head(summary, json);
    json.field("dry_run", summary.dry_run);
    json.field("records", summary.records());
    json.field("keys", summary.keys);
    json.field("written", tally.written);
    json.field("skipped", tally.skipped);
    json.field("rejected", summary.rejected());
    json.field("filtered", summary.filtered());
    json.field("duplicates", known(summary, summary.duplicates));
    json.field("protected", tally.protected_keys);
    json.field("failed", tally.failed);
    json.field("unknown", tally.unknown);
    json.field("not_attempted", tally.not_attempted);
    json.field("unchanged", tally.unchanged);
    json.field("replaced", tally.replaced);
    json.field("replaced_records", summary.replaced_records());
    json.field("bytes", tally.bytes);
    if (summary.dry_run) {
        json.field("estimated_memory_bytes", summary.estimated_memory);
        json.field("layout", MemoryModel{}.name());
    }
    if (summary.evicted) {
        json.field("evicted", *summary.evicted);
    }
    if (summary.verification) {
        write_verification(*summary.verification, json);
    }
    if (summary.resumed_from) {
        write_resumed_from(*summary.resumed_from, json);
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
    if (summary.backup) {
        json.key("backup");
        write_backup(*summary.backup, json);
    }
    json.field("complete", summary.complete);
    json.field("interrupted", summary.interrupted);
    json.field("unavailable", summary.unavailable);
    json.field("resumable", summary.resumable);
    json.field("journal", text_or_null(summary.journal));
    write_error(summary.error, json);
    json.field("elapsed_ms", std::int64_t{summary.elapsed.count()});
    write_datasets(summary, json);
    if (summary.dry_run) {
        write_sample(summary, json);
    }
    json.end_object();
}

}  // namespace cachectl
