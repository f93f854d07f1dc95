#include "audit/suggestion.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "keyspace/namespaces.hpp"
#include "usage/shape.hpp"

namespace cachectl {

namespace {

constexpr unsigned k_depth = 8;             // segments that are told apart
constexpr std::size_t k_most_at_top = 100;  // names in the first segment
constexpr std::size_t k_most_below = 24;    // in each further one
constexpr std::size_t k_most_rules = 200;
constexpr std::size_t k_most_nodes = 5'000;
constexpr std::size_t k_longest_segment = 256;
constexpr std::uint64_t k_large_share = 20;  // 1/20 of its parent's keys: keeps its name

/// In a pattern as segment_pattern() makes it.
bool has_wildcard(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '*' || pattern[i] == '?') {
            return true;
        }
        i += pattern[i] == '\\' ? 1 : 0;
    }
    return false;
}

std::string joined(const std::string& prefix, const std::string& delimiter,
                   const std::string& segment) {
    return prefix + delimiter + segment;
}

}  // namespace

struct Suggestion::Node {
    KeyTraits here;   // keys that end with this segment
    KeyTraits below;  // keys that go on, and are not told apart
    std::uint64_t keys = 0;
    bool is_deep = false;  // it stands for keys with more segments too
    bool is_full = false;  // its small children are together in "*"
    std::map<std::string, std::unique_ptr<Node>> children;
};

void KeyTraits::add(const KeyFacts& key) {
    type = keys == 0 || type == key.type ? key.type : std::string();
    ++keys;
    persistent += key.ttl ? 0 : 1;
    if (key.ttl) {
        longest = std::max(longest, *key.ttl);
        ttls.add(*key.ttl);
    }
    unsized += key.size_bytes ? 0 : 1;
    bytes += key.size_bytes.value_or(0);
    largest = std::max(largest, key.size_bytes.value_or(0));
}

void KeyTraits::add(const KeyTraits& other) {
    if (other.keys == 0) {
        return;
    }
    type = keys == 0 || type == other.type ? other.type : std::string();
    keys += other.keys;
    persistent += other.persistent;
    unsized += other.unsized;
    bytes += other.bytes;
    largest = std::max(largest, other.largest);
    longest = std::max(longest, other.longest);
    ttls.add(other.ttls);
}

Suggestion::Suggestion(std::string delimiter)
    : m_delimiter(std::move(delimiter)), m_root(std::make_unique<Node>()) {
    check_delimiter(m_delimiter);
}

Suggestion::~Suggestion() = default;

void Suggestion::reset() {
    m_keys = 0;
    m_nodes = 1;
    m_root = std::make_unique<Node>();
}

void Suggestion::add(const KeyFacts& key) {
    if (key.key.empty() || key.unreadable) {
        return;  // no pattern but * matches the empty key
    }
    ++m_keys;
    const auto segments = split_key(key.key, m_delimiter, k_depth);
    Node* node = m_root.get();
    ++node->keys;
    for (const std::string_view segment : segments) {
        const bool is_deep = segment.find(m_delimiter) != std::string_view::npos;
        std::string name =
            is_deep || segment.size() > k_longest_segment ? "*" : segment_pattern(segment);
        Node* next = child(*node, std::move(name));
        if (next == nullptr) {
            node->below.add(key);
            return;
        }
        node = next;
        node->is_deep = node->is_deep || is_deep;
        ++node->keys;
    }
    node->here.add(key);
}

/// The child of that name, or the one that stands for the small ones; null where there is no room.
Suggestion::Node* Suggestion::child(Node& node, std::string name) {
    auto found = node.children.find(name);
    if (found == node.children.end()) {
        const std::size_t most = &node == m_root.get() ? k_most_at_top : k_most_below;
        if (!node.is_full && node.children.size() >= most) {
            const std::size_t before = count(node);
            collapse(node);
            m_nodes -= before - count(node);
        }
        if (node.is_full) {
            name = "*";
        }
        found = node.children.find(name);
    }
    if (found == node.children.end()) {
        if (m_nodes >= k_most_nodes) {
            return nullptr;
        }
        ++m_nodes;
        found = node.children.emplace(std::move(name), std::make_unique<Node>()).first;
    }
    return found->second.get();
}

