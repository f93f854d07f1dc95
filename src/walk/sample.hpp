// A fair sample of keys from random cursors, and what it says of all keys.
//
// Which keys lie behind a cursor is decided by their hashes, whose seed the server draws at random
// when it starts: the keys of any stretch of the table are as good as drawn by lot, whatever their
// names, types or ages. Long bucket chains do no harm for the same reason.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "pace/pace.hpp"
#include "redis/client.hpp"
#include "util/error.hpp"
#include "util/lifetime.hpp"
#include "walk/key_set.hpp"
#include "walk/page_size.hpp"
#include "walk/walker.hpp"

namespace cachectl {

/// With 95 % probability the true value is within low … high.
struct Estimate {
    double value = 0;
    double low = 0;
    double high = 0;
};

/// How many of `population` have what `hits` of `sample` of them have, drawn without repetition:
/// Wilson's interval, narrowed for the part of the population that has been seen.
Estimate estimate_count(std::uint64_t hits, std::uint64_t sample, std::uint64_t population);

/// How the drawing of a sample ended.
struct SampleOutcome {
    std::uint64_t population = 0;  // DBSIZE
    std::uint64_t drawn = 0;       // keys, all different
    bool too_few = false;          // there are no more keys than were asked for: nothing was drawn
    bool interrupted = false;
    std::optional<Error> failure;
};

class Sampler {
public:
    /// Throws Error(refused) on a server whose cursors are not known. `seed`: for tests.
    Sampler(Client& client, Pace& pace, std::uint64_t keys,
            std::uint64_t seed = std::random_device{}());

    /// Asks for `keys` keys in pages from random cursors; a few more or less may come. What its
    /// handler asks for through the pace is waited for.
    SampleOutcome run(const Walker::PageHandler& on_page);

    /// No further pages; from within the handler or a reply.
    void stop() { m_stopped = true; }

private:
    void draw();
    Pace::Sent ask(double room);
    void take(unsigned count, Reply reply);

    Client& m_client;
    Pace& m_pace;
    std::uint64_t m_wanted;
    PageSize m_page_size;
    std::mt19937_64 m_random;
    const Walker::PageHandler* m_on_page = nullptr;
    SampleOutcome m_outcome;
    KeyHasher m_hash;
    HashSet<KeyHash> m_drawn;
    std::uint64_t m_asked = 0;  // the sum of COUNT
    double m_yield = 1;         // keys for each one asked for
    double m_expected = 0;      // keys, of all that has been asked for
    unsigned m_rounds = 0;
    unsigned m_on_their_way = 0;  // pages
    bool m_stopped = false;
    Lifetime m_lifetime;
};

}  // namespace cachectl
