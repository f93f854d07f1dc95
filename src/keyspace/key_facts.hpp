// What is read of each key besides its name, in the same pipeline as the walk.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pace/pace.hpp"
#include "redis/client.hpp"
#include "util/error.hpp"

namespace cachectl {

/// Which facts to ask the server for; each costs one command a key. None of them touches the
/// key's LRU or LFU clock.
struct FactsWanted {
    bool existence = false;  // EXISTS, where nothing else would tell
    bool type = false;       // TYPE
    bool ttl = false;        // PTTL
    bool size = false;       // MEMORY USAGE
    bool idle = false;       // OBJECT IDLETIME
    /// OBJECT REFCOUNT, with `idle`: small numbers may be one object for all keys that have them,
    /// whose idle time is that of none; it is left out then.
    bool own_idle = false;
    bool encoding = false;   // OBJECT ENCODING
    bool frequency = false;  // OBJECT FREQ
    /// Where the user has no right to them, sizes, idle times and encodings are left out.
    bool may_lack = false;
    /// A key that EXISTS may not be asked of is taken to be there.
    bool existence_may_lack = false;

    [[nodiscard]] bool any() const;
    /// These and `needed`, which may not lack.
    [[nodiscard]] FactsWanted with(const FactsWanted& needed) const;
};

/// More than any server has: a size above it is no answer.
inline constexpr std::int64_t k_most_memory = std::int64_t{1} << 40;

struct KeyFacts {
    std::string key;
    bool exists = true;                            // false: gone between the walk and the look
    std::string type;                              // "string", "hash" …; empty when not asked
    std::optional<std::chrono::milliseconds> ttl;  // nothing: never expires, or not asked
    std::optional<std::uint64_t> size_bytes;       // nothing: not asked, or no right to it
    std::optional<std::chrono::seconds> idle;      // nothing also where the policy is LFU
    std::optional<std::uint64_t> frequency;        // the LFU counter, 0..255
    std::string encoding;     // "listpack", "skiplist" …; empty: not asked, or no right to it
    bool unreadable = false;  // the answer to one of the questions cannot be what it claims to be
    bool denied = false;      // the user's key patterns do not cover it
};

/// How the look at one page ended.
struct PageFacts {
    std::vector<KeyFacts> keys;
    bool connection_lost = false;     // facts are missing: the page must be looked at again
    std::optional<Error> refused;     // the server does not let us (NOPERM)
    std::optional<Reply> refused_by;  // what it said then
    std::optional<Reply> denial;      // what it said of the first key that is denied
    std::optional<Error> lacking;     // the same, and it was left out
};

/// Asks for the facts of `keys` at the pace's leave and calls `done` when the last reply has come,
/// or one that spoils the page; right away if nothing is wanted. Not if `owner` is no more.
void read_facts(Client& client, Pace& pace, const Pace::Owner& owner, std::vector<std::string> keys,
                const FactsWanted& wanted, std::function<void(PageFacts)> done);

/// The same at once, for those who have the pace's leave already.
void read_facts_now(Client& client, std::vector<std::string> keys, const FactsWanted& wanted,
                    std::function<void(PageFacts)> done);

/// What the facts of one key cost the server.
Cost facts_cost(const FactsWanted& wanted);

}  // namespace cachectl
