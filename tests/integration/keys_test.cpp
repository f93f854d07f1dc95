// keys against a real server: what it lists, and how it ends when something gets in its way.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "support/process.hpp"
#include "support/pty.hpp"
#include "support/redis_server.hpp"
#include "util/text.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

using Strings = std::vector<std::string>;

const Strings k_nasty = {"plain",
                         " two  spaces ",
                         "line\nfeed",
                         "car\rriage\ttab",
                         "quo\"te'd",
                         "back\\slash \\x41",
                         std::string("nu\0l", 4),
                         "esc\x1b[31mred\x07",
                         "bad\xff\xc3\x28utf8",
                         "h\u00e9 \u65e5\u672c \U0001F600",
                         "bidi\u202e",
                         "c1\u009b31m",
                         "[glob]*?",
                         "-n",
                         ""};

void fill(const RedisServer& server, const Strings& keys) {
    RespClient redis = server.client();
    for (const std::string& key : keys) {
        redis.run({"SET", key, "v"});
    }
}

void fill(const RedisServer& server, std::size_t count) {
    server.client().pipeline(count, [](std::size_t i) -> RespClient::Args {
        return {"SET", "key:" + std::to_string(i), "v"};
    });
}

ProcessResult keys(const RedisServer& server, Strings args, ProcessOptions options = {}) {
    args.insert(args.begin(), {"keys", "-s", server.socket_path()});
    return run_cachectl(std::move(args), std::move(options));
}

Strings split(const std::string& text, char separator) {
    Strings parts;
    std::size_t from = 0;
    for (std::size_t at; (at = text.find(separator, from)) != std::string::npos; from = at + 1) {
        parts.push_back(text.substr(from, at - from));
    }
    CHECK(from == text.size());  // the last one ends in it too
    return parts;
}

Strings sorted(Strings strings) {
    std::sort(strings.begin(), strings.end());
    return strings;
}

std::string joined(const Strings& parts, const std::string& end) {
    std::string text;
    for (const std::string& part : parts) {
        text += part + end;
    }
    return text;
}

/// The bytes that RFC 4648 base64 stands for.
std::string from_base64(const std::string& text) {
    const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned value = 0;
    int bits = 0;
    for (const char c : text) {
        if (c == '=') {
            break;
        }
        value = value << 6 | static_cast<unsigned>(alphabet.find(c));
        if ((bits += 6) >= 8) {
            bytes += static_cast<char>(value >> (bits -= 8) & 0xFF);
        }
    }
    return bytes;
}

/// Each of key:0 … key:COUNT-1 once and nothing else.
void check_all_once(const std::string& out, std::size_t count) {
    const Strings listed = sorted(split(out, '\n'));
    CHECK(listed.size() == count);
    CHECK(std::adjacent_find(listed.begin(), listed.end()) == listed.end());
    Strings expected;
    for (std::size_t i = 0; i < count; ++i) {
        expected.push_back("key:" + std::to_string(i));
    }
    CHECK((listed == sorted(std::move(expected))));
}

}  // namespace

TEST_CASE("keys are the raw bytes in a pipe, whatever they are") {
    const RedisServer server;
    fill(server, k_nasty);
    const ProcessResult nul = keys(server, {"-0"});
    CHECK(nul.exit_code == 0);
    CHECK(nul.err.find("warning: 1 key is not read back") != std::string::npos);
    std::string all = joined(sorted(k_nasty), "|");
    Strings listed;
    std::string rest = nul.out;
    // One of the keys holds a NUL, so the pieces are compared as they were joined.
    std::string key_with_nul("nu\0l\0", 5);
    const std::size_t at = rest.find(key_with_nul);
    REQUIRE(at != std::string::npos);
    rest.erase(at, key_with_nul.size());
    listed = split(rest, '\0');
    listed.emplace_back("nu\0l", 4);
    CHECK(joined(sorted(listed), "|") == all);

    // And line by line: the same bytes, ended by a newline each.
    const ProcessResult lines = keys(server, {});
    for (const std::string& key : k_nasty) {
        CAPTURE(key);
        CHECK(("\n" + lines.out).find("\n" + key + "\n") != std::string::npos);
    }
    CHECK(lines.out.size() == nul.out.size());
}

