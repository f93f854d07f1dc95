// The part of warm/summary.hpp that writes a row for each dataset.
#include <algorithm>

#include "warm/summary.hpp"

namespace cachectl {

namespace {

/// "course:{id}", or what else its keys are.
std::string keys_of(const WarmDataset& dataset) {
    return dataset.key.value_or(dataset.collect.value_or(dataset.group.value_or("")));
}

/// For people, the columns whose value is the same for all datasets, or for none, are left out.
std::vector<Field> fields_of(const WarmSummary& summary) {
    const auto any = [&summary](auto has) {
        return std::any_of(summary.datasets.begin(), summary.datasets.end(), has);
    };
    const bool tables = any([](const WarmDataset& dataset) { return !dataset.table.empty(); });
    const bool keys_differ = any([&summary](const WarmDataset& dataset) {
        return keys_of(dataset) != keys_of(summary.datasets.front());
    });
    const bool unchanged =
        any([](const WarmDataset& dataset) { return dataset.counts.unchanged != 0; });
    const bool replaced =
        any([](const WarmDataset& dataset) { return dataset.replaced_records != 0; });
    using enum Field::Kind;
    return {{"file", "FILE"},
            {"table", tables ? "TABLE" : ""},
            {"key", keys_differ ? "KEY" : ""},
            {"records", "", count},
            {"", "RECORDS", count, "not read"},
            {"keys", summary.dry_run ? "KEYS" : "", count},
            {"written", summary.dry_run ? "" : "WRITTEN", count},
            {"skipped", "SKIPPED", count},
            {"", unchanged ? "UNCHANGED" : "", count},
            {"rejected", "REJECTED", count},
            {"bytes", "SIZE", bytes},
            {"replaced_records", replaced ? "REPLACED" : "", count}};
}

}  // namespace

void write_datasets(const WarmSummary& summary, const RowsStyle& style, Writer& out) {
    Rows rows(out, style, fields_of(summary));
    for (const WarmDataset& dataset : summary.datasets) {
        const std::optional<std::uint64_t> read =
            dataset.format.empty() ? std::nullopt : std::optional(dataset.records);
        const WriteCounts& counts = dataset.counts;
        rows.row({dataset.file, dataset.table, keys_of(dataset), dataset.records, read,
                  dataset.keys, counts.written, counts.skipped, counts.unchanged, dataset.rejected,
                  counts.bytes, dataset.replaced_records});
    }
    rows.finish();
}

}  // namespace cachectl
