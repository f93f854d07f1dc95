// What a command takes from the command line, as it declares it: flags, options with a value and
// arguments, each with the variable that gets what was given. cli/command_line reads the words,
// cli/outline what help says.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "util/error.hpp"

namespace cachectl {

/// What help says of an option.
struct OptionOutline {
    std::vector<std::string> names;  // "-h", "--host"; of an argument its name alone: "PATTERN"
    std::string value_name;          // "HOST"; empty for a flag
    std::string description;
    std::string group;
    std::vector<std::string> choices;  // empty: anything
    bool repeatable = false;
    bool required = false;
    bool changes_nothing = false;  // with it, a command that changes a server only looks
    std::string value_if_none;     // see Option::value_optional(); empty: it needs one

    /// What a shell can complete its values with.
    enum class Kind { unknown, choices, file, context, table, column, key, key_namespace };
    [[nodiscard]] Kind kind() const;
    [[nodiscard]] bool has_name(std::string_view name) const {
        return std::find(names.begin(), names.end(), name) != names.end();
    }
};

class Option {
public:
    using Values = std::vector<std::string>;
    /// Gets all values that were given, one at least; a flag's is of no meaning.
    using Take = std::function<void(const Values&)>;

    Option(OptionOutline outline, Take take);

    Option& group(std::string name);
    /// Instead of what it was declared with: for an option that several commands share.
    Option& description(std::string text);
    Option& required();
    /// With it, a command that changes a server only looks, as with --dry-run.
    Option& changes_nothing();
    /// Its value, which begins with a digit, may be left out, and is `if_none` then: the next word
    /// is its value only if it begins with one.
    Option& value_optional(std::string if_none);
    /// The two cannot be given together.
    Option& excludes(Option& other);
    /// The values that help and the shell completions list. Checking them is left to the option's
    /// own parse.
    Option& choices(Values values);

    [[nodiscard]] const OptionOutline& outline() const { return m_outline; }
    [[nodiscard]] bool is_argument() const { return m_outline.names.front().front() != '-'; }
    [[nodiscard]] bool takes_value() const { return !m_outline.value_name.empty(); }
    /// With its dashes.
    [[nodiscard]] bool has_name(std::string_view name) const;
    /// Its first long name if it has one.
    [[nodiscard]] const std::string& name() const;
    [[nodiscard]] const std::vector<const Option*>& excluded() const { return m_excluded; }

    /// Hands the values over. Throws what the option throws of them.
    void set(Values values);
    /// What was given, byte for byte; none: the option was not.
    [[nodiscard]] const Values& values() const { return m_values; }
    /// What the variable behind the option holds, so that a test of all options can see what has
    /// arrived; empty for those that do not keep text.
    [[nodiscard]] std::string stored() const { return m_stored ? m_stored() : std::string(); }
    Option& stores(std::function<std::string()> stored);

private:
    OptionOutline m_outline;
    Take m_take;
    std::function<std::string()> m_stored;
    std::vector<const Option*> m_excluded;
    Values m_values;
};

/// A command, or the program itself. Its options stay where they are.
class CommandSyntax {
public:
    explicit CommandSyntax(std::string name, std::string group = "");
    CommandSyntax(const CommandSyntax&) = delete;
    CommandSyntax& operator=(const CommandSyntax&) = delete;

    /// Paragraphs, with an empty line between them.
    void description(std::string text) { m_description = std::move(text); }
    /// Paragraphs too, and "Examples:" behind them: commands indented by two, each with its
    /// explanation, which is indented deeper, below it.
    void footer(std::string text) { m_footer = std::move(text); }

    Option& add_flag(const std::string& names, bool& target, const std::string& description);
    Option& add_flag(const std::string& names, std::function<void()> action,
                     const std::string& description);
    /// `names` as in "-h,--host".
    Option& add(const std::string& names, const std::string& value_name,
                const std::string& description, Option::Take take, bool repeatable = false);

    [[nodiscard]] const std::string& name() const { return m_name; }
    [[nodiscard]] const std::string& group() const { return m_group; }
    [[nodiscard]] const std::string& description() const { return m_description; }
    [[nodiscard]] const std::string& footer() const { return m_footer; }
    /// In the order of declaration.
    [[nodiscard]] std::deque<Option>& options() { return m_options; }
    [[nodiscard]] const std::deque<Option>& options() const { return m_options; }
    /// The option, no argument, of that name, which has its dashes; null if there is none.
    [[nodiscard]] Option* find(std::string_view name);

private:
    std::string m_name;
    std::string m_group;
    std::string m_description;
    std::string m_footer;
    std::deque<Option> m_options;
};

/// Whether an option may be given an empty value, which is mostly a shell variable that is not
/// set, and would switch off what the option is there for.
enum class EmptyValue { refused, allowed };

/// The option's text, byte for byte. One that fills a list is repeatable.
Option& add_text_option(CommandSyntax& syntax, const std::string& names, std::string& target,
                        const std::string& value_name, const std::string& description,
                        EmptyValue empty = EmptyValue::refused);
Option& add_text_option(CommandSyntax& syntax, const std::string& names,
                        std::optional<std::string>& target, const std::string& value_name,
                        const std::string& description, EmptyValue empty = EmptyValue::refused);
Option& add_text_option(CommandSyntax& syntax, const std::string& names,
                        std::vector<std::string>& target, const std::string& value_name,
                        const std::string& description, EmptyValue empty = EmptyValue::refused);

/// `take` gets the option's text; what it throws is told with the option's name.
Option& add_value_option(CommandSyntax& syntax, const std::string& names,
                         std::function<void(const std::string&)> take,
                         const std::string& value_name, const std::string& description);

/// `parse` turns the option's text (a duration, a size, a count) into `target` while the command
/// line is read, so that a wrong one is a usage error before anything is sent.
template <typename Target, typename Parse>
Option& add_parsed_option(CommandSyntax& syntax, const std::string& names, Target& target,
                          Parse parse, const std::string& value_name,
                          const std::string& description) {
    return add_value_option(
        syntax, names, [&target, parse](const std::string& text) { target = parse(text); },
        value_name, description);
}

/// An option whose values are a few words.
template <typename Target, typename Parse>
Option& add_word_option(CommandSyntax& syntax, const std::string& name, Target& target, Parse parse,
                        const std::vector<std::string>& words, const std::string& value_name,
                        const std::string& description) {
    const auto parse_one = [parse, words](const std::string& word) {
        if (const auto value = parse(word)) {
            return *value;
        }
        throw Error(ExitCode::usage,
                    fmt::format("'{}' is not one of {}", word, fmt::join(words, ", ")));
    };
    Option& option = add_parsed_option(syntax, name, target, parse_one, value_name, description);
    option.choices(words);
    return option;
}

}  // namespace cachectl
