// Will what is to be written fit into the server? Decided before anything is written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "redis/client.hpp"
#include "warm/memory/server_memory.hpp"

namespace cachectl {

enum class Eviction { allowed, refused };

struct FitVerdict {
    enum class Kind {
        fits,
        refused,
        warned,  // it does not fit, but that was asked for, or there is no limit to keep to
    };
    Kind kind = Kind::fits;
    std::string message;
    std::string hint;
};

/// What keys need in a server, in bytes.
struct MemoryNeed {
    std::uint64_t bytes = 0;  // when they have been written
    std::uint64_t peak = 0;   // while they are being written
    /// The peak where the writer waits for what passes by itself, as MemoryWatch does.
    std::uint64_t least_peak = 0;
};

/// Whether the keys fit, with a reserve, and the peak, which may take the reserve. The texts are
/// empty if they do.
FitVerdict judge_fit(const MemoryNeed& need, const ServerMemory& memory, Eviction eviction);

/// Which share of these keys the server has already, 0..1; 0 if it would not say.
double share_that_exists(Client& client, const std::vector<std::string>& names);

}  // namespace cachectl
