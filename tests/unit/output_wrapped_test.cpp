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
