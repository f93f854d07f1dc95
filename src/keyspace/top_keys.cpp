#include "keyspace/top_keys.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace cachectl {

std::optional<SortOrder> sort_order_of(std::string_view word) {
    constexpr std::pair<std::string_view, SortOrder> k_words[] = {{"size", SortOrder::size},
                                                                  {"ttl", SortOrder::ttl},
                                                                  {"idle", SortOrder::idle},
                                                                  {"name", SortOrder::name}};
    const auto found = std::find_if(std::begin(k_words), std::end(k_words),
                                    [&](const auto& known) { return known.first == word; });
    return found == std::end(k_words) ? std::nullopt : std::optional(found->second);
}

FactsWanted facts_for(SortOrder order) {
    FactsWanted facts;
    facts.size = order == SortOrder::size;
    facts.ttl = order == SortOrder::ttl;
    facts.idle = facts.own_idle = order == SortOrder::idle;
    return facts;
}

bool TopKeys::Place::operator<(const Place& other) const {
    const auto as_tuple = [](const Place& place) {
        return std::tuple(!place.is_known, place.rank, std::string_view(place.key));
    };
    return as_tuple(*this) < as_tuple(other);
}

void TopKeys::add(const KeyFacts& key) {
    if (const auto held = m_held.find(key.key); held != m_held.end()) {
        const Place before = place_of(held->second);
        m_unknown -= before.is_known ? 0 : 1;
        --m_seen;
        m_places.erase(before);
        m_held.erase(held);
    }
    Place place = place_of(key);
    m_unknown += place.is_known ? 0 : 1;
    ++m_seen;
    if (m_places.size() == m_most) {
        const auto last = std::prev(m_places.end());
        if (!(place < *last)) {
            return;
        }
        m_held.erase(last->key);
        m_places.erase(last);
    }
    m_held.emplace(key.key, key);
    m_places.insert(std::move(place));
}

void TopKeys::reset() {
    m_places.clear();
    m_held.clear();
    m_seen = m_unknown = 0;
}

std::vector<KeyFacts> TopKeys::take() {
    std::vector<KeyFacts> keys;
    keys.reserve(m_places.size());
    for (const Place& place : m_places) {
        keys.push_back(std::move(m_held.at(place.key)));
    }
    m_places.clear();
    m_held.clear();
    return keys;
}

TopKeys::Place TopKeys::place_of(const KeyFacts& key) const {
    constexpr std::int64_t k_last = std::numeric_limits<std::int64_t>::max();
    const auto size_rank = [](std::uint64_t bytes) { return -static_cast<std::int64_t>(bytes); };
    switch (m_order) {
        case SortOrder::size:
            return {key.size_bytes.has_value(), size_rank(key.size_bytes.value_or(0)), key.key};
        case SortOrder::ttl:
            return {true, key.ttl ? key.ttl->count() : k_last, key.key};
        case SortOrder::idle:
            return {key.idle.has_value(), key.idle ? -key.idle->count() : 0, key.key};
        case SortOrder::name:
            break;
    }
    return {true, 0, key.key};
}

}  // namespace cachectl
