// Whether a key has the name of another program's data, found fast enough to be asked of every key
// of a walk.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "keyspace/neighbour_table.hpp"

namespace cachectl {

/// Whether the text looks made by a generator of identifiers and not written by a person: 20 bytes
/// or more of letters, digits, '-', '_' and ',', at least one digit; and if it has one of '-' and
/// '_', either hexadecimal besides these or of small and capital letters.
bool is_made_id(std::string_view text);

struct NeighbourMatch {
    std::size_t kind = 0;     // row of the table
    std::size_t pattern = 0;  // of its `sure`, and behind these of its `likely`
    bool sure = false;
};

/// The table, ordered by what few bytes of a key say. `table` must outlive it.
class NeighbourNames {
public:
    /// Throws std::logic_error for a pattern that cannot be found by a few bytes, see
    /// neighbour_table.cpp.
    explicit NeighbourNames(std::span<const NeighbourKind> table);

    /// The first sure pattern that the key matches, else the first likely one.
    [[nodiscard]] std::optional<NeighbourMatch> match(std::string_view key) const;

    [[nodiscard]] std::span<const NeighbourKind> table() const { return m_table; }

    /// Of neighbour_table().
    static const NeighbourNames& all();

private:
    struct Entry {
        NeighbourPattern pattern;
        NeighbourMatch match;
        std::string literal;  // that stands at the place by which the key was found
    };
    using Bucket = std::vector<Entry>;

    /// Entries by two bytes. That there are none is known without touching much memory.
    class Index {
    public:
        void add(char first, char second, Entry entry);
        /// Null if there is none.
        [[nodiscard]] const Bucket* find(char first, char second) const;

    private:
        std::bitset<65536> m_known;
        std::unordered_map<std::size_t, Bucket> m_buckets;
    };

    void add(const NeighbourPattern& pattern, NeighbourMatch match);

    std::span<const NeighbourKind> m_table;
    Index m_by_begin;  // the first two bytes
    Index m_by_colon;  // the two bytes before the first ':'
    Bucket m_long;     // patterns with a long literal part, for long keys alone
    std::size_t m_long_least = SIZE_MAX;
};

}  // namespace cachectl
