// Replies that tests have a server give, besides those that redis/reply.hpp makes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "redis/reply.hpp"

namespace cachectl::test {

/// Of a connection that ended, or of another type that has no maker of its own.
inline Reply broken_reply(Reply::Type type = Reply::Type::lost,
                          std::string text = "connection closed by the server") {
    Reply reply;
    reply.type = type;
    reply.text = std::move(text);
    return reply;
}

inline Reply text_replies(const std::vector<std::string>& texts) {
    std::vector<Reply> elements;
    for (const std::string& text : texts) {
        elements.push_back(Reply::make_string(text));
    }
    return Reply::make_array(std::move(elements));
}

}  // namespace cachectl::test
