#include "docs/topic_text.hpp"

#include <stdexcept>

namespace cachectl {

namespace {

using Kind = TopicBlock::Kind;

constexpr std::string_view k_indent = "    ";
constexpr std::string_view k_see_also = "see also: ";
constexpr std::string_view k_json_begins = "```json";
constexpr std::string_view k_json_ends = "```";

[[noreturn]] void refuse(std::string_view line) {
    throw std::invalid_argument("not a topic's text: " + std::string(line));
}

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

/// "a, b" as its parts.
std::vector<std::string> parts_of(std::string_view list) {
    std::vector<std::string> parts;
    while (!list.empty()) {
        const std::size_t comma = list.find(", ");
        parts.emplace_back(list.substr(0, comma));
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 2);
    }
    return parts;
}

/// "cachectl-policy(5): the keys …", and the line behind it.
Topic parse_head(std::string_view& text) {
    const std::string_view line = take_line(text);
    const std::size_t open = line.find('(');
    const std::size_t close = line.find("): ");
    if (open == std::string_view::npos || close == std::string_view::npos || open > close) {
        refuse(line);
    }
    Topic topic;
    topic.name = line.substr(0, open);
    topic.section = line.substr(open + 1, close - open - 1);
    topic.summary = line.substr(close + 3);
    const std::string_view pages = take_line(text);
    if (!pages.starts_with(k_see_also)) {
        refuse(pages);
    }
    topic.see_also = parts_of(pages.substr(k_see_also.size()));
    return topic;
}

/// Up to the fence that ends it.
std::string take_file(std::string_view& text) {
    std::string file;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line == k_json_ends) {
            return file;
        }
        file.append(line).push_back('\n');
    }
    refuse(k_json_begins);
}

void append(std::string& text, std::string_view line, char between) {
    if (!text.empty()) {
        text += between;
    }
    text += line;
}

}  // namespace

Topic parse_topic(std::string_view text) {
    Topic topic = parse_head(text);
    bool begins = true;  // a block, with the next line
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line.empty()) {
            begins = true;
            continue;
        }
        if (line == k_json_begins) {
            topic.blocks.push_back({Kind::json, "", take_file(text)});
        } else if (line.starts_with("# ")) {
            topic.blocks.push_back({Kind::heading, "", std::string(line.substr(2))});
        } else if (line.starts_with(": ")) {
            topic.blocks.push_back({Kind::item, std::string(line.substr(2)), ""});
        } else if (line.starts_with(k_indent)) {
            const std::string_view inner = line.substr(k_indent.size());
            if (begins) {
                topic.blocks.push_back({Kind::code, "", ""});
            }
            TopicBlock& block = topic.blocks.back();
            if (block.kind != Kind::code && block.kind != Kind::item) {
                refuse(line);
            }
            append(block.text, inner, block.kind == Kind::code ? '\n' : ' ');
        } else {
            if (begins) {
                topic.blocks.push_back({Kind::paragraph, "", ""});
            }
            TopicBlock& block = topic.blocks.back();
            if (block.kind != Kind::paragraph) {
                refuse(line);
            }
            append(block.text, line, ' ');
        }
        begins = false;
    }
    return topic;
}

}  // namespace cachectl
