#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "util/error.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr const char* k_see_help = "see `cachectl --help`";

/// The known name that `typed` is most likely meant to be; empty if none is near.
std::string nearest(const std::string& typed, const std::vector<std::string>& known) {
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(1, typed.size() / 3) + 1;
    for (const std::string& name : known) {
        const std::size_t distance = edit_distance(typed, name);
        if (distance < best_distance) {
            best = name;
            best_distance = distance;
        }
    }
    return best;
}

std::string did_you_mean(const std::string& name) {
    return name.empty() ? k_see_help : "did you mean " + name + "?";
}

class LineReader {
public:
    LineReader(CommandTree& tree, const std::vector<std::string>& words)
        : m_tree(tree), m_words(words) {}

    ParsedLine read();
    /// Which JSON the line asks for, also where it cannot be read to its end.
    [[nodiscard]] std::optional<Format> json() const;

private:
    /// An option as it was typed; whose it is, is known when the command is.
    struct Typed {
        std::string name;  // "--limit", "-n"
        std::optional<std::string> value;
    };
    using Values = std::vector<std::string>;

    void read_words();
    void read_long(const std::string& word);
    void read_letters(const std::string& word);
    void take_argument(const std::string& word);
    [[nodiscard]] std::string next_word(const std::string& name, const Option& option);
    void check_means_one(const std::string& name, bool with_value) const;
    [[nodiscard]] Option& any_option(const std::string& name) const;
    [[nodiscard]] Option& option_of_command(const std::string& name) const;
    [[nodiscard]] std::optional<ParsedLine> asked_for_help() const;
    void assign_options();
    void assign_arguments();
    void add(Option& option, std::string value);
    void check_together() const;
    void hand_over();
    [[nodiscard]] std::string see_help() const;

    CommandTree& m_tree;
    const std::vector<std::string>& m_words;
    std::size_t m_at = 0;  // the word that is being read
    CommandEntry* m_command = nullptr;
    bool m_bare_h = false;  // "-h" was the last word, with no host behind it
    std::vector<Typed> m_typed;
    Values m_arguments;
    std::map<const Option*, Values> m_values;
};

std::string LineReader::see_help() const {
    if (m_command == nullptr) {
        return k_see_help;
    }
    return fmt::format("see `cachectl {} --help`", m_command->command->name);
}

void LineReader::read_words() {
    bool only_arguments = false;
    for (m_at = 0; m_at < m_words.size(); ++m_at) {
        const std::string& word = m_words[m_at];
        const bool is_option = !only_arguments && word.size() > 1 && word.front() == '-';
        if (!is_option) {
            take_argument(word);
        } else if (word == "--") {
            only_arguments = true;
        } else if (word.starts_with("--")) {
            read_long(word);
        } else {
            read_letters(word);
        }
    }
}

void LineReader::take_argument(const std::string& word) {
    if (m_command != nullptr) {
        m_arguments.push_back(word);
        return;
    }
    std::vector<std::string> known;
    for (CommandEntry& entry : m_tree.commands) {
        if (entry.command->name == word) {
            m_command = &entry;
            m_tree.command = entry.command;
        }
        known.emplace_back(entry.command->name);
    }
    if (m_command == nullptr) {
        throw Error(ExitCode::usage, fmt::format("unknown command '{}'", word),
                    did_you_mean(nearest(word, known)));
    }
}

void LineReader::read_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const Option& option = any_option(name);
    if (option.takes_value()) {
        m_typed.push_back(
            {name, equals == word.npos ? next_word(name, option) : word.substr(equals + 1)});
    } else if (equals != word.npos) {
        // Not shown: "--askpass=SECRET" is a likely mistake.
        throw Error(ExitCode::usage, name + " takes no value", see_help());
    } else {
        m_typed.push_back({name, std::nullopt});
    }
}

/// "-l", "-n5", and "-ln5" for both.
void LineReader::read_letters(const std::string& word) {
    for (std::size_t at = 1; at < word.size(); ++at) {
        const std::string name{'-', word[at]};
        const Option& option = any_option(name);
        if (!option.takes_value()) {
            m_typed.push_back({name, std::nullopt});
            continue;
        }
        if (at + 1 < word.size()) {
            m_typed.push_back({name, word.substr(at + 1)});
        } else if (name == "-h" && m_at + 1 == m_words.size()) {
            // With nothing behind it, it is what a newcomer types for help.
            m_bare_h = true;
        } else {
            m_typed.push_back({name, next_word(name, option)});
        }
        return;
    }
}

std::string LineReader::next_word(const std::string& name, const Option& option) {
    if (m_at + 1 == m_words.size()) {
        throw Error(ExitCode::usage,
                    fmt::format("{} needs a value: {}", name, option.outline().value_name),
                    see_help());
    }
    return m_words[++m_at];
}

/// Throws where the name takes a value with some commands and none with others.
void LineReader::check_means_one(const std::string& name, bool with_value) const {
    for (CommandEntry& entry : m_tree.commands) {
        const Option* option = entry.syntax.find(name);
        if (option != nullptr && option->takes_value() != with_value) {
            throw Error(ExitCode::usage, name + " has to stand behind the command",
                        "it is not the same with all of them");
        }
    }
}

