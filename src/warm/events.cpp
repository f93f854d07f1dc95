#include "warm/events.hpp"

#include <utility>

namespace cachectl {

using Seen = WarmJournal::Seen;

void WarmEvents::add(const MadeKey& key) {
    const Seen seen = m_journal == nullptr
                          ? Seen::fresh
                          : m_journal->see_key(key.counts.dataset, key.key, key.value);
    if (seen == Seen::hold) {
        Held& held = m_held.emplace_back(
            Held{&key.dataset, &key.counts, std::string(key.key), {}, key.line, key.is_row, {}});
        held.value.assign(key.value);
        return;
    }
    const Before before = seen == Seen::same ? Before::yes : Before::no;
    release(before);
    m_actions.write(key, before);
}

void WarmEvents::add(Rejection rejection) {
    const Seen seen = m_journal == nullptr
                          ? Seen::fresh
                          : m_journal->see_rejection(rejection.line, rejection.reason);
    if (seen == Seen::hold) {
        m_held.push_back({nullptr, nullptr, {}, {}, 0, false, std::move(rejection)});
        return;
    }
    const Before before = seen == Seen::same ? Before::yes : Before::no;
    release(before);
    m_actions.reject(rejection, before);
}

void WarmEvents::end_of_input() {
    if (m_journal != nullptr) {
        m_journal->end_of_input();
    }
    release(Before::no);
}

void WarmEvents::release(Before before) {
    Encoded value;
    for (const Held& held : std::exchange(m_held, {})) {
        if (held.dataset == nullptr) {
            m_actions.reject(held.rejection, before);
            continue;
        }
        held.value.get(value);
        m_actions.write({*held.dataset, *held.counts, held.key, value, held.line, held.is_row},
                        before);
    }
}

}  // namespace cachectl
