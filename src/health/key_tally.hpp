// What the keys of a sample tell of the health of a cache.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keyspace/key_facts.hpp"
#include "keyspace/policy.hpp"

namespace cachectl {

struct BigKey {
    std::string key;
    std::uint64_t bytes = 0;
    std::optional<std::uint64_t> elements;  // of a collection
    bool against_policy = false;            // larger than its rule's max_size
};

/// Adds up the keys of a sample, or of all there are.
class KeyTally {
public:
    static constexpr std::uint64_t k_big_bytes = 1024 * 1024;
    static constexpr std::uint64_t k_many_elements = 10'000;
    static constexpr std::chrono::seconds k_cliff{60};

    /// `policy` may be null. `protected_patterns` are the policy's and those of the context.
    KeyTally(std::shared_ptr<const KeyPolicy> policy, std::vector<std::string> protected_patterns);

    void add(const KeyFacts& key);
    /// All is forgotten: the keys come again.
    void clear();

    /// Keys whose elements are worth counting, the largest first; some at most.
    [[nodiscard]] std::vector<BigKey> worth_counting() const;
    /// These, with their elements, as far as they are big.
    void set_big(const std::vector<BigKey>& counted);

    struct Namespace {
        std::string name;
        std::uint64_t keys = 0, bytes = 0;
    };
    struct Cliff {
        std::chrono::seconds in{0};  // from now on until it begins
        std::uint64_t keys = 0;      // that expire within k_cliff of it
    };

    std::uint64_t population = 0;  // keys that there are, as the server counts them
    std::uint64_t looked_at = 0;
    std::uint64_t bytes = 0, bytes_without_ttl = 0;
    std::uint64_t unsized = 0;        // keys whose size is not known
    std::uint64_t should_expire = 0;  // that the policy wants to expire; without TTLs in it, all
    std::uint64_t never_expire = 0;   // of these
    std::uint64_t expiring = 0;
    std::uint64_t protected_keys = 0;
    std::string protected_example;
    std::vector<BigKey> big;

    /// The namespace that has most of the bytes, or else keys, that should expire and do not.
    [[nodiscard]] std::optional<Namespace> most_without_ttl() const;
    /// What divides a namespace from the rest of a key: the policy's, else a colon.
    [[nodiscard]] std::string delimiter() const { return m_policy ? m_policy->delimiter : ":"; }
    [[nodiscard]] Cliff steepest() const;
    /// How many keys of the whole database there are for `keys` of those looked at.
    [[nodiscard]] std::uint64_t of_all(std::uint64_t keys) const;

private:
    std::shared_ptr<const KeyPolicy> m_policy;
    std::vector<std::string> m_protected;
    bool m_policy_has_ttls = false;
    std::map<std::string, Namespace, std::less<>> m_without_ttl;
    std::vector<std::int64_t> m_expiries_ms;
    std::vector<BigKey> m_large;
};

/// Whether any rule has a TTL.
bool has_ttls(const KeyPolicy& policy);

}  // namespace cachectl
