// The guards that stand before every change: catch-all patterns, how many keys may be meant, and
// the keys that must never be touched.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "util/parse.hpp"

namespace cachectl {

enum class AllowAll { no, yes };

struct Guards {
    AllowAll allow_all = AllowAll::no;      // --all
    std::optional<std::uint64_t> max_keys;  // --max-keys
    std::optional<CountRange> expect;       // --expect
    std::vector<std::string> protected_patterns;

    /// Throws Error(guard) if a pattern is empty or nothing but '*' and '?' and --all is not
    /// given, and Error(usage) if one hardly means what its author thinks ('[' without ']').
    void check_patterns(std::span<const std::string> patterns) const;

    /// To be called before the first change. Throws Error(guard) if `matched` keys are more than
    /// --max-keys or not within --expect.
    void check_matched(std::uint64_t matched) const;

    /// True if the key must not be deleted, expired or overwritten, whatever asks for it.
    [[nodiscard]] bool is_protected(std::string_view key) const;
};

}  // namespace cachectl
