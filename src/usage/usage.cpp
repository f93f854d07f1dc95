#include "usage/usage.hpp"

#include <algorithm>

#include "redis/slot.hpp"
#include "usage/shape.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_none = "(none)", k_other = "(other)", k_ids = "<id>";
constexpr std::size_t k_most_at_top = 1000;
constexpr std::size_t k_most_children = 256;
constexpr std::size_t k_most_nodes = 30'000;
constexpr std::size_t k_longest_segment = 200;  // of which more is not kept
constexpr double k_large_share = 0.05;          // of its parent: a child that keeps its name

bool larger(const LargeKey& a, const LargeKey& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.key < b.key;
}

/// A name may be megabytes long; of one that is, as many bytes stand for it.
std::string_view kept_part(std::string_view segment) {
    return segment.substr(0, k_longest_segment);
}

void merge(UsageNode& into, UsageNode& from);

void merge_child(UsageNode& into, const std::string& name, std::unique_ptr<UsageNode> child) {
    auto [place, is_new] = into.children.try_emplace(name, nullptr);
    if (is_new) {
        place->second = std::move(child);
    } else {
        merge(*place->second, *child);
    }
}

void merge(UsageNode& into, UsageNode& from) {
    into.folded |= from.folded || into.example != from.example;
    into.full |= from.full;
    into.amount.add(from.amount);
    into.ttls.add(from.ttls);
    for (auto& [name, child] : from.children) {
        merge_child(into, name, std::move(child));
    }
}

std::size_t count_nodes(const UsageNode& node) {
    std::size_t nodes = 1;
    for (const auto& [name, child] : node.children) {
        nodes += count_nodes(*child);
    }
    return nodes;
}

/// Puts the small children of the node together in one.
void gather_small(UsageNode& node) {
    const auto is_large = [&](const Amount& amount) {
        const auto part = [](std::uint64_t of, std::uint64_t whole) {
            return whole == 0 ? 0 : static_cast<double>(of) / static_cast<double>(whole);
        };
        return part(amount.keys, node.amount.keys) >= k_large_share ||
               part(amount.bytes, node.amount.bytes) >= k_large_share;
    };
    UsageNode::Children kept;
    UsageNode::Children all = std::exchange(node.children, {});
    auto ids = std::make_unique<UsageNode>();
    ids->folded = true;
    for (auto& [name, child] : all) {
        if (name != k_ids && is_large(child->amount)) {
            kept.emplace(name, std::move(child));
            continue;
        }
        if (ids->example.empty()) {
            ids->example = child->example;
        }
        merge(*ids, *child);
    }
    kept.emplace(k_ids, std::move(ids));
    node.children = std::move(kept);
    node.full = true;
}

}  // namespace

void Amount::add(const KeyFacts& key) {
    ++keys;
    persistent += key.ttl ? 0 : 1;
    if (!key.size_bytes) {
        ++unsized;
        return;
    }
    bytes += *key.size_bytes;
    sizes.add(static_cast<double>(*key.size_bytes));
}

void Amount::add(const Amount& other) {
    keys += other.keys;
    persistent += other.persistent;
    unsized += other.unsized;
    bytes += other.bytes;
    sizes.add(other.sizes);
}

void Amount::subtract(const Amount& part) {
    keys -= part.keys;
    persistent -= part.persistent;
    unsized -= part.unsized;
    bytes -= part.bytes;
    sizes.sum = std::max(0.0, sizes.sum - part.sizes.sum);
    sizes.squares = std::max(0.0, sizes.squares - part.sizes.squares);
    sizes.cubes = std::max(0.0, sizes.cubes - part.sizes.cubes);
    sizes.fourths = std::max(0.0, sizes.fourths - part.sizes.fourths);
    is_all = false;
}

Usage::Usage(UsageOptions options) : m_options(std::move(options)) { reset(); }

void Usage::reset() {
    m_root = UsageNode();
    m_root.amount.is_all = true;
    m_nodes = 1;
    m_largest.clear();
}

UsageNode* Usage::child(UsageNode& node, std::string name, std::string_view segment, bool at_top) {
    auto found = node.children.find(name);
    if (found == node.children.end()) {
        const std::size_t most_at_top = m_options.group ? k_slots : k_most_at_top;
        if (at_top && node.children.size() >= most_at_top) {
            name = k_other;
        } else if (!at_top && node.children.size() >= k_most_children) {
            const std::size_t before = count_nodes(node);
            gather_small(node);
            m_nodes -= before - count_nodes(node);
        }
        if (!at_top && node.full && !node.children.contains(name)) {
            name = k_ids;
        }
        found = node.children.find(name);
    }
    if (found == node.children.end()) {
        if (m_nodes >= k_most_nodes) {
            return nullptr;
        }
        ++m_nodes;
        found = node.children.emplace(std::move(name), std::make_unique<UsageNode>()).first;
        found->second->example = segment;
    } else if (!found->second->folded && found->second->example != segment) {
        found->second->folded = true;
    }
    return found->second.get();
}

