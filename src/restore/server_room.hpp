// Whether what is restored fits, and what a server has evicted for it.
#pragma once

#include <cstdint>
#include <optional>

#include "redis/client.hpp"

namespace cachectl {

/// Of all masters together; nothing where one of them does not tell.
struct ServerRoom {
    std::optional<std::uint64_t> free;     // bytes left under maxmemory; nothing: no limit either
    std::optional<std::uint64_t> evicted;  // keys since the servers were started
};

/// Waits for the replies.
ServerRoom ask_room(Client& client);

}  // namespace cachectl
