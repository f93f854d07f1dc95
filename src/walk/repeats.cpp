#include "walk/repeats.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_what_fits = 190'000;

}  // namespace

Repeats::Repeats(Remember remember, std::size_t partitions)
    : m_remember(remember), m_lanes(partitions) {}

void Repeats::restart(std::size_t partitions, Old old) {
    if (old == Old::forget) m_all.free();
    m_lanes = std::vector<Lane>(partitions);
    m_page = {};
    m_at_head = false;
}

void Repeats::begin_page(const Page& page) {
    free_border_if_done(m_page.partition);
    if (m_page.partition != 0) free_border_if_done(m_page.partition - 1);
    if (m_remember == Remember::what_fits && m_all.size() > k_what_fits) {
        m_remember = Remember::nearby;
        m_all.free();
    }
    m_page = page;
    Lane& lane = m_lanes[page.partition];
    lane.latest.clear();
    lane.complete = page.completes;
    m_at_head = page.partition != 0 && lane.head < k_head_count;
    lane.head += page.count;
    if (m_remember != Remember::nearby) return;
    lane.current = (lane.current + 1) % k_pages;
    lane.pages[lane.current].reset(page.keys);
}

// A border has done its work when the one partition is complete, and the other past its head.
void Repeats::free_border_if_done(std::size_t partition) {
    if (!m_lanes[partition].complete || partition + 1 == m_lanes.size()) return;
    const Lane& next = m_lanes[partition + 1];
    if (next.head >= k_head_count || next.complete) m_lanes[partition].border.free();
}

bool Repeats::is_new(std::string_view key) {
    const KeyHash hash = m_hash(key);
    Lane& lane = m_lanes[m_page.partition];
    const bool inserted = insert(hash);
    if (!inserted && !(lane.again.contains(hash.low) && lane.came.insert(hash.low))) return false;
    lane.latest.push_back(hash.low);
    return true;
}

bool Repeats::insert(const KeyHash& hash) {
    return m_remember == Remember::nearby ? insert_nearby(hash.low) : m_all.insert(hash);
}

bool Repeats::insert_nearby(std::uint64_t hash) {
    Lane& lane = m_lanes[m_page.partition];
    bool is_new = true;
    for (std::size_t i = 0; i < k_pages; ++i) {
        is_new &= i == lane.current ? lane.pages[i].insert(hash) : !lane.pages[i].contains(hash);
    }
    if (m_at_head) is_new &= m_lanes[m_page.partition - 1].border.insert(hash);
    const bool is_last = m_page.partition + 1 == m_lanes.size();
    if (m_page.completes && !is_last) is_new &= lane.border.insert(hash);
    return is_new;
}

void Repeats::forget_page(std::size_t partition) {
    Lane& lane = m_lanes[partition];
    lane.again.reset(lane.latest.size());
    lane.came.reset(0);
    for (const std::uint64_t hash : lane.latest) lane.again.insert(hash);
    lane.latest.clear();
}

}  // namespace cachectl
