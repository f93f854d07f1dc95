// What holds for every command and every option, so that help, man pages and completions are
// worth reading: a new command is checked as soon as it stands in the table.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "cli/command_line.hpp"
#include "cli/outline.hpp"
#include "commands/commands.hpp"
#include "support/shell_words.hpp"
#include "util/error.hpp"

using namespace cachectl;

namespace {

ProgramOutline outline() {
    const auto tree = build_command_tree(command_table());
    return outline_of(*tree);
}

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

bool is_value_name(const std::string& name) {
    return std::any_of(name.begin(), name.end(), is_upper) &&
           std::none_of(name.begin(), name.end(), is_lower);
}

/// "Take keys", "ACL user", "--json as a default": begins upper-case or with a name, no full stop.
bool is_summary(const std::string& text) {
    return !text.empty() && !is_lower(text.front()) && text.front() != ' ' &&
           !text.ends_with('.') && !text.ends_with(' ') && text.find('\n') == std::string::npos;
}

void check_options(const CommandOutline& command) {
    CAPTURE(command.name);
    for (const OptionOutline& option : command.options) {
        CAPTURE(option.names.back());
        CHECK(is_summary(option.description));
        CHECK(!option.group.empty());
        CHECK(!option.group.empty());
        CHECK((option.value_name.empty() || is_value_name(option.value_name)));
        CHECK((option.choices.empty() || !option.value_name.empty()));
    }
    for (const OptionOutline& argument : command.arguments) {
        CAPTURE(argument.names.front());
        CHECK(is_value_name(argument.value_name));
        CHECK(is_summary(argument.description));
    }
}

/// What is wrong with the command line; empty: nothing.
std::string problem_with(const std::vector<std::string>& words, const std::string& command) {
    const auto tree = build_command_tree(command_table());
    try {
        parse_command_line(*tree, words);
    } catch (const Error& error) {
        return error.what();
    }
    return tree->command->name == command ? "" : "is of another command";
}

}  // namespace

TEST_CASE("every option has a description, a group and an upper-case value name") {
    const ProgramOutline all = outline();
    check_options(all.program);
    for (const CommandOutline& command : all.commands) {
        check_options(command);
    }
}

TEST_CASE("every command has a summary, a description, a known group and an example") {
    const std::set<std::string> groups = {"Look", "Change", "Tools"};
    for (const CommandOutline& command : outline().commands) {
        CAPTURE(command.name);
        CHECK(is_summary(command.summary));
        CHECK(!command.description.empty());
        for (const std::string& paragraph : command.description) {
            CAPTURE(paragraph);
            CHECK(paragraph.ends_with('.'));
        }
        CHECK(groups.contains(command.group));
        CHECK(!command.examples.empty());
    }
}

TEST_CASE("no option of a command hides one that every command has, nor one of its own") {
    const ProgramOutline all = outline();
    for (const CommandOutline& command : all.commands) {
        std::set<std::string> names;
        for (const CommandOutline* part : {&all.program, &command}) {
            for (const OptionOutline& option : part->options) {
                for (const std::string& name : option.names) {
                    CAPTURE(command.name);
                    CAPTURE(name);
                    CHECK(names.insert(name).second);
                }
            }
        }
    }
}

TEST_CASE("every example parses, and shows the command it stands at") {
    for (const CommandOutline& command : outline().commands) {
        for (const Example& example : command.examples) {
            CAPTURE(example.command);
            int shown = 0;
            for (const auto& words : test::shell_commands(example.command)) {
                if (words.front() != "cachectl") {
                    continue;
                }
                ++shown;
                CHECK(problem_with({words.begin() + 1, words.end()}, command.name) == "");
            }
            CHECK(shown > 0);
        }
    }
}

TEST_CASE("an example with a mistake would be found") {
    CHECK(problem_with({"keys", "a*", "--limit", "20"}, "keys") == "");
    CHECK(problem_with({"keys", "--limit", "many"}, "keys") != "");
    CHECK(problem_with({"keys", "--no-such-option"}, "keys") != "");
    CHECK(problem_with({"kees"}, "keys") != "");
    CHECK(problem_with({"keys"}, "ttl") == "is of another command");
}
