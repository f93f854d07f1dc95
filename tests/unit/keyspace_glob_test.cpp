#include "keyspace/glob.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <random>
#include <string>

using namespace cachectl;
using namespace std::string_literals;

namespace {

/// The definition, without regard to time: a star stands for any text, every other element for
/// one byte. The greedy matcher must agree with it.
bool match_by_definition(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) {
        return text.empty();
    }
    if (pattern.front() == '*') {
        for (std::size_t skip = 0; skip <= text.size(); ++skip) {
            if (match_by_definition(pattern.substr(1), text.substr(skip))) {
                return true;
            }
        }
        return false;
    }
    if (text.empty() || (pattern.front() != '?' && pattern.front() != text.front())) {
        return false;
    }
    return match_by_definition(pattern.substr(1), text.substr(1));
}

}  // namespace

TEST_CASE("literals match themselves, byte for byte") {
    CHECK(glob_match("course:1", "course:1"));
    CHECK_FALSE(glob_match("course:1", "course:10"));
    CHECK_FALSE(glob_match("course:10", "course:1"));
    CHECK_FALSE(glob_match("course", "Course"));
    CHECK(glob_match("a\0b"s, "a\0b"s));
    CHECK_FALSE(glob_match("a\0b"s, "a\0c"s));
}

TEST_CASE("a star is any text, also none") {
    CHECK(glob_match("*", "anything"));
    CHECK(glob_match("course:*", "course:"));
    CHECK(glob_match("course:*", "course:1:x"));
    CHECK_FALSE(glob_match("course:*", "course"));
    CHECK(glob_match("*:all", "ramq:codes:all"));
    CHECK_FALSE(glob_match("*:all", "ramq:codes:all:"));
    CHECK(glob_match("a*b*c", "a-b-b-c"));
    CHECK(glob_match("a**b", "ab"));
    CHECK(glob_match("ab**", "ab"));
    CHECK(glob_match("*aab", "aaab"));
    CHECK(glob_match("**", "x"));
}

TEST_CASE("the empty key is matched by the empty pattern and by * alone") {
    CHECK(glob_match("", ""));
    CHECK(glob_match("*", ""));
    CHECK_FALSE(glob_match("**", ""));
    CHECK_FALSE(glob_match("?", ""));
    CHECK_FALSE(glob_match("[^a]", ""));
    CHECK_FALSE(glob_match("", "a"));
}

TEST_CASE("a question mark is one byte, not one character") {
    CHECK(glob_match("h?llo", "hello"));
    CHECK_FALSE(glob_match("h?llo", "hllo"));
    CHECK_FALSE(glob_match("caf?", "caf\xc3\xa9"));
    CHECK(glob_match("caf??", "caf\xc3\xa9"));
}

TEST_CASE("classes, negated classes and ranges") {
    CHECK(glob_match("h[ae]llo", "hallo"));
    CHECK_FALSE(glob_match("h[ae]llo", "hillo"));
    CHECK(glob_match("h[^e]llo", "hallo"));
    CHECK_FALSE(glob_match("h[^e]llo", "hello"));
    CHECK(glob_match("h[a-c]llo", "hbllo"));
    CHECK(glob_match("h[c-a]llo", "hbllo"));
    CHECK_FALSE(glob_match("h[a-c]llo", "hdllo"));
    CHECK(glob_match("[\\]]", "]"));
    CHECK(glob_match("[\\-a]", "-"));
    CHECK(glob_match("[*]", "*"));
    CHECK_FALSE(glob_match("[*]", "a"));
}

TEST_CASE("the server's odd classes") {
    CHECK_FALSE(glob_match("[]", "]"));
    CHECK_FALSE(glob_match("[]a]", "a"));
    CHECK(glob_match("[^]", "x"));
    CHECK(glob_match("[^", "x"));
    CHECK_FALSE(glob_match("[", "["));
    CHECK(glob_match("x[ab", "xb"));
    CHECK_FALSE(glob_match("x[ab", "xc"));
    CHECK(glob_match("[a-]", "^"));  // the range from ] to a
    CHECK_FALSE(glob_match("[a-]", "-"));
    CHECK(glob_match("[-]", "-"));
    CHECK(glob_match("[a\\", "\\"));
    CHECK(glob_match("[\x80-a]", "\xff"));
    CHECK_FALSE(glob_match("[a-\xff]", "b"));
}

