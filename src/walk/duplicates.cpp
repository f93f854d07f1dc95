#include "walk/duplicates.hpp"

#include <algorithm>

namespace cachectl {

Duplicates::Duplicates(Remember remember, std::size_t partitions, std::size_t what_fits)
    : m_remember(remember), m_what_fits(what_fits), m_lanes(partitions) {}

void Duplicates::restart(std::size_t partitions, Old old) {
    if (old == Old::forget) {
        m_again.clear();
        m_all.free();
    }
    m_keeps_old = m_all.size() != 0;
    m_lanes = std::vector<Lane>(partitions);
    m_page = {};
    m_at_border = false;
}

void Duplicates::leave_new(const Page& page, std::vector<std::string>& keys) {
    begin_page(page);
    m_hashes.clear();
    for (const std::string& key : keys) {
        m_hashes.push_back(m_hash(key));
    }
    if (m_remember != Remember::everything) {
        find_stepped_back();
    }

    Lane& lane = m_lanes[page.partition];
    Hashes& latest = lane.pages[lane.current];
    std::size_t kept = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::uint64_t hash = m_hashes[i].low;
        const bool comes_again = !m_again.empty() && m_again.erase(hash) != 0;
        if (!insert(i) && !comes_again) {
            continue;
        }
        latest.push_back(hash);
        if (kept != i) {
            keys[kept] = std::move(keys[i]);
        }
        ++kept;
    }
    keys.resize(kept);
}

void Duplicates::begin_page(const Page& page) {
    free_border_if_done(m_page.partition);
    if (m_page.partition != 0) {
        free_border_if_done(m_page.partition - 1);
    }
    if (m_remember == Remember::what_fits && m_all.size() > m_what_fits) {
        m_remember = Remember::nearby;
        if (!m_keeps_old) {
            m_all.free();
        }
    }
    m_page = page;
    Lane& lane = m_lanes[page.partition];
    lane.current = (lane.current + 1) % k_pages;
    lane.pages[lane.current].clear();
    lane.complete = page.completes;
    m_at_border = page.partition != 0 && lane.head < k_head_count;
    lane.head += page.count;
}

// A border has done its work when the one partition is complete, and the other past its head.
void Duplicates::free_border_if_done(std::size_t partition) {
    if (!m_lanes[partition].complete || partition + 1 == m_lanes.size()) {
        return;
    }
    const Lane& next = m_lanes[partition + 1];
    if (next.head >= k_head_count || next.complete) {
        m_lanes[partition].border.free();
    }
}

// The few at the head are looked for among the many of the pages before, rather than the other way
// round: a set as small as this stays in the fastest cache, and mostly its slots are free.
void Duplicates::find_stepped_back() {
    const std::size_t count = std::min(m_hashes.size(), k_longest_bucket);
    m_back.reset(0);
    m_head.reset(4 * count);
    for (std::size_t i = 0; i < count; ++i) {
        m_head.insert(m_hashes[i].low);
    }
    const Lane& lane = m_lanes[m_page.partition];
    for (const Hashes& page : lane.pages) {
        for (const std::uint64_t hash : page) {
            if (m_head.contains(hash)) {
                m_back.insert(hash);
            }
        }
    }
}

bool Duplicates::insert(std::size_t index) {
    if (m_remember == Remember::everything) {
        return m_all.insert(m_hashes[index]);
    }
    // Kept from the start: when not all can be remembered any more, the borders are known.
    const bool is_new = insert_nearby(index);
    if (m_remember == Remember::nearby) {
        return is_new && !m_all.contains(m_hashes[index]);
    }
    return m_all.insert(m_hashes[index]);
}

bool Duplicates::insert_nearby(std::size_t index) {
    const std::uint64_t hash = m_hashes[index].low;
    bool is_new = index >= k_longest_bucket || m_back.size() == 0 || !m_back.contains(hash);
    if (m_at_border) {
        is_new &= m_lanes[m_page.partition - 1].border.insert(hash);
    }
    const bool is_last = m_page.partition + 1 == m_lanes.size();
    if (m_page.completes && !is_last) {
        is_new &= m_lanes[m_page.partition].border.insert(hash);
    }
    return is_new;
}

void Duplicates::forget_page(std::size_t partition) {
    Lane& lane = m_lanes[partition];
    Hashes& latest = lane.pages[lane.current];
    m_again.insert(latest.begin(), latest.end());
    lane.current = (lane.current + k_pages - 1) % k_pages;  // it comes to where it was
}

}  // namespace cachectl
