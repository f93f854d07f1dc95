// Where the rows that could not be used are kept, one JSON object a line: {file, line, reason,
// dataset, row} or, where the row could not be read, {…, text, text_base64}.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "output/writer.hpp"

namespace cachectl {

struct RejectedRow {
    std::string_view file;
    std::uint64_t line = 0;
    std::string_view reason;
    std::string_view dataset = {};  // where a manifest says it; empty: nowhere
    std::string_view row = {};      // JSON; empty where it could not be read
    std::string_view text = {};     // instead: as the file has it; empty where that is not known
};

class RejectFile {
public:
    enum class Existing {
        refused,   // nothing may be there
        continued  // a file of rejected rows is added to; a row that it has already is not repeated
    };
    /// Rows of a dry run are marked, and its file is replaced by whatever run comes next.
    enum class Run { dry, real };

    /// Makes the file, readable by its owner alone, for rows of a dump may be secret. Throws
    /// Error(local_io) if there is something of that name already, be it a dangling link, that may
    /// not be continued.
    explicit RejectFile(std::string path, Existing existing = Existing::refused,
                        Run run = Run::real);
    /// Removes the file if it was made here and nothing was written to it.
    ~RejectFile();
    RejectFile(const RejectFile&) = delete;
    RejectFile& operator=(const RejectFile&) = delete;

    /// A row that an earlier run has rejected: the file has it already.
    void pass(const RejectedRow& row);
    /// All throw Error(local_io) when the bytes cannot be written.
    void add(const RejectedRow& row);
    void flush();
    /// Waits until they are on the disk.
    void sync();

private:
    [[nodiscard]] std::string to_line(const RejectedRow& row) const;
    void make();
    bool replace_that_of_a_dry_run();
    bool open_to_continue();
    bool has(const std::string& line);
    void read_lines();
    [[noreturn]] void fail(const std::string& why) const;

    std::string m_path;
    Run m_run;
    int m_fd = -1;
    bool m_is_new = true;
    bool m_is_synced = true;
    std::optional<Writer> m_writer;
    /// Rows that were in the file and have not come again. Several rows may have the same text.
    std::unordered_multiset<std::string> m_lines;
};

}  // namespace cachectl
