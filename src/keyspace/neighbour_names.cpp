#include "keyspace/neighbour_names.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <string>
#include <utility>

#include "keyspace/glob.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_id_bytes = 20;
constexpr std::size_t k_long_literal = 24;

std::size_t place_of(char first, char second) {
    return std::size_t{static_cast<unsigned char>(first)} << 8 | static_cast<unsigned char>(second);
}

bool accepts(const NeighbourPattern& pattern, std::string_view key) {
    const bool made_id = pattern.tail == NeighbourTail::made_id;
    const std::size_t stars = 2;  // at most
    if (made_id && key.size() + stars < pattern.glob.size() + k_id_bytes) {
        return false;  // most keys, and at little cost
    }
    if (!glob_match(pattern.glob, key)) {
        return false;
    }
    if (!made_id) {
        return true;
    }
    // What the last '*' stands for: all behind the literal text in front of it.
    std::string_view literal = pattern.glob.substr(0, pattern.glob.size() - 1);
    literal.remove_prefix(literal.rfind('*') + 1);
    return is_made_id(key.substr(key.find(literal) + literal.size()));
}

}  // namespace

bool is_made_id(std::string_view text) {
    if (text.size() < k_id_bytes) {
        return false;
    }
    bool digit = false;
    bool small = false;
    bool capital = false;
    bool joint = false;
    bool hexadecimal = true;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_joint = c == '-' || c == '_';
        if (byte > 0x7f || (std::isalnum(byte) == 0 && !is_joint && c != ',')) {
            return false;
        }
        digit |= std::isdigit(byte) != 0;
        small |= std::islower(byte) != 0;
        capital |= std::isupper(byte) != 0;
        joint |= is_joint;
        hexadecimal &= is_joint || std::isxdigit(byte) != 0;
    }
    return digit && (!joint || hexadecimal || (small && capital));
}

NeighbourNames::NeighbourNames(std::span<const NeighbourKind> table) : m_table(table) {
    for (std::size_t kind = 0; kind < table.size(); ++kind) {
        std::size_t pattern = 0;
        for (const NeighbourPattern& sure : table[kind].sure) {
            add(sure, {kind, pattern++, true});
        }
        for (const NeighbourPattern& likely : table[kind].likely) {
            add(likely, {kind, pattern++, false});
        }
    }
}

const NeighbourNames& NeighbourNames::all() {
    static const NeighbourNames names(neighbour_table());
    return names;
}

void NeighbourNames::Index::add(char first, char second, Entry entry) {
    m_known.set(place_of(first, second));
    m_buckets[place_of(first, second)].push_back(std::move(entry));
}

const NeighbourNames::Bucket* NeighbourNames::Index::find(char first, char second) const {
    const std::size_t place = place_of(first, second);
    return m_known[place] ? &m_buckets.at(place) : nullptr;
}

void NeighbourNames::add(const NeighbourPattern& pattern, NeighbourMatch match) {
    const std::string_view glob = pattern.glob;
    const std::string begin = literal_prefix(glob);
    if (begin.size() >= 2) {
        m_by_begin.add(begin[0], begin[1], {pattern, match, begin});
        return;
    }
    const std::string middle =
        glob.starts_with('*') ? literal_prefix(glob.substr(1)) : std::string();
    const std::size_t colon = middle.find(':');
    if (middle.size() >= k_long_literal) {
        m_long.push_back({pattern, match, middle});
        const std::size_t tail = pattern.tail == NeighbourTail::made_id ? k_id_bytes : 0;
        m_long_least = std::min(m_long_least, middle.size() + tail);
    } else if (colon != std::string::npos && colon >= 2) {
        m_by_colon.add(middle[colon - 2], middle[colon - 1],
                       {pattern, match, middle.substr(0, colon)});
    } else {
        throw std::logic_error("the neighbours' pattern " + std::string(glob) +
                               " has no literal bytes to find it by");
    }
}

std::optional<NeighbourMatch> NeighbourNames::match(std::string_view key) const {
    std::optional<NeighbourMatch> best;
    const auto take = [&](const Entry& entry) {
        const bool better = !best || (entry.match.sure && !best->sure);
        if (better && accepts(entry.pattern, key)) {
            best = entry.match;
        }
    };
    if (key.size() < 2) {
        return best;
    }
    if (const Bucket* bucket = m_by_begin.find(key[0], key[1])) {
        for (const Entry& entry : *bucket) {
            if (key.starts_with(entry.literal)) {
                take(entry);
            }
        }
    }
    const std::size_t colon = key.find(':');
    if (colon != std::string_view::npos && colon >= 2) {
        if (const Bucket* bucket = m_by_colon.find(key[colon - 2], key[colon - 1])) {
            for (const Entry& entry : *bucket) {
                if (key.substr(0, colon).ends_with(entry.literal)) {
                    take(entry);
                }
            }
        }
    }
    if (key.size() >= m_long_least) {
        for (const Entry& entry : m_long) {
            take(entry);
        }
    }
    return best;
}

}  // namespace cachectl
