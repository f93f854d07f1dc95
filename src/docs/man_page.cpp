#include "docs/man_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "docs/roff.hpp"
#include "docs/topics.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_manual = "User Commands";

constexpr std::array k_variables = {
    DocumentedVariable{"CACHECTL_URL", "The server, as for `-u`."},
    DocumentedVariable{"REDIS_URL", "The same, where CACHECTL_URL is not set."},
    DocumentedVariable{"REDIS_HOST", "The server's host, where neither of the URLs is set."},
    DocumentedVariable{"REDIS_PORT", "Its port, likewise."},
    DocumentedVariable{"REDIS_PASSWORD", "Its password, likewise."},
    DocumentedVariable{"REDIS_DB", "The database's number, likewise."},
    DocumentedVariable{"REDISCLI_AUTH",
                       "The password, where no flag, no URL and no REDIS_PASSWORD gives one."},
    DocumentedVariable{"CACHECTL_SENTINEL_PASSWORD",
                       "The Sentinels' own password, where `--sentinel-password-file` is not "
                       "given."},
    DocumentedVariable{"SSL_CERT_FILE, SSL_CERT_DIR",
                       "The authorities that may vouch for a server, instead of the system's, "
                       "where neither `--cacert` nor `--cacertdir` is given."},
    DocumentedVariable{"CACHECTL_CONTEXT",
                       "The context of the configuration file, where `--context` is not given."},
    DocumentedVariable{"XDG_CONFIG_HOME",
                       "The folder that holds `cachectl/config.json`, if it is an absolute path."},
    DocumentedVariable{
        "XDG_STATE_HOME",
        "The folder that holds `cachectl/`, with the journals of `warm`, if it is an "
        "absolute path."},
    DocumentedVariable{"HOME",
                       "Holds `.config` and `.local/state`, which take the place of "
                       "XDG_CONFIG_HOME and XDG_STATE_HOME."},
    DocumentedVariable{"NO_COLOR",
                       "Set and not empty: no colours, unless `--color` says otherwise."},
    DocumentedVariable{
        "TERM", "A terminal that is `dumb`, or has no name, gets neither colours nor progress."},
    DocumentedVariable{"CI",
                       "`true` in most CI jobs: where stderr is no terminal, long work then says "
                       "every 30 seconds how far it has come, unless `--progress` says otherwise."},
    DocumentedVariable{"COLUMNS", "The terminal's width, where the terminal does not tell it."},
    DocumentedVariable{"LC_ALL, LC_CTYPE, LANG",
                       "The first of them that is set names the terminal's character set."},
};

/// .SY would be newer, but not every man knows it.
void synopsis(RoffPage& page, std::string_view command, std::string_view rest) {
    page.heading("SYNOPSIS");
    page.raw(RoffPage::bold(command) + ' ' + escape_roff(rest));
}

std::string option_term(const OptionOutline& option) {
    std::string term;
    for (const std::string& name : option.names) {
        if (!term.empty()) {
            term += ", ";
        }
        term += name.starts_with('-') ? RoffPage::bold(name) : RoffPage::italic(name);
    }
    if (option.names.front().starts_with('-') && !option.value_name.empty()) {
        term += ' ' + RoffPage::italic(option.value_name);
    }
    return term;
}

void options(RoffPage& page, const CommandOutline& command) {
    page.heading("OPTIONS");
    for (const OptionOutline& argument : command.arguments) {
        page.item(option_term(argument), argument.description + '.');
    }
    for (const auto& [group, members] : options_by_group(command)) {
        page.subheading(group);
        for (const OptionOutline& option : members) {
            page.item(option_term(option), option.description + '.');
        }
    }
}

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

std::string with_first(std::string text, char (*change)(char)) {
    if (!text.empty()) {
        text[0] = change(text[0]);
    }
    return text;
}

void example(RoffPage& page, const Example& example) {
    if (!example.explanation.empty()) {
        const char* end = example.explanation.ends_with('?') ? "" : ":";
        page.paragraph(with_first(example.explanation, to_upper) + end);
    }
    page.code(example.command);
}

/// SEE ALSO of a page of section 1: other commands' pages, then the topics.
std::vector<std::string> related_pages(std::vector<std::string> pages) {
    for (const Topic& topic : topics()) {
        pages.push_back(fmt::format("{}({})", topic.name, topic.section));
    }
    return pages;
}

void commands_section(RoffPage& page, std::span<const Command> table) {
    page.heading("COMMANDS");
    for (const auto& [group, members] : commands_by_group(table)) {
        page.subheading(group);
        for (const Command* command : members) {
            page.item(RoffPage::bold("cachectl-" + std::string(command->name)) + "(1)",
                      std::string(command->summary) + '.');
        }
    }
}

