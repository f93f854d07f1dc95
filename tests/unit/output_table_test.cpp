#include "output/table.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "util/text.hpp"

using namespace cachectl;
using namespace std::string_view_literals;

namespace {

const std::vector<Column> k_keys = {
    {"KEY", ColumnKind::left, Overflow::cut}, {"TYPE"}, {"SIZE", ColumnKind::right}};

std::string table(const Display& display, const std::vector<Column>& columns,
                  std::vector<std::vector<Cell>> rows) {
    std::string text;
    Writer out(text);
    Table table(out, display, columns);
    for (auto& row : rows) {
        table.row(std::move(row));
    }
    table.finish();
    return text;
}

Display wide(std::size_t columns) {
    return {.columns = columns, .glyphs = Glyphs::unicode, .paint = {}};
}

}  // namespace

TEST_CASE("columns are aligned, without blanks at the end of a line") {
    CHECK(table(wide(80), k_keys,
                {{"user:1", "string", "12 B"}, {"q", "list", "1.5 KiB"}, {"s", "set", ""}}) ==
          "KEY     TYPE       SIZE\n"
          "user:1  string     12 B\n"
          "q       list    1.5 KiB\n"
          "s       set\n");
    CHECK(table(wide(80), {{"A"}, {"LONG TITLE"}}, {{"long cell", "x"}}) ==
          "A          LONG TITLE\n"
          "long cell  x\n");
}

TEST_CASE("columns are aligned by what a terminal shows") {
    CHECK(table(wide(80), k_keys,
                {{"漢字", "string", "1"},
                 {"e\xcc\x81", "string", "1"},
                 {"😀", "string", "1"},
                 {"abcd", "string", "1"}}) ==
          "KEY   TYPE    SIZE\n"
          "漢字  string     1\n"
          "e\xcc\x81     string     1\n"
          "😀    string     1\n"
          "abcd  string     1\n");
}

TEST_CASE("cells cannot send a terminal anything") {
    CHECK(table(wide(80), {{"KEY"}, {"N"}},
                {{"\x1b[2J\x07", "1"}, {"a\r\nb"sv, "2"}, {"n\0l"sv, "3"}, {"\xff\u202e", "4"}}) ==
          "KEY               N\n"
          "\\x1b[2J\\x07       1\n"
          "a\\x0d\\x0ab        2\n"
          "n\\x00l            3\n"
          "\\xff\\xe2\\x80\\xae  4\n");
}

TEST_CASE("a table without rows writes nothing, one without titles has no header") {
    CHECK(table(wide(80), k_keys, {}) == "");
    CHECK(table(wide(80), {{""}, {"", ColumnKind::right}}, {{"used", "1 B"}, {"peak", "10 B"}}) ==
          "used   1 B\n"
          "peak  10 B\n");
}

TEST_CASE("on a narrow terminal a column that may be cut is cut") {
    CHECK(table(wide(26), k_keys,
                {{"session:0123456789", "string", "12 B"},
                 {"漢字漢字漢字漢", "string", "1 B"},
                 {"q", "list", "8 B"}}) ==
          "KEY           TYPE    SIZE\n"
          "session:012…  string  12 B\n"
          "漢字漢字漢…   string   1 B\n"
          "q             list     8 B\n");
}

TEST_CASE("nothing is cut where it was not asked for, nor on what is no terminal") {
    const std::string whole =
        "KEY                 TYPE\n"
        "session:0123456789  string\n";
    CHECK(table(wide(12), {{"KEY"}, {"TYPE"}}, {{"session:0123456789", "string"}}) == whole);
    CHECK(table(wide(0), {{"KEY", ColumnKind::left, Overflow::cut}, {"TYPE"}},
                {{"session:0123456789", "string"}}) == whole);
}

TEST_CASE("the widest column is cut first, and none to nothing") {
    const std::vector<Column> two = {{"A", ColumnKind::left, Overflow::cut},
                                     {"B", ColumnKind::left, Overflow::cut}};
    CHECK(table(wide(22), two, {{"0123456789abcdefghij", "0123456789"}}) ==
          "A           B\n"
          "012345678…  0123456789\n");
    CHECK(table(wide(5), two, {{"0123456789abcdefghij", "0123456789"}}) ==
          "A         B\n"
          "0123456…  0123456…\n");
}

