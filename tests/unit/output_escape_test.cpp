#include "output/escape.hpp"

#include <doctest/doctest.h>

using namespace cachectl;
using namespace std::string_view_literals;

TEST_CASE("printable UTF-8 stays as it is") {
    for (const char* text :
         {"", "user:1", "a key with spaces", "{tag}:\"quoted\"'", "naïve", "漢字", "e\xcc\x81", "😀",
          "👩\u200d🚀", "فارسی\u200cها", "日本語:キー:１"}) {
        CAPTURE(text);
        CHECK(escape_for_terminal(text) == text);
    }
}

TEST_CASE("control characters become hexadecimal bytes") {
    CHECK(escape_for_terminal("\x1b]0;owned\x07") == "\\x1b]0;owned\\x07");
    CHECK(escape_for_terminal("\x1b[2J") == "\\x1b[2J");
    CHECK(escape_for_terminal("a\0b"sv) == "a\\x00b");
    CHECK(escape_for_terminal("a\rb\nc\td\be\x7f") == "a\\x0db\\x0ac\\x09d\\x08e\\x7f");
}

TEST_CASE("C1 controls are escaped both as code points and as bytes") {
    CHECK(escape_for_terminal("\u009b31m") == "\\xc2\\x9b31m");  // CSI
    CHECK(escape_for_terminal("\u0080\u0085\u009f") == "\\xc2\\x80\\xc2\\x85\\xc2\\x9f");
    CHECK(escape_for_terminal("\x9b"
                              "31m") == "\\x9b31m");
    CHECK(escape_for_terminal("\u00a0") == "\u00a0");
}

TEST_CASE("invalid UTF-8 is escaped byte by byte, what is valid around it stays") {
    CHECK(escape_for_terminal("\xff\xfe") == "\\xff\\xfe");
    CHECK(escape_for_terminal("é\xe9é") == "é\\xe9é");
    CHECK(escape_for_terminal("\xc0\xaf") == "\\xc0\\xaf");           // overlong
    CHECK(escape_for_terminal("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // surrogate
    CHECK(escape_for_terminal("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
    CHECK(escape_for_terminal("cut:\xe6\xbc") == "cut:\\xe6\\xbc");
    CHECK(escape_for_terminal("cut:\xe6\xbc,") == "cut:\\xe6\\xbc,");
}

TEST_CASE("bidirectional controls and invisible characters are escaped") {
    CHECK(escape_for_terminal("a\u202egnp") == "a\\xe2\\x80\\xaegnp");
    CHECK(escape_for_terminal("\u202a") == "\\xe2\\x80\\xaa");
    CHECK(escape_for_terminal("\u2066\u2069") == "\\xe2\\x81\\xa6\\xe2\\x81\\xa9");
    CHECK(escape_for_terminal("\u200e\u200f") == "\\xe2\\x80\\x8e\\xe2\\x80\\x8f");
    CHECK(escape_for_terminal("\u061c") == "\\xd8\\x9c");
    CHECK(escape_for_terminal("\u2028\u2029") == "\\xe2\\x80\\xa8\\xe2\\x80\\xa9");
    CHECK(escape_for_terminal("\u200b\ufeff") == "\\xe2\\x80\\x8b\\xef\\xbb\\xbf");
    CHECK(escape_for_terminal("\U000e0041") == "\\xf3\\xa0\\x81\\x81");
}

TEST_CASE("a backslash stays unless it would be taken for an escape") {
    CHECK(escape_for_terminal("App\\Models\\User:1") == "App\\Models\\User:1");
    CHECK(escape_for_terminal("\\") == "\\");
    CHECK(escape_for_terminal("\\xZZ\\x1") == "\\xZZ\\x1");
    CHECK(escape_for_terminal("\\x1b[2J") == "\\x5cx1b[2J");
    CHECK(escape_for_terminal("\\xAF") == "\\x5cxAF");
    CHECK(escape_for_terminal("\\\\x41") == "\\\\x5cx41");
    CHECK(escape_for_terminal("\\\x1b") == "\\\\x1b");
}

TEST_CASE("newlines and tabs can be kept, other controls not") {
    CHECK(escape_for_terminal("{\n\t\"a\": 1\r\n}\x1b", Newlines::keep) ==
          "{\n\t\"a\": 1\\x0d\n}\\x1b");
}

TEST_CASE("what was escaped can be had back") {
    std::string all;
    for (int i = 0; i < 256; ++i) {
        all += static_cast<char>(i);
    }
    for (const std::string& text :
         {all, std::string("\\x41"), std::string("\\\\x41\\x"), std::string("a\\nb\\"),
          std::string("\u00e9 \u202e"), std::string()}) {
        CHECK(unescape(escape_for_terminal(text)) == text);
    }
    CHECK(unescape("\\xzz\\x4") == "\\xzz\\x4");
}

TEST_CASE("on a terminal that is not UTF-8 every byte beyond ASCII is escaped") {
    set_terminal_charset(Charset::ascii);
    CHECK(escape_for_terminal("\u00db31mred") == "\\xc3\\x9b31mred");
    CHECK(escape_for_terminal("plain") == "plain");
    set_terminal_charset(Charset::utf8);
    CHECK(escape_for_terminal("\u00db31mred") == "\u00db31mred");
}

TEST_CASE(
    "where a format must be UTF-8, bytes that are none are escaped, and texts stay distinct") {
    CHECK(escape_invalid_utf8("a\x1b\n\u202e\u00e9\\x") == "a\x1b\n\u202e\u00e9\\x");
    CHECK(escape_invalid_utf8("\xff") == "\\xff");
    CHECK(escape_invalid_utf8("\\xff") == "\\x5cxff");
    CHECK(unescape(escape_invalid_utf8("\xff\\xff")) == "\xff\\xff");
}
