// Options whose values have a form of their own (durations, sizes, counts), parsed while CLI11
// parses, so that a wrong one is a usage error before anything is sent.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "util/error.hpp"

namespace cachectl {

/// `parse` turns the option's text into `target`; what it throws is told with the option's name.
template <typename Target, typename Parse>
CLI::Option* add_parsed_option(CLI::App& app, const std::string& names, Target& target, Parse parse,
                               const std::string& value_name, const std::string& description) {
    const std::string shown = names.substr(0, names.find(','));
    return app
        .add_option_function<std::string>(
            names,
            [&target, parse, shown](const std::string& text) {
                try {
                    target = parse(text);
                } catch (const Error& error) {
                    throw Error(error.code(), shown + ": " + error.what(), error.hint());
                }
            },
            description)
        ->type_name(value_name);
}

/// Tells help's readers, the shell completions above all, which values the option takes. Checking
/// them is the business of its `parse`. Kept in CLI11's option text, which our help has no use for.
inline void offer_choices(CLI::Option& option, const std::vector<std::string>& choices) {
    option.option_text(CLI::detail::join(choices, "|"));
}

}  // namespace cachectl
