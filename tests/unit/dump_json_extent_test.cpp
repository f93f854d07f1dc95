#include "dump/json_extent.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace cachectl;
using Result = JsonExtent::Result;

namespace {

/// What stands in front of the end, or '?' for more, or '!' and the place of the mismatch.
std::string extent_of(std::string_view text) {
    JsonExtent extent;
    switch (extent.scan(text)) {
        case Result::complete:
            return std::string(text.substr(0, extent.length()));
        case Result::more:
            return "?";
        case Result::mismatched:
            return "!" + std::to_string(extent.length());
    }
    return {};
}

}  // namespace

TEST_CASE("the end of a value is found without parsing it") {
    CHECK(extent_of(R"({"a":[1,{"b":"}"}]} , 2)") == R"({"a":[1,{"b":"}"}]})");
    CHECK(extent_of(R"([],[])") == "[]");
    CHECK(extent_of(R"("a\"b\\",1)") == R"("a\"b\\")");
    CHECK(extent_of(R"("\\\\"x)") == R"("\\\\")");
    CHECK(extent_of("12.5,") == "12.5");
    CHECK(extent_of("true]") == "true");
    CHECK(extent_of("nul\n") == "nul");
    CHECK(extent_of(R"(garbage{})") == "garbage");
}

TEST_CASE("a value that goes on wants more") {
    for (const char* text : {"{", R"({"a)", R"({"a":"\)", R"("\")", "[[]", "12", R"({"a":{})"}) {
        CAPTURE(text);
        CHECK(extent_of(text) == "?");
    }
}

TEST_CASE("a bracket that closes another kind is a mismatch") {
    CHECK(extent_of(R"({"a":[1}, {})") == "!7");
    CHECK(extent_of("]") == "!0");
    CHECK(extent_of("[}") == "!1");
}

TEST_CASE("the end is the same wherever the text is cut") {
    const std::string value = R"({"k\\":"v\"]}\\\\","n":[{"x":"\\\""},[],-1.5e3,null]})";
    const std::string text = value + ",{}";
    for (std::size_t first = 0; first <= text.size(); ++first) {
        for (std::size_t second = first; second <= text.size(); ++second) {
            JsonExtent extent;
            Result result = extent.scan(std::string_view(text).substr(0, first));
            if (result == Result::more) {
                result = extent.scan(std::string_view(text).substr(0, second));
            }
            if (result == Result::more) {
                result = extent.scan(text);
            }
            REQUIRE(result == Result::complete);
            REQUIRE(extent.length() == value.size());
        }
    }
}

TEST_CASE("brackets deeper than the limit are counted") {
    const std::string deep = std::string(5000, '[') + std::string(5000, ']');
    CHECK(extent_of(deep + ",") == deep);
    CHECK(extent_of(std::string(5000, '[') + std::string(4999, ']')) == "?");
}

TEST_CASE("reset starts over") {
    JsonExtent extent;
    CHECK(extent.scan(R"({"a)") == Result::more);
    CHECK(extent.in_string());
    extent.reset();
    CHECK(extent.scan("[1]") == Result::complete);
    CHECK(extent.length() == 3);
}
