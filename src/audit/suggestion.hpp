// A policy made of live keys: their names with the ids folded, and limits that all of them keep to.
// In bounded memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/shape_pattern.hpp"
#include "keyspace/sum.hpp"
#include "usage/ttl_sketch.hpp"

namespace cachectl {

/// What some keys have in common.
struct KeyTraits {
    std::uint64_t keys = 0;
    std::uint64_t persistent = 0;
    std::uint64_t unsized = 0;
    std::uint64_t bytes = 0;
    std::uint64_t largest = 0;             // bytes
    std::chrono::milliseconds longest{0};  // TTL
    TtlSketch ttls;
    std::string type;  // empty: several, or not known

    void add(const KeyFacts& key);
    void add(const KeyTraits& other);
};

struct SuggestedRule {
    Shape shape;
    std::string name_space;  // its first segment's pattern
    KeyTraits own;           // of the keys that it was made of
    KeyTraits all;           // and of those that match it although another rule is theirs
};

class Suggestion final : public Sum {
public:
    explicit Suggestion(std::string delimiter);
    ~Suggestion() override;

    void add(const KeyFacts& key) override;
    void reset() override;

    [[nodiscard]] std::uint64_t keys() const { return m_keys; }
    [[nodiscard]] const std::string& delimiter() const { return m_delimiter; }
    /// At most about 200, in an order in which the first that matches a key allows it.
    [[nodiscard]] std::vector<SuggestedRule> rules() const;

private:
    struct Node;

    Node* child(Node& node, std::string name);
    static void collapse(Node& node);
    static void merge(Node& into, Node& from);
    static std::size_t count(const Node& node);
    static void gather(const Node& node, KeyTraits& into);
    void list(const Node& node, const std::string& prefix, const std::string& name_space,
              unsigned depth, std::vector<SuggestedRule>& rules) const;

    std::string m_delimiter;
    std::uint64_t m_keys = 0;
    std::size_t m_nodes = 1;
    std::unique_ptr<Node> m_root;
};

/// The shortest usual TTL that is not below this one: 59m 58s is 1h. Nothing beyond 36500 days.
std::optional<std::chrono::milliseconds> rounded_up_ttl(std::chrono::milliseconds ttl);
/// Twice the size, rounded up to a power of two of at least 1 KiB.
std::uint64_t size_with_headroom(std::uint64_t bytes);

/// `about` says in the file's first lines where the policy comes from.
std::string policy_text(const Suggestion& suggestion, const std::vector<std::string>& about);

}  // namespace cachectl
