// Where the rows that could not be used are kept, one JSON object a line: {file, line, reason}.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "output/json.hpp"
#include "output/writer.hpp"

namespace cachectl {

class RejectFile {
public:
    /// Makes the file, readable by its owner alone, for rows of a dump may be secret. Throws
    /// Error(local_io) if there is something of that name already, be it a dangling link.
    explicit RejectFile(std::string path);
    /// Removes the file if nothing was written to it.
    ~RejectFile();
    RejectFile(const RejectFile&) = delete;
    RejectFile& operator=(const RejectFile&) = delete;

    /// Both throw Error(local_io) when the bytes cannot be written.
    void add(std::string_view file, std::uint64_t line, std::string_view reason);
    void flush();

private:
    [[noreturn]] void fail(const std::string& why) const;

    std::string m_path;
    int m_fd = -1;
    bool m_empty = true;
    std::optional<Writer> m_writer;
    std::optional<JsonWriter> m_json;
};

}  // namespace cachectl
