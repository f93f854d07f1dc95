// The keys that a file or stdin names, one after the other, in memory for one key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "util/file_descriptor.hpp"

namespace cachectl {

/// How keys stand in a list, be it read or written.
enum class KeyForm {
    lines,    // one a line, its bytes as they are: a key with a newline in it becomes two
    nul,      // each ended by NUL: no key may hold one
    escaped,  // one a line, what is not printable as \xNN (output/escape): any key
};

/// Whether a list in that form would be read as this key again.
bool reads_back(std::string_view key, KeyForm form);

class KeyList {
public:
    /// `path` may be "-", which is stdin. Throws Error(bad_input) if it cannot be opened.
    KeyList(const std::string& path, KeyForm form);

    /// False at the end, or when a signal ends the wait for more. Blank lines are skipped; between
    /// two NULs stands the empty key. A byte order mark before the first line is none of its key,
    /// and where the first line ends in CR LF, the CR is none either, nor of the lines behind it.
    /// Throws Error(bad_input) for what does not look like a list in that form (UTF-16, a NUL in a
    /// line, none in a list of NULs, line ends that change within it), for a key of more than
    /// 512 MiB or than memory holds, and for what cannot be read.
    bool next(std::string& key);

private:
    enum class Ends { unknown, lf, crlf };

    enum class Ended { no, at_end, by_signal };

    bool read(std::string& key);
    void append_up_to(char separator, std::string& key);
    void fill();
    void drop_byte_order_mark(std::string& key) const;
    void drop_carriage_return(std::string& key, bool at_end);
    void check_form(const std::string& key, bool at_end) const;
    [[noreturn]] void fail(const std::string& why) const;

    std::string m_name;
    FileDescriptor m_file;
    KeyForm m_form;
    std::string m_buffer;
    std::size_t m_begin = 0;  // of what has not been used
    Ended m_ended = Ended::no;
    Ends m_ends = Ends::unknown;
    std::uint64_t m_line_number = 0;
};

}  // namespace cachectl
