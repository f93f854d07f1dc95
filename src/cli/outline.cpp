#include "cli/outline.hpp"

#include <algorithm>
#include <array>

namespace cachectl {

namespace {

constexpr std::string_view k_examples = "Examples:";
constexpr std::string_view k_last_group = "Other";
constexpr std::array<std::string_view, 3> k_command_groups = {"Look", "Change", "Tools"};

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(separator, at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

void append_word(std::string& text, const std::string& more) {
    if (!text.empty()) {
        text += ' ';
    }
    text += more;
}

/// Adds a line to a text whose paragraphs are divided by empty lines.
class Paragraphs {
public:
    explicit Paragraphs(std::vector<std::string>& paragraphs) : m_paragraphs(paragraphs) {}

    void add(const std::string& line) {
        if (line.empty()) {
            m_new = true;
            return;
        }
        if (m_new) {
            m_paragraphs.emplace_back();
        }
        m_new = false;
        append_word(m_paragraphs.back(), line);
    }

private:
    std::vector<std::string>& m_paragraphs;
    bool m_new = true;
};

/// Paragraphs first. After "Examples:", a line indented by two is a command
/// (which goes on if it ends in a backslash), a line indented deeper explains it.
void read_footer(const std::string& footer, CommandOutline& outline) {
    bool in_examples = false;
    bool goes_on = false;  // the last command
    Paragraphs notes(outline.notes);
    for (const std::string& line : split(footer, '\n')) {
        const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
        const std::string text = line.substr(indent);
        if (line == k_examples) {
            in_examples = true;
        } else if (!in_examples) {
            notes.add(text);
        } else if (text.empty()) {
            continue;
        } else if (goes_on) {
            outline.examples.back().command += '\n' + line.substr(std::min<std::size_t>(indent, 2));
            goes_on = text.ends_with('\\');
        } else if (indent <= 2 || outline.examples.empty()) {
            outline.examples.push_back({text, ""});
            goes_on = text.ends_with('\\');
        } else {
            append_word(outline.examples.back().explanation, text);
        }
    }
}

bool has_option(const CommandOutline& command, const std::vector<std::string>& names) {
    return std::any_of(command.options.begin(), command.options.end(),
                       [&](const OptionOutline& option) { return option.names == names; });
}

template <typename Value>
std::vector<Value>& group_in(std::vector<std::pair<std::string, std::vector<Value>>>& groups,
                             std::string_view name) {
    const auto found = std::find_if(groups.begin(), groups.end(),
                                    [&](const auto& group) { return group.first == name; });
    if (found != groups.end()) {
        return found->second;
    }
    return groups.emplace_back(std::string(name), std::vector<Value>()).second;
}

}  // namespace

CommandOutline outline_of(const CommandSyntax& syntax) {
    CommandOutline outline;
    outline.name = syntax.name();
    outline.group = syntax.group();
    Paragraphs description(outline.description);
    for (const std::string& line : split(syntax.description(), '\n')) {
        description.add(line);
    }
    for (const Option& option : syntax.options()) {
        auto& list = option.is_argument() ? outline.arguments : outline.options;
        list.push_back(option.outline());
    }
    read_footer(syntax.footer(), outline);
    return outline;
}

ProgramOutline outline_of(const CommandTree& tree) {
    ProgramOutline outline;
    outline.program = outline_of(tree.program);
    for (const CommandEntry& entry : tree.commands) {
        CommandOutline& row = outline.commands.emplace_back(outline_of(entry.syntax));
        row.summary = entry.command->summary;
        row.needs = entry.command->needs;
        row.rights = entry.command->rights;
        std::erase_if(row.options, [&](const OptionOutline& option) {
            return has_option(outline.program, option.names);
        });
    }
    return outline;
}

std::vector<std::pair<std::string, std::vector<OptionOutline>>> options_by_group(
    const CommandOutline& command) {
    std::vector<std::pair<std::string, std::vector<OptionOutline>>> groups;
    for (const OptionOutline& option : command.options) {
        group_in(groups, option.group).push_back(option);
    }
    std::stable_partition(groups.begin(), groups.end(),
                          [](const auto& group) { return group.first != k_last_group; });
    return groups;
}

std::vector<std::pair<std::string, std::vector<const Command*>>> commands_by_group(
    std::span<const Command> table) {
    std::vector<std::pair<std::string, std::vector<const Command*>>> groups;
    for (const std::string_view group : k_command_groups) {
        group_in(groups, group);
    }
    for (const Command& command : table) {
        group_in(groups, command.group).push_back(&command);
    }
    std::erase_if(groups, [](const auto& group) { return group.second.empty(); });
    return groups;
}

std::string synopsis_of(const CommandOutline& command) {
    std::string synopsis = "[OPTION...]";
    for (const OptionOutline& argument : command.arguments) {
        const std::string name = argument.value_name + (argument.repeatable ? "..." : "");
        synopsis += argument.required ? " " + name : " [" + name + "]";
    }
    return synopsis;
}

}  // namespace cachectl
