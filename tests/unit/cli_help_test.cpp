#include "cli/help.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "commands/commands.hpp"
#include "support/fake_client.hpp"
#include "util/text.hpp"

using namespace cachectl;

namespace {

void add_look(CommandSyntax& syntax, Action&) {
    syntax.description(
        "Look at keys, which takes a description that is longer than one line of a terminal.\n\n"
        "And a second paragraph.");
    static std::vector<std::string> keys;
    static std::string as;
    static std::string format;
    static bool raw = false;
    add_text_option(syntax, "KEY", keys, "", "The keys").required();
    syntax.add_flag("-r,--raw", raw, "As it is").group("Output");
    add_text_option(syntax, "--as", as, "TYPE",
                    "What it is taken for, whatever it is called and wherever it is from")
        .group("Output");
    add_text_option(syntax, "--a-very-long-option-name", format, "FORMAT", "Below it")
        .group("Output");
    syntax.footer("Note one.\n\nExamples:\n  cachectl look a\n      one\n  cachectl look b\n");
}

constexpr std::array k_table = {
    Command{"change", "Change", "Change a key", Command::Needs::server, add_look},
    Command{"look", "Look", "Look at keys", Command::Needs::server, add_look},
    Command{"tool", "Tools", "Be of use", Command::Needs::nothing, add_look},
};

}  // namespace

TEST_CASE("help of a command") {
    const auto tree = build_command_tree(k_table);
    CHECK(help_of(tree->entry_of("look").syntax, k_table) ==
          R"(Usage: cachectl look [OPTION...] KEY...

Look at keys, which takes a description that is longer than one line of a
terminal.

And a second paragraph.

Arguments:
  KEY            The keys

Output:
  -r, --raw      As it is
      --as TYPE  What it is taken for, whatever it is called and wherever it is
                 from
      --a-very-long-option-name FORMAT
                 Below it

Other:
      --help     Show this help

`cachectl --help` lists the options of every command: the connection above all.

Note one.

Examples:
  cachectl look a
      one
  cachectl look b
)");
    CHECK(help_of(tree->entry_of("tool").syntax, k_table).find("the connection") ==
          std::string::npos);
}

TEST_CASE("help of the program: those who look, those who change, the tools, then options") {
    const auto tree = build_command_tree(k_table);
    const std::string help = help_of(tree->program, k_table);
    CHECK(help.starts_with(R"(Usage: cachectl [OPTION...] COMMAND [ARG...]

Look at Redis and Valkey caches, clear them and warm them, safely.

Look:
  look    Look at keys

Change:
  change  Change a key

Tools:
  tool    Be of use

Connection:
  -h, --host HOST )"));
    CHECK(help.find("\nOther:\n      --help ") > help.find("\nOutput:\n"));
}

TEST_CASE("no line of any help is wider than 80 columns") {
    test::FakeClient client;
    std::vector<std::vector<std::string>> lines = {{"--help"}};
    for (const Command& command : command_table()) {
        lines.push_back({std::string(command.name), "--help"});
    }
    for (const auto& args : lines) {
        const test::RunResult run = test::run_with(client, args);
        CHECK(run.code == 0);
        for (std::size_t at = 0; at < run.out.size();) {
            const std::size_t end = run.out.find('\n', at);
            REQUIRE(end != std::string::npos);
            const std::string line = run.out.substr(at, end - at);
            CAPTURE(line);
            CHECK(display_width(line) <= 80);
            CHECK(!line.ends_with(' '));
            at = end + 1;
        }
    }
}

TEST_CASE("the first screen has 24 lines of 80 columns at most, and every command") {
    const auto tree = build_command_tree(command_table());
    const std::string text = first_screen(tree->program, command_table());
    CHECK(std::count(text.begin(), text.end(), '\n') <= 24);
    for (const Command& command : command_table()) {
        CHECK(text.find(command.name) != std::string::npos);
    }
    std::size_t from = 0;
    while (from < text.size()) {
        const std::size_t end = text.find('\n', from);
        CHECK(display_width(text.substr(from, end - from)) <= 80);
        from = end + 1;
    }
}
