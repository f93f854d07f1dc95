#include "cli/parsed_option.hpp"

#include <utility>

namespace cachectl {

namespace {

using Values = std::vector<std::string>;

CLI::Option* add(CLI::App& app, const std::string& names, const CLI::callback_t& take,
                 const std::string& value_name, const std::string& description) {
    CLI::Option* option = app.add_option(names, take, description);
    return option->type_name(value_name)->expected(1)->allow_extra_args(false);
}

std::string shown_name(const std::string& names) { return names.substr(0, names.find(',')); }

void check_not_empty(const std::string& names, const Values& values, EmptyValue empty) {
    if (empty == EmptyValue::allowed) return;
    for (const std::string& value : values) {
        if (value.empty())
            throw Error(ExitCode::usage, shown_name(names) + ": the value is empty",
                        "is a shell variable unset?");
    }
}

/// The target's bytes are the option's "default", which no help shows: so a test of the whole tree
/// can see what has arrived.
template <typename Target>
CLI::Option* add_text(CLI::App& app, const std::string& names, Target& target,
                      const std::string& value_name, const std::string& description,
                      EmptyValue empty) {
    CLI::Option* option = add(
        app, names,
        [&target, names, empty](const Values& values) {
            check_not_empty(names, values, empty);
            target = values.back();
            return true;
        },
        value_name, description);
    option->default_function([&target] { return std::optional<std::string>(target).value_or(""); });
    return option;
}

}  // namespace

CLI::Option* add_text_option(CLI::App& app, const std::string& names, std::string& target,
                             const std::string& value_name, const std::string& description,
                             EmptyValue empty) {
    return add_text(app, names, target, value_name, description, empty);
}

CLI::Option* add_text_option(CLI::App& app, const std::string& names,
                             std::optional<std::string>& target, const std::string& value_name,
                             const std::string& description, EmptyValue empty) {
    return add_text(app, names, target, value_name, description, empty);
}

CLI::Option* add_text_option(CLI::App& app, const std::string& names,
                             std::vector<std::string>& target, const std::string& value_name,
                             const std::string& description, EmptyValue empty) {
    CLI::Option* option = add(
        app, names,
        [&target, names, empty](const Values& values) {
            check_not_empty(names, values, empty);
            target = values;
            return true;
        },
        value_name, description);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    option->default_function([&target] { return target.empty() ? "" : target.back(); });
    return option;
}

CLI::Option* add_value_option(CLI::App& app, const std::string& names,
                              std::function<void(const std::string&)> take,
                              const std::string& value_name, const std::string& description) {
    return add(
        app, names,
        [names, take = std::move(take)](const Values& values) {
            try {
                take(values.back());
            } catch (const Error& error) {
                throw Error(error.code(), shown_name(names) + ": " + error.what(), error.hint());
            }
            return true;
        },
        value_name, description);
}

}  // namespace cachectl
