// Which keys are small enough to be freed at once: DEL holds the server until it has freed them.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "redis/client.hpp"

namespace cachectl {

struct WeighedKeys {
    std::vector<std::string> light;  // also those that are gone by now
    std::vector<std::string> heavy;
    std::optional<Reply> refused;  // the server does not tell, or the connection was lost: no key
                                   // is in either list
};

/// Elements of some 64 bytes, at 0.15 microseconds each (Redis 7.0.15): a millisecond's work.
constexpr std::int64_t k_most_to_free_at_once = 400 * 1024;  // bytes

/// Asks for each key's type and memory (MEMORY USAGE looks at a few elements only). A string is
/// light however long it is. `done` is called once, from within a reply.
void weigh_keys(Client& client, std::vector<std::string> keys,
                std::function<void(WeighedKeys)> done);

}  // namespace cachectl
