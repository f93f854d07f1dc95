// Every command's screen at every width and on every kind of terminal: sentences end at words, and
// no line is wider than the screen; a dumb terminal gets ASCII, one without colours no escape
// sequence.
#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "support/pty.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"
#include "util/text.hpp"

using namespace cachectl::test;

namespace {

using Strings = std::vector<std::string>;

/// Names of one and two columns a character, a long one, and one that nothing can break.
void fill(RespClient& redis, bool ascii) {
    Strings spaces = {"course", "dashboard-metrics", std::string(150, 'x')};
    if (!ascii) {
        spaces.insert(spaces.end(), {"\u8ab2\u7a0b", "\U0001F600\U0001F680"});
    }
    for (const std::string& space : spaces) {
        for (int i = 0; i < 40; ++i) {
            const std::string key = space + ':' + std::to_string(i);
            if (i % 3 == 0) {
                redis.run({"SET", key, std::string(200, 'v')});
            } else {
                redis.run({"SET", key, "v", "EX", std::to_string(300 + i)});
            }
        }
    }
    redis.run({"SET", "json", R"({"name": "course", "list": [1, 2, {"a": "b"}]})"});
}

std::vector<Strings> screens(const TempDir& dir) {
    const std::string dump = dir.file("dump.sql",
                                      "CREATE TABLE `course` (`id` int, `title` text);\n"
                                      "INSERT INTO `course` VALUES (1, 'a'), (2, 'b');\n");
    const std::string policy =
        dir.file("keys.json", R"({"keys": [{"pattern": "course:*", "max_ttl": "10s"}]})");
    const std::string snapshot = dir.path() / "before.json";
    const std::string backup = dir.path() / "keys.rdb";
    const std::string log = dir.path() / "audit.log";
    return {{"keys"},
            {"keys", "-l"},
            {"keys", "--sort", "size"},
            {"keys", "--count"},
            {"ttl"},
            {"ttl", "--summary"},
            {"ttl", "--timeline", "1h"},
            {"get", "json", "course:1"},
            {"stats"},
            {"stats", "all"},
            {"stats", "clients"},
            {"stats", "latency"},
            {"stats", "slow"},
            {"stats", "sizes"},
            {"du"},
            {"du", "--by", "ttl"},
            {"du", "--by", "type"},
            {"hot", "--interval", "1s"},
            {"snapshot", snapshot},
            {"diff", snapshot, "now"},
            {"health"},
            {"capabilities"},
            {"audit", "--policy", policy},
            {"context", "list"},
            {"invalidate", "course:*", "--dry-run"},
            {"expire", "course:1?", "--set", "10m", "--yes"},
            {"warm", dump, "--list-tables"},
            {"warm", dump, "--key", "course:{id}", "--dry-run"},
            {"warm", dump, "--key", "course:{id}", "--yes", "--audit-log", log},
            {"invalidate", "course:2*", "--yes", "--backup", backup, "--audit-log", log},
            {"restore", backup, "--list"},
            {"restore", backup, "--dry-run"},
            {"audit-log", "verify", log},
            {"help"},
            {"help", "du"}};
}

/// What may be wider than the screen: a name that has to be whole, a command to copy, a digest, the
/// forms of a URL, a file.
bool is_never_divided(const std::string& line) {
    const auto has = [&](std::string_view part) { return line.find(part) != std::string::npos; };
    return has(std::string(50, 'x')) || has("cachectl ") || has("SHA-256") || has("://") ||
           has("$XDG_CONFIG_HOME");
}

std::string lines_wider_than(std::size_t columns, const std::string& screen) {
    std::string wide;
    std::istringstream lines(screen);
    for (std::string line; std::getline(lines, line);) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) {
            line.pop_back();
        }
        if (cachectl::display_width(line) > columns && !is_never_divided(line)) {
            wide += line + '\n';
        }
    }
    return wide;
}

bool ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

struct Terminal {
    std::string name;
    std::map<std::string, std::string> env;
    unsigned short columns;
};

}  // namespace

TEST_CASE("no screen is wider than its terminal, and none says what the terminal cannot show") {
    const Terminal terminals[] = {{"narrow", {{"NO_COLOR", "1"}}, 60},
                                  {"usual", {{"NO_COLOR", "1"}}, 80},
                                  {"wide", {{"NO_COLOR", "1"}}, 100},
                                  {"very wide", {{"NO_COLOR", "1"}}, 160},
                                  {"dumb", {{"TERM", "dumb"}}, 80}};
    for (const Terminal& terminal : terminals) {
        const RedisServer server;
        RespClient redis = server.client();
        fill(redis, terminal.name == "dumb");
        const TempDir dir;
        const std::string url = "unix://" + server.socket_path();
        for (const Strings& words : screens(dir)) {
            PtyOptions options;
            options.columns = terminal.columns;
            options.process.env = terminal.env;
            options.process.env["CACHECTL_URL"] = url;
            PtyProcess shown(cachectl_argv(words), options);
            const int code = shown.wait().exit_code;
            std::string command;
            for (const std::string& word : words) {
                command += word + ' ';
            }
            INFO(terminal.name << ": " << command << '\n' << shown.screen());
            CHECK((code == 0 || (code == 1 && (words[0] == "audit" || words[0] == "health"))));
            CHECK(lines_wider_than(terminal.columns, shown.screen()) == "");
            CHECK(shown.screen().find('\x1b') == std::string::npos);
            if (terminal.name == "dumb") {
                CHECK(ascii(shown.screen()));
            }
        }
    }
}
