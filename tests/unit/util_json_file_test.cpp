#include "util/json_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;

namespace {

std::string message_of(std::string_view text) {
    try {
        parse_json(text, "c.json");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
    return "no error";
}

template <typename Use>
Error error_of(Use use) {
    try {
        use();
    } catch (const Error& error) {
        return error;
    }
    return {ExitCode::ok, "no error"};
}

}  // namespace

TEST_CASE("a file with comments, and the line of each value") {
    const JsonValue root = parse_json(R"(// what this is
{
  "name": "x", /* and
     more */ "on": true,
  "list": ["a",
           "b"],
  "n": 12
}
)",
                                      "c.json");
    CHECK(root.line() == 2);
    CHECK(root.at("name").as_string() == "x");
    CHECK(root.at("name").line() == 3);
    CHECK(root.at("on").as_bool());
    CHECK(root.at("on").line() == 4);
    CHECK(root.at("list").as_texts() == std::vector<std::string>{"a", "b"});
    CHECK(root.at("list").as_array()[1].line() == 6);
    CHECK(root.at("n").type() == JsonValue::Type::number);
    CHECK(root.at("n").line() == 7);
    CHECK(root.find("none") == nullptr);
    CHECK(root.as_object().size() == 4);
}

TEST_CASE("syntax errors carry file and line") {
    CHECK(message_of("{\n  \"a\": 1,\n}\n") ==
          "c.json:3: syntax error while parsing object key - unexpected '}'; expected string "
          "literal");
    CHECK(message_of("{\n\"a\": \"b\n}") ==
          "c.json:2: syntax error while parsing value - invalid string: control character U+000A "
          "(LF) must be escaped to \\u000A or \\n");
    CHECK(
        message_of("") ==
        "c.json:1: syntax error while parsing value - unexpected end of input; expected '[', '{', "
        "or a literal");
    CHECK(message_of("{}\n\nx") == "c.json:3: syntax error while parsing value - invalid literal");
    CHECK(message_of("{\"a\": nul}") ==
          "c.json:1: syntax error while parsing value - invalid literal");
}

TEST_CASE("a syntax error repeats nothing of the file, which may be a password") {
    CHECK(message_of("{\"url\": \"redis://:hunter2@h\n}").find("hunter2") == std::string::npos);
    CHECK(message_of("{\"url\": hunter2}").find("hunter2") == std::string::npos);
}

TEST_CASE("a name given twice, and a depth bomb") {
    CHECK(message_of("{\"a\": 1,\n \"b\": {\"a\": 2},\n \"a\": 3}") ==
          "c.json:3: 'a' is given twice; first in line 1");
    CHECK(message_of(std::string(100'000, '[')) == "c.json:1: nested deeper than 64 levels");
}

// Many minutes if each name were compared with each: CTest would end it.
TEST_CASE("of 300,000 names a second one is found") {
    std::string text = "{";
    for (int i = 0; i < 300'000; ++i) {
        text += "\"c" + std::to_string(i) + "\":{},\n";
    }
    CHECK(message_of(text + "\"c7\":{}}") == "c.json:300001: 'c7' is given twice; first in line 8");
}

TEST_CASE("a name given twice where that is allowed") {
    const JsonValue root = parse_json("{\"a\": 1, \"a\": [true]}", "c.json", Names::repeated);
    REQUIRE(root.as_object().size() == 2);
    CHECK(root.as_object()[0].value.as_count() == 1);
    CHECK(root.as_object()[1].value.as_array().size() == 1);
}

TEST_CASE("values of another type, by name and line") {
    const JsonValue root = parse_json("{\n\"keys\": [\n{\"ttl\": 5,\n\"p\": \"\"}]}", "c.json");
    const JsonValue& rule = root.at("keys").as_array()[0];
    CHECK_THROWS_WITH_AS((void)rule.at("ttl").as_string(),
                         "c.json:3: 'keys[0].ttl' must be a string, not a number", Error);
    CHECK_THROWS_WITH_AS((void)rule.at("p").as_text(), "c.json:4: 'keys[0].p' must not be empty",
                         Error);
    CHECK_THROWS_WITH_AS((void)rule.at("q"), "c.json:3: 'keys[0]' has no 'q'", Error);
    CHECK_THROWS_WITH_AS((void)root.as_array(),
                         "c.json:1: the file must be an array, not an object", Error);
    CHECK_THROWS_WITH_AS((void)root.at("keys").as_bool(),
                         "c.json:2: 'keys' must be true or false, not an array", Error);
}

TEST_CASE("unknown fields name the nearest known one") {
    const JsonValue root = parse_json("{\n\"polcy\": 1}", "c.json");
    const Error near = error_of([&] { root.allow_only({"url", "policy"}); });
    CHECK(std::string(near.what()) == "c.json:2: 'polcy' is not a known field");
    CHECK(near.hint() == "did you mean 'policy'?");
    const Error far = error_of([&] { root.allow_only({"url", "confirm"}); });
    CHECK(far.hint() == "known are: url, confirm");
    root.allow_only({"polcy"});
}

TEST_CASE("files that cannot be read") {
    const test::TempDir dir;
    CHECK_THROWS_WITH_AS(read_json_file("/nonexistent/c.json"),
                         "cannot read /nonexistent/c.json: No such file or directory", Error);
    const std::string folder = dir.path().string();
    CHECK_THROWS_WITH_AS(read_json_file(folder),
                         ("cannot read " + folder + ": Is a directory").c_str(), Error);
    const std::string path = dir.file("c.json", "\n[1");
    const Error error = error_of([&] { read_json_file(path); });
    CHECK(std::string(error.what()) == path +
                                           ":2: syntax error while parsing array - unexpected end "
                                           "of input; expected ']'");
    CHECK(read_json_file(dir.file("d.json", "\xef\xbb\xbf[\"x\"]")).as_texts().at(0) == "x");
}
