#include "support/same_json.hpp"

#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>

namespace cachectl::test {

namespace {

constexpr std::string_view k_space = " \t\r\n";

[[noreturn]] void refuse(std::string_view text) {
    throw std::runtime_error("no JSON: " + std::string(text));
}

/// Behind the string that `text` begins with.
std::size_t length_of_string(std::string_view text) {
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
        } else if (text[at] == '"') {
            return at + 1;
        }
    }
    refuse(text);
}

}  // namespace

std::string same_json(std::string_view text) {
    static const std::regex number("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    std::string result;
    std::string checked;  // with 0 for each number: the parser refuses those that no double holds
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        if (k_space.find(rest[0]) != std::string_view::npos) {
            ++at;
        } else if (rest[0] == '"') {
            const std::string_view string = rest.substr(0, length_of_string(rest));
            result += nlohmann::json::parse(string).dump();
            checked += "\"\"";
            at += string.size();
        } else if (rest[0] == '-' || (rest[0] >= '0' && rest[0] <= '9')) {
            const std::string token(rest.substr(0, rest.find_first_of(",]} \t\r\n")));
            if (!std::regex_match(token, number)) refuse(text);
            result += token;
            checked += '0';
            at += token.size();
        } else {
            result += rest[0];
            checked += rest[0];
            ++at;
        }
    }
    if (!nlohmann::json::accept(checked)) refuse(text);
    return result;
}

}  // namespace cachectl::test
