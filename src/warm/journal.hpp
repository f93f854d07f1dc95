// How far a warm run has come, in a small file: written while it runs, so that it can be gone on
// with however it ended, and removed when all is done. A file that is no journal is never touched.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "warm/journal_entry.hpp"

namespace cachectl {

class Journal {
public:
    /// Claims the file for this process, making its folder; nothing is written to it. Throws
    /// Error(usage) if it is there and no journal, Error(guard) if another process has claimed it,
    /// Error(local_io) if there can be no file.
    explicit Journal(const std::string& path);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    /// As it was named.
    [[nodiscard]] const std::string& path() const { return m_path; }

    struct Content {
        bool exists = false;
        std::optional<JournalEntry> entry;  // nothing though it exists: damaged, or of another
                                            // version
    };
    /// Throws Error(local_io) if it cannot be read.
    [[nodiscard]] Content read() const;
    /// Replaces it in one step, synced to the disk, so that a reader sees the old or the new one.
    /// Throws Error(local_io), and Error(usage) if by now the file is something else.
    void write(const JournalEntry& entry) const;
    /// There need not be one. Does nothing if by now the file is something else. A file that was
    /// there, but empty, is left so.
    void remove() const;

private:
    void claim();
    void check_is_ours() const;

    std::string m_path;
    std::string m_file;  // the same with links followed
    std::string m_lock_path;
    int m_lock = -1;
    bool m_was_empty = false;
};

/// 16 hexadecimal digits that stand for the run that `identity` describes.
std::string run_hash(std::string_view identity);
/// The journal of that run, in the folder of this program's state.
std::string journal_path(const std::string& state_folder, const std::string& hash);

/// Removes journals in that folder that nobody has written to for `age`, unless a run has claimed
/// them. What cannot be removed stays.
void remove_old_journals(const std::string& state_folder, std::chrono::hours age);

}  // namespace cachectl
