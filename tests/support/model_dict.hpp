// A hash table as Redis has it, as far as SCAN can tell: buckets, growth and shrinking in steps,
// and the cursor's way through one or two tables. Written after the description of dictScan in
// dict.c; shares no code with what is tested.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace cachectl::test {

class ModelDict {
public:
    /// `bits`: the table has 2^bits buckets at first.
    explicit ModelDict(unsigned bits) : m_tables{Table(bits), Table(0)} {}

    void add(const std::string& key);
    void remove(const std::string& key);
    [[nodiscard]] std::size_t size() const { return m_place.size(); }
    /// Begins a rehash to 2^bits buckets; nothing happens while one goes on.
    void resize(unsigned bits);
    /// Moves so many buckets of a rehash that goes on.
    void rehash(std::size_t buckets);
    [[nodiscard]] bool rehashing() const { return m_rehashing; }
    [[nodiscard]] unsigned bits() const { return m_tables[0].bits; }

    /// SCAN cursor COUNT count: the keys go to `keys`; returns the next cursor.
    std::uint64_t scan(std::uint64_t cursor, std::size_t count,
                       std::vector<std::string>& keys) const;

private:
    struct Table {
        explicit Table(unsigned n) : bits(n), buckets(std::size_t{1} << n) {}
        [[nodiscard]] std::uint64_t mask() const { return buckets.size() - 1; }
        unsigned bits;
        std::vector<std::vector<std::string>> buckets;
    };

    [[nodiscard]] static std::uint64_t hash_of(const std::string& key);
    std::uint64_t visit(std::uint64_t cursor, std::vector<std::string>& keys) const;

    Table m_tables[2];
    bool m_rehashing = false;
    std::size_t m_rehash_at = 0;  // buckets of table 0 below it have been moved
    std::unordered_map<std::string, std::uint64_t> m_place;
};

}  // namespace cachectl::test
