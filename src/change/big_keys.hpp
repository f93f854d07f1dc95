// What it costs a server to free keys: DEL does all of it at once, and UNLINK still does so for
// strings and for collections of few elements.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pace/cost.hpp"
#include "redis/client.hpp"

namespace cachectl {

enum class Removal { unlink, del };

/// Microseconds that one command may spend on freeing.
constexpr double k_most_freeing = 960;

/// Of one key, in microseconds of the reference server; `bytes` by MEMORY USAGE. UNLINK hands most
/// large collections to another thread, but which ones it does not tell.
double freeing_cost(Removal removal, std::string_view type, std::int64_t bytes);

struct Portion {
    std::vector<std::string> keys;
    double freeing = 0;       // freeing_cost() of all
    std::uint64_t bytes = 0;  // MEMORY USAGE of all
};

struct MeasuredKeys {
    std::vector<Portion> portions;   // of k_most_freeing at most; also what is gone by now
    std::vector<std::string> heavy;  // one DEL of which would hold the server for too long
    std::vector<std::string> large;  // of more bytes than may be read at once
    double dearest = 0;              // the largest freeing_cost() of a key
    std::optional<Reply> refused;    // the server does not tell, or the connection was lost: no key
                                     // is in either list
};

/// What measure_keys() costs the server for that many keys.
Cost measuring_cost(Removal removal, unsigned keys);

/// What is to be read of keys before they are removed.
struct ReadingLimits {
    std::uint64_t of_key = UINT64_MAX;  // bytes by MEMORY USAGE
    std::uint64_t of_portion = UINT64_MAX;
};

/// Asks for each key's memory (MEMORY USAGE looks at a few elements only), and for DEL for its
/// type. `done` is called once, from within a reply.
void measure_keys(Client& client, Removal removal, std::vector<std::string> keys,
                  const ReadingLimits& limits, std::function<void(MeasuredKeys)> done);

}  // namespace cachectl
