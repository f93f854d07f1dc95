// Which keys are small enough to be freed at once: DEL holds the server until it has freed them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "redis/client.hpp"
#include "walk/cost.hpp"

namespace cachectl {

/// Elements of some 64 bytes, at 0.15 microseconds each (Redis 7.0.15): a millisecond's work.
constexpr std::int64_t k_most_to_free_at_once = 400 * 1024;  // bytes
/// What that makes of each byte.
constexpr double k_freeing_cost = 0.15 / 64;

struct LightKeys {
    std::vector<std::string> keys;
    std::int64_t bytes = 0;  // that are freed one by one; a string is freed as a whole
};

struct WeighedKeys {
    std::vector<LightKeys> light;  // in portions to free at once; also what is gone by now
    std::vector<std::string> heavy;
    std::optional<Reply> refused;  // the server does not tell, or the connection was lost: no key
                                   // is in either list
};

/// Of weigh_keys() for so many.
Cost weighing_cost(unsigned keys);

/// Asks for each key's type and memory (MEMORY USAGE looks at a few elements only). A string is
/// light however long it is. `done` is called once, from within a reply.
void weigh_keys(Client& client, std::vector<std::string> keys,
                std::function<void(WeighedKeys)> done);

}  // namespace cachectl
