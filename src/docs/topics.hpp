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
    std::string_view term;
    std::string_view text;
};

struct Topic {
    std::string_view name;     // "cachectl-config"
    std::string_view section;  // "5"
    std::string_view summary;
    std::vector<TopicBlock> blocks;     // texts as in RoffPage
    std::vector<std::string> see_also;  // "cachectl-policy(5)"
};

const std::vector<Topic>& topics();

/// cachectl-manifest(5), one of the topics.
Topic manifest_topic();
/// cachectl-cluster(7), another one.
Topic cluster_topic();
/// cachectl-warming(7), another one.
Topic warming_topic();

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
