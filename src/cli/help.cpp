#include "cli/help.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/outline.hpp"
#include "output/wrapped.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_widest_term = 30;  // what is longer has its text on the next line
constexpr std::size_t k_gap = 2;

/// Words filled into lines from the column `indent` on, where the first one begins already. Ends
/// with a newline.
std::string fill(std::string_view text, std::size_t indent, std::size_t columns) {
    return fmt::format(
        "{}\n", fmt::join(wrap_words(text, columns - indent), '\n' + std::string(indent, ' ')));
}

/// An empty line before each.
std::string paragraphs_text(const std::vector<std::string>& paragraphs, std::size_t columns) {
    std::string out;
    for (const std::string& paragraph : paragraphs) {
        out += '\n' + fill(paragraph, 0, columns);
    }
    return out;
}

/// Two columns: terms, and what they mean.
class Definitions {
public:
    void add(std::string term, std::string text) {
        const std::size_t width = display_width(term) + k_gap;
        if (width <= k_widest_term) {
            m_width = std::max(m_width, width);
        }
        m_rows.emplace_back(std::move(term), std::move(text));
    }

    [[nodiscard]] std::string text(std::size_t width, std::size_t columns) const {
        std::string out;
        for (const auto& [term, text] : m_rows) {
            out += term;
            const std::size_t used = display_width(term);
            out += used + k_gap > width ? '\n' + std::string(width, ' ')
                                        : std::string(width - used, ' ');
            out += fill(text, width, columns);
        }
        return out;
    }
    [[nodiscard]] std::size_t width() const { return m_width; }

private:
    std::vector<std::pair<std::string, std::string>> m_rows;
    std::size_t m_width = 0;
};

/// "  -h, --host HOST", long names below each other whether there is a short one or not.
std::string term_of(const OptionOutline& option) {
    std::string term = option.names.front().starts_with("--") ? "      " : "  ";
    for (std::size_t i = 0; i < option.names.size(); ++i) {
        term += (i == 0 ? "" : ", ") + option.names[i];
    }
    if (!option.value_name.empty()) {
        term += ' ' + option.value_name;
    }
    return term;
}

struct Section {
    std::string title;
    Definitions definitions;
};

std::string sections_text(const std::vector<Section>& sections, std::size_t columns) {
    std::size_t width = 0;
    for (const Section& section : sections) {
        width = std::max(width, section.definitions.width());
    }
    std::string out;
    for (const Section& section : sections) {
        out += '\n' + section.title + ":\n" + section.definitions.text(width, columns);
    }
    return out;
}

void append_options(std::vector<Section>& sections, const CommandOutline& command) {
    if (!command.arguments.empty()) {
        Section section{"Arguments", {}};
        for (const OptionOutline& argument : command.arguments) {
            section.definitions.add("  " + argument.value_name, argument.description);
        }
        sections.push_back(std::move(section));
    }
    for (const auto& [group, options] : options_by_group(command)) {
        Section section{group, {}};
        for (const OptionOutline& option : options) {
            section.definitions.add(term_of(option), option.description);
        }
        sections.push_back(std::move(section));
    }
}

std::string examples_text(const CommandOutline& command, std::size_t columns) {
    if (command.examples.empty()) {
        return "";
    }
    std::string out = "\nExamples:\n";
    for (const Example& example : command.examples) {
        std::string typed = example.command;
        replace_all(typed, "\n", "\n  ");
        out += "  " + typed + '\n';
        if (!example.explanation.empty()) {
            out += "      " + fill(example.explanation, 6, columns);
        }
    }
    return out;
}

std::string program_help(const CommandOutline& program, std::span<const Command> table,
                         std::size_t columns) {
    std::string out = "Usage: " + program.name + ' ' + synopsis_of(program) +
                      " COMMAND [ARG...]\n" + paragraphs_text(program.description, columns);
    std::vector<Section> commands;
    for (const auto& [group, members] : commands_by_group(table)) {
        Section section{group, {}};
        for (const Command* command : members) {
            section.definitions.add("  " + std::string(command->name),
                                    std::string(command->summary));
        }
        commands.push_back(std::move(section));
    }
    std::vector<Section> options;
    append_options(options, program);
    out += sections_text(commands, columns) + sections_text(options, columns);
    return out + paragraphs_text(program.notes, columns) + examples_text(program, columns);
}

std::string command_help(const CommandOutline& command, Command::Needs needs, std::size_t columns) {
    std::string out = "Usage: cachectl " + command.name + ' ' + synopsis_of(command) + "\n" +
                      paragraphs_text(command.description, columns);
    std::vector<Section> sections;
    append_options(sections, command);
    out += sections_text(sections, columns);
    if (needs != Command::Needs::nothing) {
        out += '\n' + fill(
                          "`cachectl --help` lists the options of every command: the "
                          "connection above all.",
                          0, columns);
    }
    return out + paragraphs_text(command.notes, columns) + examples_text(command, columns);
}

}  // namespace

std::size_t help_columns(std::size_t terminal) {
    constexpr std::size_t k_least = 60, k_usual = 80, k_most = 100;
    return terminal == 0 ? k_usual : std::clamp(terminal, k_least, k_most);
}

std::string first_screen(const CommandSyntax& program, std::span<const Command> table,
                         std::size_t columns) {
    const CommandOutline outline = outline_of(program);
    std::string out = "Usage: cachectl [OPTION...] COMMAND [ARG...]\n" +
                      paragraphs_text({outline.description.front()}, columns) + '\n';
    for (const auto& [group, members] : commands_by_group(table)) {
        std::string names;
        for (const Command* command : members) {
            names += (names.empty() ? "" : " ") + std::string(command->name);
        }
        constexpr std::size_t k_names_at = 10;
        out += "  " + group + std::string(k_names_at - 2 - group.size(), ' ') +
               fill(names, k_names_at, columns);
    }
    Definitions first;
    first.add("  cachectl stats", "is the cache full, and is it hit?");
    first.add("  cachectl du", "what takes the memory?");
    first.add("  cachectl keys 'user:*'", "which keys are there?");
    first.add("  cachectl flush user --dry-run", "what would be deleted?");
    return out + "\nTo begin with, -h HOST being the server (default 127.0.0.1):\n" +
           first.text(34, columns) +
           "\ncachectl COMMAND --help says more of a command; cachectl --help has all options.\n";
}

std::string help_of(const CommandSyntax& syntax, std::span<const Command> table,
                    std::size_t columns) {
    const CommandOutline outline = outline_of(syntax);
    const auto row = std::find_if(table.begin(), table.end(), [&](const Command& command) {
        return command.name == syntax.name();
    });
    return row == table.end() ? program_help(outline, table, columns)
                              : command_help(outline, row->needs, columns);
}

}  // namespace cachectl
