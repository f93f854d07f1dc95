// The exit codes: the only place that numbers them. The man pages list them from here.
#pragma once

namespace cachectl {

enum class ExitCode : int {
    ok = 0,
    no = 1,           // the answer is no: degraded, violated, nothing matched
    usage = 2,        // usage or configuration; nothing was sent
    unreachable = 3,  // DNS, connect, authentication, not a Redis server
    refused = 4,      // the server refused before anything changed
    partial = 5,      // something failed after the work began, or its outcome is unknown
    bad_input = 6,    // a dump or a list that is not what it claims to be
    local_io = 7,     // disk full, output or backup not writable
    guard = 8,        // one of our own guards refused; nothing was changed
    interrupted = 130,
    terminated = 143,
};

}  // namespace cachectl
