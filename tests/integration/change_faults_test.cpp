// What a change must not believe: an answer that was typed before its question, a list that ends
// early, a count.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/fake_server.hpp"
#include "support/observed_run.hpp"
#include "support/process.hpp"
#include "support/pty.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;

namespace {

std::vector<std::string> on(const RedisServer& server, std::vector<std::string> words) {
    words.insert(words.end(), {"-s", server.socket_path()});
    return words;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what was typed before the question does not answer it") {
    RedisServer server;
    server.client().run({"MSET", "k:1", "x", "k:2", "x"});
    server.freeze();
    PtyProcess process(cachectl_argv(on(server, {"invalidate", "k:*"})));
    process.type("y\ny\ny");
    server.thaw();
    REQUIRE(process.expect("[y/N]"));
    process.type("n\n");
    CHECK(process.wait().exit_code == 8);
    CHECK(server.client().integer({"DBSIZE"}) == 2);
}

TEST_CASE("a list's line that is too long for memory is an error, not the list's end") {
    if (is_sanitized()) {
        return;  // a sanitized build needs all the address space there is
    }
    RedisServer server;
    server.client().run({"SET", "k", "x"});
    TempDir dir;
    const std::string list = dir.file("list", "");
    std::filesystem::resize_file(list, 600'000'000);
    std::ofstream(list, std::ios::app) << "\nk\n";
    for (const std::string command : {"invalidate", "keys"}) {
        auto words = cachectl_argv(on(server, {command, "--keys-from", list}));
        if (command == "invalidate") {
            words.push_back("--yes");
        }
        words.insert(words.begin(), {"sh", "-c", "ulimit -v 500000; exec \"$@\"", "sh"});
        const ProcessResult result = run_process(words);
        CHECK(result.exit_code == 6);
        CHECK(has(result.err, "a key is too long for memory"));
    }
    CHECK(server.client().integer({"DBSIZE"}) == 1);
}

TEST_CASE("a signal ends a list that never ends and only repeats its keys") {
    RedisServer server;
    for (const std::string what : {"--dry-run", "--yes"}) {
        Process process(
            cachectl_argv(on(server, {"invalidate", "--keys-from", "/dev/zero", "-0", what})));
        RespClient client = server.client();
        const auto clients = [&] {
            const std::string list = client.text({"CLIENT", "LIST"});
            return std::count(list.begin(), list.end(), '\n');
        };
        while (clients() < 2) {
            process.pump(std::chrono::milliseconds(10));
        }
        process.pump(std::chrono::milliseconds(300));  // it may be at its list by now
        process.send_signal(SIGINT);
        CHECK(process.wait().exit_code == 130);
    }
}

TEST_CASE("with rights on part of the keys the others are changed, and these counted") {
    RedisServer server;
    const auto fill = [&] {
        RespClient client = server.client();
        client.run({"FLUSHALL"});
        for (const char* prefix : {"a:", "b:"}) {
            client.pipeline(50, [&](std::size_t i) {
                return RespClient::Args{"SET", prefix + std::to_string(i), "x"};
            });
        }
        client.run({"ACL", "SETUSER", "app", "reset", "on", ">pw", "+@all", "~a:*"});
    };
    const std::vector<std::vector<std::string>> changes = {
        {"expire", "a:*", "b:*", "--cap", "1h"},
        {"expire", "a:*", "b:*", "--set", "1h"},
        {"invalidate", "a:*", "b:*", "--no-ttl"},
        {"invalidate", "a:*", "b:*", "--max-keys", "100"},
        {"invalidate", "a:*", "b:*", "--size-over", "1"},
    };
    for (const auto& change : changes) {
        CAPTURE(change.back());
        fill();
        std::vector<std::string> words = change;
        words.insert(words.end(), {"--json", "--user", "app", "-a", "pw", "--dry-run"});
        const Json dry = Json::parse(run_cachectl(on(server, words)).out);
        const bool deletes = change[0] == "invalidate";
        if (change.back() != "100" && change[3] != "--set") {  // which look at keys
            CHECK(dry[deletes ? "would_delete" : "would_change"] == 50);
            CHECK(dry["failed"] == 50);
        }
        words.back() = "--yes";
        const ProcessResult result = run_cachectl(on(server, words));
        CHECK(result.exit_code == 5);
        const Json summary = Json::parse(result.out);
        CHECK(summary["matched"] == 100);
        CHECK(summary[deletes ? "deleted" : "changed"] == 50);
        CHECK(summary["failed"] == 50);
        CHECK(summary["complete"] == false);
        CHECK(has(result.err, "not permitted to change 'b:"));
        CHECK(server.client().integer({"EXISTS", "b:1"}) == 1);
    }
}
