#include "commands/commands.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace cachectl;

TEST_CASE("the commands are sorted by name, and say what they are") {
    const auto table = command_table();
    CHECK(std::is_sorted(table.begin(), table.end(),
                         [](const Command& a, const Command& b) { return a.name < b.name; }));
    for (const Command& command : table) {
        INFO(command.name);
        CHECK((command.group == "Look" || command.group == "Change" || command.group == "Tools"));
        CHECK_FALSE(command.summary.empty());
        CHECK_FALSE(command.summary.ends_with('.'));
        CHECK((command.add != nullptr));
        // What `apply` needs is what the command needs that was planned.
        const bool needs_none = command.needs == Command::Needs::nothing || command.name == "apply";
        CHECK(command.rights.empty() == needs_none);
    }
}