TEST_CASE("a key of megabytes is cut like any other") {
    CHECK(table(wide(24), k_keys, {{std::string(50'000'000, 'k'), "string", "1 B"}}) ==
          "KEY         TYPE    SIZE\n"
          "kkkkkkkkk…  string   1 B\n");
}

TEST_CASE("without UTF-8 the mark of a cut is three dots") {
    const Display display{.columns = 12, .glyphs = Glyphs::ascii, .paint = {}};
    CHECK(table(display, {{"KEY", ColumnKind::left, Overflow::cut}}, {{"session:0123456789"}}) ==
          "KEY\n"
          "session:0...\n");
}

TEST_CASE("a bar column is drawn to scale") {
    const std::vector<Column> columns = {
        {"TTL"}, {"", ColumnKind::bar}, {"KEYS", ColumnKind::right}};
    const std::vector<std::vector<Cell>> rows = {
        {"1m", Cell::bar(1), "100"}, {"1h", Cell::bar(0.5), "50"}, {"1d", Cell::bar(0), "0"}};
    CHECK(table(wide(80), columns, rows) ==
          "TTL                            KEYS\n"
          "1m   ████████████████████████   100\n"
          "1h   ████████████                50\n"
          "1d                                0\n");
    CHECK(table(wide(20), columns, rows) ==
          "TTL             KEYS\n"
          "1m   █████████   100\n"
          "1h   ████▌        50\n"
          "1d                 0\n");
    const Display ascii{.columns = 20, .glyphs = Glyphs::ascii, .paint = {}};
    CHECK(table(ascii, columns, rows) ==
          "TTL             KEYS\n"
          "1m   #########   100\n"
          "1h   ####         50\n"
          "1d                 0\n");
}

TEST_CASE("bars give way before text is cut") {
    CHECK(table(wide(19), {{"NS", ColumnKind::left, Overflow::cut}, {"", ColumnKind::bar}},
                {{"sessions:0", Cell::bar(1)}}) ==
          "NS\n"
          "sessions:0  ███████\n");
    CHECK(table(wide(17), {{"NS", ColumnKind::left, Overflow::cut}, {"", ColumnKind::bar}},
                {{"sessions:0", Cell::bar(1)}}) ==
          "NS\n"
          "sessions…  ██████\n");
}

TEST_CASE("colours do not disturb the alignment") {
    const Display display{
        .columns = 80, .glyphs = Glyphs::unicode, .paint = Painter(Painter::Color::on)};
    CHECK(table(display, {{"KEY"}, {"TTL", ColumnKind::right}},
                {{Cell("a", Style::red), "1s"}, {"bcd", Cell("10s", Style::dim)}}) ==
          "\x1b[1mKEY\x1b[0m  \x1b[1mTTL\x1b[0m\n"
          "\x1b[31ma\x1b[0m     1s\n"
          "bcd  \x1b[2m10s\x1b[0m\n");
}

TEST_CASE("a long table is written as it comes, in the widths of its first rows") {
    std::string text;
    Writer out(text);
    Table table(out, wide(24), k_keys);
    for (int i = 0; i < 199; ++i) {
        table.row({"key:1", "string", "1 B"});
    }
    CHECK(text.empty());
    table.row({"key:1", "string", "1 B"});
    CHECK(text.substr(0, 40) == "KEY    TYPE    SIZE\nkey:1  string   1 B\n");
    text.clear();
    table.row({"key:12345", "string", "1 B"});       // takes of the five columns that are free
    table.row({"key:1234567890", "string", "1 B"});  // more than these
    table.row({"key:1", "string", "1 B"});
    table.finish();
    CHECK(text ==
          "key:12345  string   1 B\n"
          "key:12345…  string   1 B\n"
          "key:1  string   1 B\n");
}

TEST_CASE("two long cells of one late row share the columns that are free") {
    std::string text;
    Writer out(text);
    Table table(out, wide(12),
                {{"", ColumnKind::left, Overflow::cut}, {"", ColumnKind::left, Overflow::cut}});
    for (int i = 0; i < 200; ++i) {
        table.row({"abc", "abc"});
    }
    text.clear();
    table.row({"abcde", "0123456789"});
    CHECK(text == "abcde  0123…\n");
}