void environment_and_files(RoffPage& page) {
    page.heading("ENVIRONMENT");
    page.paragraph(
        "Values come from flags, then the environment, then the context in the configuration "
        "file, then the default. An empty variable counts as one that is not set.");
    for (const DocumentedVariable& variable : k_variables) {
        page.item(RoffPage::bold(variable.name), variable.meaning);
    }
    page.heading("FILES");
    page.item(RoffPage::italic("~/.config/cachectl/config.json"),
              "Servers by name and the rules that hold there: `cachectl-config`(5). Nothing is "
              "ever read from the current folder unless it is named.");
}

void rights_section(RoffPage& page, std::span<const AclRight> rights, std::string_view opening) {
    page.heading("ACL RIGHTS");
    page.paragraph(opening);
    for (const AclRight& right : rights) {
        page.item(RoffPage::bold(right.rule), describe(right));
    }
}

void exit_status(RoffPage& page) {
    page.heading("EXIT STATUS");
    for (const ExitCode code : k_exit_codes) {
        page.item(RoffPage::bold(std::to_string(static_cast<int>(code))),
                  std::string(exit_code_meaning(code)) + '.');
    }
    page.paragraph("A closed pipe on stdout, as of `head`, ends quietly with 0.");
}

}  // namespace

std::span<const DocumentedVariable> documented_variables() { return k_variables; }

std::string page_source() { return "cachectl " CACHECTL_VERSION; }

std::string program_page(const ProgramOutline& outline, std::span<const Command> table) {
    RoffPage page("cachectl", "1", page_source(), k_manual);
    page.name("cachectl", "administer Redis and Valkey caches safely");
    synopsis(page, "cachectl", "[OPTION...] COMMAND [ARG...]");
    page.heading("DESCRIPTION");
    for (const std::string& text : outline.program.description) {
        page.paragraph(text);
    }
    page.paragraph(
        "Standard output is data, standard error is talk: progress, questions, warnings, errors. "
        "A command that deletes or expires keys says on a terminal what it is about to do and "
        "asks; "
        "elsewhere it needs `--yes`. Keys are walked with SCAN and never listed with KEYS.");
    commands_section(page, table);
    options(page, outline.program);
    page.paragraph(
        "These stand before or after the command's name; its own options are on its page.");
    environment_and_files(page);
    rights_section(page, connection_rights(),
                   "What a connection asks of the server besides AUTH. The pages of the commands "
                   "list what each needs; `~PATTERN` has to cover the keys that it reads or "
                   "changes. SCAN is not bound by such patterns: it lists every key.");
    exit_status(page);

    page.heading("EXAMPLES");
    std::vector<std::string> related;
    for (const auto& [group, members] : commands_by_group(table)) {
        for (const Command* member : members) {
            const auto command =
                std::find_if(outline.commands.begin(), outline.commands.end(),
                             [&](const auto& known) { return known.name == member->name; });
            if (!command->examples.empty()) {
                example(page, command->examples.front());
            }
            related.push_back("cachectl-" + command->name + "(1)");
        }
    }
    page.see_also(related_pages(std::move(related)));
    return page.text();
}

std::string command_page(const CommandOutline& command) {
    const std::string name = "cachectl-" + command.name;
    RoffPage page(name, "1", page_source(), k_manual);
    page.name(name, with_first(command.summary, to_lower));
    synopsis(page, "cachectl " + command.name, synopsis_of(command));
    page.heading("DESCRIPTION");
    for (const std::string& text : command.description) {
        page.paragraph(text);
    }
    for (const std::string& note : command.notes) {
        page.paragraph(note);
    }
    options(page, command);
    if (command.needs != Command::Needs::nothing) {
        page.paragraph(
            "Options of every command, for the connection above all, are in `cachectl`(1).");
    }
    if (!command.rights.empty()) {
        rights_section(page, command.rights,
                       "What an ACL user needs who runs this command and nothing else, with "
                       "`~PATTERN` for the keys that it reads or changes; and those of the "
                       "connection, in `cachectl`(1).");
    }
    page.heading("EXIT STATUS");
    page.paragraph(
        "0 when done. `cachectl`(1) lists the other values; they are the same for every "
        "command.");
    page.heading("EXAMPLES");
    for (const Example& shown : command.examples) {
        example(page, shown);
    }
    page.see_also(related_pages({"cachectl(1)"}));
    return page.text();
}

}  // namespace cachectl
