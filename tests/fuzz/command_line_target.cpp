// Command lines: the words are the input's lines. They are read to a command, or refused.
#include "cli/command_line.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cli/scrub.hpp"
#include "commands/commands.hpp"
#include "fuzz/target.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        lines.emplace_back(line);
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return lines;
}

}  // namespace

void fuzz_command_line(std::string_view input) {
    const std::vector<std::string> words = lines_of(input);
    expect(masked_words(words).size() == words.size(), "a word is a word when it is masked");
    const std::unique_ptr<CommandTree> tree = build_command_tree(command_table());
    try {
        const ParsedLine line = parse_command_line(*tree, words);
        if (line.wish == ParsedLine::Wish::run) {
            expect(tree->command != nullptr && tree->action, "what is to be run is known");
        } else if (line.wish == ParsedLine::Wish::help) {
            expect(line.syntax != nullptr, "it is known whose help is wanted");
        }
    } catch (const Error& error) {
        expect(error.code() == ExitCode::usage || error.code() == ExitCode::guard,
               "what is not understood is a mistake of the user's");
    }
}

}  // namespace cachectl
