#include "walk/recent_keys.hpp"

#include <algorithm>
#include <bit>
#include <functional>

namespace cachectl {

// The slot that holds the key, or the free one where it would go; null on an unused page.
RecentKeys::Slot* RecentKeys::Page::find(std::string_view key, std::uint64_t hash) {
    if (slots.empty()) return nullptr;
    const std::size_t mask = slots.size() - 1;
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
        Slot& slot = slots[at];
        if (slot.size_plus_one == 0) return &slot;
        if (slot.hash == hash && slot.size_plus_one == key.size() + 1 &&
            std::string_view(bytes).substr(slot.offset, key.size()) == key) {
            return &slot;
        }
    }
}

void RecentKeys::begin_page(std::size_t keys) {
    m_current = (m_current + 1) % k_pages;
    Page& page = m_pages[m_current];
    page.bytes.clear();
    page.slots.assign(std::bit_ceil(std::max<std::size_t>(16, keys * 2)), Slot{});
}

bool RecentKeys::add(std::string_view key) {
    const std::uint64_t hash = std::hash<std::string_view>{}(key);
    for (std::size_t i = 0; i < k_pages; ++i) {
        if (i == m_current) continue;
        const Slot* slot = m_pages[i].find(key, hash);
        if (slot != nullptr && slot->size_plus_one != 0) return false;
    }
    Page& page = m_pages[m_current];
    Slot* slot = page.find(key, hash);
    if (slot->size_plus_one != 0) return false;
    *slot = {hash, static_cast<std::uint32_t>(page.bytes.size()),
             static_cast<std::uint32_t>(key.size() + 1)};
    page.bytes.append(key);
    return true;
}

void RecentKeys::clear() {
    for (Page& page : m_pages) page = Page{};
}

}  // namespace cachectl
