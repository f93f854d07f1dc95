#include "commands/commands.hpp"

#include <algorithm>
#include <array>

namespace cachectl {

namespace {

using enum Command::Needs;

// --- what each command needs of an ACL user ------------------------------------------------------

constexpr AclRight k_scan = {"+scan", "without `--keys-from`", ""};
constexpr AclRight k_exists = {"+exists",
                               "with `--keys-from`, where keys are counted first or limited", ""};
constexpr AclRight k_name_exists = {"+exists", "for names without glob characters", ""};
constexpr AclRight k_type = {"+type", "with `--type` and `--keys-from`", ""};
constexpr AclRight k_pttl = {"+pttl", "with `--no-ttl`, `--ttl-below` or `--ttl-above`", ""};
constexpr AclRight k_size = {"+memory|usage", "with `--size-over`", ""};
constexpr AclRight k_idle = {"+object|idletime", "with `--idle-over`", ""};
constexpr AclRight k_unlink = {"+unlink", "", ""};
constexpr std::string_view k_cautious = "keys are deleted in small batches at first";
// A key is looked at again before it is changed.
constexpr AclRight k_type_of_changed = {"+type", "with `--type`", ""};

constexpr std::array k_keys_rights = {
    k_scan,
    AclRight{"+exists", "with `--keys-from`", ""},
    k_name_exists,
    AclRight{"+type", "with `-l`, or `--type` and `--keys-from`", ""},
    AclRight{"+pttl", "with `-l`, `--no-ttl`, `--ttl-below` or `--ttl-above`", ""},
    AclRight{"+memory|usage", "with `-l`", "sizes are not known"},
    AclRight{"+object|idletime", "with `-l`", "idle times are not known"},
    k_size,
    k_idle,
};

constexpr std::array k_ttl_rights = {k_scan, AclRight{"+pttl", "", ""}, k_type, k_size, k_idle};

constexpr std::array k_get_rights = {
    AclRight{"+type", "", ""},
    AclRight{"+pttl", "", ""},
    AclRight{"+object|encoding", "", "the encoding is unknown"},
    AclRight{"+memory|usage", "", "the size is unknown"},
    AclRight{"+object|idletime", "", "the idle time is unknown"},
    AclRight{"+strlen", "of a string", ""},
    AclRight{"+getrange", "of a string", ""},
    AclRight{"+watch", "of a string of more than a slice (16 to 256 KiB)",
             "that it was rewritten meanwhile is noticed by its length alone"},
    AclRight{"+multi", "like `+watch`", "the same"},
    AclRight{"+exec", "like `+watch`", "the same"},
    AclRight{"+hlen", "of a hash", ""},
    AclRight{"+hscan", "of a hash", ""},
    AclRight{"+hrandfield", "of a large hash, on Redis before 7.4",
             "values come together with their fields, however long they are"},
    AclRight{"+hstrlen", "of a large hash", ""},
    AclRight{"+hmget", "of a large hash", ""},
    AclRight{"+hpttl", "of a hash, on Redis from 7.4 and Valkey from 9.0 on",
             "times to live of its fields are not known"},
    AclRight{"+llen", "of a list", ""},
    AclRight{"+lrange", "of a list", ""},
    AclRight{"+scard", "of a set", ""},
    AclRight{"+sscan", "of a set", ""},
    AclRight{"+zcard", "of a sorted set", ""},
    AclRight{"+zrange", "of a sorted set", ""},
    AclRight{"+xlen", "of a stream", ""},
    AclRight{"+xrange", "of a stream", ""},
};

constexpr std::array k_stats_rights = {AclRight{"+info", "", ""}};

constexpr std::array k_invalidate_rights = {
    k_scan,
    k_unlink,
    AclRight{"+del",
             "with `--allow-del`, where `+unlink` is missing; then `+memory|usage` and `+type` too",
             ""},
    AclRight{"+memory|usage", "without `--size-over`", k_cautious},
    k_exists,
    k_name_exists,
    k_type_of_changed,
    k_pttl,
    k_size,
    k_idle,
};

constexpr std::array k_expire_rights = {
    k_scan,
    AclRight{"+pexpire", "without `--remove`", ""},
    AclRight{"+persist", "with `--remove`", ""},
    AclRight{"+pttl", "without `--set`", ""},
    k_exists,
    k_name_exists,
    k_type_of_changed,
    k_size,
    k_idle,
};

constexpr std::array k_flush_rights = {
    AclRight{"+scan", "for namespaces, where keys are protected or counted, or a question is asked",
             ""},
    AclRight{"+unlink", "for namespaces, and where keys are protected or counted", ""},
    AclRight{"+memory|usage", "for namespaces, and where keys are protected or counted",
             k_cautious},
    AclRight{"+flushdb", "with `--whole-db`", ""},
    AclRight{"+dbsize", "with `--whole-db`", "it is not known how many keys there are"},
    AclRight{"+flushall", "with `--all-dbs`", ""},
    AclRight{"+info", "with `--all-dbs`", ""},
    AclRight{"+cluster|nodes", "on a cluster, with `--whole-db` or `--all-dbs`", ""},
};

constexpr std::array k_warm_rights = {
    AclRight{"+set", "for JSON and strings", ""},
    AclRight{"+hset", "with `--as hash`", ""},
    AclRight{"+rpush", "with `--as list`", ""},
    AclRight{"+sadd", "with `--as set`", ""},
    AclRight{"+zadd", "with `--as zset`", ""},
    AclRight{"+multi", "for all that is no string", ""},
    AclRight{"+exec", "for all that is no string", ""},
    AclRight{"+pexpire", "for all that is no string and has a time to live", ""},
    AclRight{"+renamenx", "for all that is no string, with `--if-exists skip`", ""},
    AclRight{"+unlink", "for all that is no string", ""},
    AclRight{"+multi", "with `--if-exists refresh`", ""},
    AclRight{"+exec", "with `--if-exists refresh`", ""},
    AclRight{"+watch", "with `--if-exists refresh`, where keys are written again", ""},
    AclRight{"+pttl", "with `--if-exists refresh`", ""},
    AclRight{"+getrange", "with `--if-exists update`, for JSON and strings", ""},
    AclRight{"+hlen", "with `--if-exists update` and `--as hash`", ""},
    AclRight{"+hgetall", "with `--if-exists update` and `--as hash`", ""},
    AclRight{"+llen", "with `--if-exists update` and `--as list`", ""},
    AclRight{"+lrange", "with `--if-exists update` and `--as list`", ""},
    AclRight{"+scard", "with `--if-exists update` and `--as set`", ""},
    AclRight{"+smembers", "with `--if-exists update` and `--as set`", ""},
    AclRight{"+zcard", "with `--if-exists update` and `--as zset`", ""},
    AclRight{"+zrange", "with `--if-exists update` and `--as zset`", ""},
    AclRight{"+scan", "with `--sync`", ""},
    AclRight{"+unlink", "with `--sync`", ""},
    AclRight{"+memory|usage", "with `--sync`", k_cautious},
    AclRight{"+strlen", "with `--switch`", ""},
    AclRight{"+get", "with `--switch`", ""},
    AclRight{"+set", "with `--switch`", ""},
    AclRight{"+info", "", "whether the keys fit is not known, which a warning says"},
    AclRight{"+exists", "where it does not fit, and for all that is no string",
             "keys that exist already count as new ones, and are built aside in vain"},
    AclRight{"+config|get", "for values above 1 MiB",
             "one that the server takes no more (proto-max-bulk-len) ends the connection"},
    AclRight{"+get", "with `--verify`, for JSON and strings", ""},
    AclRight{"+hgetall", "with `--verify` and `--as hash`", ""},
    AclRight{"+lrange", "with `--verify` and `--as list`", ""},
    AclRight{"+smembers", "with `--verify` and `--as set`", ""},
    AclRight{"+zrange", "with `--verify` and `--as zset`", ""},
    AclRight{"+pttl", "with `--verify`", ""},
    AclRight{"+ping", "while the input keeps cachectl waiting",
             "a connection that the server has closed meanwhile is noticed too late"},
};

// --- the table -----------------------------------------------------------------------------------

constexpr std::array k_commands = {
    Command{"completion", "Tools", "Print the completion script of a shell", nothing,
            add_completion},
    Command{"expire", "Change", "Set, cap, add or remove times to live", server, add_expire,
            k_expire_rights},
    Command{"flush", "Change", "Delete whole namespaces or databases", server, add_flush,
            k_flush_rights},
    Command{"get", "Look", "Show one key and its value, bounded", server, add_get, k_get_rights},
    Command{"invalidate", "Change", "Delete keys by pattern or list", server, add_invalidate,
            k_invalidate_rights},
    Command{"keys", "Look", "List keys with SCAN, filtered", server, add_keys, k_keys_rights},
    Command{"stats", "Look", "Show the server's figures", server, add_stats, k_stats_rights},
    Command{"ttl", "Look", "Show when keys expire, one by one or as a histogram", server, add_ttl,
            k_ttl_rights},
    Command{"warm", "Change", "Load keys from JSON, CSV or SQL dumps", server, add_warm,
            k_warm_rights},
};
static_assert(std::is_sorted(k_commands.begin(), k_commands.end(),
                             [](const Command& a, const Command& b) { return a.name < b.name; }));

}  // namespace

std::span<const Command> command_table() { return k_commands; }

}  // namespace cachectl
