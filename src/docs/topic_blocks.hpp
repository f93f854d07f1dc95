// What the texts of topics are put together from.
#pragma once

#include <string_view>

#include "docs/topics.hpp"

namespace cachectl {

constexpr TopicBlock heading(std::string_view title) {
    return {TopicBlock::Kind::heading, "", title};
}
constexpr TopicBlock paragraph(std::string_view text) {
    return {TopicBlock::Kind::paragraph, "", text};
}
constexpr TopicBlock item(std::string_view term, std::string_view text) {
    return {TopicBlock::Kind::item, term, text};
}
constexpr TopicBlock code(std::string_view lines) { return {TopicBlock::Kind::code, "", lines}; }
constexpr TopicBlock json(std::string_view file) { return {TopicBlock::Kind::json, "", file}; }

}  // namespace cachectl
