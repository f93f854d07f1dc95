// A run of cachectl with what only an observer sees of it: how long it took and how much memory
// it had at most.
#pragma once

#include "support/process.hpp"

namespace cachectl::test {

struct ObservedRun : ProcessResult {
    Millis took{0};
    std::size_t peak_kib = 0;  // resident memory at its highest, as last seen
};

/// Waits for the end of a process that runs; the time counts from this call.
ObservedRun observe(Process& process);

/// Runs the cachectl of this build to its end.
ObservedRun observe_cachectl(std::vector<std::string> args, ProcessOptions options = {});

/// True where the sanitizers' own memory and time hide those of the program under test
/// ($CACHECTL_SANITIZED).
bool is_sanitized();

}  // namespace cachectl::test