/// The option of that name: the command's, the program's, or, as long as the command is not known,
/// that of any command.
Option& LineReader::any_option(const std::string& name) const {
    std::vector<std::string> known;
    const auto find = [&](CommandSyntax& syntax) {
        for (const Option& option : syntax.options()) {
            for (const std::string& other : option.outline().names) {
                if (other.starts_with("--")) {
                    known.push_back(other);
                }
            }
        }
        return syntax.find(name);
    };
    if (m_command != nullptr) {
        if (Option* option = find(m_command->syntax)) {
            return *option;
        }
    }
    if (Option* option = find(m_tree.program)) {
        return *option;
    }
    const std::string suggestion = nearest(name, known);
    for (CommandEntry& entry : m_tree.commands) {
        if (Option* option = find(entry.syntax)) {
            if (m_command == nullptr) {
                check_means_one(name, option->takes_value());
                return *option;
            }
            throw Error(ExitCode::usage,
                        fmt::format("{} has no option {}", m_command->command->name, name),
                        suggestion.empty() ? see_help() : did_you_mean(suggestion));
        }
    }
    throw Error(ExitCode::usage, "unknown option " + name,
                did_you_mean(m_command != nullptr ? suggestion : nearest(name, known)));
}

Option& LineReader::option_of_command(const std::string& name) const {
    if (Option* option = m_command->syntax.find(name)) {
        return *option;
    }
    if (Option* option = m_tree.program.find(name)) {
        return *option;
    }
    throw Error(ExitCode::usage, fmt::format("{} has no option {}", m_command->command->name, name),
                see_help());
}

std::optional<ParsedLine> LineReader::asked_for_help() const {
    const CommandSyntax* syntax = m_command == nullptr ? &m_tree.program : &m_command->syntax;
    if (m_bare_h || m_words.empty()) {
        return ParsedLine{ParsedLine::Wish::help, syntax};
    }
    for (const Typed& typed : m_typed) {
        if (typed.name == "--help") {
            return ParsedLine{ParsedLine::Wish::help, syntax};
        }
        if (typed.name == "-V" || typed.name == "--version") {
            return ParsedLine{ParsedLine::Wish::version, syntax};
        }
    }
    return std::nullopt;
}

void LineReader::add(Option& option, std::string value) {
    Values& values = m_values[&option];
    if (!values.empty() && !option.outline().repeatable) {
        throw Error(ExitCode::usage, option.name() + " is given twice", see_help());
    }
    values.push_back(std::move(value));
}

void LineReader::assign_options() {
    for (const Typed& typed : m_typed) {
        Option& option = option_of_command(typed.name);
        if (typed.value) {
            add(option, *typed.value);
        } else {
            m_values[&option] = {"true"};  // a flag may be given again
        }
    }
}

void LineReader::assign_arguments() {
    auto left = m_arguments.begin();
    for (Option& option : m_command->syntax.options()) {
        if (!option.is_argument()) {
            continue;
        }
        while (left != m_arguments.end() &&
               (option.outline().repeatable || !m_values.contains(&option))) {
            add(option, std::move(*left++));
        }
        if (option.outline().required && !m_values.contains(&option)) {
            throw Error(ExitCode::usage, option.name() + " is required", see_help());
        }
    }
    // They are not shown: a password behind an option that takes none is a likely mistake.
    if (const auto more = m_arguments.end() - left; more != 0) {
        throw Error(ExitCode::usage,
                    more == 1 ? "there is one argument too many"
                              : fmt::format("there are {} arguments too many", more),
                    see_help());
    }
}

void LineReader::check_together() const {
    for (const Option& option : m_command->syntax.options()) {
        if (!m_values.contains(&option)) {
            continue;
        }
        for (const Option* other : option.excluded()) {
            if (m_values.contains(other)) {
                throw Error(ExitCode::usage,
                            fmt::format("{} excludes {}", option.name(), other->name()),
                            see_help());
            }
        }
    }
}

/// In the order of declaration, so that what a value is checked against does not depend on the
/// order of the words.
void LineReader::hand_over() {
    for (CommandSyntax* syntax : {&m_tree.program, &m_command->syntax}) {
        for (Option& option : syntax->options()) {
            const auto found = m_values.find(&option);
            if (found != m_values.end()) {
                option.set(std::move(found->second));
            }
        }
    }
}

ParsedLine LineReader::read() {
    read_words();
    if (const auto help = asked_for_help()) {
        return *help;
    }
    if (m_command == nullptr) {
        throw Error(ExitCode::usage, "which command? none is given", k_see_help);
    }
    assign_options();
    assign_arguments();
    check_together();
    hand_over();
    m_tree.action = m_command->action;
    return {};
}

// Behind a word that is wrong it is not known which words are values: those that look like the
// option are taken for it.
std::optional<Format> LineReader::json() const {
    std::optional<Format> asked;
    const auto note = [&asked](const std::string& name, const std::string& value) {
        const bool names_format = name == "-o" || name == "--output";
        if (name == "--json" || (names_format && value == "json")) {
            asked = Format::json;
        } else if (names_format && value == "ndjson") {
            asked = Format::ndjson;
        }
    };
    for (const Typed& typed : m_typed) {
        note(typed.name, typed.value.value_or(""));
    }
    for (std::size_t i = m_at; i < m_words.size() && m_words[i] != "--"; ++i) {
        const std::string& word = m_words[i];
        if (word.starts_with("--")) {
            const std::size_t equals = std::min(word.find('='), word.size());
            note(word.substr(0, equals), word.substr(std::min(equals + 1, word.size())));
        } else {
            note(word.substr(0, 2), word.substr(std::min<std::size_t>(2, word.size())));
        }
        if (i + 1 < m_words.size()) {
            note(word, m_words[i + 1]);
        }
    }
    return asked;
}

}  // namespace

ParsedLine parse_command_line(CommandTree& tree, const std::vector<std::string>& words) {
    LineReader reader(tree, words);
    try {
        const ParsedLine line = reader.read();
        tree.json = reader.json();
        return line;
    } catch (const Error&) {
        tree.json = reader.json();
        throw;
    }
}

}  // namespace cachectl
