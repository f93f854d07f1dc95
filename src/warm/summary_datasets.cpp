// The part of warm/summary.hpp that writes a row for each dataset.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "util/text.hpp"
#include "warm/summary.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_shown_datasets = 20;

/// "course:{id}", or what else its keys are.
std::string keys_of(const WarmDataset& dataset) {
    return dataset.key.value_or(dataset.collect.value_or(dataset.group.value_or("")));
}

bool is_read(const WarmDataset& dataset) { return !dataset.format.empty(); }

/// Of many, people are shown a screenful: first those that somebody has to look after.
std::vector<const WarmDataset*> shown_datasets(const WarmSummary& summary, const RowsStyle& style) {
    std::vector<const WarmDataset*> shown;
    for (const WarmDataset& dataset : summary.datasets) {
        shown.push_back(&dataset);
    }
    if (style.format == Format::table && shown.size() > k_shown_datasets) {
        std::stable_partition(shown.begin(), shown.end(), [](const WarmDataset* dataset) {
            return dataset->rejected != 0 || !is_read(*dataset);
        });
        shown.resize(k_shown_datasets);
    }
    return shown;
}

/// How much of the files' names is the folder that they share: on a terminal it only takes room.
std::size_t shared_folder(const WarmSummary& summary, const RowsStyle& style) {
    if (style.format != Format::table || style.display.columns == 0) {
        return 0;
    }
    std::string_view shared = summary.datasets.front().file;
    for (const WarmDataset& dataset : summary.datasets) {
        const std::string_view file = dataset.file;
        const auto end = std::mismatch(shared.begin(), shared.end(), file.begin(), file.end());
        shared = shared.substr(0, static_cast<std::size_t>(end.first - shared.begin()));
    }
    return shared.rfind('/') + 1;  // npos + 1 is 0
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
    const bool skipped =
        any([](const WarmDataset& dataset) { return dataset.counts.skipped != 0; });
    const bool rejected = any([](const WarmDataset& dataset) { return dataset.rejected != 0; });
    const bool unchanged =
        any([](const WarmDataset& dataset) { return dataset.counts.unchanged != 0; });
    const bool replaced =
        any([](const WarmDataset& dataset) { return dataset.replaced_records != 0; });
    using enum Field::Kind;
    return {{.name = "file", .title = "FILE", .overflow = Overflow::cut},
            {.name = "table", .title = tables ? "TABLE" : "", .overflow = Overflow::cut},
            {.name = "key", .title = keys_differ ? "KEY" : "", .overflow = Overflow::cut},
            {"records", "", count},
            {"", "RECORDS", count, "not read"},
            {"keys", summary.dry_run ? "KEYS" : "", count},
            {"written", summary.dry_run ? "" : "WRITTEN", count},
            {"skipped", skipped ? "SKIPPED" : "", count},
            {"", unchanged ? "UNCHANGED" : "", count},
            {"rejected", rejected ? "REJECTED" : "", count},
            {"bytes", "SIZE", bytes},
            {"replaced_records", replaced ? "REPLACED" : "", count}};
}

}  // namespace

void write_datasets(const WarmSummary& summary, const RowsStyle& style, Writer& out) {
    if (summary.datasets.empty()) {
        return Rows(out, style, fields_of(summary)).finish();
    }
    Rows rows(out, style, fields_of(summary));
    const std::size_t folder = shared_folder(summary, style);
    const auto shown = shown_datasets(summary, style);
    for (const WarmDataset* dataset : shown) {
        const std::optional<std::uint64_t> read =
            is_read(*dataset) ? std::optional(dataset->records) : std::nullopt;
        const WriteCounts& counts = dataset->counts;
        rows.row({std::string_view(dataset->file).substr(folder), dataset->table, keys_of(*dataset),
                  dataset->records, read, dataset->keys, counts.written, counts.skipped,
                  counts.unchanged, dataset->rejected, counts.bytes, dataset->replaced_records});
    }
    rows.finish();
    if (shown.size() == summary.datasets.size()) {
        return;
    }
    std::uint64_t rest = summary.records();
    for (const WarmDataset* dataset : shown) {
        rest -= dataset->records;
    }
    out.write(fmt::format("and {} more with {} {} (-o csv lists all)\n",
                          format_count(summary.datasets.size() - shown.size()), format_count(rest),
                          rest == 1 ? "record" : "records"));
}

}  // namespace cachectl
