#include "dump/sql/client_command.hpp"

#include <algorithm>
#include <array>

namespace cachectl {

namespace {

constexpr std::string_view k_blanks = " \t\r";

std::string_view word_at_start(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(k_blanks), text.size()));
    return text.substr(0, text.find_first_of(" \t\r;"));
}

/// sqlite3 takes a command's beginning for it.
std::string_view sqlite_command(std::string_view rest) {
    constexpr std::array<std::string_view, 11> k_commands = {
        "read",  "import", "restore", "recover", "open", "load",
        "clone", "shell",  "system",  "quit",    "exit"};
    const std::string_view word = word_at_start(rest);
    const bool known = std::any_of(k_commands.begin(), k_commands.end(), [word](auto command) {
        return word.size() >= 2 && command.starts_with(word);
    });
    return known || word == "i" || word == "q" ? word : std::string_view();
}

}  // namespace

std::vector<std::string_view> psql_commands(std::string_view line) {
    std::vector<std::string_view> commands;
    char quote = '\0';
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '\'' || c == '"' || c == '`') {
            quote = c;
        } else if (c == '\\') {
            const std::size_t end =
                std::min(line.find_first_of(" \t\r\\;'\"", at + 1), line.size());
            commands.push_back(line.substr(at, end - at));
            if (commands.back().starts_with("\\!")) {
                commands.back() = line.substr(at, 2);  // what follows is for the shell
                break;
            }
        }
    }
    return commands;
}

bool psql_may_change_rows(std::string_view command) noexcept {
    constexpr std::array<std::string_view, 10> k_commands = {
        "\\i", "\\ir", "\\include", "\\include_relative", "\\copy", "\\gexec", "\\gset",
        "\\!", "\\q",  "\\quit"};
    return std::find(k_commands.begin(), k_commands.end(), command) != k_commands.end();
}

std::string_view command_that_may_change_rows(SqlDialect dialect, char sign,
                                              std::string_view rest) noexcept {
    if (dialect == SqlDialect::sqlite) {
        return sqlite_command(rest);
    }
    // sqlcmd's ":r FILE" and ":!!", and SQL*Plus's "@FILE"
    const bool others = sign == '@' || (sign == ':' && (rest.starts_with('r') ||  //
                                                        rest.starts_with('!')));
    const bool mysql = sign == '\\' && !rest.empty() &&
                       std::string_view(".!q").find(rest.front()) != std::string_view::npos;
    return mysql    ? rest.substr(0, 1)
           : others ? word_at_start(rest.empty() ? std::string_view(" ") : rest)
                    : std::string_view();
}

}  // namespace cachectl
