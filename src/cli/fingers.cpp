#include "cli/fingers.hpp"

#include <algorithm>
#include <iterator>

#include "util/text.hpp"

namespace cachectl {

namespace {

struct Alias {
    std::string_view typed;
    std::vector<std::string> meant;
};

const std::vector<Alias>& aliases() {
    static const std::vector<Alias> all = {
        {"scan", {"keys"}},
        {"ls", {"keys"}},
        {"list", {"keys"}},
        {"dbsize", {"keys", "--count"}},
        {"cat", {"get"}},
        {"show", {"get"}},
        {"pttl", {"ttl"}},
        {"info", {"stats"}},
        {"top", {"stats", "--watch"}},
        {"slowlog", {"stats", "slow"}},
        {"latency", {"stats", "latency"}},
        {"clients", {"stats", "clients"}},
        {"bigkeys", {"du"}},
        {"memkeys", {"du"}},
        {"usage", {"du"}},
        {"hotkeys", {"hot"}},
        {"ping", {"context", "check"}},
    };
    return all;
}

struct Change {
    std::string_view typed, meant, behind;
};

constexpr Change k_changes[] = {
    {"del", "invalidate", " --dry-run"},
    {"delete", "invalidate", " --dry-run"},
    {"unlink", "invalidate", " --dry-run"},
    {"rm", "invalidate", " --dry-run"},
    {"remove", "invalidate", " --dry-run"},
    {"clear", "flush", " --dry-run"},
    {"purge", "flush", " --dry-run"},
    {"flushdb", "flush --whole-db", " --dry-run"},
    {"flushall", "flush --all-dbs", " --dry-run"},
    {"pexpire", "expire", " --set 1h --dry-run"},
    {"persist", "expire", " --remove --dry-run"},
    {"load", "warm", " --dry-run"},
    {"import", "warm", " --dry-run"},
    {"set", "warm", " --dry-run"},
    {"monitor", "hot --monitor 2s", ""},
};

}  // namespace

std::vector<std::string> understood(const std::vector<std::string>& words) {
    if (words.empty()) {
        return words;
    }
    std::vector<std::string> line;
    if (words[0] == "help") {
        line.assign(words.begin() + 1, words.end());
        line.emplace_back("--help");
        return line;
    }
    const auto alias = std::find_if(aliases().begin(), aliases().end(),
                                    [&](const Alias& one) { return one.typed == words[0]; });
    if (alias == aliases().end()) {
        return words;
    }
    line = alias->meant;
    line.insert(line.end(), words.begin() + 1, words.end());
    return line;
}

std::string right_command(std::string_view typed, std::span<const std::string> arguments) {
    std::string word(typed);  // redis-cli takes DEL as well as del
    std::transform(word.begin(), word.end(), word.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    // What only looks is taken for ours, but not in capitals.
    std::vector<std::string> line{word};
    std::copy_if(arguments.begin(), arguments.end(), std::back_inserter(line),
                 [](const std::string& argument) { return !argument.starts_with('-'); });
    if (const std::vector<std::string> ours = understood(line); ours != line) {
        std::string command = "cachectl";
        for (const std::string& part : ours) {
            command += ' ' + shell_word_if_needed(part);
        }
        return command;
    }
    for (const Change& change : k_changes) {
        if (change.typed != word) {
            continue;
        }
        std::string command = "cachectl " + std::string(change.meant);
        const bool takes_words = change.meant.find(' ') == std::string_view::npos;
        for (const std::string& argument : arguments) {
            if (takes_words && !argument.starts_with('-')) {
                command += ' ' + shell_word_if_needed(argument);
            }
        }
        return command + std::string(change.behind);
    }
    return {};
}

bool names_pattern(std::string_view option) { return option == "--match" || option == "--pattern"; }

std::string right_count(std::string_view option, std::string_view next) {
    const bool is_number =
        !next.empty() &&
        std::all_of(next.begin(), next.end(), [](unsigned char c) { return c >= '0' && c <= '9'; });
    return option == "--count" && is_number
               ? "it shows the number of keys alone; --limit N shows the first N, and how many are "
                 "asked for at once --pace says"
               : "";
}

std::string right_option(std::string_view command, std::string_view name) {
    if (names_pattern(name)) {
        return "a pattern stands by itself: cachectl " +
               std::string(command.empty() ? "keys" : command) + " 'PATTERN'";
    }
    if (name == "--scan") {
        return "that is cachectl keys 'PATTERN'";
    }
    if (name == "--bigkeys" || name == "--memkeys") {
        return "that is cachectl du";
    }
    if (name == "--hotkeys") {
        return "that is cachectl hot";
    }
    if (name == "-f" || name == "--force") {
        return "--yes agrees to a change, and --dry-run shows it before";
    }
    return {};
}

}  // namespace cachectl
