#include "support/model_dict.hpp"

#include <algorithm>

namespace cachectl::test {

namespace {

std::uint64_t mirrored(std::uint64_t bits) {
    std::uint64_t result = 0;
    for (int i = 0; i < 64; ++i, bits >>= 1) {
        result = result << 1 | (bits & 1);
    }
    return result;
}

/// Adds one to the bits under the mask, from the highest to the lowest.
std::uint64_t next_cursor(std::uint64_t cursor, std::uint64_t mask) {
    return mirrored(mirrored(cursor | ~mask) + 1);
}

void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
    to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

std::uint64_t ModelDict::hash_of(const std::string& key) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : key) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    hash ^= hash >> 29;
    hash *= 0xbf58476d1ce4e5b9;
    return hash ^ hash >> 32;
}

void ModelDict::add(const std::string& key) {
    if (!m_place.emplace(key, hash_of(key)).second) {
        return;
    }
    Table& table = m_tables[m_rehashing ? 1 : 0];
    table.buckets[hash_of(key) & table.mask()].push_back(key);
}

void ModelDict::remove(const std::string& key) {
    if (m_place.erase(key) == 0) {
        return;
    }
    for (Table& table : m_tables) {
        std::erase(table.buckets[hash_of(key) & table.mask()], key);
    }
}

void ModelDict::resize(unsigned bits) {
    if (m_rehashing || bits == m_tables[0].bits) {
        return;
    }
    m_tables[1] = Table(bits);
    m_rehashing = true;
    m_rehash_at = 0;
}

void ModelDict::rehash(std::size_t buckets) {
    for (; m_rehashing && buckets > 0; --buckets) {
        for (std::string& key : m_tables[0].buckets[m_rehash_at]) {
            auto& bucket = m_tables[1].buckets[hash_of(key) & m_tables[1].mask()];
            bucket.push_back(std::move(key));
        }
        m_tables[0].buckets[m_rehash_at].clear();
        if (++m_rehash_at < m_tables[0].buckets.size()) {
            continue;
        }
        m_tables[0] = std::move(m_tables[1]);
        m_tables[1] = Table(0);
        m_rehashing = false;
    }
}

std::uint64_t ModelDict::visit(std::uint64_t cursor, std::vector<std::string>& keys) const {
    const Table* small = &m_tables[0];
    if (!m_rehashing) {
        append(keys, small->buckets[cursor & small->mask()]);
        return next_cursor(cursor, small->mask());
    }
    const Table* large = &m_tables[1];
    if (small->bits > large->bits) {
        std::swap(small, large);
    }
    append(keys, small->buckets[cursor & small->mask()]);
    do {  // all buckets of the large table that the small one's bucket stands for
        append(keys, large->buckets[cursor & large->mask()]);
        cursor = next_cursor(cursor, large->mask());
    } while ((cursor & (small->mask() ^ large->mask())) != 0);
    return cursor;
}

std::uint64_t ModelDict::scan(std::uint64_t cursor, std::size_t count,
                              std::vector<std::string>& keys) const {
    std::size_t visits = count * 10;
    do {
        cursor = visit(cursor, keys);
    } while (cursor != 0 && --visits != 0 && keys.size() < count);
    return cursor;
}

}  // namespace cachectl::test
