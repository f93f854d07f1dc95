#include "cli/option.hpp"

#include <algorithm>
#include <utility>

#include "util/error.hpp"

namespace cachectl {

namespace {

using Values = Option::Values;

Values split_names(const std::string& names) {
    Values parts;
    for (std::size_t at = 0; at <= names.size();) {
        const std::size_t end = std::min(names.find(',', at), names.size());
        parts.push_back(names.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

std::string shown_name(const std::string& names) { return names.substr(0, names.find(',')); }

void check_not_empty(const std::string& names, const Values& values, EmptyValue empty) {
    if (empty == EmptyValue::allowed) {
        return;
    }
    for (const std::string& value : values) {
        if (value.empty()) {
            throw Error(ExitCode::usage, shown_name(names) + ": the value is empty",
                        "is a shell variable unset?");
        }
    }
}

template <typename Target>
Option& add_text(CommandSyntax& syntax, const std::string& names, Target& target,
                 const std::string& value_name, const std::string& description, EmptyValue empty) {
    return syntax
        .add(names, value_name, description,
             [&target, names, empty](const Values& values) {
                 check_not_empty(names, values, empty);
                 target = values.back();
             })
        .stores([&target] { return std::optional<std::string>(target).value_or(""); });
}

}  // namespace

OptionOutline::Kind OptionOutline::kind() const {
    if (!choices.empty()) {
        return Kind::choices;
    }
    if (value_name == "FILE" || value_name == "PATH") {
        return Kind::file;
    }
    if (value_name == "KEY" || value_name == "PATTERN") {
        return Kind::key;
    }
    if (value_name == "NAMESPACE") {
        return Kind::key_namespace;
    }
    if (has_name("--context")) {
        return Kind::context;
    }
    if (has_name("--table")) {
        return Kind::table;
    }
    return has_name("--columns") || has_name("--where") ? Kind::column : Kind::unknown;
}

Option::Option(OptionOutline outline, Take take)
    : m_outline(std::move(outline)), m_take(std::move(take)) {}

Option& Option::group(std::string name) {
    m_outline.group = std::move(name);
    return *this;
}

Option& Option::description(std::string text) {
    m_outline.description = std::move(text);
    return *this;
}

Option& Option::changes_nothing() {
    m_outline.changes_nothing = true;
    return *this;
}

Option& Option::required() {
    m_outline.required = true;
    return *this;
}

Option& Option::value_optional(std::string if_none) {
    m_outline.value_if_none = std::move(if_none);
    return *this;
}

Option& Option::excludes(Option& other) {
    m_excluded.push_back(&other);
    other.m_excluded.push_back(this);
    return *this;
}

Option& Option::choices(Values values) {
    m_outline.choices = std::move(values);
    return *this;
}

Option& Option::stores(std::function<std::string()> stored) {
    m_stored = std::move(stored);
    return *this;
}

bool Option::has_name(std::string_view name) const {
    const Values& names = m_outline.names;
    return std::find(names.begin(), names.end(), name) != names.end();
}

const std::string& Option::name() const {
    const Values& names = m_outline.names;
    const auto longer = std::find_if(names.begin(), names.end(),
                                     [](const auto& name) { return name.starts_with("--"); });
    return longer == names.end() ? names.front() : *longer;
}

void Option::set(Values values) {
    m_values = std::move(values);
    if (m_take) {
        m_take(m_values);
    }
}

CommandSyntax::CommandSyntax(std::string name, std::string group)
    : m_name(std::move(name)), m_group(std::move(group)) {}

Option& CommandSyntax::add(const std::string& names, const std::string& value_name,
                           const std::string& description, Option::Take take, bool repeatable) {
    OptionOutline outline;
    outline.names = split_names(names);
    outline.value_name = names.front() == '-' ? value_name : names;
    outline.description = description;
    outline.repeatable = repeatable;
    return m_options.emplace_back(std::move(outline), std::move(take));
}

Option& CommandSyntax::add_flag(const std::string& names, bool& target,
                                const std::string& description) {
    return add(names, "", description, [&target](const Values&) { target = true; });
}

Option& CommandSyntax::add_flag(const std::string& names, std::function<void()> action,
                                const std::string& description) {
    return add(names, "", description, [action = std::move(action)](const Values&) { action(); });
}

Option* CommandSyntax::find(std::string_view name) {
    const auto found = std::find_if(m_options.begin(), m_options.end(), [&](const Option& option) {
        return !option.is_argument() && option.has_name(name);
    });
    return found == m_options.end() ? nullptr : &*found;
}

Option& add_text_option(CommandSyntax& syntax, const std::string& names, std::string& target,
                        const std::string& value_name, const std::string& description,
                        EmptyValue empty) {
    return add_text(syntax, names, target, value_name, description, empty);
}

Option& add_text_option(CommandSyntax& syntax, const std::string& names,
                        std::optional<std::string>& target, const std::string& value_name,
                        const std::string& description, EmptyValue empty) {
    return add_text(syntax, names, target, value_name, description, empty);
}

Option& add_text_option(CommandSyntax& syntax, const std::string& names,
                        std::vector<std::string>& target, const std::string& value_name,
                        const std::string& description, EmptyValue empty) {
    constexpr bool k_repeatable = true;
    return syntax
        .add(
            names, value_name, description,
            [&target, names, empty](const Values& values) {
                check_not_empty(names, values, empty);
                target = values;
            },
            k_repeatable)
        .stores([&target] { return target.empty() ? "" : target.back(); });
}

Option& add_value_option(CommandSyntax& syntax, const std::string& names,
                         std::function<void(const std::string&)> take,
                         const std::string& value_name, const std::string& description) {
    return syntax.add(
        names, value_name, description, [names, take = std::move(take)](const Values& values) {
            try {
                take(values.back());
            } catch (const Error& error) {
                throw Error(error.code(), shown_name(names) + ": " + error.what(), error.hint());
            }
        });
}

}  // namespace cachectl
