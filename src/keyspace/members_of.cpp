#include "keyspace/members_of.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr int k_tries = 3;

}  // namespace

MembersOf::MembersOf(std::vector<std::string> sets) : m_sets(std::move(sets)) {
    std::sort(m_sets.begin(), m_sets.end());
    m_sets.erase(std::unique(m_sets.begin(), m_sets.end()), m_sets.end());
}

void MembersOf::read_over(Access access) { m_access = std::make_unique<Access>(std::move(access)); }

bool MembersOf::next(std::string& key) {
    if (!m_looked) {
        look_at_sets();
        m_looked = true;
    }
    for (;;) {
        while (m_at < m_page.size()) {
            SetMember& member = m_page[m_at++];
            if (!is_held_back(member.name) && m_met.add(member.name)) {
                key = std::move(member.name);
                return true;
            }
        }
        if (!read_page()) {
            return false;
        }
    }
}

template <typename Work>
auto MembersOf::with_connection(Work work) {
    for (int tries = 1;; ++tries) {
        try {
            return work();
        } catch (const SetReader::ConnectionLost&) {
            if (tries == k_tries) {
                throw;
            }
        }
        m_access->reconnect();
    }
}

void MembersOf::look_at_sets() {
    for (auto set = m_sets.rbegin(); set != m_sets.rend(); ++set) {
        SetReader reader(m_access->client, m_access->paces, *set);
        const auto kind = with_connection([&] { return reader.kind(); });
        if (kind != SetReader::Kind::missing) {
            m_readers.push_back(std::move(reader));
        } else if (m_access->on_note) {
            m_access->on_note(fmt::format("'{}' does not exist: it lists no keys", *set));
        }
    }
}

bool MembersOf::is_held_back(const std::string& key) {
    if (m_readers.empty() || !std::binary_search(m_sets.begin(), m_sets.end(), key)) {
        return false;
    }
    m_held.insert(key);
    return true;
}

/// False if there is none any more. The last are those that were held back.
bool MembersOf::read_page() {
    m_page.clear();
    m_at = 0;
    while (!m_readers.empty()) {
        SetReader& reader = m_readers.back();
        try {
            auto page = with_connection([&] { return reader.next(); });
            if (page) {
                m_page = std::move(*page);
                return true;
            }
            if (stop_signal() == 0) {
                with_connection([&] { reader.check_that_all_came(); });
            }
        } catch (const SetReader::Gone& gone) {
            m_failure = gone;
        }
        m_readers.pop_back();
    }
    if (m_failure || stop_signal() != 0) {
        return false;
    }
    for (const std::string& key : m_held) {
        m_page.push_back({key, ""});
    }
    m_held.clear();
    return !m_page.empty();
}

}  // namespace cachectl