TEST_CASE("on a terminal no key can send an escape sequence, and each stands for one text") {
    const RedisServer server;
    fill(server, k_nasty);
    PtyProcess terminal(cachectl_argv({"keys", "-s", server.socket_path(), "--color", "never"}));
    CHECK(terminal.wait().exit_code == 0);
    const std::string& screen = terminal.screen();
    for (const char* shown :
         {"plain\r\n", " two  spaces \r\n", "line\\x0afeed\r\n", "car\\x0driage\\x09tab\r\n",
          "quo\"te'd\r\n", "back\\slash \\x5cx41\r\n", "nu\\x00l\r\n", "esc\\x1b[31mred\\x07\r\n",
          "bad\\xff\\xc3(utf8\r\n", "h\u00e9 \u65e5\u672c \U0001F600\r\n",
          "bidi\\xe2\\x80\\xae\r\n", "c1\\xc2\\x9b31m\r\n", "[glob]*?\r\n", "-n\r\n"}) {
        CAPTURE(shown);
        CHECK(screen.find(shown) != std::string::npos);
    }
    CHECK(screen.find('\x1b') == std::string::npos);
    CHECK(screen.find('\x07') == std::string::npos);
    CHECK(screen.find("\u202e") == std::string::npos);
    CHECK(std::count(screen.begin(), screen.end(), '\n') ==
          static_cast<std::ptrdiff_t>(k_nasty.size()));
}

TEST_CASE("in JSON a key is its text, and where it is no text its bytes besides") {
    const RedisServer server;
    fill(server, k_nasty);
    const auto list = nlohmann::json::parse(keys(server, {"-l", "--json"}).out);
    Strings exact;
    for (const auto& entry : list) {
        const auto key = entry.at("key").get<std::string>();
        const bool text = !entry.contains("key_base64");
        exact.push_back(text ? key : from_base64(entry["key_base64"].get<std::string>()));
        CHECK(text == cachectl::is_utf8(exact.back()));
        CHECK(entry.at("type") == "string");
        CHECK(entry.at("ttl_ms").is_null());
        CHECK(entry.at("size_bytes").get<int>() > 0);
        CHECK(entry.at("idle_s").get<int>() >= 0);
    }
    CHECK(sorted(exact) == sorted(k_nasty));

    // NDJSON: each line is a value of its own.
    const Strings lines = split(keys(server, {"-o", "ndjson"}).out, '\n');
    CHECK(lines.size() == k_nasty.size());
    for (const std::string& line : lines) {
        CHECK(nlohmann::json::parse(line).contains("key"));
    }
}

