// A key that is to be written, and what became of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "warm/rows/encode.hpp"
#include "warm/rows/if_exists.hpp"

namespace cachectl {

/// What became of keys. All in keys, but for `bytes`.
struct WriteCounts {
    std::uint64_t written = 0;
    std::uint64_t replaced = 0;   // of those written: existed, and had to be refreshed, updated
    std::uint64_t skipped = 0;    // existed
    std::uint64_t unchanged = 0;  // existed with this very value (IfExists::update)
    std::uint64_t protected_keys = 0;  // existed, and would have been overwritten
    std::uint64_t failed = 0;          // the server said no
    std::uint64_t unknown = 0;         // sent, and no reply
    std::uint64_t not_attempted = 0;   // handed to us, but never sent
    std::uint64_t bytes = 0;           // names and values of what was written
};

/// What became of one key.
enum class Outcome {
    written,
    existed,
    unchanged,
    refused,       // the server said no to this key
    out_of_reach,  // not to be written in this run (pass_over)
    open,          // refused with all others, or lost, or never sent
};

/// Whether a run that goes on has nothing to write of the key. Why it was refused may have been
/// mended by then, and what is there under its name is not what was to be written.
constexpr bool is_done(Outcome outcome) {
    return outcome != Outcome::refused && outcome != Outcome::open;
}

/// One key to be written. The views need not outlive the call.
struct KeyWrite {
    std::string_view key;
    const Encoded& value;
    std::optional<std::chrono::milliseconds> ttl;  // absent: the key never expires
    IfExists if_exists = IfExists::skip;
    std::chrono::milliseconds refresh_below{0};  // for IfExists::refresh: the time left
    bool is_protected = false;                   // never overwritten, whatever `if_exists` says
    /// Of a protected key that exists, the value is compared: the same one counts as unchanged.
    bool compares_protected = false;
    /// An earlier run wrote it: it is looked at, and counts only where it has gone and is written
    /// again, or has to be refreshed (with IfExists::skip and refresh).
    bool was_written = false;
    std::uint64_t line = 0;  // of the dump, for messages
    /// Where the key is counted besides the tally; it has to live until the writer has settled.
    WriteCounts* counts = nullptr;

    /// What becomes of a key that exists, protection included.
    [[nodiscard]] IfExists treatment() const {
        const IfExists of_protected = compares_protected ? IfExists::update : IfExists::skip;
        return is_protected ? of_protected : if_exists;
    }
};

/// Of all keys.
struct WriteTally : WriteCounts {
    std::string spared_key;                 // one of those that are protected; empty: none is
    std::vector<std::string> refused_keys;  // the first few of those that failed by themselves
    std::string refusal;                    // what the server said of the first of them
};

}  // namespace cachectl
