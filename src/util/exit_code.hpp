// The exit codes and what they mean: the only place that numbers them. The man pages and README
// list them from here.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace cachectl {

enum class ExitCode : int {
    ok = 0,
    no = 1,           // the answer is no: degraded, violated, nothing matched
    usage = 2,        // usage or configuration; nothing was sent
    unreachable = 3,  // DNS, connect, TLS, authentication, not a Redis server
    refused = 4,      // the server refused before anything changed
    partial = 5,      // something failed after the work began, or its outcome is unknown
    bad_input = 6,    // a dump, manifest or list that is not what it claims to be
    local_io = 7,     // disk full, output or backup not writable
    guard = 8,        // one of our own guards refused
    interrupted = 130,
    terminated = 143,
};

/// What a user is told of the code; empty for a number that is none of them.
constexpr std::string_view exit_code_meaning(ExitCode code) {
    switch (code) {  // without a default, so that the compiler misses no code
        case ExitCode::ok:
            return "Done";
        case ExitCode::no:
            return "The answer is no, e.g. nothing matched under --fail-if-none";
        case ExitCode::usage:
            return "Usage or configuration error; nothing was sent";
        case ExitCode::unreachable:
            return "Server unreachable: DNS, connection, TLS, authentication, or not a Redis "
                   "server";
        case ExitCode::refused:
            return "The server refused before anything changed: NOPERM, READONLY, MISCONF, or "
                   "LOADING past --wait";
        case ExitCode::partial:
            return "Partial or unknown: something failed after the work began; the summary says "
                   "what was done, what is unknown and how to go on";
        case ExitCode::bad_input:
            return "Bad input: a dump, manifest or list that cannot be read as what it claims to "
                   "be";
        case ExitCode::local_io:
            return "Local I/O failed: disk full, or the output cannot be written";
        case ExitCode::guard:
            return "A guard refused: nothing was changed, unless the message says what was "
                   "written before";
        case ExitCode::interrupted:
            return "Interrupted (SIGINT); the summary still says what was done";
        case ExitCode::terminated:
            return "Terminated (SIGTERM); the summary still says what was done";
    }
    return {};
}

namespace detail {

constexpr int k_exit_status_end = 256;  // a process has no higher one

constexpr bool is_exit_code(int number) {
    return !exit_code_meaning(static_cast<ExitCode>(number)).empty();
}

constexpr std::size_t count_exit_codes() {
    std::size_t count = 0;
    for (int number = 0; number < k_exit_status_end; ++number) {
        count += is_exit_code(number) ? 1 : 0;
    }
    return count;
}

constexpr auto list_exit_codes() {
    std::array<ExitCode, count_exit_codes()> codes{};
    std::size_t count = 0;
    for (int number = 0; number < k_exit_status_end; ++number) {
        if (is_exit_code(number)) {
            codes[count++] = static_cast<ExitCode>(number);
        }
    }
    return codes;
}

}  // namespace detail

/// All of them, in ascending order: found by their meanings, so that none can be left out.
inline constexpr auto k_exit_codes = detail::list_exit_codes();

}  // namespace cachectl
