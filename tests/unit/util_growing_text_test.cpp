#include "util/growing_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace cachectl;

TEST_CASE("text grows from nothing over the size from which it has pages of its own") {
    GrowingText text;
    CHECK(text.view().empty());
    CHECK(text.held() == 0);
    std::string expected;
    for (int i = 0; expected.size() < 1'000'000; ++i) {
        const std::string part = std::to_string(i) + ",";
        text.append(part);
        expected += part;
    }
    CHECK(text.view() == expected);
    CHECK(text.held() >= expected.size());
    CHECK(text.held() < expected.size() + 4096);
}

TEST_CASE("a small one counts with all that it has reserved") {
    GrowingText text;
    text.append("x");
    const std::size_t reserved = text.held();
    CHECK(reserved > 1);
    text.append("yz");
    CHECK(text.held() == reserved);
    text.append(std::string(1000, 'a'));
    CHECK(text.held() > 1000);
}

TEST_CASE("cleared it is empty, and holds what it has held") {
    GrowingText text;
    text.append(std::string(300'000, 'a'));
    const std::size_t held = text.held();
    text.clear();
    CHECK(text.size() == 0);
    CHECK(text.held() == held);
    text.append("b");
    CHECK(text.view() == "b");
}

TEST_CASE("moved, the text is in the new place only") {
    for (const std::size_t size : {100, 500'000}) {
        GrowingText text;
        text.append(std::string(size, 'a'));
        GrowingText other(std::move(text));
        CHECK(other.size() == size);
        GrowingText third;
        third.append("old");
        third = std::move(other);
        CHECK(third.view() == std::string(size, 'a'));
    }
}
