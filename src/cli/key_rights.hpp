// The ACL rights that the options which choose keys need, for the rows of the commands that have
// them.
#pragma once

#include <string_view>

#include "cli/acl_right.hpp"

namespace cachectl::key_rights {

inline constexpr AclRight k_scan = {"+scan", "without `--keys-from`", ""};
inline constexpr AclRight k_exists = {
    "+exists", "with `--keys-from`, where keys are counted first or limited", ""};
inline constexpr AclRight k_name_exists = {"+exists", "for names without glob characters", ""};
inline constexpr AclRight k_type = {"+type", "with `--type` and `--keys-from`", ""};
inline constexpr AclRight k_pttl = {"+pttl", "with `--no-ttl`, `--ttl-below` or `--ttl-above`", ""};
inline constexpr AclRight k_size = {"+memory|usage", "with `--size-over`", ""};
inline constexpr AclRight k_idle = {"+object|idletime", "with `--idle-over`", ""};

// Of commands that change keys. A key is looked at again before it is changed.
inline constexpr AclRight k_type_of_changed = {"+type", "with `--type`", ""};
inline constexpr std::string_view k_small_batches = "keys are deleted in small batches at first";

}  // namespace cachectl::key_rights
