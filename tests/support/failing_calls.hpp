// Runs of cachectl in which one call of the system fails (tests/faults/failing_calls.cpp).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace cachectl::test {

/// What is to fail.
struct Fault {
    std::string kind;       // "read", "alloc" …
    unsigned long nth = 0;  // from 1 on
    std::string error;      // an errno's number, or "short": moves one byte
    bool all_after = false;

    /// "read 3: EIO", as a failed test names it.
    [[nodiscard]] std::string name() const;
    /// What strerror(3) calls it; empty for what is no error (a short count, EINTR).
    [[nodiscard]] std::string words() const;
};

struct FaultyRun : ProcessResult {
    std::string failed;                           // the function that failed; empty: none did
    std::map<std::string, unsigned long> counts;  // of calls, by kind
};

/// Runs it to its end, or for at most 20 s (a sanitized one: 60 s). The folder is for the report.
FaultyRun run_with_fault(const std::vector<std::string>& words, const Fault& fault,
                         const TempDir& dir, const std::string& stdin_bytes = {});

/// The kinds of calls and the errors that each may have.
struct FaultKind {
    std::string kind;
    std::vector<std::string> errors;
};
const std::vector<FaultKind>& fault_kinds();

/// Which of `count` calls are to fail: every one under CACHECTL_TORTURE=all, else at most `most`,
/// spread evenly, the first among them, and as many of the last, but no more than three of these.
/// CACHECTL_TORTURE=N makes them N times as many; with the sanitizers they are a third.
std::vector<unsigned long> chosen_calls(unsigned long count, unsigned long most);

}  // namespace cachectl::test
