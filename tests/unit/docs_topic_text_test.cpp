#include "docs/topic_text.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace cachectl;

TEST_CASE("a topic's text has headings, paragraphs, items, code and files") {
    const Topic topic = parse_topic(
        "cachectl-example(7): what it is\n"
        "see also: cachectl(1), cachectl-policy(5)\n"
        "\n"
        "# FIRST\n"
        "\n"
        "One paragraph\n"
        "of two lines.\n"
        "\n"
        "Another.\n"
        "\n"
        ": *\n"
        "    Any text,\n"
        "    also none.\n"
        ": ?\n"
        "    One byte.\n"
        "\n"
        "    cachectl keys\n"
        "      'a*'\n"
        "\n"
        "```json\n"
        "{\n"
        "\n"
        "}\n"
        "```\n");
    CHECK(topic.name == "cachectl-example");
    CHECK(topic.section == "7");
    CHECK(topic.summary == "what it is");
    CHECK(topic.see_also == std::vector<std::string>{"cachectl(1)", "cachectl-policy(5)"});
    using Kind = TopicBlock::Kind;
    const TopicBlock expected[] = {
        {Kind::heading, "", "FIRST"},      {Kind::paragraph, "", "One paragraph of two lines."},
        {Kind::paragraph, "", "Another."}, {Kind::item, "*", "Any text, also none."},
        {Kind::item, "?", "One byte."},    {Kind::code, "", "cachectl keys\n  'a*'"},
        {Kind::json, "", "{\n\n}\n"},
    };
    REQUIRE(topic.blocks.size() == std::size(expected));
    for (std::size_t i = 0; i < std::size(expected); ++i) {
        CAPTURE(i);
        CHECK(topic.blocks[i].kind == expected[i].kind);
        CHECK(topic.blocks[i].term == expected[i].term);
        CHECK(topic.blocks[i].text == expected[i].text);
    }
}

TEST_CASE("what is no topic's text is refused") {
    const std::string head = "cachectl-example(7): what it is\nsee also: cachectl(1)\n\n";
    CHECK_THROWS_AS(parse_topic("cachectl-example: what it is\n"), std::invalid_argument);
    CHECK_THROWS_AS(parse_topic("cachectl-example(7): what it is\n# FIRST\n"),
                    std::invalid_argument);
    CHECK_THROWS_AS(parse_topic(head + "Text\n    and code at once\n"), std::invalid_argument);
    CHECK_THROWS_AS(parse_topic(head + ": item\n    text\nand text at once\n"),
                    std::invalid_argument);
    CHECK_THROWS_AS(parse_topic(head + "```json\n{}\n"), std::invalid_argument);
}
