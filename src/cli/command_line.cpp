#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "cli/word_reader.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

/// Gives each option and argument of the command the values that were typed for it.
class Assignment {
public:
    Assignment(CommandTree& tree, WordReader& words)
        : m_tree(tree), m_words(words), m_command(*words.command()) {}

    /// Throws Error(usage).
    void run();

private:
    using Values = std::vector<std::string>;

    [[nodiscard]] Option& option_of_command(const std::string& name) const;
    void assign_options();
    void assign_arguments();
    void add(Option& option, std::string value);
    void check_together() const;
    void hand_over();

    CommandTree& m_tree;
    WordReader& m_words;
    CommandEntry& m_command;
    std::map<const Option*, Values> m_values;
};

Option& Assignment::option_of_command(const std::string& name) const {
    if (Option* option = m_command.syntax.find(name)) {
        return *option;
    }
    if (Option* option = m_tree.program.find(name)) {
        return *option;
    }
    throw Error(ExitCode::usage, fmt::format("{} has no option {}", m_command.command->name, name),
                m_words.see_help());
}

void Assignment::add(Option& option, std::string value) {
    Values& values = m_values[&option];
    if (!values.empty() && !option.outline().repeatable) {
        const bool is_format = option.name() == "--output";
        throw Error(
            ExitCode::usage, option.name() + " is given twice",
            is_format ? "it is the format; --to FILE writes into a file" : m_words.see_help());
    }
    values.push_back(std::move(value));
}

void Assignment::assign_options() {
    for (const WordReader::Typed& typed : m_words.options()) {
        Option& option = option_of_command(typed.name);
        if (typed.value) {
            add(option, *typed.value);
        } else {
            m_values[&option] = {"true"};  // a flag may be given again
        }
    }
}

void Assignment::assign_arguments() {
    Values& arguments = m_words.arguments();
    auto left = arguments.begin();
    for (Option& option : m_command.syntax.options()) {
        if (!option.is_argument()) {
            continue;
        }
        while (left != arguments.end() &&
               (option.outline().repeatable || !m_values.contains(&option))) {
            add(option, std::move(*left++));
        }
        if (option.outline().required && !m_values.contains(&option)) {
            throw Error(ExitCode::usage, option.name() + " is required", m_words.see_help());
        }
    }
    // They are not shown: a password behind an option that takes none is a likely mistake.
    if (const auto more = arguments.end() - left; more != 0) {
        throw Error(ExitCode::usage,
                    more == 1 ? "there is one argument too many"
                              : fmt::format("there are {} arguments too many", more),
                    m_words.see_help());
    }
}

void Assignment::check_together() const {
    for (const Option& option : m_command.syntax.options()) {
        if (!m_values.contains(&option)) {
            continue;
        }
        for (const Option* other : option.excluded()) {
            if (m_values.contains(other)) {
                throw Error(ExitCode::usage,
                            fmt::format("{} excludes {}", option.name(), other->name()),
                            m_words.see_help());
            }
        }
    }
}

/// In the order of declaration, so that what a value is checked against does not depend on the
/// order of the words.
void Assignment::hand_over() {
    for (CommandSyntax* syntax : {&m_tree.program, &m_command.syntax}) {
        for (Option& option : syntax->options()) {
            const auto found = m_values.find(&option);
            if (found != m_values.end()) {
                option.set(std::move(found->second));
            }
        }
    }
}

void Assignment::run() {
    assign_options();
    assign_arguments();
    check_together();
    hand_over();
}

std::optional<ParsedLine> asked_for_help(const CommandTree& tree, const WordReader& words) {
    const CommandSyntax* syntax =
        words.command() == nullptr ? &tree.program : &words.command()->syntax;
    if (words.wants_help()) {
        return ParsedLine{ParsedLine::Wish::help, syntax};
    }
    for (const WordReader::Typed& typed : words.options()) {
        if (typed.name == "--help") {
            return ParsedLine{ParsedLine::Wish::help, syntax};
        }
        if (typed.name == "-V" || typed.name == "--version") {
            return ParsedLine{ParsedLine::Wish::version, syntax};
        }
    }
    return std::nullopt;
}

ParsedLine parse(CommandTree& tree, WordReader& words) {
    words.read();
    if (const auto help = asked_for_help(tree, words)) {
        return *help;
    }
    if (words.is_empty()) {
        return {ParsedLine::Wish::first_screen, &tree.program};
    }
    if (words.command() == nullptr) {
        throw Error(ExitCode::usage, "which command? none is given", words.see_help());
    }
    Assignment(tree, words).run();
    tree.action = words.command()->action;
    return {};
}

}  // namespace

ParsedLine parse_command_line(CommandTree& tree, const std::vector<std::string>& words) {
    WordReader reader(tree, words);
    try {
        const ParsedLine line = parse(tree, reader);
        tree.json = reader.json();
        return line;
    } catch (const Error&) {
        tree.json = reader.json();
        throw;
    }
}

}  // namespace cachectl
