// Tables as Markdown, for the summaries of CI jobs.
#include <doctest/doctest.h>

#include "output/aligned.hpp"
#include "output/table.hpp"
#include "output/writer.hpp"

using namespace cachectl;

TEST_CASE("a table as Markdown: no bars, and no name can end a cell") {
    set_table_markup(Markup::markdown);
    std::string text;
    Writer out(text);
    Table table(out, {.columns = 20, .glyphs = Glyphs::unicode, .paint = {}},
                {{"KEY", ColumnKind::left, Overflow::cut},
                 {"KEYS", ColumnKind::right},
                 {"", ColumnKind::bar}});
    table.row({"a|b*c\x1b[2J\n<script>", "12", Cell::bar(0.5)});
    table.row({"a name that is much wider than any terminal", "3", Cell::bar(1)});
    table.finish();
    set_table_markup(Markup::none);
    out.flush();
    CHECK(text ==
          "\n| KEY | KEYS |\n|---|---:|\n"
          "| a\\|b\\*c\\\\x1b[2J\\\\x0a\\<script> | 12 |\n"
          "| a name that is much wider than any terminal | 3 |\n\n");
}

TEST_CASE("a table without rows writes nothing as Markdown either") {
    set_table_markup(Markup::markdown);
    std::string text;
    Writer out(text);
    Table table(out, {}, {{"KEY"}});
    table.finish();
    set_table_markup(Markup::none);
    out.flush();
    CHECK(text.empty());
}

TEST_CASE("a title with a bar in it is one cell, or the table would be none") {
    set_table_markup(Markup::markdown);
    std::string text;
    Writer out(text);
    Table table(out, {}, {{"less | more"}});
    table.row({"x"});
    table.finish();
    set_table_markup(Markup::none);
    out.flush();
    CHECK(text == "\n| less \\| more |\n|---|\n| x |\n\n");
}

TEST_CASE("text that is aligned by blanks is fenced, and cannot end the fence") {
    std::string text;
    Writer out(text);
    const auto write = [&](const char* what) {
        write_aligned(out, [&](Writer& to) { to.write(what); });
    };
    write("a  b\n");
    set_table_markup(Markup::markdown);
    write("a  b\n");
    write("```\n# not a title");
    set_table_markup(Markup::none);
    out.flush();
    CHECK(text == "a  b\n```\na  b\n```\n````\n```\n# not a title\n````\n");
}
