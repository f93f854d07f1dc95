#include "cli/word_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/fingers.hpp"
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

/// What a command calls otherwise than others do, which is not near it.
std::string other_name(std::string_view command, std::string_view typed) {
    return command == "expire" && typed == "--ttl" ? "--set" : "";
}

std::string did_you_mean(const std::string& name) {
    return name.empty() ? k_see_help : "did you mean " + name + "?";
}

}  // namespace

std::string WordReader::see_help() const {
    if (m_command == nullptr) {
        return k_see_help;
    }
    return fmt::format("see `cachectl {} --help`", m_command->command->name);
}

void WordReader::read() {
    bool only_arguments = false;
    for (m_at = 0; m_at < m_words.size(); ++m_at) {
        if (m_command == nullptr && !only_arguments) {
            take_for_ours();
        }
        const std::string word = m_words[m_at];
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

/// Where the command's name is to stand, a word of another tool is taken for the command of ours.
void WordReader::take_for_ours() {
    const auto here = m_words.begin() + static_cast<std::ptrdiff_t>(m_at);
    const std::vector<std::string> rest(here, m_words.end());
    std::vector<std::string> ours = understood(rest);
    if (ours != rest) {
        m_words.resize(m_at);
        m_words.insert(m_words.end(), ours.begin(), ours.end());
    }
}

void WordReader::take_argument(const std::string& word) {
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
        const std::string right = right_command(word, std::span(m_words).subspan(m_at + 1));
        throw Error(ExitCode::usage, fmt::format("unknown command '{}'", word),
                    right.empty() ? did_you_mean(nearest(word, known)) : "here that is " + right);
    }
}

void WordReader::read_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (take_pattern(name, word)) {
        return;
    }
    const Option& option = any_option(name);
    if (option.takes_value()) {
        m_typed.push_back(
            {name, equals == word.npos ? next_word(name, option) : word.substr(equals + 1)});
    } else if (equals != word.npos) {
        // Not shown: "--askpass=SECRET" is a likely mistake.
        throw Error(ExitCode::usage, name + " takes no value", see_help());
    } else {
        const std::string next = m_at + 1 < m_words.size() ? m_words[m_at + 1] : std::string();
        if (const std::string right = right_count(name, next); !right.empty()) {
            throw Error(ExitCode::usage, name + " takes no value", right);
        }
        m_typed.push_back({name, std::nullopt});
    }
}

/// "--match PATTERN", as redis-cli has it, is the pattern by itself where a command only looks.
bool WordReader::take_pattern(const std::string& name, const std::string& word) {
    if (m_command == nullptr || m_command->command->group != "Look" || !names_pattern(name)) {
        return false;
    }
    const auto& options = m_command->syntax.options();
    const bool takes_patterns = std::any_of(
        options.begin(), options.end(), [](const Option& one) { return one.name() == "PATTERN"; });
    if (!takes_patterns) {
        return false;
    }
    if (word.size() > name.size()) {
        m_arguments.push_back(word.substr(name.size() + 1));
    } else if (m_at + 1 < m_words.size()) {
        m_arguments.push_back(m_words[++m_at]);
    } else {
        throw Error(ExitCode::usage, name + " needs a value: PATTERN", see_help());
    }
    return true;
}

/// "-l", "-n5", and "-ln5" for both.
void WordReader::read_letters(const std::string& word) {
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
            m_bare_h = true;
        } else {
            m_typed.push_back({name, next_word(name, option)});
        }
        return;
    }
}

std::string WordReader::next_word(const std::string& name, const Option& option) {
    const std::string& if_none = option.outline().value_if_none;
    if (!if_none.empty()) {
        const bool is_value = m_at + 1 < m_words.size() && !m_words[m_at + 1].empty() &&
                              m_words[m_at + 1].front() >= '0' && m_words[m_at + 1].front() <= '9';
        return is_value ? m_words[++m_at] : if_none;
    }
    if (m_at + 1 == m_words.size()) {
        throw Error(ExitCode::usage,
                    fmt::format("{} needs a value: {}", name, option.outline().value_name),
                    see_help());
    }
    return m_words[++m_at];
}

/// Throws where the name takes a value with some commands and none with others.
void WordReader::check_means_one(const std::string& name, bool with_value) const {
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
Option& WordReader::any_option(const std::string& name) const {
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
    std::string suggestion =
        m_command != nullptr ? other_name(m_command->command->name, name) : std::string();
    if (suggestion.empty()) {
        suggestion = nearest(name, known);
    }
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
    const std::string right =
        right_option(m_command != nullptr ? m_command->command->name : std::string_view(), name);
    if (!right.empty()) {
        throw Error(ExitCode::usage, "unknown option " + name, right);
    }
    throw Error(ExitCode::usage, "unknown option " + name,
                did_you_mean(m_command != nullptr ? suggestion : nearest(name, known)));
}

// Behind a wrong word it is not known which words are values: each that looks like -o or --json
// counts as that option.
std::optional<Format> WordReader::json() const {
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

}  // namespace cachectl
