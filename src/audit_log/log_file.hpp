// The file of an audit log, to which several processes append at once: each takes a lock while it
// reads the last line's SHA-256 and writes its own line behind it, with one write(2).
#pragma once

#include <chrono>
#include <string>

#include "audit_log/line.hpp"

namespace cachectl {

class AuditLogFile {
public:
    /// `patience`: how long another process may hold the lock.
    explicit AuditLogFile(std::string path,
                          std::chrono::milliseconds patience = std::chrono::seconds(10))
        : m_path(std::move(path)), m_patience(patience) {}

    /// Makes the file if there is none, readable by its owner alone. Throws as append() does.
    void check() const;

    /// Appends one line and syncs it. Throws NamedError(local_io, "audit-log") if it cannot be
    /// written, the file is no audit log, or the lock is not to be had; then no part of the line
    /// is left, unless the file cannot be cut either. What a crash has left of a line before gets a
    /// line end, and is followed like any other.
    void append(const WriteMembers& write) const;

    [[nodiscard]] const std::string& path() const { return m_path; }

private:
    std::string m_path;
    std::chrono::milliseconds m_patience;
};

}  // namespace cachectl
