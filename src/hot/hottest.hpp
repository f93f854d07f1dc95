// The keys of the highest scores, out of however many.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "hot/hot_keys.hpp"

namespace cachectl {

class Hottest {
public:
    explicit Hottest(std::size_t most) : m_most(most) {}

    void add(const KeyFacts& key, double score) {
        if (m_keys.size() == m_most) {
            if (m_most == 0 || score <= m_keys.front().score) {
                return;
            }
            std::pop_heap(m_keys.begin(), m_keys.end(), is_hotter);
            m_keys.pop_back();
        }
        m_keys.push_back({key.key, score, key});
        std::push_heap(m_keys.begin(), m_keys.end(), is_hotter);
    }
    void reset() { m_keys.clear(); }
    /// In no order.
    [[nodiscard]] const std::vector<HotKey>& keys() const { return m_keys; }

private:
    static bool is_hotter(const HotKey& a, const HotKey& b) { return a.score > b.score; }

    std::size_t m_most;
    std::vector<HotKey> m_keys;  // a heap, the coldest in front
};

}  // namespace cachectl
