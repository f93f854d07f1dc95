// On which servers a cursor's arithmetic (cursor.hpp) may be relied on: a list of those that are
// known, by what they say in INFO. Anything else keeps the documented contract, in which a cursor
// means nothing (https://redis.io/docs/latest/commands/scan/).
#pragma once

#include <string>

#include "redis/info.hpp"

namespace cachectl {

enum class CursorKind {
    unknown,
    hash,           // a place in one table with all keys
    slot_and_hash,  // of a cluster's node: the low 14 bits are the slot, with a table for each
};

CursorKind cursor_kind(const ServerInfo& server);

/// Empty for a server whose cursors are known; else why they are not, to complete "… because".
std::string why_cursors_are_unknown(const ServerInfo& server);

}  // namespace cachectl
