// When keys will expire, by namespace: how many in each cell of the time to come, and where so many
// end at once that whoever fills the cache will feel it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "keyspace/frequent_slots.hpp"
#include "keyspace/namespaces.hpp"
#include "keyspace/sum.hpp"

namespace cachectl {

/// What expires when, of a namespace or of all keys; numbers of keys that were added.
struct TimelineRow {
    NamespaceCount::Kind kind = NamespaceCount::Kind::named;
    std::string name;  // the namespace's own bytes
    std::vector<std::uint64_t> cells;
    std::uint64_t within = 0;  // the sum of the cells
    std::uint64_t later = 0;
    std::uint64_t never = 0;

    [[nodiscard]] std::uint64_t keys() const { return within + later + never; }
    TimelineRow& operator+=(const TimelineRow& other);
};

/// More than a quarter of a namespace's expiring keys, and 100 at least, within 60 seconds, and
/// markedly denser than the rest: keys that are written evenly with a short TTL are none.
struct TtlCliff {
    NamespaceCount::Kind kind = NamespaceCount::Kind::named;
    std::string name;
    std::chrono::milliseconds from{0};  // until the first of them
    std::chrono::milliseconds to{0};
    std::uint64_t keys = 0;
    bool is_all = false;  // the namespace has no other keys
};

class TtlTimeline final : public Sum {
public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;

    /// `span` from now on in `cells` of equal width, which is rounded up to milliseconds.
    TtlTimeline(std::chrono::milliseconds span, std::size_t cells, Clock now,
                std::string delimiter = ":");

    void add(const KeyFacts& key) override;
    void reset() override;

    [[nodiscard]] std::chrono::milliseconds span() const { return m_span; }
    [[nodiscard]] std::chrono::milliseconds cell() const { return m_cell; }

    /// Those with most keys within the span first, then with most later, then with most at all; the
    /// others than the first `most` together as Kind::other, last.
    [[nodiscard]] std::vector<TimelineRow> rows(std::size_t most) const;
    [[nodiscard]] TimelineRow all() const;
    /// Of those that have names of their own, soonest first.
    [[nodiscard]] std::vector<TtlCliff> cliffs() const;

private:
    struct Namespace {
        TimelineRow row;
        FrequentSlots slots;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    Namespace& namespace_named(std::string_view key);
    void add_cliffs(const Namespace& of, std::vector<TtlCliff>& cliffs) const;

    std::chrono::milliseconds m_span;
    std::chrono::milliseconds m_cell;
    std::size_t m_cells;
    Clock m_now;
    std::string m_delimiter;
    std::chrono::steady_clock::time_point m_start;
    std::unordered_map<std::string, Namespace, Hash, std::equal_to<>> m_named;
    Namespace m_none;
    Namespace m_other;
};

}  // namespace cachectl
