// Uses of each command, with the conditions in its list of rights that are met then.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cachectl::test {

/// One way to use a command. The keys are those of integration/acl_test.
struct AclScenario {
    std::string command;
    std::vector<std::string> args;
    std::vector<std::string_view> conditions;
    std::string input = {};
    /// What comes after the keys have been written: then these stay, and the exit code tells of it.
    std::vector<std::string_view> late = {};
    bool warns = false;

    [[nodiscard]] std::string line() const {
        std::string text = command;
        for (const std::string& arg : args) {
            text += ' ' + arg;
        }
        return text;
    }
};

std::vector<AclScenario> acl_scenarios_of_looks();
std::vector<AclScenario> acl_scenarios_of_changes();

/// A file of --backup, which has to be new for each run; it is gone with the process.
std::string acl_backup_path();

}  // namespace cachectl::test
