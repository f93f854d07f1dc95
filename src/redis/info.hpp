// What a server says of itself in INFO and HELLO.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "redis/reply.hpp"

namespace cachectl {

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

private:
    std::map<std::string, std::string, std::less<>> m_fields;
};

/// One of the numbers of a field that has several: `name` of "calls=3,usec=21", if it is there.
std::optional<std::uint64_t> info_part(std::string_view text, std::string_view name);

/// What may be assumed of a server. Fields that it would not tell (NOPERM) are empty.
struct ServerInfo {
    std::string name;       // "redis", "valkey", "dragonfly", "kvrocks", "keydb", "garnet"
    std::string version;    // of that product
    std::string mode;       // "standalone", "cluster", "sentinel"
    std::string role;       // "master", "replica"
    std::string run_id;     // another one after a restart
    bool hangs_up = false;  // a proxy that ends the connection at a command it does not know
    InfoFields info;        // the INFO that came with the connection; empty when not permitted
};

/// Keys in all databases, by the INFO of the login ("db0:keys=5,expires=0,avg_ttl=0"); 0 where it
/// has none of it.
std::uint64_t keys_told(const ServerInfo& server);

// What a server of that product and version has. What one does not have is not sent to it: its
// refusal would count as an error in the figures that the operator came to see. A server that does
// not say what it is has none of these.

/// CLIENT NO-TOUCH ON, from Redis and Valkey 7.2 on. Redis 8.0 to 8.3 and Valkey 8.1 crash when
/// such a client asks for a key of a slot that is being moved, or wakes up one that waits for a
/// key: https://github.com/valkey-io/valkey/pull/2347, https://github.com/redis/redis/pull/14415.
bool takes_no_touch(const ServerInfo& server);
/// HSCAN … NOVALUES.
bool lists_hash_names(const ServerInfo& server);
/// HPEXPIRE and HPTTL.
bool expires_hash_fields(const ServerInfo& server);

/// From the replies to HELLO 2 and INFO, either of which may be an error.
ServerInfo server_info_from(const Reply& hello, const Reply& info);

}  // namespace cachectl
