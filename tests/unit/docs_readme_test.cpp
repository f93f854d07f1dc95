// README.md's tables are those in the code; what a failing check shows as expected can be pasted.
#include <doctest/doctest.h>

#include "cli/outline.hpp"
#include "commands/commands.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl;

namespace {

/// What stands between <!-- name --> and <!-- /name -->.
std::string readme_block(const std::string& name) {
    const std::string readme = test::read_file(CACHECTL_SOURCE_DIR "/README.md");
    const std::string begin = "<!-- " + name + " -->\n";
    const std::size_t from = readme.find(begin);
    const std::size_t to = readme.find("<!-- /" + name + " -->");
    if (from == std::string::npos || to == std::string::npos) {
        return "no such markers";
    }
    return readme.substr(from + begin.size(), to - from - begin.size());
}

}  // namespace

TEST_CASE("README's table of commands is the command table") {
    std::string expected = "| group | command | does |\n|---|---|---|\n";
    for (const auto& [group, members] : commands_by_group(command_table())) {
        for (const Command* command : members) {
            expected += "| " + group + " | `" + std::string(command->name) + "` | " +
                        std::string(command->summary) + " |\n";
        }
    }
    CHECK(readme_block("commands") == expected);
}

TEST_CASE("README's table of exit codes is the enum") {
    std::string expected = "| code | means |\n|---|---|\n";
    for (const ExitCode code : k_exit_codes) {
        expected += "| " + std::to_string(static_cast<int>(code)) + " | " +
                    std::string(exit_code_meaning(code)) + " |\n";
    }
    CHECK(readme_block("exit-codes") == expected);
}
