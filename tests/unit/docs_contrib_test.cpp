// The recipes under contrib/: every cachectl command in them is one.
#include <doctest/doctest.h>

#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "cli/command_line.hpp"
#include "commands/commands.hpp"
#include "support/shell_words.hpp"
#include "support/temp_dir.hpp"
#include "support/text.hpp"
#include "util/error.hpp"

using namespace cachectl;

namespace {

/// As a shell would be given it: a list of quoted words becomes words.
std::string as_shell_line(std::string line) {
    for (const char* between : {"\", \"", "[ \"", "\" ]"}) {
        for (std::size_t at = line.find(between); at != std::string::npos;
             at = line.find(between)) {
            line.replace(at, std::string(between).size(), " ");
        }
    }
    return line;
}

/// The arguments of each cachectl command in the line; comments have none.
std::vector<std::vector<std::string>> commands_in(const std::string& text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string::npos || text[first] == '#' || text.compare(first, 2, "//") == 0) {
        return {};
    }
    std::string line = as_shell_line(text);
    std::vector<std::vector<std::string>> commands;
    for (std::size_t at = line.find("cachectl "); at != std::string::npos;
         at = line.find("cachectl ", at + 1)) {
        const bool is_program = at == 0 || line[at - 1] == ' ' || line[at - 1] == '/';
        const auto words = test::shell_commands(line.substr(at)).front();
        // "cachectl  cachectl health": cron's user comes before the command.
        if (is_program && words.size() > 1 && words[1] != "cachectl") {
            commands.emplace_back(words.begin() + 1, words.end());
        }
    }
    return commands;
}

std::string problem_with(const std::vector<std::string>& words) {
    const auto tree = build_command_tree(command_table());
    try {
        parse_command_line(*tree, words);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("every command in contrib/ parses, and each recipe has one") {
    const std::filesystem::path folder = CACHECTL_SOURCE_DIR "/contrib";
    const std::set<std::string> without = {"README.md", "alerts.yml", "cachectl-health.timer"};
    int files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) {
            continue;
        }
        CAPTURE(entry.path().string());
        ++files;
        std::istringstream lines(test::read_file(entry.path().string()));
        int found = 0;
        for (std::string line; std::getline(lines, line);) {
            if (without.contains(entry.path().filename().string())) {
                continue;
            }
            CAPTURE(line);
            for (const auto& words : commands_in(line)) {
                ++found;
                CHECK(problem_with(words) == "");
            }
        }
        CHECK((found > 0) != without.contains(entry.path().filename().string()));
    }
    CHECK(files >= 9);
}

TEST_CASE("a mistake in a recipe would be found") {
    CHECK(commands_in("    - cachectl health --policy p.json").size() == 1);
    CHECK(commands_in("  command = [ \"/usr/bin/cachectl\", \"health\", \"-o\", \"nagios\" ]") ==
          std::vector<std::vector<std::string>>{{"health", "-o", "nagios"}});
    CHECK(commands_in("* * * * * cachectl  cachectl stats || true") ==
          std::vector<std::vector<std::string>>{{"stats"}});
    CHECK(commands_in("# cachectl nonsense").empty());
    CHECK(problem_with({"health", "-o", "nagois"}) != "");
}
