// A fair sample of keys from random cursors, and what it says of all keys.
//
// Which keys lie behind a cursor is decided by their hashes, whose seed the server draws at random
// when it starts: the keys of any stretch of the table are as good as drawn by lot, whatever their
// names, types or ages. Long bucket chains do no harm for the same reason. Where a cluster's node
// has a table for each slot, whose keys may have a hash tag and much else in common, each key is
// drawn by itself, from a slot that is drawn by its number of keys. It may be drawn again: behind a
// gap in the table a key is more likely to be drawn than others of its slot, and to leave repeats
// out would make the keys of large slots too few.
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
#include "walk/slot_sizes.hpp"
#include "walk/walker.hpp"

namespace cachectl {

/// With 95 % probability the true value is within low … high.
struct Estimate {
    double value = 0;
    double low = 0;
    double high = 0;
};

/// How the drawing of a sample ended.
struct SampleOutcome {
    /// Keys that there are: DBSIZE, or about as many of these as have not expired.
    std::uint64_t population = 0;
    double population_error = 0;  // 95 %, as a share of it
    std::uint64_t drawn = 0;      // keys
    bool repeats = false;         // a key may be among them twice; else all are different
    bool too_few = false;         // there are no more keys than were asked for: nothing was drawn
    bool interrupted = false;
    std::optional<Error> failure;

    /// How much of what could be drawn has been: what is left is what is uncertain.
    [[nodiscard]] double seen_share() const {
        return repeats || population == 0
                   ? 0
                   : static_cast<double>(drawn) / static_cast<double>(population);
    }
    /// An estimate of which `seen` have been met, with what is uncertain of the population.
    [[nodiscard]] Estimate widened(Estimate estimate, double seen) const;
};

/// How many of the population have what `hits` of the sample have: Wilson's interval, narrowed for
/// the part of the population that has been seen.
Estimate estimate_count(std::uint64_t hits, const SampleOutcome& sample);

/// The servers that a sample can be drawn from: of a cluster those of its masters that answer.
struct SampledServers {
    std::vector<ServerNode> nodes;
    std::optional<Error> lacking;  // Error(partial) that names the slots without which they are
};
/// Connects to all.
SampledServers sampled_servers(Client& client);

class Sampler {
public:
    /// Throws Error(refused) on a server whose cursors are not known; why_none_of() says so before.
    /// `seed`: for tests.
    Sampler(Client& client, Pace& pace, std::uint64_t keys,
            std::uint64_t seed = std::random_device{}());

    /// Why no sample can be drawn from this server, to complete "… because"; empty: one can.
    static std::string why_none_of(const ServerInfo& server);

    /// Draws `keys` keys in pages from random cursors, and never more: where a cluster's nodes gave
    /// more than was asked of them, one with few keys would count for too much. For the same reason
    /// no others are drawn for keys that have expired and that the server still counts. What the
    /// handler asks for through the pace is waited for.
    SampleOutcome run(const Walker::PageHandler& on_page);

    /// No further pages; from within the handler or a reply.
    void stop() { m_stopped = true; }

private:
    void draw();
    void draw_more();
    [[nodiscard]] std::uint16_t draw_slot();
    Pace::Sent ask(double room);
    void send_page(std::uint64_t cursor, unsigned count, bool is_last);
    void take(std::uint64_t cursor, unsigned count, bool is_last, Reply reply);
    [[nodiscard]] double keys_due(std::uint64_t cursor, std::uint64_t next);
    struct Share {
        double value = 0;
        double error = 0;  // 95 %, as a share of it
    };
    [[nodiscard]] Share share_in_slots();
    void take_share(const Share& share);
    void leave_out_expired();

    Client& m_client;
    Pace& m_pace;
    std::uint64_t m_wanted;
    std::uint64_t m_wanted_now;  // without those that have expired
    PageSize m_page_size;
    std::mt19937_64 m_random;
    std::optional<SlotSizes> m_slots;  // where each slot has a table of its own
    const Walker::PageHandler* m_on_page = nullptr;
    SampleOutcome m_outcome;
    KeyHasher m_hash;
    HashSet<KeyHash> m_drawn;
    std::uint64_t m_asked = 0;    // the sum of COUNT
    double m_yield = 1;           // keys for each one asked for
    double m_expected = 0;        // keys, of all that has been asked for
    std::uint64_t m_counted = 0;  // DBSIZE
    double m_due = 0;             // keys that the pages would have if those counted were all there
    std::uint64_t m_shown = 0;    // that they have
    unsigned m_table_bits = 0;    // at least: of the largest cursor that came back
    unsigned m_rounds = 0;
    unsigned m_on_their_way = 0;  // requests: a page, or keys each drawn by itself
    unsigned m_request = 1;       // the sum of COUNT of the latest one
    bool m_is_drawing = false;    // the next one waits for the pace
    bool m_stopped = false;
    Lifetime m_lifetime;
};

}  // namespace cachectl
