// How large a reply may be asked for.
#pragma once

#include <cstdint>
#include <optional>

#include "redis/info.hpp"

namespace cachectl {

/// Bytes of a reply that a server may be asked for at once. While it waits to be read a reply
/// counts towards maxmemory, and a cache that is full removes keys to make room for it (evict.c).
/// So this is a small part of what the server had left at the login; where it does not say, less
/// than where it has no limit.
std::uint64_t reply_slice(const ServerInfo& server);

/// Bytes that a key's name takes at most, on average over all databases: names are a part of what
/// the server has as data. Nothing where it does not say; 0 if all of it is less than a slice.
std::optional<double> mean_key_bytes(const ServerInfo& server);

}  // namespace cachectl
