#include "load/temporary_key.hpp"

namespace cachectl {

// The slot is that of what stands between the first '{' and the first '}' behind it, unless that
// is nothing; else that of the whole key.
std::string temporary_key(std::string_view key, std::string_view suffix) {
    const std::string text(key);
    const std::string end(suffix);
    const auto open = key.find('{');
    if (open == std::string_view::npos) {
        // No name is in this slot if a '}' would end the tag early; outside clusters any will do.
        return key.find('}') == std::string_view::npos ? text + '{' + text + '}' + end : text + end;
    }
    const auto close = key.find('}', open);
    if (close != std::string_view::npos) return text + end;
    return '{' + text + '}' + end;
}

}  // namespace cachectl