TEST_CASE("escapes") {
    CHECK(glob_match("a\\*b", "a*b"));
    CHECK_FALSE(glob_match("a\\*b", "axb"));
    CHECK(glob_match("\\a", "a"));
    CHECK(glob_match("a\\", "a\\"));
    CHECK(glob_match("a\\\\", "a\\"));
}

TEST_CASE("the greedy matcher agrees with the definition of a glob") {
    std::mt19937 random(20240611);
    const auto text_of = [&](std::string_view alphabet, std::size_t most) {
        std::string text(random() % (most + 1), ' ');
        for (char& c : text) {
            c = alphabet[random() % alphabet.size()];
        }
        return text;
    };
    int matches = 0;
    for (int i = 0; i < 100'000; ++i) {
        const std::string pattern = text_of("ab*?", 8);
        const std::string text = text_of("ab", 9);
        if (text.empty()) {
            continue;
        }
        const bool expected = match_by_definition(pattern, text);
        matches += expected ? 1 : 0;
        CAPTURE(pattern);
        CAPTURE(text);
        REQUIRE(glob_match(pattern, text) == expected);
    }
    CHECK(matches > 10'000);
}

TEST_CASE("an evil pattern costs no more than pattern times text") {
    std::string pattern;
    for (int i = 0; i < 500; ++i) {
        pattern += "a*";
    }
    pattern += 'b';
    const std::string text(10'000, 'a');
    const auto start = std::chrono::steady_clock::now();
    CHECK_FALSE(glob_match(pattern, text));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
}

TEST_CASE("catch-all patterns") {
    for (const char* pattern : {"", "*", "**", "?", "*?*", "???", "[^]*", "*[^]?"}) {
        CHECK(is_catch_all(pattern));
    }
    for (const char* pattern : {"a*", "\\*", ":*", "[^a]*", "[^"}) {
        CHECK_FALSE(is_catch_all(pattern));
    }
}

TEST_CASE("escape_glob makes a pattern for exactly that text") {
    CHECK(escape_glob("course") == "course");
    CHECK(escape_glob("a*b?[c]\\") == "a\\*b\\?\\[c]\\\\");
    CHECK(glob_match(escape_glob("a*b?[c]^-\\"), "a*b?[c]^-\\"));
    CHECK(has_glob_characters("a\\b"));
    CHECK_FALSE(has_glob_characters("a:b-c]^"));
}

TEST_CASE("the literal prefix ends at the first wildcard") {
    CHECK(literal_prefix("course:*") == "course:");
    CHECK(literal_prefix("*x") == "");
    CHECK(literal_prefix("a\\*b?c") == "a*b");
    CHECK(literal_prefix("ab[c]") == "ab");
    CHECK(literal_prefix("end\\") == "end\\");
}

TEST_CASE("patterns that hardly mean what they say are explained") {
    CHECK_FALSE(glob_problem("course:*").has_value());
    CHECK_FALSE(glob_problem("a[b-d]\\[").has_value());
    CHECK_FALSE(glob_problem("]").has_value());
    CHECK(glob_problem("user:[abc").value() ==
          "pattern 'user:[abc' has a '[' at byte 6 without its ']': the server matches one byte "
          "of 'abc' there and nothing behind it; write '\\[' for a bracket in the key");
    CHECK(glob_problem("[a-]").has_value());
    CHECK(glob_problem("a\\").value() ==
          "pattern 'a\\' ends in a single '\\', which the server matches as a backslash; write "
          "'\\\\' if that is meant");
}

TEST_CASE("many stars or a very long pattern are costly for a server") {
    CHECK_FALSE(is_costly("*a*b*c*"));
    CHECK_FALSE(is_costly("a***********b"));
    CHECK_FALSE(is_costly("\\*\\*\\*\\*\\*[*][*]"));
    CHECK(is_costly("*a*b*c*d*"));
    CHECK(is_costly(std::string(513, 'a')));
}

TEST_CASE("a class without a byte makes a pattern that matches nothing") {
    for (const char* pattern : {"[]", "a[]", "*[]*", "[a][]b", "\\\\[]", "?[]]"}) {
        CAPTURE(pattern);
        CHECK(matches_nothing(pattern));
    }
    for (const char* pattern : {"", "*", "[^]", "[[]", "\\[]", "[\\]]", "[a[]", "[a-]]", "["}) {
        CAPTURE(pattern);
        CHECK_FALSE(matches_nothing(pattern));
    }
}