TEST_CASE("100,000 keys: each exactly once, in constant memory") {
    const RedisServer server;
    fill(server, 100'000);
    const ProcessResult all = keys(server, {});
    CHECK(all.exit_code == 0);
    check_all_once(all.out, 100'000);
    CHECK(all.err.empty());
}

TEST_CASE("also while the server's table shrinks under the walk") {
    const RedisServer server;
    RespClient redis = server.client();
    // 100,000 of 600,000 are less than a tenth of a table of 2^20: it is rehashed to 2^17.
    fill(server, 600'000);
    redis.pipeline(500, [](std::size_t page) -> RespClient::Args {
        RespClient::Args unlink = {"UNLINK"};
        for (std::size_t i = 0; i < 1000; ++i) {
            unlink.push_back("key:" + std::to_string(100'000 + page * 1000 + i));
        }
        return unlink;
    });
    for (int round = 0; round < 5; ++round) {
        const ProcessResult all = keys(server, {});
        CHECK(all.exit_code == 0);
        check_all_once(all.out, 100'000);
    }
}

TEST_CASE("the filters on a real server") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.run({"SET", "short", "v", "EX", "60"});
    redis.run({"SET", "long", "v", "EX", "86400"});
    redis.run({"SET", "large", std::string(100'000, 'x')});
    redis.run({"HSET", "hash", "f", "v"});
    const auto listed = [&](Strings args) {
        return sorted(split(keys(server, std::move(args)).out, '\n'));
    };
    CHECK(listed({"--no-ttl"}) == Strings{"hash", "large"});
    CHECK(listed({"--ttl-below", "1h"}) == Strings{"short"});
    CHECK(listed({"--ttl-above", "1h"}) == Strings{"hash", "large", "long"});
    CHECK(listed({"--size-over", "50KiB"}) == Strings{"large"});
    CHECK(listed({"--type", "hash"}) == Strings{"hash"});
    CHECK(listed({"--idle-over", "1h"}).empty());
    CHECK(listed({"l*", "--exclude", "*g"}) == Strings{"large"});
    CHECK(listed({"l*", "s*"}) == Strings{"large", "long", "short"});
    CHECK(listed({"--limit", "2"}).size() == 2);
}

TEST_CASE("--keys-from: one a line, or ended by NUL, from a file or stdin") {
    const RedisServer server;
    fill(server, {"a", "line\nfeed", "c d"});
    ProcessOptions input;
    input.stdin_bytes = std::string("line\nfeed\0gone\0c d\0", 19);
    ProcessResult listed = keys(server, {"--keys-from", "-", "--null", "-0"}, input);
    CHECK(listed.exit_code == 0);
    CHECK(listed.out == std::string("line\nfeed\0c d\0", 14));
    CHECK(listed.err == "cachectl: 1 key was gone before we could look\n");

    const std::string list = server.dir().file("list", "a\ngone\n\nc d");
    listed = keys(server, {"--keys-from", list, "--quiet"});
    CHECK(listed.out == "a\nc d\n");
    CHECK(listed.err.empty());

    listed = keys(server, {"--keys-from", list + ".none"});
    CHECK(listed.exit_code == 6);
    CHECK(listed.err == "cachectl: error: cannot read the list of keys from " + list +
                            ".none: No such file or directory\n");
}

TEST_CASE("a reader that goes, as head does, ends it quietly") {
    const RedisServer server;
    fill(server, 100'000);
    Process process(cachectl_argv({"keys", "-s", server.socket_path()}));
    REQUIRE(process.wait_for_out("key:"));
    process.close_stdout();
    const ProcessResult result = process.wait();
    CHECK(result.exit_code == 0);
    CHECK(result.signal == 0);
    CHECK(result.err.empty());
}

TEST_CASE("a full disk under stdout is an error of its own") {
    const RedisServer server;
    fill(server, Strings{"a"});
    ProcessOptions options;
    options.stdout_path = "/dev/full";
    for (const Strings& args : {Strings{}, Strings{"--json"}, Strings{"-l", "-o", "csv"}}) {
        const ProcessResult result = keys(server, args, options);
        CHECK(result.exit_code == 7);
        CHECK(result.err.find("No space left on device") != std::string::npos);
    }
}

TEST_CASE("Ctrl-C in mid-listing: whole lines until there, and 130") {
    const RedisServer server;
    fill(server, 300'000);
    for (const int signal : {SIGINT, SIGTERM}) {
        Process process(cachectl_argv({"keys", "-s", server.socket_path()}));
        REQUIRE(process.wait_for_out("key:"));
        process.send_signal(signal);  // the pipe is full: it has not come to the end
        const ProcessResult result = process.wait();
        CHECK(result.exit_code == 128 + signal);
        const Strings listed = split(result.out, '\n');
        CHECK(listed.size() > 0);
        CHECK(listed.size() < 300'000);
    }
}

TEST_CASE("a server that is restarted in mid-walk: from the start, and no key is listed twice") {
    RedisServer server({"--appendonly", "yes"});
    fill(server, 100'000);
    Process process(cachectl_argv({"keys", "-s", server.socket_path(), "--wait", "20s"}));
    REQUIRE(process.wait_for_out("key:"));
    server.restart();
    const ProcessResult result = process.wait();
    CHECK(result.exit_code == 0);
    CHECK(result.err == "cachectl: the server was restarted on the way: the walk was begun anew\n");
    const Strings listed = split(result.out, '\n');
    CHECK(listed.size() == 100'000);
    CHECK(std::set<std::string>(listed.begin(), listed.end()).size() == 100'000);
}

TEST_CASE("a server that goes for good in mid-walk: what was found counts, and the code says so") {
    RedisServer server;
    fill(server, 100'000);
    Process process(cachectl_argv({"keys", "-s", server.socket_path()}));
    REQUIRE(process.wait_for_out("key:"));
    server.kill();
    const ProcessResult result = process.wait();
    CHECK(result.exit_code == 5);
    CHECK(result.err.find("cannot connect to") != std::string::npos);
    CHECK(result.err.find("(the list is not complete)") != std::string::npos);
    CHECK(split(result.out, '\n').size() > 0);
}

TEST_CASE("looking changes nothing: not the keys, and not how long they have been idle") {
    const RedisServer server({"--enable-debug-command", "yes"});
    RespClient redis = server.client();
    redis.run({"SET", "seed", "v"});
    const std::string dump = redis.text({"DUMP", "seed"});
    for (int i = 0; i < 50; ++i) {
        redis.run({"RESTORE", "idle:" + std::to_string(i), i % 2 == 0 ? "0" : "3600000", dump,
                   "IDLETIME", "5000"});
    }
    redis.run({"RPUSH", "list", "a", "b"});
    const std::string before = redis.text({"DEBUG", "DIGEST"});
    for (const Strings& args :
         {Strings{"keys", "-l"}, Strings{"keys", "--idle-over", "1h", "--size-over", "1"},
          Strings{"keys", "--type", "list", "-l"}, Strings{"ttl"}, Strings{"ttl", "--summary"},
          Strings{"stats"}, Strings{"stats", "commands"}}) {
        Strings all = args;
        all.insert(all.end(), {"-s", server.socket_path()});
        CHECK(run_cachectl(all).exit_code == 0);
    }
    ProcessOptions input;
    input.stdin_bytes = "idle:1\nidle:2\n";
    CHECK(keys(server, {"--keys-from", "-", "-l"}, input).exit_code == 0);

    CHECK(redis.text({"DEBUG", "DIGEST"}) == before);
    for (int i = 0; i < 50; ++i) {
        CHECK(redis.integer({"OBJECT", "IDLETIME", "idle:" + std::to_string(i)}) >= 5000);
    }
    CHECK(split(keys(server, {"--idle-over", "1h"}).out, '\n').size() == 50);
}

// Redis has one object for each of the numbers below 10,000, whose idle time is that of no key.
TEST_CASE("a number that was written just now has not been idle, whatever the server says") {
    RedisServer server;
    RespClient redis = server.client();
    redis.run({"SET", "rate:1", "42"});
    std::this_thread::sleep_for(2500ms);  // idle times are whole seconds
    redis.run({"SET", "session:9", "1"});
    const bool shares = redis.integer({"OBJECT", "REFCOUNT", "session:9"}) > 1'000'000;
    const auto run = [&](std::vector<std::string> words) {
        words.insert(words.end(), {"--idle-over", "1s", "-s", server.socket_path()});
        const ProcessResult result = run_cachectl(words);
        CAPTURE(result.err);
        CHECK(result.exit_code == 0);
        return result.out;
    };
    run({"invalidate", "*", "--all", "--yes"});
    CHECK(redis.integer({"EXISTS", "session:9"}) == 1);
    CHECK(redis.integer({"EXISTS", "rate:1"}) == (shares ? 1 : 0));
}
