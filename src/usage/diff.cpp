#include "usage/diff.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>

namespace cachectl {

namespace {

/// `a - b`, or the nearest there is: a snapshot may say anything.
std::int64_t difference(std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    if (!__builtin_sub_overflow(a, b, &result)) {
        return result;
    }
    return a < b ? std::numeric_limits<std::int64_t>::min()
                 : std::numeric_limits<std::int64_t>::max();
}

/// The widest that an estimate may be off; of what a sample did not meet, what it may have missed.
double error_of(const Measured& figure) {
    return static_cast<double>(
        std::max(difference(figure.value, figure.low), difference(figure.high, figure.value)));
}

FigureChange change_of(const Measured& before, const Measured& after) {
    constexpr double k_most = 9e18;
    const std::int64_t change = difference(after.value, before.value);
    const auto error = static_cast<std::int64_t>(
        std::clamp(std::ceil(std::hypot(error_of(before), error_of(after))), 0.0, k_most));
    return {change, difference(change, error), difference(change, -error)};
}

/// What one of the namespaces that a snapshot does not name has at most: as much as all of them,
/// and no more memory than the last of those that it does name, or, where sizes are not told, no
/// more keys.
SnapshotRow most_in_rest(const Snapshot& snapshot) {
    SnapshotRow most = *snapshot.rest;
    if (snapshot.rows.empty()) {
        return most;
    }
    const SnapshotRow& last = snapshot.rows.back();
    if (most.bytes && last.bytes) {
        most.bytes->high = std::min(most.bytes->high, last.bytes->high);
    } else if (!most.bytes && !last.bytes) {
        most.keys.high = std::min(most.keys.high, last.keys.high);
    }
    return most;
}

/// What a snapshot says of a namespace that it has no row of: no keys, or fewer than it would name.
SnapshotRow absent_from(const Snapshot& snapshot, const SnapshotRow& other) {
    SnapshotRow row;
    row.name = other.name;
    row.example = other.example;
    if (other.bytes) {
        row.bytes.emplace();
    }
    if (snapshot.sampled && snapshot.sample_keys > 0) {
        SampleOutcome sample;
        sample.drawn = snapshot.sample_keys;
        sample.population = static_cast<std::uint64_t>(snapshot.total.keys.value);
        const double keys = std::ceil(estimate_count(0, sample).high);
        row.keys.high = static_cast<std::int64_t>(keys);
        if (row.bytes && other.keys.value > 0) {
            row.bytes->high =
                static_cast<std::int64_t>(std::ceil(keys * static_cast<double>(other.bytes->value) /
                                                    static_cast<double>(other.keys.value)));
        }
    }
    if (snapshot.rest) {
        const SnapshotRow most = most_in_rest(snapshot);
        row.keys.high = std::max(row.keys.high, most.keys.high);
        if (row.bytes && most.bytes) {
            row.bytes->high = std::max(row.bytes->high, most.bytes->high);
        } else {
            row.bytes.reset();
        }
    }
    return row;
}

RowState state_of(const DiffRow& row, bool was_there, bool is_there) {
    const FigureChange& decisive = row.after.bytes && row.before.bytes ? row.bytes : row.keys;
    if (!decisive.is_certain()) {
        return RowState::same;
    }
    if (!was_there) {
        return RowState::is_new;
    }
    if (!is_there) {
        return RowState::gone;
    }
    return decisive.change > 0 ? RowState::grew : RowState::shrank;
}

DiffRow diff_row(SnapshotRow before, SnapshotRow after, bool was_there, bool is_there) {
    DiffRow row{std::move(before), std::move(after), {}, {}, RowState::same};
    row.keys = change_of(row.before.keys, row.after.keys);
    if (row.before.bytes && row.after.bytes) {
        row.bytes = change_of(*row.before.bytes, *row.after.bytes);
    }
    row.state = state_of(row, was_there, is_there);
    return row;
}

/// The time that nearly all keys of the row do not exceed, which is what they are given; nothing
/// for one of which most keys never expire.
std::optional<std::int64_t> ttl_of(const SnapshotRow& row) {
    return row.persistent * 2 > row.keys.value ? std::nullopt : row.ttl_p99_ms;
}

/// Whether shorter times may come of keys' age alone, and not of another time that they are given:
/// keys that are the same as before, or that were written at one moment.
bool may_be_age(const DiffRow& row, std::int64_t elapsed_ms) {
    constexpr double k_of_one_moment = 0.75;  // the median's part of the longest
    const auto before = static_cast<double>(row.before.ttl_p99_ms.value_or(0));
    const auto after = static_cast<double>(row.after.ttl_p99_ms.value_or(0));
    const auto elapsed = static_cast<double>(elapsed_ms);
    if (elapsed < before) {
        return after >= 0.9 * (before - elapsed);
    }
    return static_cast<double>(row.after.ttl_p50_ms.value_or(0)) >= k_of_one_moment * after;
}

std::optional<TtlChange> ttl_change(const DiffRow& row, std::int64_t elapsed_ms) {
    constexpr std::int64_t k_least_keys = 20;
    constexpr double k_least_factor = 1.5;
    if (row.before.keys.value < k_least_keys || row.after.keys.value < k_least_keys) {
        return std::nullopt;
    }
    const auto before = ttl_of(row.before), after = ttl_of(row.after);
    if (!before && !after) {
        return std::nullopt;
    }
    if (before && after) {
        const double factor = static_cast<double>(std::max<std::int64_t>(*after, 1)) /
                              static_cast<double>(std::max<std::int64_t>(*before, 1));
        const bool is_longer = factor >= k_least_factor;
        const bool is_shorter = factor <= 1 / k_least_factor && !may_be_age(row, elapsed_ms);
        if (!is_longer && !is_shorter) {
            return std::nullopt;
        }
    }
    return TtlChange{row.after.name, before, after};
}

void check_comparable(const Snapshot& from, const Snapshot& to) {
    if (from.depth != to.depth || from.delimiter != to.delimiter ||
        from.namespaces != to.namespaces || !same_choice(from.chosen, to.chosen)) {
        throw Error(ExitCode::usage, "the two snapshots are of other keys, or of another depth",
                    "take both with the same options");
    }
}

}  // namespace

std::string_view name_of(RowState state) {
    switch (state) {
        case RowState::same:
            return "same";
        case RowState::grew:
            return "grew";
        case RowState::shrank:
            return "shrank";
        case RowState::is_new:
            return "new";
        case RowState::gone:
            return "gone";
    }
    return "";
}

Diff compare(const Snapshot& from, const Snapshot& to) {
    check_comparable(from, to);
    Diff diff{from, to, diff_row(from.total, to.total, true, true), {}, {}};
    std::map<std::string_view, const SnapshotRow*> before;
    for (const SnapshotRow& row : from.rows) {
        before.emplace(row.name, &row);
    }
    for (const SnapshotRow& row : to.rows) {
        const auto found = before.find(row.name);
        const bool was_there = found != before.end();
        diff.rows.push_back(
            diff_row(was_there ? *found->second : absent_from(from, row), row, was_there, true));
        if (was_there) {
            before.erase(found);
        }
    }
    for (const SnapshotRow& row : from.rows) {
        if (before.contains(row.name)) {
            diff.rows.push_back(diff_row(row, absent_from(to, row), true, false));
        }
    }
    for (const DiffRow& row : diff.rows) {
        if (auto change = ttl_change(row, (to.at - from.at).count())) {
            diff.ttls.push_back(std::move(*change));
        }
    }
    std::stable_sort(diff.rows.begin(), diff.rows.end(), [](const DiffRow& a, const DiffRow& b) {
        if (a.bytes.change != b.bytes.change) {
            return std::abs(a.bytes.change) > std::abs(b.bytes.change);
        }
        return std::abs(a.keys.change) > std::abs(b.keys.change);
    });
    return diff;
}

}  // namespace cachectl
