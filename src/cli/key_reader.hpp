// Reads the keys that `get` was given, one after the other, and keeps what is to be said of those
// that are not there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "keyspace/value.hpp"
#include "redis/client.hpp"
#include "util/error.hpp"

namespace cachectl {

class KeyReader {
public:
    KeyReader(Context& ctx, Client& client, std::vector<std::string> keys, ValueLimits limits)
        : m_ctx(ctx), m_client(client), m_keys(std::move(keys)), m_limits(std::move(limits)) {}

    /// The only key, whose bytes go to stdout as they come if it `streams`. Throws Error(no) if it,
    /// or an element that was asked for, is not there.
    KeyRecord only(bool streams);

    /// The next key that is there; nothing at the end. Throws what read_key() does for the first
    /// one; where another key has been handed out, a failure ends the list: see finish().
    std::optional<KeyRecord> next();

    /// Throws what is to be said of the whole: a failure, or Error(no) for all that was not there.
    void finish() const;

private:
    std::optional<KeyRecord> read(const std::string& key, bool streams);

    Context& m_ctx;
    Client& m_client;
    std::vector<std::string> m_keys;
    ValueLimits m_limits;
    std::size_t m_at = 0;
    std::uint64_t m_shown = 0;
    std::vector<std::string> m_lacking;
    std::optional<Error> m_failure;
};

/// What was shown of a key.
struct Shown {
    std::optional<std::uint64_t> shown;  // bytes of a string; nothing: of it nothing is to be said
    bool names_key = false;              // of several keys: which one is meant
};

/// Says on stderr what is missing from what was shown, and which option brings it.
void note_missing(Context& ctx, const KeyRecord& record, const Shown& of);

}  // namespace cachectl
