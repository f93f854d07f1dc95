#include "warm/duplicates.hpp"

#include <algorithm>

namespace cachectl {

namespace {

std::uint64_t* counted_as(WriteCounts& counts, MadeKeys::How how) {
    using How = MadeKeys::How;
    if (how == How::written && counts.written != 0) {
        return &counts.written;
    }
    if (how == How::unchanged && counts.unchanged != 0) {
        return &counts.unchanged;
    }
    if (how == How::existed && counts.skipped != 0) {
        return &counts.skipped;
    }
    if (how == How::spared && counts.protected_keys != 0) {
        return &counts.protected_keys;
    }
    return nullptr;
}

}  // namespace

void count_duplicates(MadeKeys& made, WarmSummary& summary) {
    made.each_duplicate([&](std::uint32_t row, MadeKeys::How how) {
        WarmDataset& dataset = summary.datasets.at(row);
        if (!summary.dry_run) {
            std::uint64_t* const of_all = counted_as(summary.tally, how);
            std::uint64_t* const of_row = counted_as(dataset.counts, how);
            if (of_all == nullptr || of_row == nullptr) {
                return;
            }
            --*of_all;
            --*of_row;
            for (WriteCounts* counts :
                 {static_cast<WriteCounts*>(&summary.tally), &dataset.counts}) {
                counts->replaced = std::min(counts->replaced, counts->written);
            }
        }
        ++dataset.duplicates;
        ++summary.duplicates;
    });
    if (summary.verification) {
        std::uint64_t& verified = summary.verification->verified;
        verified = std::min(verified, summary.tally.written);
    }
}

}  // namespace cachectl
