#include "health/key_tally.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "keyspace/glob.hpp"

namespace cachectl {

namespace {

// A collection of so many bytes may have more than k_many_elements.
constexpr std::uint64_t k_large_bytes = 16 * 1024;
constexpr std::size_t k_most_counted = 20;

bool is_larger(const BigKey& a, const BigKey& b) { return a.bytes > b.bytes; }

}  // namespace

bool has_ttls(const KeyPolicy& policy) {
    return std::any_of(policy.rules.begin(), policy.rules.end(),
                       [](const KeyRule& rule) { return rule.ttl || rule.max_ttl; });
}

KeyTally::KeyTally(std::shared_ptr<const KeyPolicy> policy,
                   std::vector<std::string> protected_patterns)
    : m_policy(std::move(policy)),
      m_protected(std::move(protected_patterns)),
      m_policy_has_ttls(m_policy && has_ttls(*m_policy)) {}

void KeyTally::clear() { *this = KeyTally(m_policy, m_protected); }

void KeyTally::add(const KeyFacts& key) {
    if (!key.exists || key.unreadable) {
        return;
    }
    ++looked_at;
    const std::uint64_t size = key.size_bytes.value_or(0);
    bytes += size;
    unsized += key.size_bytes ? 0 : 1;
    const bool is_protected = std::any_of(m_protected.begin(), m_protected.end(),
                                          [&](auto& glob) { return glob_match(glob, key.key); });
    if (is_protected && protected_keys++ == 0) {
        protected_example = key.key;
    }
    const KeyRule* rule = m_policy ? m_policy->find(key.key) : nullptr;
    const bool should = m_policy_has_ttls ? rule != nullptr && (rule->ttl || rule->max_ttl) : true;
    should_expire += should ? 1 : 0;
    if (key.ttl) {
        ++expiring;
        m_expiries_ms.push_back(key.ttl->count());
    } else {
        bytes_without_ttl += size;
        never_expire += should ? 1 : 0;
    }
    if (!key.ttl && should && !is_protected) {
        const std::size_t end = key.key.find(delimiter());
        if (end != std::string::npos && end > 0) {
            Namespace& found = m_without_ttl[key.key.substr(0, end)];
            found.name = key.key.substr(0, end);
            ++found.keys;
            found.bytes += size;
        }
    }
    const bool over = rule != nullptr && rule->max_size && size > *rule->max_size;
    if (over || (size >= k_large_bytes && !(rule != nullptr && rule->max_size))) {
        m_large.push_back({key.key, size, {}, over});
    }
}

std::vector<BigKey> KeyTally::worth_counting() const {
    std::vector<BigKey> keys = m_large;
    std::stable_sort(keys.begin(), keys.end(), is_larger);
    keys.resize(std::min(keys.size(), k_most_counted));
    return keys;
}

void KeyTally::set_big(const std::vector<BigKey>& counted) {
    big.clear();
    for (const BigKey& key : m_large) {
        const auto found = std::find_if(counted.begin(), counted.end(),
                                        [&](const BigKey& other) { return other.key == key.key; });
        const BigKey& known = found == counted.end() ? key : *found;
        if (known.against_policy || known.bytes > k_big_bytes ||
            known.elements.value_or(0) > k_many_elements) {
            big.push_back(known);
        }
    }
    std::stable_sort(big.begin(), big.end(), is_larger);
}

std::optional<KeyTally::Namespace> KeyTally::most_without_ttl() const {
    const auto most =
        std::max_element(m_without_ttl.begin(), m_without_ttl.end(), [](auto& a, auto& b) {
            return std::pair(a.second.bytes, a.second.keys) <
                   std::pair(b.second.bytes, b.second.keys);
        });
    return most == m_without_ttl.end() ? std::nullopt : std::optional(most->second);
}

KeyTally::Cliff KeyTally::steepest() const {
    std::vector<std::int64_t> at = m_expiries_ms;
    std::sort(at.begin(), at.end());
    const std::int64_t width = std::chrono::milliseconds(k_cliff).count();
    Cliff steepest;
    for (std::size_t first = 0, end = 0; first < at.size(); ++first) {
        while (end < at.size() && at[end] - at[first] < width) {
            ++end;
        }
        if (end - first > steepest.keys) {
            steepest = {std::chrono::seconds(at[first] / 1'000), end - first};
        }
    }
    return steepest;
}

std::uint64_t KeyTally::of_all(std::uint64_t keys) const {
    if (looked_at == 0 || population <= looked_at) {
        return keys;
    }
    constexpr double k_most = 1e18;
    return static_cast<std::uint64_t>(
        std::min(k_most, std::round(static_cast<double>(keys) * static_cast<double>(population) /
                                    static_cast<double>(looked_at))));
}

}  // namespace cachectl
