#include "dump/json_pointer.hpp"

#include <fmt/format.h>

#include "util/error.hpp"

namespace cachectl {

std::vector<std::string> parse_json_pointer(std::string_view text) {
    const auto refuse = [text](std::string_view why) {
        throw Error(ExitCode::usage, fmt::format("'{}' is no JSON pointer: {}", text, why),
                    "a pointer is like /data/items; in it, ~1 is a '/' and ~0 a '~'");
    };
    if (!text.starts_with('/')) {
        refuse("it does not begin with '/'");
    }
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '/') {
            parts.emplace_back();
        } else if (text[at] != '~') {
            parts.back() += text[at];
        } else if (at + 1 < text.size() && (text[at + 1] == '0' || text[at + 1] == '1')) {
            parts.back() += text[++at] == '0' ? '~' : '/';
        } else {
            refuse("a '~' without 0 or 1 behind it");
        }
    }
    return parts;
}

std::string pointer_part(std::string_view name) {
    std::string part;
    for (const char c : name) {
        if (c == '~') {
            part += "~0";
        } else if (c == '/') {
            part += "~1";
        } else {
            part += c;
        }
    }
    return part;
}

}  // namespace cachectl
