// Whether a value stays one version of it while it is read in several parts.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "keyspace/value_calls.hpp"

namespace cachectl {

class ValueWatch {
public:
    /// `length_verb` counts what the value has (STRLEN, LLEN, ZCARD). Both outlive it.
    ValueWatch(ValueCalls& calls, std::string key, std::string length_verb)
        : m_calls(calls), m_key(std::move(key)), m_length_verb(std::move(length_verb)) {}

    /// Before the first part is read: the server is to watch the key (WATCH). Where the user has
    /// no right to that, the length alone tells of a change.
    void begin();

    enum class Parts {
        of_one_version,
        rewritten,  // somebody has written to the value
        moved,      // they came over several connections, which do not watch for one another
    };
    /// After the last part. `length` is what the value had when the reading began.
    [[nodiscard]] Parts end(std::uint64_t length);

private:
    ValueCalls& m_calls;
    std::string m_key;
    std::string m_length_verb;
    bool m_watched = false;
    std::uint64_t m_changes = 0;  // of connections, before
};

}  // namespace cachectl
