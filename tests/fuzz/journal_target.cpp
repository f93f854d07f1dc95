// Journals of `warm`: what is read is written to what is read the same, and says no more than that
// a part of its input is done.
#include <string>

#include "fuzz/target.hpp"
#include "warm/journal_entry.hpp"

namespace cachectl {

void fuzz_journal(std::string_view input) {
    const auto entry = parse_journal(input);
    begins_as_journal(input);
    if (!entry) {
        return;
    }
    std::uint64_t events = 0;
    for (const JournalBlock& block : entry->blocks) {
        expect(block.events > 0 && block.events <= JournalBlock::k_most_events,
               "a block has some events");
        events += block.events;
    }
    for (const auto& [begin, end] : entry->keys.ranges()) {
        expect(begin < end && end <= events, "keys that are done are of the input");
    }
    for (const SlotRange& range : entry->skipped_slots) {
        expect(range.first <= range.last && range.last < k_slots, "a slot is one of 16,384");
    }
    const std::string text = to_text(*entry);
    expect(begins_as_journal(text), "it is known as a journal");
    const auto again = parse_journal(text);
    expect(again.has_value(), "a journal is read back");
    expect_same(text, to_text(*again), "what is read back is the same");
    expect(again->blocks == entry->blocks && again->keys.ranges() == entry->keys.ranges() &&
               again->servers == entry->servers && again->skipped_slots == entry->skipped_slots,
           "what a journal says is written");
    // It is written to a file in one go, which may end anywhere.
    expect(!parse_journal(std::string_view(text).substr(0, text.size() / 2)),
           "half a journal is none");
}

}  // namespace cachectl
