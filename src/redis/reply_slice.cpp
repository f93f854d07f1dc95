#include "redis/reply_slice.hpp"

#include <algorithm>

namespace cachectl {

namespace {

// The least is what a client has room for in any case (PROTO_REPLY_CHUNK_BYTES).
constexpr std::uint64_t k_least = 16 * 1024;
constexpr std::uint64_t k_unknown = 64 * 1024;
constexpr std::uint64_t k_most = 256 * 1024;
/// A walk in partitions has some slices on their way at the same time.
constexpr std::uint64_t k_side_by_side = 16;

}  // namespace

std::uint64_t reply_slice(const ServerInfo& server) {
    const auto used = server.info.integer("used_memory");
    const auto most = server.info.integer("maxmemory");
    if (!used || !most) {
        return k_unknown;
    }
    if (*most == 0) {
        return k_most;
    }
    const auto left = static_cast<std::uint64_t>(std::max<std::int64_t>(0, *most - *used));
    return std::clamp(left / k_side_by_side, k_least, k_most);
}

std::optional<double> mean_key_bytes(const ServerInfo& server) {
    auto used = server.info.integer("used_memory_dataset");
    if (!used) {
        used = server.info.integer("used_memory");
    }
    const std::uint64_t keys = server.info.keys();
    if (!used || *used <= 0 || keys == 0) {
        return std::nullopt;
    }
    if (static_cast<std::uint64_t>(*used) <= reply_slice(server)) {
        return 0;
    }
    return static_cast<double>(*used) / static_cast<double>(keys);
}

}  // namespace cachectl
