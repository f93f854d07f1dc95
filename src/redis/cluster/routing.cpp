#include "redis/cluster/routing.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace cachectl {

namespace {

using Names = std::span<const std::string_view>;

bool is_one_of(std::string_view name, Names names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Of the commands that this program sends; all others have their key right behind the name.
constexpr std::array<std::string_view, 9> k_whole_server = {
    "SCAN", "DBSIZE", "FLUSHDB", "FLUSHALL", "KEYS", "RANDOMKEY", "SELECT", "SWAPDB", "WAIT"};
constexpr std::array<std::string_view, 10> k_keyless = {
    "PING", "INFO", "CLUSTER", "CLIENT", "CONFIG", "ROLE", "TIME", "COMMAND", "MULTI", "EXEC"};
constexpr std::array<std::string_view, 3> k_behind_subcommand = {"OBJECT", "MEMORY", "XINFO"};

constexpr std::array<std::string_view, 35> k_readers = {
    "EXISTS", "TYPE",       "TTL",      "PTTL",   "EXPIRETIME", "PEXPIRETIME", "OBJECT",
    "MEMORY", "GET",        "STRLEN",   "MGET",   "GETRANGE",   "DUMP",        "HLEN",
    "HSCAN",  "HMGET",      "LLEN",     "LRANGE", "SCARD",      "SSCAN",       "ZCARD",
    "ZRANGE", "HGETALL",    "SMEMBERS", "ZSCAN",  "XLEN",       "XRANGE",      "XINFO",
    "PING",   "SMISMEMBER", "ZMSCORE",  "HPTTL",  "HKEYS",      "HSTRLEN",     "HRANDFIELD"};

}  // namespace

std::optional<std::size_t> key_position(std::span<const std::string_view> args) {
    const std::string_view name = args.front();
    if (is_one_of(name, k_whole_server)) {
        throw std::logic_error(std::string(name) + " must be sent to each node of a cluster");
    }
    if (is_one_of(name, k_keyless)) {
        return std::nullopt;
    }
    const std::size_t position = is_one_of(name, k_behind_subcommand) ? 2 : 1;
    if (position >= args.size()) {
        return std::nullopt;
    }
    return position;
}

bool only_reads(std::string_view name) { return is_one_of(name, k_readers); }

}  // namespace cachectl
