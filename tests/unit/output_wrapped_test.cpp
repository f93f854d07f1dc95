#include "output/wrapped.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

std::string sentence(std::size_t columns, std::string_view text) {
    Wrapped line({.columns = columns}, 2);
    line.words("", text);
    return line.text();
}

}  // namespace

TEST_CASE("a sentence goes on in the next line where the terminal ends") {
    CHECK(sentence(0, "one two three four") == "one two three four\n");
    CHECK(sentence(14, "one two three four") == "one two three\n  four\n");
    CHECK(sentence(13, "one two three four") == "one two\n  three four\n");
    CHECK(sentence(5, "one enormous three") == "one\n  enormous\n  three\n");
    CHECK(sentence(10, "日本 日本 日本") == "日本 日本\n  日本\n");
    CHECK(sentence(10, "") == "\n");
}

TEST_CASE("a text is never divided, and a separator leaves no spaces at the end of a line") {
    Wrapped line({.columns = 20}, 4);
    line.add("", "a key", Style::bold);
    line.add("   ", "two words");
    line.add(", ", "three more words");
    CHECK(line.text() == "a key   two words,\n    three more words\n");
}

TEST_CASE("texts of one style are painted together, in each line anew") {
    Wrapped line({.columns = 12, .paint = Painter(Painter::Color::on)}, 0);
    line.add("", "key", Style::bold);
    line.words(" ", "one two three", Style::dim);
    CHECK(line.text() == "\x1b[1mkey\x1b[0m \x1b[2mone two\x1b[0m\n\x1b[2mthree\x1b[0m\n");
}

TEST_CASE("words are wrapped, and a long one has its own line") {
    CHECK(wrap_words("one two three", 7) == std::vector<std::string>{"one two", "three"});
    CHECK(wrap_words("a incomprehensible b", 5) ==
          std::vector<std::string>{"a", "incomprehensible", "b"});
    CHECK(wrap_words("", 5) == std::vector<std::string>{""});
}

TEST_CASE("a command is never divided, the word in a sentence is no command") {
    using Lines = std::vector<std::string>;
    CHECK(wrap_words("to undo: cachectl restore keys.rdb", 12) ==
          Lines{"to undo:", "cachectl restore keys.rdb"});
    CHECK(wrap_words("see `cachectl keys --help` for more", 12) ==
          Lines{"see", "`cachectl keys --help`", "for more"});
    CHECK(wrap_words("what cachectl does here", 14) == Lines{"what cachectl", "does here"});
    CHECK(wrap_words("as long as it is", 0) == Lines{"as long as it is"});
    CHECK(wrap_words("  indented words", 10) == Lines{"  indented", "words"});
}