void Usage::add(const KeyFacts& key) {
    m_root.amount.add(key);
    note_size(key);
    UsageNode* node = &m_root;
    const auto descend = [&](std::string name, std::string_view segment, bool at_top) {
        node = child(*node, std::move(name), segment, at_top);
        if (node != nullptr) {
            node->amount.add(key);
            if (m_options.ttls && key.ttl) {
                node->ttls.add(*key.ttl);
            }
        }
        return node != nullptr;
    };
    if (m_options.group) {
        const std::string group = m_options.group(key);
        descend(group, group, true);
        return;
    }
    const auto segments = split_key(key.key, m_options.delimiter, m_options.depth + 1);
    bool at_top = true;
    if (segments.size() == 1) {
        if (!descend(std::string(k_none), k_none, true) || m_options.depth == 1) {
            return;
        }
        at_top = false;
    }
    for (std::size_t i = 0; i < segments.size() && i < m_options.depth; ++i) {
        const std::string_view segment = kept_part(segments[i]);
        std::string name = fold_segment(segment);
        if (segment.size() < segments[i].size()) {
            name += "<id>";
        }
        if (at_top && (name == k_none || name == k_other)) {
            name.replace(0, 1, "\\x28");
        }
        if (!descend(std::move(name), segment, at_top)) {
            return;
        }
        at_top = false;
    }
}

void Usage::note_size(const KeyFacts& key) {
    if (!key.size_bytes || m_options.largest == 0) {
        return;
    }
    const auto is_same = [&](const LargeKey& known) { return known.key == key.key; };
    const bool room = m_largest.size() < m_options.largest;
    if (!room && *key.size_bytes <= m_largest.front().bytes) {
        return;
    }
    if (std::any_of(m_largest.begin(), m_largest.end(), is_same)) {
        return;  // a sample may have it twice
    }
    if (!room) {
        std::pop_heap(m_largest.begin(), m_largest.end(), larger);
        m_largest.pop_back();
    }
    m_largest.push_back({key.key, *key.size_bytes, key.ttl});
    std::push_heap(m_largest.begin(), m_largest.end(), larger);
}

std::vector<LargeKey> Usage::largest() const {
    std::vector<LargeKey> keys = m_largest;
    std::sort(keys.begin(), keys.end(), larger);
    return keys;
}

std::vector<UsageRow> Usage::rows(unsigned depth) const {
    return rows_below({"", "", "", m_root.amount, &m_root}, depth);
}

std::vector<UsageRow> Usage::rows_below(const UsageRow& above, unsigned depth) const {
    std::vector<UsageRow> rows;
    if (above.node != nullptr) {
        list(above, depth, rows);
    }
    std::sort(rows.begin(), rows.end(), [](const UsageRow& a, const UsageRow& b) {
        if (a.amount.bytes != b.amount.bytes) {
            return a.amount.bytes > b.amount.bytes;
        }
        return a.amount.keys != b.amount.keys ? a.amount.keys > b.amount.keys : a.name < b.name;
    });
    return rows;
}

void Usage::list(const UsageRow& above, unsigned depth, std::vector<UsageRow>& rows) const {
    if (depth == 0 || above.node->children.empty()) {
        if (above.amount.keys != 0) {
            rows.push_back(above);
        }
        return;
    }
    Amount here = above.amount;  // of keys that have no further segment
    for (const auto& [name, child] : above.node->children) {
        here.subtract(child->amount);
        const bool at_top = above.node == &m_root || above.name == k_none;
        const auto below = [&](const std::string& prefix, const std::string& segment) {
            return at_top ? segment : prefix + m_options.delimiter + segment;
        };
        const std::string& literal = child->example;
        list({below(above.name, name), below(above.shown, child->folded ? name : literal),
              below(above.example, literal), child->amount, child.get()},
             depth - 1, rows);
    }
    if (here.keys != 0) {
        rows.push_back({above.name, above.shown, above.example, here, nullptr});
    }
}

Estimate Usage::estimate(const Amount& amount, std::uint64_t hits) const {
    if (!sample()) {
        const auto value = static_cast<double>(hits);
        return {value, value, value};
    }
    if (m_options.of_all && amount.is_all && hits == sample()->drawn) {
        const auto all = static_cast<double>(sample()->population);
        return sample()->widened({all, all, all}, static_cast<double>(hits));
    }
    return estimate_count(hits, *sample());
}

Estimate Usage::keys_of(const Amount& amount) const { return estimate(amount, amount.keys); }

Estimate Usage::persistent_of(const Amount& amount) const {
    return estimate(amount, amount.persistent);
}

Estimate Usage::bytes_of(const Amount& amount) const {
    if (!sample()) {
        const auto value = static_cast<double>(amount.bytes);
        return {value, value, value};
    }
    Estimate bytes = estimate_sum(amount.sizes, *sample());
    if (amount.keys == sample()->drawn && amount.keys > 0) {
        // All that were drawn are of it: how much of the rest is not, their sizes do not say.
        const Estimate keys = keys_of(amount);
        bytes.low = std::min(bytes.low, bytes.value * keys.low / std::max(keys.value, 1.0));
    }
    return bytes;
}

}  // namespace cachectl
