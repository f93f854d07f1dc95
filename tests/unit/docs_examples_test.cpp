// How examples are read: out of a footer, and as a shell would.
#include <doctest/doctest.h>

#include "cli/outline.hpp"
#include "support/shell_words.hpp"

using namespace cachectl;
using Words = std::vector<std::vector<std::string>>;

TEST_CASE("a footer is paragraphs, then examples with what they do") {
    CommandSyntax syntax("do");
    syntax.footer(
        "First\nparagraph.\n\nSecond.\n"
        "Examples:\n"
        "  cachectl do 'a b' \\\n"
        "      --more\n"
        "      does this\n"
        "      and that\n"
        "  pg_dump | cachectl do -\n");
    const CommandOutline outline = outline_of(syntax);
    CHECK(outline.notes == std::vector<std::string>{"First paragraph.", "Second."});
    REQUIRE(outline.examples.size() == 2);
    CHECK(outline.examples[0].command == "cachectl do 'a b' \\\n    --more");
    CHECK(outline.examples[0].explanation == "does this and that");
    CHECK(outline.examples[1].command == "pg_dump | cachectl do -");
    CHECK(outline.examples[1].explanation == "");
}

TEST_CASE("shell words: quotes, backslashes and line ends") {
    CHECK(test::shell_commands("cachectl keys 'a *' \"b \\\" c\" d\\ e ''") ==
          Words{{"cachectl", "keys", "a *", "b \" c", "d e", ""}});
    CHECK(test::shell_commands("cachectl keys \\\n    -l") == Words{{"cachectl", "keys", "-l"}});
}

TEST_CASE("shell words: pipes, lists, substitutions and redirections divide") {
    CHECK(test::shell_commands("a -x | cachectl warm - && b; c") ==
          Words{{"a", "-x"}, {"cachectl", "warm", "-"}, {"b"}, {"c"}});
    CHECK(test::shell_commands("source <(cachectl completion bash)") ==
          Words{{"source"}, {"cachectl", "completion", "bash"}});
    CHECK(test::shell_commands("X=1 cachectl keys 2>/dev/null > out.txt -l 2>&1") ==
          Words{{"cachectl", "keys", "-l"}});
    CHECK(test::shell_commands("n=$(cachectl keys)") == Words{{"cachectl", "keys"}});
}
