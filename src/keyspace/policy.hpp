// The key policy that a team keeps beside its code: which keys there may be, how long they live,
// how large they are, of which type, and which must never be deleted.
//
//   {"delimiter": ":",
//    "keys": [{"pattern": "ramq:*:all", "ttl": "1h", "max_ttl": "1h", "max_size": "8MiB",
//              "type": "string"},
//             {"pattern": "sess:*", "ttl": "7d", "protected": true}],
//    "unknown": "fail"}
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

struct KeyRule {
    std::string pattern;
    std::optional<std::chrono::milliseconds> ttl;  // what a key is given when it is written
    std::optional<std::chrono::milliseconds> max_ttl;
    std::optional<std::uint64_t> max_size;  // bytes
    std::string type;                       // "hash"; empty: any
    bool is_protected = false;
    int line = 0;  // in the policy file
};

/// What a key that no rule matches means.
enum class UnknownKeys { fail, warn, ignore };

struct KeyPolicy {
    std::string file;
    std::string delimiter = ":";
    std::vector<KeyRule> rules;
    UnknownKeys unknown = UnknownKeys::fail;
    int unknown_line = 0;  // in the file; 0: it does not say

    /// The first rule, in the file's order, whose pattern matches; null if none does.
    [[nodiscard]] const KeyRule* find(std::string_view key) const;

    /// The first protected rule whose pattern matches; null if none does.
    [[nodiscard]] const KeyRule* find_protected(std::string_view key) const;

    /// The patterns of all protected rules. A key that matches one of them is protected even if
    /// another rule comes first.
    [[nodiscard]] std::vector<std::string> protected_patterns() const;
};

/// Reads and checks the file. Error(usage, "FILE:LINE: …") for any mistake in it, and if others
/// than its owner may write to it.
KeyPolicy read_key_policy(const std::string& path);
/// The same for text that is already here; `file` is what messages call it.
KeyPolicy parse_key_policy(std::string_view text, const std::string& file);

}  // namespace cachectl
