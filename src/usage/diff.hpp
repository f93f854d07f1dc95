// What grew, shrank, came and went between two snapshots of a database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "usage/snapshot.hpp"

namespace cachectl {

/// How much a figure has changed, and within what limits where one of the two is an estimate.
struct FigureChange {
    std::int64_t change = 0;
    std::int64_t low = 0;
    std::int64_t high = 0;

    /// It is larger than what estimates may be off.
    [[nodiscard]] bool is_certain() const { return change != 0 && (low > 0 || high < 0); }
};

enum class RowState { same, grew, shrank, is_new, gone };

/// "same", "grew", "shrank", "new", "gone"
std::string_view name_of(RowState state);

/// That a namespace's keys live for another time than before, or for ever.
struct TtlChange {
    std::string name;
    std::optional<std::int64_t> before_ms, after_ms;  // nothing: most of them never expire
};

struct DiffRow {
    SnapshotRow before, after;  // one of them may be without keys
    FigureChange keys, bytes;
    RowState state = RowState::same;
};

struct Diff {
    const Snapshot& from;
    const Snapshot& to;
    DiffRow total;
    std::vector<DiffRow> rows;  // the largest change first
    std::vector<TtlChange> ttls;
};

/// Error(usage) where the two cannot be compared: other keys were asked for, or at another depth.
Diff compare(const Snapshot& from, const Snapshot& to);

/// The contract's fields; the members of an object that has been begun.
void write_diff_json(JsonWriter& json, const Diff& diff);
/// change in bytes, change in keys, state and namespace in each line; or CSV.
void write_diff_rows(Writer& out, const Diff& diff, Format format);
void write_diff_table(Writer& out, const Display& display, const Diff& diff);

}  // namespace cachectl
