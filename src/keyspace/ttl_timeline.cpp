#include "keyspace/ttl_timeline.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace cachectl {

namespace {

using std::chrono::milliseconds;
using Kind = NamespaceCount::Kind;

constexpr std::size_t k_most_named = 1'000;
constexpr std::size_t k_longest_name = 256;  // bytes

constexpr milliseconds k_slot{10'000};
constexpr std::int64_t k_window_slots = 6;  // 60 s
constexpr std::uint64_t k_fewest_keys = 100;
constexpr std::uint64_t k_fewest_drawn = 10;  // of a sample, fewer could be chance
constexpr double k_least_share = 0.25;
constexpr double k_denser = 1.5;  // than keys that expire evenly from now to the last
constexpr int k_most_cliffs = 3;  // of a namespace

struct Window {
    std::int64_t first = 0;  // slots that have keys
    std::int64_t last = 0;
    std::uint64_t keys = 0;
};

/// The window with most keys; none has 0.
Window fullest(const std::map<std::int64_t, std::uint64_t>& slots) {
    Window best;
    std::uint64_t keys = 0;
    auto first = slots.begin();
    for (auto last = slots.begin(); last != slots.end(); ++last) {
        keys += last->second;
        while (last->first - first->first >= k_window_slots) {
            keys -= first->second;
            ++first;
        }
        if (keys > best.keys) {
            best = {first->first, last->first, keys};
        }
    }
    return best;
}

}  // namespace

TimelineRow& TimelineRow::operator+=(const TimelineRow& other) {
    cells.resize(std::max(cells.size(), other.cells.size()));
    for (std::size_t i = 0; i < other.cells.size(); ++i) {
        cells[i] += other.cells[i];
    }
    within += other.within;
    later += other.later;
    never += other.never;
    return *this;
}

TtlTimeline::TtlTimeline(milliseconds span, std::size_t cells, Clock now, std::string delimiter)
    : m_span(span),
      m_cell((span + milliseconds(cells - 1)) / static_cast<milliseconds::rep>(cells)),
      m_cells(cells),
      m_now(std::move(now)),
      m_delimiter(std::move(delimiter)),
      m_start(m_now()) {
    check_delimiter(m_delimiter);
    reset();
}

void TtlTimeline::reset() {
    m_named.clear();
    m_none = m_other = {};
    m_none.row.kind = Kind::none;
    m_other.row.kind = Kind::other;
    m_none.row.cells.resize(m_cells);
    m_other.row.cells.resize(m_cells);
}

TtlTimeline::Namespace& TtlTimeline::namespace_named(std::string_view key) {
    const auto name = namespace_of(key, m_delimiter);
    if (!name) {
        return m_none;
    }
    if (const auto found = m_named.find(*name); found != m_named.end()) {
        return found->second;
    }
    if (m_named.size() == k_most_named || name->size() > k_longest_name) {
        return m_other;
    }
    Namespace& added = m_named.emplace(*name, Namespace()).first->second;
    added.row.name = *name;
    added.row.cells.resize(m_cells);
    return added;
}

void TtlTimeline::add(const KeyFacts& key) {
    Namespace& of = namespace_named(key.key);
    if (!key.ttl) {
        ++of.row.never;
        return;
    }
    // A walk takes its time: what it reads late would seem to expire sooner than it does.
    const auto since_start = std::chrono::duration_cast<milliseconds>(m_now() - m_start);
    const milliseconds left = std::max(*key.ttl, milliseconds(0));
    if (left >= m_span || left + since_start >= m_span) {
        ++of.row.later;
        return;
    }
    const milliseconds at = left + since_start;
    ++of.row.within;
    ++of.row.cells[static_cast<std::size_t>(at / m_cell)];
    of.slots.add(at / k_slot);
}

std::vector<TimelineRow> TtlTimeline::rows(std::size_t most) const {
    std::vector<const TimelineRow*> named;
    for (const auto& [name, of] : m_named) {
        named.push_back(&of.row);
    }
    if (m_none.row.keys() > 0) {
        named.push_back(&m_none.row);
    }
    const auto order = [](const TimelineRow* row) {
        return std::tuple(~row->within, ~row->later, ~row->never, std::string_view(row->name));
    };
    std::sort(named.begin(), named.end(),
              [&](const TimelineRow* a, const TimelineRow* b) { return order(a) < order(b); });
    std::vector<TimelineRow> rows;
    TimelineRow other = m_other.row;
    for (const TimelineRow* row : named) {
        if (rows.size() < most) {
            rows.push_back(*row);
        } else {
            other += *row;
        }
    }
    if (other.keys() > 0) {
        rows.push_back(std::move(other));
    }
    return rows;
}

TimelineRow TtlTimeline::all() const {
    TimelineRow all;
    all.cells.resize(m_cells);
    for (const TimelineRow& row : rows(k_most_named + 1)) {
        all += row;
    }
    return all;
}

std::vector<TtlCliff> TtlTimeline::cliffs() const {
    std::vector<TtlCliff> cliffs;
    for (const auto& [name, of] : m_named) {
        add_cliffs(of, cliffs);
    }
    add_cliffs(m_none, cliffs);
    std::sort(cliffs.begin(), cliffs.end(), [](const TtlCliff& a, const TtlCliff& b) {
        return std::tie(a.from, b.keys, a.name) < std::tie(b.from, a.keys, b.name);
    });
    return cliffs;
}

void TtlTimeline::add_cliffs(const Namespace& of, std::vector<TtlCliff>& cliffs) const {
    std::map<std::int64_t, std::uint64_t> slots = of.slots.slots();
    if (slots.empty()) {
        return;
    }
    const auto expiring = static_cast<double>(of.row.within + of.row.later);
    const auto until_last = static_cast<double>(slots.rbegin()->first + 1);
    for (int i = 0; i < k_most_cliffs; ++i) {
        const Window window = fullest(slots);
        const auto keys = static_cast<double>(window.keys);
        const double evenly = static_cast<double>(of.row.within) *
                              static_cast<double>(window.last - window.first + 1) / until_last;
        const bool many = count(window.keys).keys >= static_cast<std::int64_t>(k_fewest_keys) &&
                          window.keys >= (sample() ? k_fewest_drawn : k_fewest_keys);
        if (!many || keys <= k_least_share * expiring || keys <= k_denser * evenly) {
            return;
        }
        cliffs.push_back({of.row.kind, of.row.name, k_slot * window.first,
                          k_slot * (window.last + 1), window.keys, window.keys == of.row.keys()});
        slots.erase(slots.lower_bound(window.first), slots.upper_bound(window.last));
    }
}

}  // namespace cachectl
