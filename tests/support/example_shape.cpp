#include "support/example_shape.hpp"

#include <algorithm>
#include <regex>
#include <sstream>
#include <string_view>

namespace cachectl::test {

namespace {

constexpr std::string_view k_clear_line = "\x1b[K";  // behind what shows progress

std::string line_shape(std::string line) {
    static const std::regex address("[0-9]+(\\.[0-9]+){3}:[0-9]+|cache\\.internal:[0-9]+");
    static const std::regex duration("\\b[0-9.]+(us|ms|[smhd])( [0-9]+[smh])*\\b");
    static const std::regex number("[0-9][0-9.,]*( [KMG]?i?B\\b|[kM]\\b)?");
    static const std::regex bar("(\xe2\x96[\x80-\xbf])+");
    static const std::regex key("^  [a-z:N]+$");
    static const std::regex cross("\xe2\x9c\x97");  // as terminals without it have it
    static const std::regex server("(next: cachectl) -h N -p N");  // where no context names it
    static const std::regex space(" +");
    const std::size_t cleared = line.rfind(k_clear_line);
    line.erase(0, cleared == std::string::npos ? 0 : cleared + k_clear_line.size());
    line.erase(std::remove(line.begin(), line.end(), '\r'), line.end());
    line = std::regex_replace(line, address, "ADDRESS");
    line = std::regex_replace(line, duration, "TIME");
    line = std::regex_replace(line, number, "N");
    line = std::regex_replace(line, bar, "");
    line = std::regex_replace(line, key, "KEY");
    line = std::regex_replace(line, space, " ");
    line = std::regex_replace(line, cross, "x");
    line = std::regex_replace(line, server, "$1");
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

}  // namespace

std::set<std::string> shape_of(const std::string& output) {
    std::set<std::string> lines;
    std::istringstream all(output);
    for (std::string line; std::getline(all, line);) {
        line = line_shape(line);
        if (!line.empty()) {
            lines.insert(line);
        }
    }
    return lines;
}

}  // namespace cachectl::test
