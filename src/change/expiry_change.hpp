// What `expire` and --spread do to a key's time to live, and how that is said.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace cachectl {

enum class ExpiryMode { set, cap, add, remove, spread };

struct ExpiryChange {
    ExpiryMode mode = ExpiryMode::set;
    std::chrono::milliseconds ttl{};  // asked for; none to remove; of spread the longest
    double jitter = 0;                // up to this share of it is taken off
};

/// "10%" as a share of a time to live. Throws Error(usage) if nothing would be left of it.
double parse_jitter(std::string_view text);

/// "set", "cap", "add", "remove", "spread"
std::string_view name_of(ExpiryMode mode);

/// "set to 54m to 1h (1h, jitter 10 %)", "capped at 1h", "lengthened by 30m", "removed: they live
/// for ever": exactly, whatever the units.
std::string describe(const ExpiryChange& change);

/// Why a key is left as it is: "live no longer than that".
std::string_view why_unchanged(ExpiryMode mode);

}  // namespace cachectl
