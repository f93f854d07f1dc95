// The ACL rights that the options which choose keys need, for the rows of the commands that have
// them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "cli/acl_right.hpp"

namespace cachectl::key_rights {

inline constexpr AclRight k_scan = {"+scan", "without `--keys-from` or `--members-of`", ""};
inline constexpr AclRight k_exists = {
    "+exists", "with `--keys-from` or `--members-of`, where keys are counted first or limited", ""};
inline constexpr AclRight k_sscan = {"+sscan", "with `--members-of`", ""};
inline constexpr AclRight k_zscan = {"+zscan", "with `--members-of`, for sorted sets", ""};
inline constexpr AclRight k_name_exists = {"+exists", "for names without glob characters", ""};
inline constexpr AclRight k_type = {"+type", "with `--type` and `--keys-from` or `--members-of`",
                                    ""};
inline constexpr AclRight k_pttl = {"+pttl", "with `--no-ttl`, `--ttl-below` or `--ttl-above`", ""};
inline constexpr const char* k_all_looked_at =
    "every key is looked at, unless `--sample` wants a sample";

inline constexpr AclRight k_size = {"+memory|usage", "with `--size-over`", ""};
inline constexpr AclRight k_idle = {"+object|idletime", "with `--idle-over`", ""};
inline constexpr AclRight k_references = {"+object|refcount", "with `--idle-over`", ""};

// Of commands that change keys. A key is looked at again before it is changed.
inline constexpr AclRight k_type_of_changed = {"+type", "with `--type`", ""};
inline constexpr AclRight k_type_of_mark = {"+type",
                                            "where keys have names like those of a job queue",
                                            "they are taken for that queue's keys"};
inline constexpr std::string_view k_small_batches = "keys are deleted in small batches at first";

// Of --backup.
inline constexpr std::string_view k_with_backup = "with `--backup`";
inline constexpr std::string_view k_large_with_backup = "with `--backup`, for values above 100 KiB";
inline constexpr std::array k_backup = {
    AclRight{"+dump", "with `--backup`, for values up to 100 KiB", ""},
    AclRight{"+multi", k_with_backup, ""},
    AclRight{"+exec", k_with_backup, ""},
    AclRight{"+memory|usage", k_with_backup, ""},
    AclRight{"+pexpiretime", "with `--backup`, on Redis 7.0, Valkey 7.2 and newer; else `+pttl`",
             ""},
    AclRight{"+object|idletime", "with `--backup`, where the eviction policy is LRU",
             "idle times are not saved"},
    AclRight{"+object|freq", "with `--backup`, where the eviction policy is LFU",
             "frequencies are not saved"},
    AclRight{"+watch", k_large_with_backup, ""},
    AclRight{"+exists", k_large_with_backup, ""},
    AclRight{"+type", k_large_with_backup, ""},
    AclRight{"+strlen", "with `--backup`, for strings above 100 KiB", ""},
    AclRight{"+getrange", "with `--backup`, for strings above 100 KiB", ""},
    AclRight{"+llen", "with `--backup`, for lists above 100 KiB", ""},
    AclRight{"+lrange", "with `--backup`, for lists above 100 KiB", ""},
    AclRight{"+hlen", "with `--backup`, for hashes above 100 KiB", ""},
    AclRight{"+hscan", "with `--backup`, for hashes above 100 KiB", ""},
    AclRight{"+hkeys",
             "with `--backup`, for hashes above 100 KiB of 500 fields at most, before Redis 7.4 "
             "and Valkey 8.0",
             ""},
    AclRight{"+hstrlen", "with `--backup`, for hashes above 100 KiB", ""},
    AclRight{"+hmget", "with `--backup`, for hashes above 100 KiB", ""},
    AclRight{"+hpttl", "with `--backup`, for hashes above 100 KiB, on servers that have it", ""},
    AclRight{"+scard", "with `--backup`, for sets above 100 KiB", ""},
    AclRight{"+sscan", "with `--backup`, for sets above 100 KiB", ""},
    AclRight{"+zcard", "with `--backup`, for sorted sets above 100 KiB", ""},
    AclRight{"+zrange", "with `--backup`, for sorted sets above 100 KiB", ""},
};

/// `rights` and those of --backup.
template <std::size_t n>
constexpr std::array<AclRight, n + k_backup.size()> and_backup(
    const std::array<AclRight, n>& rights) {
    std::array<AclRight, n + k_backup.size()> all;
    std::copy(rights.begin(), rights.end(), all.begin());
    std::copy(k_backup.begin(), k_backup.end(), all.begin() + n);
    return all;
}

}  // namespace cachectl::key_rights
