#include "keyspace/value_watch.hpp"

#include <utility>

#include "redis/info.hpp"

namespace cachectl {

void ValueWatch::begin() {
    m_watched = !m_calls.server().hangs_up && !m_calls.all({{"WATCH", m_key}}).front().is_error();
    m_changes = m_calls.changes_of_connection();
}

ValueWatch::Parts ValueWatch::end(std::uint64_t length) {
    const ValueCalls::Command ask_length = {m_length_verb, m_key};
    Reply now;
    if (m_watched) {
        Reply executed = std::move(m_calls.all({{"MULTI"}, ask_length, {"EXEC"}}).back());
        if (executed.is_nil()) {
            return Parts::rewritten;
        }
        if (executed.is_array() && executed.elements.size() == 1) {
            now = std::move(executed.elements.front());
        }
    }
    if (now.is_nil()) {
        now = std::move(m_calls.all({ask_length}).front());
    }
    if (m_calls.number(now) != length) {
        return Parts::rewritten;
    }
    const bool moved = m_watched && m_calls.changes_of_connection() != m_changes;
    return moved ? Parts::moved : Parts::of_one_version;
}

}  // namespace cachectl
