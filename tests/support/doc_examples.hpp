// The examples of README.md and of the manual pages, as they stand there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cachectl::test {

/// A command as it is typed into a shell, of one line or of several that end in backslashes.
struct ShownCommand {
    std::string text;
    bool in_transcript = false;  // "$ cachectl …"
    std::string output;          // what the transcript shows behind it
};

/// What belongs together: its commands are typed one after the other, in the same folder.
struct ExampleBlock {
    std::string page;  // "README, In CI", "cachectl-keys(1)"
    std::vector<ShownCommand> commands;

    /// One of its commands has this text.
    [[nodiscard]] bool names(std::string_view text) const;
};

struct Readme {
    std::vector<ExampleBlock> blocks;  // without a language, and `cachectl …` in the text
    std::vector<std::string> json;
};

Readme parse_readme(const std::string& text);

/// Of all commands' pages, each by itself, and of all topics', those of a section together.
std::vector<ExampleBlock> man_examples();

/// The file that a topic's page shows; throws std::runtime_error where there is none.
std::string json_of_topic(std::string_view name);

}  // namespace cachectl::test
