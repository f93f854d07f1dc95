// For the tests of the commands that change keys.
#pragma once

#include <regex>
#include <string>

namespace cachectl::test {

/// A summary with its time, which no test can know, as T.
inline std::string without_time(const std::string& summary) {
    static const std::regex json(R"(("elapsed_ms": ?)\d+)");
    static const std::regex sentence(R"( in [0-9.]+m?s\n)");
    return std::regex_replace(std::regex_replace(summary, json, "$1T"), sentence, " in T\n");
}

}  // namespace cachectl::test
