// Which RDB versions a server reads, by what it says that it is.
#pragma once

#include <optional>

#include "redis/info.hpp"

namespace cachectl {

/// The version that the server itself writes, and reads no newer one; nothing where that is not
/// known: of other products, and of servers newer than this program.
std::optional<int> rdb_version_of(const ServerInfo& server);

/// Whether a server whose own version is `own` refuses values of that version, unless it was told
/// to be lenient (rdb-version-check relaxed, of Valkey).
bool refuses_rdb_version(int own, int version);

}  // namespace cachectl
