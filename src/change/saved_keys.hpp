// What a backup holds of keys: their values as DUMP answers, and when they expire.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.hpp"
#include "pace/cost.hpp"
#include "redis/client.hpp"
#include "util/time.hpp"

namespace cachectl {

struct SavedKey {
    std::string name;
    std::string dumped;                                   // DUMP's answer
    std::optional<std::chrono::milliseconds> expires_at;  // since 1970, by the server's clock
    std::optional<std::chrono::seconds> idle;
    std::optional<std::uint8_t> frequency;
};

/// What this server is asked for besides the value, and how.
struct SavedFacts {
    bool tells_expire_time = false;  // PEXPIRETIME; else PTTL
    enum class Use { none, idle, frequency };
    Use use = Use::none;                        // where its eviction policy goes by it
    std::function<WallTime()> server_now = {};  // for PTTL
};

/// Waits for answers: not from within a reply.
SavedFacts saved_facts(Context& ctx, Client& client);

/// The commands that ask for what is kept besides the value; none for a use that is not kept.
std::vector<std::string_view> expiry_question(const SavedFacts& facts, std::string_view key);
std::vector<std::string_view> use_question(const SavedFacts& facts, std::string_view key);
/// What they are answered. False: there is no such key.
bool take_expiry(const SavedFacts& facts, const Reply& answer, SavedKey& key);
/// Of what was taken at two times: what PTTL says is only known by when its answer comes.
bool is_same_expiry(const SavedFacts& facts, std::optional<std::chrono::milliseconds> one,
                    std::optional<std::chrono::milliseconds> other);
void take_use(const SavedFacts& facts, const Reply& answer, SavedKey& key);

/// How the reading of some keys ended.
struct SavedKeys {
    std::vector<SavedKey> keys;
    std::vector<std::string> vanished;
    std::vector<std::string> denied;  // the user has no right to these
    std::string denial;               // what the server said of the first of them
    std::optional<Reply> refused;     // or the connection was lost: no key is in any list
};

/// `done` is called once, from within a reply.
void read_saved_keys(Client& client, std::vector<std::string> keys, const SavedFacts& facts,
                     std::function<void(SavedKeys)> done);

/// What that costs the server for so many keys, of so many bytes (MEMORY USAGE) in all.
Cost saving_cost(const SavedFacts& facts, unsigned keys, std::uint64_t bytes);
/// Of DUMP alone.
Cost dumping_cost(unsigned keys, std::uint64_t bytes);

}  // namespace cachectl
