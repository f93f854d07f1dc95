// What became of keys that were to be changed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cachectl {

struct ChangeTally {
    static constexpr std::size_t k_refused_keys_kept = 5;

    std::uint64_t changed = 0;
    std::uint64_t vanished = 0;       // gone when the command came
    std::uint64_t failed = 0;         // the server said no
    std::uint64_t unknown = 0;        // sent, and no reply
    std::uint64_t not_attempted = 0;  // handed to us, but never sent
    std::uint64_t unchanged = 0;      // the command's condition did not hold any more
    /// Some of the changed ones: sent twice because the first reply was lost, and as they should be
    /// before the second command. It was the first, or somebody else.
    std::uint64_t presumed = 0;
    std::vector<std::string> refused_keys;  // the first few of the failed ones
    std::string refusal;                    // what the server said of the first of them
    std::uint64_t too_large = 0;            // for DEL; some of the failed ones
    std::vector<std::string> large_keys;    // the first few of those
    std::uint64_t unsaved = 0;              // the backup cannot have them; some of the failed ones

    /// Of other keys.
    void add(const ChangeTally& others);
};

}  // namespace cachectl
