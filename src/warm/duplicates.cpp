#include "warm/duplicates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "util/error.hpp"

namespace cachectl {

namespace {

std::uint64_t WriteCounts::*counted_as(MadeKeys::How how) {
    switch (how) {
        case MadeKeys::How::unchanged:
            return &WriteCounts::unchanged;
        case MadeKeys::How::existed:
            return &WriteCounts::skipped;
        case MadeKeys::How::spared:
            return &WriteCounts::protected_keys;
        case MadeKeys::How::written:
        case MadeKeys::How::passed:
            break;
    }
    return &WriteCounts::written;
}

/// Of so many, what both of them have counted.
std::uint64_t take_away(std::uint64_t duplicates, MadeKeys::How how, WriteCounts& of_all,
                        WriteCounts& of_row) {
    std::uint64_t WriteCounts::*const what = counted_as(how);
    duplicates = std::min({duplicates, of_all.*what, of_row.*what});
    for (WriteCounts* counts : {&of_all, &of_row}) {
        counts->*what -= duplicates;
        counts->replaced = std::min(counts->replaced, counts->written);
    }
    return duplicates;
}

}  // namespace

void count_duplicates(MadeKeys& made, WarmSummary& summary) {
    summary.duplicates_are_known = false;
    std::map<std::pair<std::uint32_t, MadeKeys::How>, std::uint64_t> found;
    try {
        made.each_duplicate([&](std::uint32_t row, MadeKeys::How how) { ++found[{row, how}]; });
    } catch (const Error& error) {
        throw Error(error.code(),
                    fmt::format("rows that make one key are not counted: {}", error.what()),
                    error.hint());
    }
    summary.duplicates_are_known = true;
    for (const auto& [made_as, count] : found) {
        const auto [row, how] = made_as;
        if (how == MadeKeys::How::passed) {
            summary.duplicates_before += count;
            continue;
        }
        WarmDataset& dataset = summary.datasets.at(row);
        std::uint64_t duplicates = count;
        if (!summary.dry_run) {
            duplicates = take_away(duplicates, how, summary.tally, dataset.counts);
        }
        dataset.duplicates += duplicates;
        summary.duplicates += duplicates;
    }
    if (summary.verification) {
        std::uint64_t& verified = summary.verification->verified;
        verified = std::min(verified, summary.tally.written);
    }
}

}  // namespace cachectl
