#include "keyspace/neighbours.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "keyspace/glob.hpp"
#include "keyspace/neighbour_names.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_told_patterns = 3;

/// Without the patterns that another one of them stands for.
void drop_covered(std::vector<std::string>& patterns) {
    const std::vector<std::string> all = patterns;
    std::erase_if(patterns, [&](const std::string& pattern) {
        return std::any_of(all.begin(), all.end(), [&](const std::string& other) {
            return other != pattern && glob_match(other, pattern);
        });
    });
}

void sort_rows(std::vector<NeighbourCount>& rows) {
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
        return a.keys != b.keys ? a.keys > b.keys : a.name < b.name;
    });
}

}  // namespace

struct NeighbourCounter::Row {
    std::vector<std::uint64_t> keys;  // by pattern
    bool sure = false;                // a key was met that is the program's for certain
    bool asked = false;
    std::size_t marks_missing = 0;  // not there, or of another type
};

std::string describe(const NeighbourCount& neighbour) {
    const std::size_t told = std::min(neighbour.patterns.size(), k_told_patterns);
    const auto end = neighbour.patterns.begin() + static_cast<std::ptrdiff_t>(told);
    return fmt::format("{} {} of {} ({}{})", format_count(neighbour.keys),
                       neighbour.keys == 1 ? "key" : "keys", neighbour.name,
                       fmt::join(neighbour.patterns.begin(), end, ", "),
                       told < neighbour.patterns.size() ? ", …" : "");
}

std::vector<NeighbourCount> merge(std::vector<NeighbourCount> some,
                                  const std::vector<NeighbourCount>& others) {
    for (const NeighbourCount& other : others) {
        const auto known = std::find_if(some.begin(), some.end(), [&](const NeighbourCount& row) {
            return row.name == other.name;
        });
        if (known == some.end()) {
            some.push_back(other);
            continue;
        }
        known->keys += other.keys;
        std::copy_if(other.patterns.begin(), other.patterns.end(),
                     std::back_inserter(known->patterns), [&](const std::string& pattern) {
                         return std::find(known->patterns.begin(), known->patterns.end(),
                                          pattern) == known->patterns.end();
                     });
    }
    for (NeighbourCount& row : some) {
        drop_covered(row.patterns);
    }
    sort_rows(some);
    return some;
}

NeighbourCounter::NeighbourCounter(Client& client)
    : m_client(client), m_rows(std::make_shared<std::vector<Row>>()) {
    for (const NeighbourKind& kind : NeighbourNames::all().table()) {
        Row row;
        row.keys.resize(kind.sure.size() + kind.likely.size());
        m_rows->push_back(std::move(row));
    }
}

void NeighbourCounter::meet(std::string_view key, Counts counts) {
    const auto match = NeighbourNames::all().match(key);
    if (!match) {
        return;
    }
    Row& row = (*m_rows)[match->kind];
    row.sure |= match->sure;
    row.keys[match->pattern] += counts == Counts::yes ? 1 : 0;
    if (row.sure || row.asked) {
        return;
    }
    row.asked = true;
    for (const NeighbourMark& mark : NeighbourNames::all().table()[match->kind].marks) {
        m_client.send({"TYPE", mark.key}, [rows = m_rows, kind = match->kind,
                                           type = mark.type](const Reply& reply) {
            (*rows)[kind].marks_missing += reply.is_text() && reply.text != type ? 1 : 0;
        });
    }
}

void NeighbourCounter::count(std::string_view key) {
    if (const auto match = NeighbourNames::all().match(key)) {
        ++(*m_rows)[match->kind].keys[match->pattern];
    }
}

void NeighbourCounter::reset() {
    for (Row& row : *m_rows) {
        std::fill(row.keys.begin(), row.keys.end(), 0);
    }
}

std::vector<NeighbourCount> NeighbourCounter::rows() const {
    std::vector<NeighbourCount> found;
    const auto table = NeighbourNames::all().table();
    for (std::size_t i = 0; i < table.size(); ++i) {
        const NeighbourKind& kind = table[i];
        const Row& row = (*m_rows)[i];
        const bool marked = row.asked && !kind.marks.empty() && row.marks_missing == 0;
        if (!row.sure && !marked) {
            continue;
        }
        NeighbourCount count{std::string(kind.name), std::string(kind.what), 0, {}};
        for (std::size_t p = 0; p < row.keys.size(); ++p) {
            if (row.keys[p] != 0) {
                const std::size_t sure = kind.sure.size();
                count.keys += row.keys[p];
                count.patterns.emplace_back(p < sure ? kind.sure[p].glob
                                                     : kind.likely[p - sure].glob);
            }
        }
        drop_covered(count.patterns);
        if (count.keys != 0) {
            found.push_back(std::move(count));
        }
    }
    sort_rows(found);
    return found;
}

}  // namespace cachectl
