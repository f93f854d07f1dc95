// Whether an audit log still is what was written: the chain of its lines, from the first to the
// last. That the last lines were cut off together cannot be seen in the file; who keeps the digest
// of its last line elsewhere can see it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

/// What is wrong with the first line that is not as it was written.
struct BrokenLine {
    enum class Kind {
        changed,    // its own SHA-256 is another one
        torn,       // it was cut off while it was written, as by a crash
        missing,    // a line before it is gone
        reordered,  // it follows another line than the one before it
    };
    Kind kind = Kind::changed;
    std::uint64_t line = 0;  // the first is 1
    std::string message;     // "line 3 was changed: …"
};

/// "changed"
std::string_view name_of(BrokenLine::Kind kind);

/// A run that has written that it begins, and not that it has ended: it is still at work, or was
/// killed.
struct UnfinishedRun {
    std::uint64_t line = 0;  // of its begin
    std::string run;
    std::string at;
    std::string command;
};

struct AuditLogCheck {
    std::uint64_t lines = 0;  // that were read and are whole
    std::uint64_t runs = 0;   // that have begun
    std::vector<UnfinishedRun> unfinished;
    std::string last_digest;  // line_digest() of the last whole line; empty: there is none
    std::optional<BrokenLine> broken;
};

/// Reads the file up to the first line that is broken. It may be appended to meanwhile. Throws
/// Error(local_io) if it cannot be read.
AuditLogCheck check_audit_log(const std::string& path);

}  // namespace cachectl
