#include "cli/help.hpp"

#include <algorithm>

#include "cli/outline.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_columns = 80;
constexpr std::size_t k_widest_term = 30;  // what is longer has its text on the next line
constexpr std::size_t k_gap = 2;

/// Words filled into lines; `indent` stands before every line but the first, which begins at
/// column `at`. Ends with a newline.
std::string fill(std::string_view text, std::size_t indent, std::size_t at) {
    std::string out;
    std::size_t column = at;
    bool first_in_line = true;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        const std::string_view word = text.substr(begin, end - begin);
        begin = end + 1;
        if (word.empty()) {
            continue;
        }
        const std::size_t width = display_width(word);
        if (!first_in_line && column + 1 + width > k_columns) {
            out += '\n' + std::string(indent, ' ');
            column = indent;
            first_in_line = true;
        }
        if (!first_in_line) {
            out += ' ';
            ++column;
        }
        out += word;
        column += width;
        first_in_line = false;
    }
    return out + '\n';
}

/// An empty line before each.
std::string paragraphs_text(const std::vector<std::string>& paragraphs) {
    std::string out;
    for (const std::string& paragraph : paragraphs) {
        out += '\n' + fill(paragraph, 0, 0);
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

    [[nodiscard]] std::string text(std::size_t width) const {
        std::string out;
        for (const auto& [term, text] : m_rows) {
            out += term;
            const std::size_t used = display_width(term);
            out += used + k_gap > width ? '\n' + std::string(width, ' ')
                                        : std::string(width - used, ' ');
            out += fill(text, width, width);
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

std::string sections_text(const std::vector<Section>& sections) {
    std::size_t width = 0;
    for (const Section& section : sections) {
        width = std::max(width, section.definitions.width());
    }
    std::string out;
    for (const Section& section : sections) {
        out += '\n' + section.title + ":\n" + section.definitions.text(width);
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

std::string examples_text(const CommandOutline& command) {
    if (command.examples.empty()) {
        return "";
    }
    std::string out = "\nExamples:\n";
    for (const Example& example : command.examples) {
        std::string typed = example.command;
        replace_all(typed, "\n", "\n  ");
        out += "  " + typed + '\n';
        if (!example.explanation.empty()) {
            out += "      " + fill(example.explanation, 6, 6);
        }
    }
    return out;
}

std::string program_help(const CommandOutline& program, std::span<const Command> table) {
    std::string out = "Usage: " + program.name + ' ' + synopsis_of(program) +
                      " COMMAND [ARG...]\n" + paragraphs_text(program.description);
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
    out += sections_text(commands) + sections_text(options);
    return out + paragraphs_text(program.notes) + examples_text(program);
}

std::string command_help(const CommandOutline& command, Command::Needs needs) {
    std::string out = "Usage: cachectl " + command.name + ' ' + synopsis_of(command) + "\n" +
                      paragraphs_text(command.description);
    std::vector<Section> sections;
    append_options(sections, command);
    out += sections_text(sections);
    if (needs != Command::Needs::nothing) {
        out += '\n' + fill(
                          "`cachectl --help` lists the options of every command: the "
                          "connection above all.",
                          0, 0);
    }
    return out + paragraphs_text(command.notes) + examples_text(command);
}

}  // namespace

std::string first_screen(const CommandSyntax& program, std::span<const Command> table) {
    const CommandOutline outline = outline_of(program);
    std::string out = "Usage: cachectl [OPTION...] COMMAND [ARG...]\n" +
                      paragraphs_text({outline.description.front()}) + '\n';
    for (const auto& [group, members] : commands_by_group(table)) {
        std::string names;
        for (const Command* command : members) {
            names += (names.empty() ? "" : " ") + std::string(command->name);
        }
        constexpr std::size_t k_names_at = 10;
        out += "  " + group + std::string(k_names_at - 2 - group.size(), ' ') +
               fill(names, k_names_at, k_names_at);
    }
    Definitions first;
    first.add("  cachectl stats", "is the cache full, and is it hit?");
    first.add("  cachectl du", "what takes the memory?");
    first.add("  cachectl keys 'user:*'", "which keys are there?");
    first.add("  cachectl flush user --dry-run", "what would be deleted?");
    return out + "\nTo begin with, -h HOST being the server (default 127.0.0.1):\n" +
           first.text(34) +
           "\ncachectl COMMAND --help says more of a command; cachectl --help has all options.\n";
}

std::string help_of(const CommandSyntax& syntax, std::span<const Command> table) {
    const CommandOutline outline = outline_of(syntax);
    const auto row = std::find_if(table.begin(), table.end(), [&](const Command& command) {
        return command.name == syntax.name();
    });
    return row == table.end() ? program_help(outline, table) : command_help(outline, row->needs);
}

}  // namespace cachectl
