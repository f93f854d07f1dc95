#include "keyspace/ttl_choice.hpp"

#include <algorithm>
#include <utility>

namespace cachectl {

TtlChoice::TtlChoice(std::optional<std::chrono::milliseconds> ttl, std::vector<KeyPolicy> policies,
                     double jitter, std::uint64_t seed)
    : m_ttl(ttl), m_policies(std::move(policies)), m_jitter(jitter), m_random(seed) {}

std::optional<std::chrono::milliseconds> TtlChoice::longest(std::string_view key) const {
    auto ttl = m_ttl;
    for (auto policy = m_policies.begin(); !ttl && policy != m_policies.end(); ++policy) {
        if (const KeyRule* rule = policy->find(key)) {
            ttl = rule->ttl;
        }
    }
    return ttl;
}

std::optional<std::chrono::milliseconds> TtlChoice::shortest(std::string_view key) const {
    const auto ttl = longest(key);
    if (!ttl) {
        return ttl;
    }
    return std::chrono::milliseconds(
        static_cast<std::int64_t>(static_cast<double>(ttl->count()) * (1 - m_jitter)));
}

std::optional<std::chrono::milliseconds> TtlChoice::for_key(std::string_view key) {
    const auto ttl = longest(key);
    if (!ttl || m_jitter == 0) {
        return ttl;
    }
    const auto most = static_cast<std::int64_t>(static_cast<double>(ttl->count()) * m_jitter);
    const std::int64_t less = std::uniform_int_distribution<std::int64_t>(0, most)(m_random);
    return std::max(std::chrono::milliseconds(1), *ttl - std::chrono::milliseconds(less));
}

}  // namespace cachectl
