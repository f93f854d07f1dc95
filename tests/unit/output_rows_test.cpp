#include "output/rows.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/text.hpp"

using namespace cachectl;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

const std::vector<Field> k_fields = {
    {"key", "KEY", Field::Kind::key},
    {"exists", "", Field::Kind::flag},
    {"ttl_ms", "TTL", Field::Kind::milliseconds, "never", Style::yellow},
    {"size_bytes", "SIZE", Field::Kind::bytes, "?"},
    {"expires_at", "EXPIRES (UTC)", Field::Kind::date, "-"}};

/// One key with all values, and one of which nothing is known.
std::string two_rows(const RowsStyle& style) {
    std::string text;
    Writer out(text);
    Rows rows(out, style, k_fields);
    rows.row({"a,b", true, 90'000ms, std::optional<std::uint64_t>(2048), "2026-07-01T12:00:00Z"});
    rows.row({"\xff", false, std::optional<std::chrono::milliseconds>(),
              std::optional<std::uint64_t>(), FieldValue::absent("after 9999", Style::red)});
    rows.finish();
    return text;
}

std::string keys(const RowsStyle& style, std::initializer_list<std::string> names) {
    std::string text;
    Writer out(text);
    Rows rows(out, style, {{"key", "KEY", Field::Kind::key}});
    for (const std::string& name : names) {
        rows.row({name});
    }
    rows.finish();
    return text;
}

Display colored() {
    return {.columns = 80, .glyphs = Glyphs::unicode, .paint = Painter(Painter::Color::on)};
}

}  // namespace

TEST_CASE("a list of names as Markdown is a table: bare lines would be a part of the document") {
    set_table_markup(Markup::markdown);
    std::string text;
    Writer out(text);
    Rows rows(out, {.format = Format::table}, {{"key", "KEY", Field::Kind::key}});
    CHECK_FALSE(rows.are_lines());
    rows.row({"# title"});
    rows.row({"<b>|\xff\n"});
    rows.finish();
    set_table_markup(Markup::none);
    out.flush();
    CHECK(text == "\n| KEY |\n|---|\n| # title |\n| \\<b>\\|\\\\xff\\\\x0a |\n\n");
}

TEST_CASE("a table has human units, no flags for scripts, and the key last") {
    CHECK(two_rows({.format = Format::table}) ==
          "   TTL     SIZE  EXPIRES (UTC)        KEY\n"
          "1m 30s  2.0 KiB  2026-07-01 12:00:00  a,b\n"
          " never        ?  after 9999           \\xff\n");
}

TEST_CASE("plain lines have the same fields as scripts read them") {
    CHECK(two_rows({.format = Format::plain}) ==
          "90000\t2048\t2026-07-01T12:00:00Z\ta,b\n"
          "never\t?\tafter 9999\t\xff\n");
    CHECK(two_rows({.format = Format::plain, .escaped = true}).ends_with("\t\\xff\n"));
}

TEST_CASE("JSON has every field under its name, and null for what is not known") {
    CHECK(two_rows({.format = Format::json}) ==
          "[\n"
          R"(  {"key": "a,b", "exists": true, "ttl_ms": 90000, "size_bytes": 2048, )"
          R"("expires_at": "2026-07-01T12:00:00Z"},)"
          "\n"
          R"(  {"key": ")"
          "\uFFFD"
          R"(", "key_base64": "/w==", "exists": false, "ttl_ms": null, "size_bytes": null, )"
          R"("expires_at": null})"
          "\n]\n");
    CHECK(keys({.format = Format::ndjson}, {"a", "b"}) == "{\"key\":\"a\"}\n{\"key\":\"b\"}\n");
    CHECK(keys({.format = Format::json}, {}) == "[]\n");
}

TEST_CASE("CSV has a header and every field, empty where it is not known") {
    CHECK(two_rows({.format = Format::csv}) ==
          "key,exists,ttl_ms,size_bytes,expires_at\r\n"
          "\"a,b\",true,90000,2048,2026-07-01T12:00:00Z\r\n"
          "\xff,false,,,\r\n");
}

TEST_CASE("rows of one field are lines, also for people, ended as is asked for") {
    CHECK(keys({.format = Format::table}, {"a\n", "b"}) == "a\n\nb\n");
    CHECK(keys({.format = Format::table, .escaped = true}, {"a\n"}) == "a\\x0a\n");
    CHECK(keys({.format = Format::plain, .line_end = '\0'}, {"a", ""}) == "a\0\0"s);
}

TEST_CASE("what a value says of its absence goes before what the field says, in its own colour") {
    std::string text;
    Writer out(text);
    Rows rows(out, {.format = Format::table, .display = colored()}, k_fields);
    rows.row({"a", false, FieldValue::absent("missing", Style::red),
              std::optional<std::uint64_t>(1), "-"});
    rows.row({"b", true, std::optional<int>(), std::optional<std::uint64_t>(1), "-"});
    rows.finish();
    CHECK(text.find("\x1b[31mmissing\x1b[0m") != std::string::npos);
    CHECK(text.find("\x1b[33mnever\x1b[0m") != std::string::npos);
}

TEST_CASE("a group's fields stand once in a table, and in each row of a script's") {
    const std::vector<Field> fields = {
        {"table", "TABLE", Field::Kind::text, "", Style::plain, Field::InGroup::blank},
        {"rows", "ROWS", Field::Kind::count, "", Style::plain, Field::InGroup::blank},
        {"column", "COLUMN"}};
    const auto write = [&](Format format) {
        std::string text;
        Writer out(text);
        Rows rows(out, {.format = format}, fields);
        rows.row({"course", 12345, "id"});
        rows.row({"course", 12345, "name"}, Rows::Group::goes_on);
        rows.row({"user", 0, "id"});
        rows.finish();
        return text;
    };
    CHECK(write(Format::table) ==
          "TABLE     ROWS  COLUMN\n"
          "course  12,345  id\n"
          "                name\n"
          "user         0  id\n");
    CHECK(write(Format::csv) ==
          "table,rows,column\r\ncourse,12345,id\r\ncourse,12345,name\r\nuser,0,id\r\n");
}

TEST_CASE("rows are written as they come, the first ones of a table when they are asked for") {
    std::string text;
    Writer out(text);
    Rows rows(out, {.format = Format::table}, k_fields);
    rows.row({"a", true, 1000ms, 1, "-"});
    out.flush();
    CHECK(text.empty());
    rows.show();
    out.flush();
    CHECK(test::lines_in(text) == 2);
    rows.row({"b", true, 1000ms, 1, "-"});
    out.flush();
    CHECK(test::lines_in(text) == 3);
}

TEST_CASE("a nested value is JSON's alone, and a number in the server's words is aligned as one") {
    const auto write = [](Format format) {
        std::string text;
        Writer out(text);
        Rows rows(out, {.format = format},
                  {{"score", "SCORE", Field::Kind::number}, {"parts"}, {"name", "NAME"}});
        const WriteNested parts = [](JsonWriter& json) {
            json.begin_array();
            json.value(1);
            json.end_array();
        };
        rows.row({"1e3", parts, "a"});
        rows.finish();
        return text;
    };
    CHECK(write(Format::ndjson) == "{\"score\":\"1e3\",\"parts\":[1],\"name\":\"a\"}\n");
    CHECK(write(Format::plain) == "1e3\ta\n");
    CHECK(write(Format::csv) == "score,parts,name\r\n1e3,,a\r\n");
    CHECK(write(Format::table) ==
          "SCORE  NAME\n"
          "  1e3  a\n");
}
