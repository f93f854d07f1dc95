// What keys take, by namespace: a tree of their segments with the ids folded, in bounded memory,
// counted or estimated from a sample.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "keyspace/sum.hpp"
#include "usage/moments.hpp"
#include "usage/ttl_sketch.hpp"

namespace cachectl {

/// What some keys take together.
struct Amount {
    std::uint64_t keys = 0;
    std::uint64_t persistent = 0;  // that never expire
    std::uint64_t unsized = 0;     // of which the size is not known
    bool is_all = false;           // of all keys that were looked at, whichever they were
    std::uint64_t bytes = 0;       // as MEMORY USAGE has it
    Moments sizes;                 // the same bytes, for what a sample says of all

    void add(const KeyFacts& key);
    void add(const Amount& other);
    /// `part` has been added before.
    void subtract(const Amount& part);
};

/// One segment of keys' names and what stands behind it.
struct UsageNode {
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    using Children =
        std::unordered_map<std::string, std::unique_ptr<UsageNode>, Hash, std::equal_to<>>;

    Amount amount;
    TtlSketch ttls;       // where UsageOptions::ttls asks for them
    std::string example;  // the first segment that was met, as it is
    bool folded = false;  // others have been met too
    bool full = false;    // it had too many children: the small ones are together in "<id>"
    Children children;
};

/// One line of a list by namespace.
struct UsageRow {
    std::string name;     // "user:<n>:cart"
    std::string shown;    // the same, but an id that is the only one as it is
    std::string example;  // "user:42:cart"
    Amount amount;
    const UsageNode* node = nullptr;  // nothing for keys that end where others go on
};

struct LargeKey {
    std::string key;
    std::uint64_t bytes = 0;
    std::optional<std::chrono::milliseconds> ttl;  // nothing: never expires
};

struct UsageOptions {
    std::string delimiter = ":";
    unsigned depth = 4;        // segments that are told apart
    std::size_t largest = 10;  // keys to be remembered
    bool ttls = false;
    bool of_all = false;  // the keys are not filtered: of a sample, all of them stand for all keys
    /// Set: what keys are told apart by instead of their names.
    std::function<std::string(const KeyFacts&)> group = {};
};

/// Keys without a delimiter are together under "(none)". At the top the first 1,000 names are told
/// apart, the others are "(other)": in SCAN's random order the large ones are among the first.
/// Below, where a node has more than 256 children, the small ones become one, "<id>".
class Usage final : public Sum {
public:
    explicit Usage(UsageOptions options);

    void add(const KeyFacts& key) override;
    void reset() override;

    [[nodiscard]] const Amount& total() const { return m_root.amount; }
    [[nodiscard]] const UsageNode& root() const { return m_root; }
    /// Every key once, by its first `depth` segments: largest first, then by name.
    [[nodiscard]] std::vector<UsageRow> rows(unsigned depth) const;
    /// Those of one node, `depth` segments below it; `above` is its own row.
    [[nodiscard]] std::vector<UsageRow> rows_below(const UsageRow& above, unsigned depth) const;
    /// Largest first.
    [[nodiscard]] std::vector<LargeKey> largest() const;
    /// No size was told of any key.
    [[nodiscard]] bool lacks_sizes() const {
        return total().keys != 0 && total().unsized == total().keys;
    }
    [[nodiscard]] const UsageOptions& options() const { return m_options; }

    /// For all keys, where these are a sample; else what was counted.
    [[nodiscard]] Estimate keys_of(const Amount& amount) const;
    [[nodiscard]] Estimate bytes_of(const Amount& amount) const;
    [[nodiscard]] Estimate persistent_of(const Amount& amount) const;

private:
    UsageNode* child(UsageNode& node, std::string name, std::string_view segment, bool at_top);
    void note_size(const KeyFacts& key);
    void list(const UsageRow& above, unsigned depth, std::vector<UsageRow>& rows) const;
    [[nodiscard]] Estimate estimate(const Amount& amount, std::uint64_t hits) const;

    UsageOptions m_options;
    UsageNode m_root;
    std::size_t m_nodes = 1;
    std::vector<LargeKey> m_largest;  // a heap, the smallest in front
};

}  // namespace cachectl
