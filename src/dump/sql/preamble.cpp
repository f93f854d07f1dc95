#include "dump/sql/preamble.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace cachectl {

namespace {

constexpr std::array<std::string_view, 12> k_tools = {
    "mysqldump", "mariadb-dump", "mysqlpump",  "mysqlsh",    "mysql", "mariadb",
    "mydumper",  "pg_dump",      "pg_dumpall", "pg_restore", "psql",  "sqlite3"};

constexpr std::array<std::string_view, 4> k_words = {
    "Warning: ", "WARNING: ", "warning: ", "[Warning] "};

/// Behind the folders of a program's name.
std::string_view without_folders(std::string_view line) {
    const std::size_t colon = line.find(": ");
    const std::size_t slash = line.substr(0, colon).find_last_of("/\\");
    return slash == std::string_view::npos ? line : line.substr(slash + 1);
}

/// The program that a line begins with: "mysqldump: …", "mysqldump.exe: …"; empty: none of them.
std::string_view program_of(std::string_view line) {
    const auto* const found =
        std::find_if(k_tools.begin(), k_tools.end(), [line](std::string_view tool) {
            const std::string_view rest = line.substr(std::min(tool.size(), line.size()));
            return line.starts_with(tool) && (rest.starts_with(": ") || rest.starts_with(".exe: "));
        });
    return found == k_tools.end() ? std::string_view() : *found;
}

bool holds_any(std::string_view line, std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(), [line](std::string_view part) {
        return line.find(part) != std::string_view::npos;
    });
}

}  // namespace

bool is_tool_message(std::string_view line) noexcept {
    return std::any_of(k_words.begin(), k_words.end(),
                       [line](std::string_view word) { return line.starts_with(word); }) ||
           !program_of(without_folders(line)).empty();
}

bool is_tool_error(std::string_view line) noexcept {
    line = without_folders(line);
    const std::string_view tool = program_of(line);
    if (tool.empty()) {
        return false;
    }
    if (tool.starts_with("pg_")) {  // with -v they tell their progress, too
        return holds_any(line, {": error: ", ": fatal: ", "failed", "ERROR: ", "[archiver"});
    }
    // Tablespaces hold no rows by themselves.
    return !holds_any(line, {"[Warning]", "[WARNING]", "arning: ", "WARNING: ", "[Note]",
                             "Note: ", "eprecated", "trying to dump tablespaces"});
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
