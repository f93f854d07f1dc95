// What the keys of a walk add up to: of all of them, or of a sample from which all are estimated.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "keyspace/key_facts.hpp"
#include "walk/sample.hpp"

namespace cachectl {

/// A number of keys: counted, or estimated from a sample.
struct Count {
    std::int64_t keys = 0;
    std::optional<std::pair<std::int64_t, std::int64_t>> interval;  // of an estimate, 95 %
};

class Sum {
public:
    Sum() = default;
    Sum(const Sum&) = default;
    Sum(Sum&&) = default;
    Sum& operator=(const Sum&) = default;
    Sum& operator=(Sum&&) = default;
    virtual ~Sum() = default;

    virtual void add(const KeyFacts& key) = 0;
    /// Takes back all that was added: the walk begins anew.
    virtual void reset() = 0;

    /// What was added are keys drawn by lot: count() estimates from now on.
    void scale(const SampleOutcome& sample) { m_sample = sample; }
    [[nodiscard]] const std::optional<SampleOutcome>& sample() const { return m_sample; }
    /// What `keys` of those that were added stand for.
    [[nodiscard]] Count count(std::uint64_t keys) const;

private:
    std::optional<SampleOutcome> m_sample;
};

}  // namespace cachectl
