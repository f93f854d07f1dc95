// Lists of keys and the texts that hold them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace cachectl::test {

/// "k:0", "k:1" and so on.
inline std::vector<std::string> numbered(const std::string& prefix, int count) {
    std::vector<std::string> keys;
    for (int i = 0; i < count; ++i) {
        keys.push_back(prefix + std::to_string(i));
    }
    return keys;
}

/// One key a line.
inline std::string lines_of(const std::vector<std::string>& keys) {
    std::string text;
    for (const std::string& key : keys) {
        text += key + '\n';
    }
    return text;
}

/// The lines of a text that ends in a newline, sorted.
inline std::vector<std::string> sorted_lines(std::string_view text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

inline std::size_t lines_in(std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

inline bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace cachectl::test
