// Which keys of a walk have been met before.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "walk/key_set.hpp"

namespace cachectl {

enum class Remember {
    /// What SCAN may repeat on a server at rest, in memory that does not grow with the keyspace:
    ///  - a page that runs over the end of its partition meets keys of the next one's first pages;
    ///  - when the table shrinks, SCAN steps back to the start of the now larger bucket: keys of
    ///    the two pages before come again, at the head of the page.
    nearby,
    /// Every key, in some 30 bytes each: exact also where the table shrinks again and again.
    everything,
    /// Every key as long as they are no more than some 190,000, of all servers that are walked side
    /// by side, then those nearby, and those that were met before a restart.
    what_fits,
};

class Duplicates {
public:
    /// Keys that the last page of a partition may be asked for, so that what it reads of the next
    /// one is known from there.
    static constexpr unsigned k_longest_last_page = 1000;

    /// Keys of one bucket, at most. A table is made for one a bucket and grows at five at the
    /// latest (dict.c; a bucket of hashtable.c is seven times as large, and there are fewer).
    static constexpr std::size_t k_longest_bucket = 256;

    static constexpr std::size_t k_what_fits = 190'000;

    /// `what_fits`: how many keys are remembered at most.
    Duplicates(Remember remember, std::size_t partitions, std::size_t what_fits = k_what_fits);

    /// How a page lies in its partition, one of those in the order of the line.
    struct Page {
        std::size_t partition = 0;
        unsigned count = 0;      // SCAN's COUNT
        bool completes = false;  // the partition, and may run over its end
    };

    /// Leaves those of the page's keys, in the server's order, that have not been met before.
    void leave_new(const Page& page, std::vector<std::string>& keys);

    /// The partition's latest page was lost on its way to the user: its keys are new once more,
    /// also after a restart that keeps what is old.
    void forget_page(std::size_t partition);

    enum class Old { keep, forget };
    /// The walk begins anew, in `partitions` partitions. With Old::keep, keys that were met before
    /// do not count as new.
    void restart(std::size_t partitions, Old old);
    /// Every key there was.
    [[nodiscard]] bool remembers_all() const { return m_remember != Remember::nearby; }

private:
    static constexpr std::size_t k_pages = 3;
    /// First pages are remembered until they amount to this COUNT, which last pages do not exceed.
    static constexpr unsigned k_head_count = k_longest_last_page;
    using Hashes = std::vector<std::uint64_t>;

    struct Lane {
        std::array<Hashes, k_pages> pages;  // the new keys of the latest ones, a ring
        std::size_t current = 0;
        HashSet<std::uint64_t> border;  // with the next partition: keys near it on both sides
        unsigned head = 0;              // COUNT that the first pages amount to
        bool complete = false;
    };

    void begin_page(const Page& page);
    void free_border_if_done(std::size_t partition);
    void find_stepped_back();
    bool insert(std::size_t index);
    bool insert_nearby(std::size_t index);

    Remember m_remember;
    std::size_t m_what_fits;
    KeyHasher m_hash;
    std::vector<Lane> m_lanes;
    HashSet<KeyHash> m_all;    // as long as all are remembered; then what is old, if it is kept
    bool m_keeps_old = false;  // since a restart
    Page m_page;
    bool m_at_border = false;                   // the partition before it may have met its keys
    std::vector<KeyHash> m_hashes;              // of the page's keys
    std::unordered_set<std::uint64_t> m_again;  // of pages that were lost: new once more
    HashSet<std::uint64_t> m_head;              // hashes of the keys at the page's head
    HashSet<std::uint64_t> m_back;              // and of these, those of the pages before
};

}  // namespace cachectl
