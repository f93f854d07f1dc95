#include "support/same_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace cachectl::test {

namespace {

constexpr std::string_view k_space = " \t\r\n";

[[noreturn]] void refuse(std::string_view text) {
    throw std::runtime_error("no JSON: " + std::string(text));
}

/// Goes past digits; false if there is none.
bool take_digits(std::string_view& text) {
    const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count > 0;
}

/// A number by the grammar of RFC 8259.
bool is_number(std::string_view text) {
    text.remove_prefix(text.starts_with('-') ? 1 : 0);
    const bool zero = text.starts_with('0');
    const std::size_t before = text.size();
    if (!take_digits(text) || (zero && before - text.size() > 1)) {
        return false;
    }
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        if (!take_digits(text)) {
            return false;
        }
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        text.remove_prefix(text.starts_with('+') || text.starts_with('-') ? 1 : 0);
        if (!take_digits(text)) {
            return false;
        }
    }
    return text.empty();
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
            const std::string_view token = rest.substr(0, rest.find_first_of(",]} \t\r\n"));
            if (!is_number(token)) {
                refuse(text);
            }
            result += token;
            checked += '0';
            at += token.size();
        } else {
            result += rest[0];
            checked += rest[0];
            ++at;
        }
    }
    if (!nlohmann::json::accept(checked)) {
        refuse(text);
    }
    return result;
}

}  // namespace cachectl::test