void Suggestion::collapse(Node& node) {
    auto all = std::exchange(node.children, {});
    auto small = std::make_unique<Node>();
    for (auto& [name, child] : all) {
        if (name != "*" && child->keys * k_large_share >= node.keys) {
            node.children.emplace(name, std::move(child));
        } else {
            merge(*small, *child);
        }
    }
    node.children.emplace("*", std::move(small));
    node.is_full = true;
}

void Suggestion::merge(Node& into, Node& from) {
    into.here.add(from.here);
    into.below.add(from.below);
    into.keys += from.keys;
    into.is_deep = into.is_deep || from.is_deep;
    into.is_full = into.is_full || from.is_full;
    for (auto& [name, child] : from.children) {
        auto [place, is_new] = into.children.try_emplace(name, nullptr);
        if (is_new) {
            place->second = std::move(child);
        } else {
            merge(*place->second, *child);
        }
    }
    if (into.children.size() > k_most_below + 1) {
        collapse(into);
    }
}

std::size_t Suggestion::count(const Node& node) {
    std::size_t nodes = 1;
    for (const auto& [name, child] : node.children) {
        nodes += count(*child);
    }
    return nodes;
}

void Suggestion::gather(const Node& node, KeyTraits& into) {
    into.add(node.here);
    into.add(node.below);
    for (const auto& [name, child] : node.children) {
        gather(*child, into);
    }
}

void Suggestion::list(const Node& node, const std::string& prefix, const std::string& name_space,
                      unsigned depth, std::vector<SuggestedRule>& rules) const {
    const auto add = [&](std::string pattern, bool is_deep, KeyTraits traits) {
        if (traits.keys != 0) {
            rules.push_back({{std::move(pattern), is_deep}, name_space, std::move(traits), {}});
        }
    };
    const bool at_top = &node == m_root.get();
    add(prefix, node.is_deep, node.here);
    KeyTraits below = node.below;
    if (depth == 0) {
        for (const auto& [name, child] : node.children) {
            gather(*child, below);
        }
    }
    add(at_top ? "*" : joined(prefix, m_delimiter, "*"), true, std::move(below));
    if (depth == 0) {
        return;
    }
    for (const auto& [name, child] : node.children) {
        list(*child, at_top ? name : joined(prefix, m_delimiter, name), at_top ? name : name_space,
             depth - 1, rules);
    }
}

std::vector<SuggestedRule> Suggestion::rules() const {
    std::vector<SuggestedRule> rules;
    for (unsigned depth = k_depth; depth > 0; --depth) {
        rules.clear();
        list(*m_root, {}, {}, depth, rules);
        if (rules.size() <= k_most_rules) {
            break;
        }
    }
    // Namespaces by name; in each the closer pattern first, which has fewer stars and more text.
    const auto rank = [](const SuggestedRule& rule) {
        const std::string& pattern = rule.shape.pattern;
        const auto stars = std::count(pattern.begin(), pattern.end(), '*');
        const bool everywhere = has_wildcard(rule.name_space);
        return std::tuple(everywhere, rule.name_space, stars != 0,
                          -static_cast<std::int64_t>(pattern.size()), pattern);
    };
    std::sort(rules.begin(), rules.end(),
              [&](const SuggestedRule& a, const SuggestedRule& b) { return rank(a) < rank(b); });
    for (auto rule = rules.begin(); rule != rules.end(); ++rule) {
        for (auto owner = rule; owner != rules.end(); ++owner) {
            if (may_match(rule->shape.pattern, owner->shape, m_delimiter)) {
                rule->all.add(owner->own);
            }
        }
    }
    return rules;
}

}  // namespace cachectl
