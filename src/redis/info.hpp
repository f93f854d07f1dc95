// What a server says of itself in INFO and HELLO. Nothing else reads the lines of INFO.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "redis/reply.hpp"
#include "redis/version.hpp"

namespace cachectl {

/// The parts of a field that has several: "calls=3,usec=21". It refers to the field's text.
class InfoParts {
public:
    explicit InfoParts(std::string_view text) : m_text(text) {}

    /// Empty when the field has no such part.
    [[nodiscard]] std::string_view text(std::string_view name) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;
    [[nodiscard]] std::optional<std::uint64_t> count(std::string_view name) const;
    [[nodiscard]] std::optional<double> number(std::string_view name) const;
    /// Names and texts, in their order.
    [[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>> all() const;

private:
    std::string_view m_text;
};

struct DatabaseInfo {
    std::int64_t number;
    InfoParts parts;  // keys, expires, avg_ttl
};

struct CommandInfo {
    std::string_view name;  // "get", "object|idletime"
    InfoParts parts;        // calls, usec
};

/// INFO's "name:value" lines (https://redis.io/docs/latest/commands/info/).
class InfoFields {
public:
    InfoFields() = default;
    explicit InfoFields(std::string_view info_text);

    [[nodiscard]] const std::map<std::string, std::string, std::less<>>& all() const {
        return m_fields;
    }
    /// The field's text; empty when the server does not have it.
    [[nodiscard]] std::string_view text(std::string_view name) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;
    [[nodiscard]] std::optional<double> number(std::string_view name) const;
    [[nodiscard]] bool empty() const { return m_fields.empty(); }
    /// Those of another section, which win over the same here.
    void add(const InfoFields& others);

    // Fields with parts. What they return refers to these fields.

    /// Those that hold keys, by their numbers.
    [[nodiscard]] std::vector<DatabaseInfo> databases() const;
    [[nodiscard]] InfoParts database(std::int64_t number) const;
    /// Keys in all databases; 0 if it is not known.
    [[nodiscard]] std::uint64_t keys() const;
    /// Those that were called, by their names; of INFO commandstats.
    [[nodiscard]] std::vector<CommandInfo> commands() const;
    [[nodiscard]] InfoParts command(std::string_view name) const;
    /// p50, p99, …; of INFO latencystats.
    [[nodiscard]] InfoParts latency(std::string_view command) const;
    /// ip, port, state, offset, lag; in the order of their numbers.
    [[nodiscard]] std::vector<InfoParts> replicas() const;

    enum class Kind { plain, database, replica, command, latency };
    /// What a field of that name is about.
    static Kind kind_of(std::string_view name);

private:
    std::map<std::string, std::string, std::less<>> m_fields;
};

/// What may be assumed of a server. Fields that it would not tell (NOPERM) are empty.
struct ServerInfo {
    std::string name;     // "redis", "valkey", "redict", "dragonfly", "kvrocks", "keydb", "garnet",
                          // "upstash"
    std::string version;  // of that product
    std::string mode;     // "standalone", "cluster", "sentinel"
    std::string role;     // "master", "replica"
    std::string run_id;   // another one after a restart
    bool hangs_up = false;  // a proxy that ends the connection at a command it does not know
    InfoFields info;        // the INFO that came with the connection; empty when not permitted
    std::chrono::microseconds login_answered_in{0};  // a round trip, and the time of its commands

    /// Redis, Valkey or Redict themselves, whose versions say what they have; not what else speaks
    /// the protocol.
    [[nodiscard]] bool is_of_known_kind() const {
        return name == "redis" || name == "valkey" || name == "redict";
    }
    /// Whether it takes no changes.
    [[nodiscard]] bool is_read_only_replica() const;
};

// What a server of that product and version has. What one does not have is not sent to it: its
// refusal would count as an error in the figures that the operator came to see. A server that does
// not say what it is has none of these.

/// CLIENT NO-TOUCH ON, from Redis and Valkey 7.2 on. Redis 8.0 to 8.3 and Valkey 8.1 crash when
/// such a client asks for a key of a slot that is being moved, or wakes up one that waits for a
/// key: https://github.com/valkey-io/valkey/pull/2347, https://github.com/redis/redis/pull/14415.
bool takes_no_touch(const ServerInfo& server);
/// HSCAN … NOVALUES.
bool lists_hash_names(const ServerInfo& server);
/// MSETEX: many strings of one TTL in one command.
bool sets_many_strings(const ServerInfo& server);
/// HPEXPIRE and HPTTL.
bool expires_hash_fields(const ServerInfo& server);

/// From the replies to HELLO 2 and INFO, either of which may be an error.
ServerInfo server_info_from(const Reply& hello, const Reply& info);

}  // namespace cachectl
