// How far a warm run has come, in a small file: written while it runs, so that it can be gone on
// with however it ended, and removed when all is done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load/key_ranges.hpp"

namespace cachectl {

struct JournalEntry {
    /// Of a file that has been begun, how it can be told from another one.
    struct Input {
        std::string file;
        std::optional<std::uint64_t> size;  // in bytes; absent where it is not known
        std::uint64_t offset = 0;           // unpacked bytes that `digest` is of
        std::uint32_t digest = 0;           // CRC-32

        friend bool operator==(const Input&, const Input&) = default;
    };
    std::string identity;  // run_hash() of the run
    std::string target;
    std::string run_id;         // of the server; empty if it would not say
    std::vector<Input> inputs;  // the last is that which was being read
    KeyRanges keys;             // for which the server has answered
    // Of all runs so far.
    std::uint64_t records = 0;
    std::uint64_t written = 0;
    std::uint64_t skipped = 0;
};

class Journal {
public:
    /// Claims the file for this process, making its folder; nothing is written to it. Throws
    /// Error(guard) if another process has claimed it, Error(local_io) if there can be no file.
    explicit Journal(std::string path);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    [[nodiscard]] const std::string& path() const { return m_path; }

    /// What it says; nothing if there is none. Throws Error(usage) if it is no journal, and
    /// Error(local_io) if it cannot be read.
    [[nodiscard]] std::optional<JournalEntry> read() const;
    /// Replaces it in one step, so that a reader sees the old or the new one. Throws
    /// Error(local_io).
    void write(const JournalEntry& entry) const;
    /// There need not be one.
    void remove() const;

private:
    std::string m_path;
    std::string m_lock_path;
    int m_lock = -1;
};

/// 16 hexadecimal digits that stand for the run that `identity` describes.
std::string run_hash(std::string_view identity);
/// The journal of that run, in the folder of this program's state.
std::string journal_path(const std::string& state_folder, const std::string& hash);

}  // namespace cachectl
