#include "dump/sql/preamble.hpp"

#include <algorithm>
#include <array>

namespace cachectl {

namespace {

constexpr std::array<std::string_view, 11> k_tools = {
    "mysqldump", "mariadb-dump", "mysqlpump",  "mysqlsh", "mysql",  "mariadb",
    "mydumper",  "pg_dump",      "pg_dumpall", "psql",    "sqlite3"};

constexpr std::array<std::string_view, 4> k_words = {
    "Warning: ", "WARNING: ", "warning: ", "[Warning] "};

/// Behind the folders of a program's name.
std::string_view without_folders(std::string_view line) {
    const std::size_t colon = line.find(": ");
    const std::size_t slash = line.substr(0, colon).find_last_of("/\\");
    return slash == std::string_view::npos ? line : line.substr(slash + 1);
}

}  // namespace

bool is_tool_message(std::string_view line) noexcept {
    if (std::any_of(k_words.begin(), k_words.end(),
                    [line](std::string_view word) { return line.starts_with(word); })) {
        return true;
    }
    line = without_folders(line);
    return std::any_of(k_tools.begin(), k_tools.end(), [line](std::string_view tool) {
        if (!line.starts_with(tool)) {
            return false;
        }
        const std::string_view rest = line.substr(tool.size());
        return rest.starts_with(": ") || rest.starts_with(".exe: ");
    });
}

std::size_t tool_messages(std::string_view text) noexcept {
    std::size_t length = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        if (end == std::string_view::npos) {
            break;
        }
        const std::string_view line = text.substr(at, end - at);
        const bool blank = line.find_first_not_of(" \t\r") == std::string_view::npos;
        if (!blank && !is_tool_message(line)) {
            break;
        }
        at = end + 1;
        length = blank ? length : at;
    }
    return length;
}

}  // namespace cachectl
