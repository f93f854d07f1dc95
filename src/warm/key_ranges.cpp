#include "warm/key_ranges.hpp"

#include <algorithm>
#include <iterator>

namespace cachectl {

void KeyRanges::add(std::uint64_t begin, std::uint64_t end) {
    if (begin >= end) {
        return;
    }
    auto next = m_ranges.upper_bound(begin);
    if (next != m_ranges.begin() && std::prev(next)->second >= begin) {
        --next;
        next->second = std::max(next->second, end);
    } else {
        next = m_ranges.emplace_hint(next, begin, end);
    }
    for (auto other = std::next(next); other != m_ranges.end() && other->first <= next->second;) {
        next->second = std::max(next->second, other->second);
        other = m_ranges.erase(other);
    }
}

bool KeyRanges::contains(std::uint64_t index) const {
    const auto next = m_ranges.upper_bound(index);
    return next != m_ranges.begin() && std::prev(next)->second > index;
}

}  // namespace cachectl
