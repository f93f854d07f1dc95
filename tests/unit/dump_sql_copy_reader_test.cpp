#include "dump/sql/copy_reader.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

std::string fields(std::string_view line) {
    std::string shown;
    const CopyFormat format;
    CopyLine copy(line, format);
    while (const auto field = copy.next()) {
        std::string value;
        unescape_copy(field->raw, format, value);
        CHECK((field->escaped || field->null || value == field->raw));
        shown += (field->null ? "NULL" : "[" + value + "]");
    }
    return shown;
}

std::string unescaped(std::string_view raw) {
    std::string value;
    unescape_copy(raw, {}, value);
    return value;
}

}  // namespace

TEST_CASE("fields stand between tabs") {
    CHECK(fields("1\tab c\t\tx") == "[1][ab c][][x]");
    CHECK(fields("") == "[]");
    CHECK(fields("\t") == "[][]");
    CHECK(fields("a\\tb\tc") == "[a\tb][c]");
    CHECK(fields("a\\\tb\tc") == "[a\tb][c]");
    CHECK(fields("a\\\\\tb") == "[a\\][b]");
}

TEST_CASE("\\N is null, \\\\N is text") {
    CHECK(fields("\\N\t\\\\N\tN\t\\Nx\t\\N") == "NULL[\\N][N][Nx]NULL");
}

TEST_CASE("escapes") {
    CHECK(unescaped("\\b\\f\\n\\r\\t\\v\\\\") == "\b\f\n\r\t\v\\");
    CHECK(unescaped("\\101\\x41\\x4a1\\60x\\q\\.\\x") == "AAJ10xq.x");
    CHECK(unescaped("line1\\n\\\\.\\nline3") == "line1\n\\.\nline3");
    CHECK(unescaped("\\\\x00ff5c0a") == "\\x00ff5c0a");
    CHECK(unescaped("a\\\nb") == "a\nb");
    CHECK(unescaped("a\\") == "a\\");
    CHECK(unescaped("\\0").size() == 1);
}
