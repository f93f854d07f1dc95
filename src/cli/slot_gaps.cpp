#include "cli/slot_gaps.hpp"

#include <algorithm>

namespace cachectl {

SlotGaps::SlotGaps(Context& ctx, Client& client, Partial partial) {
    for (const SlotGap& gap : client.gaps()) {
        if (partial == Partial::no) {
            throw Error(gap.why.code(), gap.why.what() + std::string("; nothing was changed"),
                        gap.why.hint() + "; --partial goes on without these slots");
        }
        ctx.warn(gap.why.what() + std::string("; going on without them"));
        m_slots.insert(m_slots.end(), gap.slots.begin(), gap.slots.end());
    }
}

Selection SlotGaps::selection_without(Selection selection, const Client& client,
                                      std::uint64_t& skipped) const {
    selection.without = m_slots;
    if (!selection.next_listed_key || m_slots.empty()) {
        return selection;
    }
    selection.next_listed_key = [this, &client, &skipped,
                                 next = std::move(selection.next_listed_key)](std::string& key) {
        while (next(key)) {
            if (!has(client, key)) {
                return true;
            }
            ++skipped;
        }
        return false;
    };
    return selection;
}

bool SlotGaps::has(const Client& client, std::string_view key) const {
    return !m_slots.empty() && contains(m_slots, client.slot(key));
}

std::optional<Error> SlotGaps::error() const {
    if (m_slots.empty()) {
        return std::nullopt;
    }
    return Error(ExitCode::partial, "slots " + format_slots(m_slots) + " were left out",
                 "run the same command again when they are served");
}

}  // namespace cachectl
