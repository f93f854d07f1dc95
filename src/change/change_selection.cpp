// The part of change/change.hpp that chooses keys: which are looked at, and what is to become of
// each.
#include "change/change.hpp"

namespace cachectl {

Selection Change::selection_within_reach() {
    return m_slot_gaps.selection_without(m_selection, *m_client, m_left);
}

// A key that is not there is counted as such, and in no guard or limit.
FactsWanted Change::facts_of_listed() const {
    FactsWanted facts = m_work.facts;
    facts.existence = !facts.ttl;
    return facts;
}

Selection Change::selection_for_counting() {
    Selection selection = selection_within_reach();
    selection.facts = m_work.facts;
    selection.keep_doubtful = true;
    if (selection.next_listed_key) {
        selection.facts = facts_of_listed();
        m_spool = std::make_unique<KeySpool>();
        selection.next_listed_key = m_spool->record(std::move(selection.next_listed_key));
    }
    return selection;
}

Selection Change::selection_for_changing() {
    Selection selection = m_spool ? m_selection : selection_within_reach();
    selection.without = m_slot_gaps.slots();
    selection.limit_is_final = true;
    selection.facts = m_work.facts;
    selection.keep_doubtful = true;
    if (m_spool) {
        selection.next_listed_key = m_spool->replay();
    }
    if (!selection.next_listed_key) {
        return selection;
    }
    if (m_spool || selection.limit != 0) {
        selection.facts = facts_of_listed();
    } else if (!selection.of_names && !selection.facts.any() && !is_filtered_by_facts()) {
        // UNLINK tells which keys were missing, but a protected one is never sent.
        selection.facts = {.existence = true, .existence_may_lack = true};
        selection.looks_at = [this](const std::string& key) {
            return m_rules.guards.is_protected(key);
        };
    }
    return selection;
}

bool Change::is_filtered_by_facts() const {
    const KeyFilter& filter = m_work.keys.filter;
    return filter.facts_needed().any() || !filter.type.empty();
}

Change::Verdict Change::judge(const KeyFacts& key) const {
    if (m_work.keeps && m_work.keeps(key.key)) {
        return Verdict::leave;
    }
    if (m_rules.guards.is_protected(key.key)) {
        return Verdict::spare;
    }
    if (key.denied) {
        return Verdict::denied;
    }
    if (key.unreadable) {
        return Verdict::unreadable;
    }
    if (m_work.concerns && !m_work.concerns(key)) {
        return Verdict::leave;
    }
    return Verdict::change;
}

}  // namespace cachectl
