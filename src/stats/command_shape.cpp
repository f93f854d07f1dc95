#include "stats/command_shape.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "util/secrets.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_longest = 64;
constexpr std::size_t k_longest_script = 40;
constexpr std::size_t k_shortest_identifier = 8;

template <std::size_t size>
bool is_among(std::string_view name, const std::array<std::string_view, size>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Their arguments may be passwords, or lead to them.
constexpr std::array<std::string_view, 7> k_secretive = {"AUTH",   "HELLO",   "ACL",     "CONFIG",
                                                         "CLIENT", "MIGRATE", "SENTINEL"};
// Their first argument is shown as it is: a pattern, a script, its digest or its name.
constexpr std::array<std::string_view, 9> k_as_it_is = {
    "KEYS", "EVAL", "EVAL_RO", "EVALSHA", "EVALSHA_RO", "FCALL", "FCALL_RO", "PUBLISH", "SPUBLISH"};
// Their first argument is a subcommand.
constexpr std::array<std::string_view, 17> k_with_subcommand = {
    "ACL",     "CONFIG",  "CLIENT",  "SENTINEL",   "OBJECT",   "MEMORY",
    "XINFO",   "XGROUP",  "CLUSTER", "SCRIPT",     "FUNCTION", "LATENCY",
    "SLOWLOG", "COMMAND", "MODULE",  "COMMANDLOG", "DEBUG"};

bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

std::string upper(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return result;
}

/// A run of letters and digits as what it stands for: "<n>", "<hex>", or itself.
std::string folded_word(std::string_view word) {
    if (std::all_of(word.begin(), word.end(), is_digit)) {
        return "<n>";
    }
    const bool is_identifier = word.size() >= k_shortest_identifier &&
                               std::all_of(word.begin(), word.end(), is_hex) &&
                               std::any_of(word.begin(), word.end(), is_digit);
    return is_identifier ? "<hex>" : std::string(word);
}

/// "user:1234:cart" is "user:<n>:cart".
std::string folded(std::string_view key) {
    std::string result;
    for (std::size_t at = 0; at < key.size();) {
        std::size_t end = at;
        while (end < key.size() && is_word(key[end])) {
            ++end;
        }
        if (end > at) {
            result += folded_word(key.substr(at, end - at));
            at = end;
        } else {
            result += key[at++];
        }
    }
    return result;
}

bool has_subcommand(std::string_view command) { return is_among(command, k_with_subcommand); }

std::string in_one_line(std::string_view script) {
    std::string line;
    for (const char c : script) {
        const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
        if (!blank) {
            line += c;
        } else if (!line.empty() && line.back() != ' ') {
            line += ' ';
        }
    }
    return line;
}

/// At most that many bytes, without half a character at the end.
std::string cut(std::string text, std::size_t most) {
    if (text.size() <= most) {
        return text;
    }
    text.resize(most);
    for (int i = 0; i < 3 && !text.empty() && !is_utf8(text); ++i) {
        text.pop_back();
    }
    return text + "…";
}

}  // namespace

std::string shape_of(const std::vector<std::string>& args) {
    if (args.empty()) {
        return "?";
    }
    std::string shape = upper(cut(args[0], k_longest / 2));
    std::size_t next = 1;
    if (has_subcommand(shape) && args.size() > next) {
        shape += ' ' + upper(cut(args[next++], k_longest / 4));
    }
    if (is_among(upper(args[0]), k_secretive) || args.size() <= next) {
        return mask_secrets(shape);
    }
    const std::string& first = args[next];
    const std::string argument =
        mask_secrets(is_among(shape, k_as_it_is) ? in_one_line(first) : folded(first));
    return shape + ' ' + cut(argument, std::min(k_longest_script, k_longest - shape.size() - 1));
}

std::string stats_name_of(const std::vector<std::string>& args) {
    if (args.empty()) {
        return "";
    }
    std::string name = upper(args[0]);
    if (has_subcommand(name) && args.size() > 1) {
        name += '|' + args[1];
    }
    name = cut(name, k_longest);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name;
}

}  // namespace cachectl
