// Manual pages that no command line tells: file formats and patterns.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

struct TopicBlock {
    enum class Kind {
        heading,
        paragraph,
        item,  // `term`, explained by `text`
        code,
        json,  // a whole file of the kind that the page describes
    };
    Kind kind;
    std::string term;
    std::string text;
};

struct Topic {
    std::string name;     // "cachectl-config"
    std::string section;  // "5"
    std::string summary;
    std::vector<TopicBlock> blocks;     // texts as in RoffPage
    std::vector<std::string> see_also;  // "cachectl-policy(5)"
};

const std::vector<Topic>& topics();

// Their texts: docs/topic_text.hpp says how they are written.
std::string_view cluster_topic();
std::string_view config_topic();
std::string_view health_topic();
std::string_view manifest_topic();
std::string_view patterns_topic();
std::string_view policy_topic();
std::string_view undo_topic();
std::string_view warming_topic();

std::string topic_page(const Topic& topic);

/// A row of cachectl-patterns(7): what the pattern does to a key.
struct PatternExample {
    std::string_view pattern;
    std::string_view key;
    bool matches;
    std::string_view why;
};

std::span<const PatternExample> pattern_examples();

}  // namespace cachectl
