// How a command declares options and arguments that take a value. All of them are declared here,
// because CLI11's own conversions change what was typed: "{}" and an empty word are nothing to
// them, and the brackets of "[a,b]" go.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "util/error.hpp"

namespace cachectl {

/// Whether an option may be given an empty value, which is mostly a shell variable that is not
/// set, and would switch off what the option is there for.
enum class EmptyValue { refused, allowed };

/// The option's text, byte for byte. One that fills a list is repeatable.
CLI::Option* add_text_option(CLI::App& app, const std::string& names, std::string& target,
                             const std::string& value_name, const std::string& description,
                             EmptyValue empty = EmptyValue::refused);
CLI::Option* add_text_option(CLI::App& app, const std::string& names,
                             std::optional<std::string>& target, const std::string& value_name,
                             const std::string& description,
                             EmptyValue empty = EmptyValue::refused);
CLI::Option* add_text_option(CLI::App& app, const std::string& names,
                             std::vector<std::string>& target, const std::string& value_name,
                             const std::string& description,
                             EmptyValue empty = EmptyValue::refused);

/// `take` gets the option's text; what it throws is told with the option's name.
CLI::Option* add_value_option(CLI::App& app, const std::string& names,
                              std::function<void(const std::string&)> take,
                              const std::string& value_name, const std::string& description);

/// `parse` turns the option's text (a duration, a size, a count) into `target` while the command
/// line is read, so that a wrong one is a usage error before anything is sent.
template <typename Target, typename Parse>
CLI::Option* add_parsed_option(CLI::App& app, const std::string& names, Target& target, Parse parse,
                               const std::string& value_name, const std::string& description) {
    return add_value_option(
        app, names, [&target, parse](const std::string& text) { target = parse(text); }, value_name,
        description);
}

/// Tells help's readers, the shell completions above all, which values the option takes. Checking
/// them is the business of its `parse`. Kept in CLI11's option text, which our help has no use for.
inline void offer_choices(CLI::Option& option, const std::vector<std::string>& choices) {
    option.option_text(CLI::detail::join(choices, "|"));
}

}  // namespace cachectl
