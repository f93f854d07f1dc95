#include "docs/topics.hpp"

#include <fmt/format.h>

#include <array>

#include "docs/man_page.hpp"
#include "docs/roff.hpp"
#include "docs/topic_text.hpp"

namespace cachectl {

namespace {

constexpr std::array k_pattern_examples = {
    PatternExample{"course:*", "course:", true, "A star is any text, also none"},
    PatternExample{"course:*", "course", false, "The colon is part of the pattern"},
    PatternExample{"course:*", "course:1:title", true, "Nothing stops a star, no delimiter either"},
    PatternExample{"Course:*", "course:1", false, "Upper and lower case differ"},
    PatternExample{"h?llo", "hllo", false, "A question mark is one byte, never none"},
    PatternExample{"caf?", "caf\xc3\xa9", false, "In UTF-8 this letter is two bytes"},
    PatternExample{"caf??", "caf\xc3\xa9", true, "And so it takes two question marks"},
    PatternExample{"h[ae]llo", "hallo", true, "One of these bytes"},
    PatternExample{"h[^e]llo", "hello", false, "Any one byte but these"},
    PatternExample{"h[!e]llo", "hello", true, "Not the shell's negation: one of ! and e"},
    PatternExample{"h[a-c]llo", "hbllo", true, "A range"},
    PatternExample{"h[c-a]llo", "hbllo", true, "A range the wrong way round is turned"},
    PatternExample{"[]a]", "a", false, "A bracket that closes at once matches nothing"},
    PatternExample{"[^]", "x", true, "And negated, any one byte"},
    PatternExample{"[a-]", "-", false, "This is the range from a to ], and never closed"},
    PatternExample{"{a,b}", "a", false, "Braces are the shell's; here they are text"},
    PatternExample{"a\\*b", "a*b", true, "A backslash takes the meaning from the next byte"},
    PatternExample{"*", "", true, "A single star finds the empty key"},
    PatternExample{"**", "", false, "Two do not, as on the server"},
};

void write_pattern_examples(RoffPage& page) {
    for (const PatternExample& example : k_pattern_examples) {
        const std::string key = example.key.empty() ? "the empty key" : RoffPage::bold(example.key);
        page.item(fmt::format("{} {} {}", RoffPage::bold(example.pattern),
                              example.matches ? "matches" : "does not match", key),
                  std::string(example.why) + '.');
    }
}

void write_block(RoffPage& page, const TopicBlock& block) {
    switch (block.kind) {
        case TopicBlock::Kind::heading:
            return page.heading(block.text);
        case TopicBlock::Kind::paragraph:
            return page.paragraph(block.text);
        case TopicBlock::Kind::item:
            return page.item(RoffPage::bold(block.term), block.text);
        case TopicBlock::Kind::code:
        case TopicBlock::Kind::json:
            return page.code(block.text);
    }
}

}  // namespace

std::span<const PatternExample> pattern_examples() { return k_pattern_examples; }

const std::vector<Topic>& topics() {
    static const std::vector<Topic> all = {
        parse_topic(config_topic()), parse_topic(health_topic()),  parse_topic(manifest_topic()),
        parse_topic(policy_topic()), parse_topic(cluster_topic()), parse_topic(patterns_topic()),
        parse_topic(undo_topic()),   parse_topic(warming_topic())};
    return all;
}

std::string topic_page(const Topic& topic) {
    RoffPage page(topic.name, topic.section, page_source(),
                  topic.section == "5" ? "File Formats" : "Miscellanea");
    page.name(topic.name, topic.summary);
    for (const TopicBlock& block : topic.blocks) {
        write_block(page, block);
    }
    if (topic.name == "cachectl-patterns") {
        write_pattern_examples(page);
    }
    page.see_also(topic.see_also);
    return page.text();
}

}  // namespace cachectl
