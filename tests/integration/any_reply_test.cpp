// Whatever a server answers, no command crashes or hangs, and nothing that it says can act on a
// terminal: every command, and after the login one reply to everything.
#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "support/fake_server.hpp"
#include "support/observed_run.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

using Words = std::vector<std::string>;

constexpr Millis k_bound = 20s;

/// SCAN's page and DBSIZE are right, and all that is not of the login has the one reply.
Handler odd_redis(const std::string& reply) {
    static const std::set<std::string> login{"HELLO", "AUTH", "CLIENT", "SELECT",
                                             "PING",  "INFO", "ROLE",   "COMMAND"};
    const std::string page = resp::scan_page("0", {"k:1", "k:2", "k:3"});
    return [reply, page, polite = polite_redis()](const FakeServer::Command& command) {
        if (command.at(0) == "SCAN") {
            return page;
        }
        if (command.at(0) == "DBSIZE") {
            return resp::integer(3);
        }
        return login.contains(command.at(0)) ? polite(command) : reply;
    };
}

std::vector<std::string> odd_replies() {
    using namespace resp;
    return {
        integer(INT64_MAX),
        integer(INT64_MIN),
        nil(),
        status("QUEUED"),
        bulk("x\xff\x1b[2J"),
        array({}),
        array({array({integer(1), array({})}), nil(), bulk("99999999999999999999")}),
        error("ERR \x1b]0;owned\x07 odd"),
    };
}

struct Stage {
    Stage() {
        const RedisServer server;
        RespClient redis = server.client();
        redis.run({"SET", "k:1", "v"});
        backup = (dir.path() / "k.rdb").string();
        snapshot = (dir.path() / "k.json").string();
        for (const Words& words : {Words{"snapshot", snapshot},
                                   Words{"invalidate", "k:*", "--yes", "--backup", backup}}) {
            Words all = words;
            all.insert(all.end(), {"-s", server.socket_path()});
            REQUIRE(run_cachectl(all).exit_code == 0);
        }
    }

    std::vector<Words> looking() const {
        return {
            {"keys"},
            {"keys", "-l"},
            {"keys", "--sort", "ttl"},
            {"keys", "--members-of", "set"},
            {"keys", "k:1", "k:2"},
            {"ttl"},
            {"ttl", "--summary"},
            {"ttl", "--timeline", "1h"},
            {"get", "k"},
            {"get", "k", "--json"},
            {"get", "k", "--raw"},
            {"stats", "all"},
            {"stats", "all", "--json"},
            {"du"},
            {"du", "--sample", "2"},
            {"hot", "--interval", "100ms"},
            {"hot", "--method", "hotkeys", "--interval", "100ms"},
            {"hot", "--monitor", "100ms"},
            {"health", "--interval", "100ms"},
            {"audit", "--suggest"},
            {"audit", "--policy", policy},
            {"wait", "k:*", "--min", "9", "--within", "200ms"},
            {"wait", "--hit-ratio", "0.5", "--within", "200ms"},
            {"diff", snapshot, "now"},
            {"capabilities"},
            {"context", "check"},
        };
    }

    std::vector<Words> changing() const {
        const Words load{"warm", rows, "--key", "w:{id}", "--ttl", "1h"};
        const auto with = [](Words words, const Words& more) {
            words.insert(words.end(), more.begin(), more.end());
            return words;
        };
        const std::string other = (dir.path() / "other.rdb").string();
        return {
            {"invalidate", "k:*", "--yes"},
            {"invalidate", "k:*", "--yes", "--allow-del"},
            {"invalidate", "k:*", "--yes", "--backup", other},
            {"invalidate", "k:*", "--yes", "--spread", "1h"},
            {"invalidate", "--members-of", "set", "--and-set", "--yes"},
            {"flush", "k", "--yes"},
            {"flush", "--whole-db", "--yes"},
            {"expire", "k:*", "--set", "1h", "--yes"},
            {"expire", "k:*", "--add", "1h", "--yes"},
            {"restore", backup, "--yes"},
            load,
            with(load, {"--as", "hash"}),
            with(load, {"--verify"}),
            with(load, {"--if-exists", "update"}),
            with(load, {"--if-exists", "refresh", "--refresh-below", "1m"}),
            with(load, {"--if-exists", "overwrite", "--backup", other}),
            with(load, {"--sync", "w:*", "--yes"}),
        };
    }

    TempDir dir;
    std::string backup, snapshot;
    std::string rows = dir.file("rows.ndjson", "{\"id\":1,\"v\":\"a\"}\n{\"id\":2,\"v\":\"b\"}\n");
    std::string policy = dir.file(
        "policy.json", R"({"keys": [{"pattern": "k:*", "ttl": "1h", "max_size": "1KiB"}]})");
};

/// What each run has to keep to, whatever it was sent.
ObservedRun run_on(const std::string& reply, Words words) {
    const FakeServer server(answer(odd_redis(reply)));
    words.insert(words.end(), {"-p", std::to_string(server.port()), "--timeout", "2s"});
    ProcessOptions options;
    options.timeout = 2 * k_bound;
    ObservedRun run = observe_cachectl(words, options);
    CAPTURE(words);
    CAPTURE(reply);
    CAPTURE(run.err);
    CHECK(run.signal == 0);
    CHECK_FALSE(run.timed_out);
    CHECK(run.took < k_bound);
    CHECK(run.err.find('\x1b') == std::string::npos);
    CHECK(run.exit_code >= 0);
    CHECK(run.exit_code <= 8);
    CHECK(run.exit_code != 2);  // the command line is right
    CHECK(run.exit_code != 7);  // and so is the disk
    if (run.exit_code > 1) {
        CHECK(run.err.find("error") != std::string::npos);
    }
    return run;
}

}  // namespace

TEST_CASE_FIXTURE(Stage, "whatever a server answers, a command that looks ends by itself") {
    for (const std::string& reply : odd_replies()) {
        for (const Words& words : looking()) {
            run_on(reply, words);
        }
    }
}

TEST_CASE_FIXTURE(Stage, "whatever a server answers, a command that changes ends by itself") {
    for (const std::string& reply : odd_replies()) {
        for (const Words& words : changing()) {
            run_on(reply, words);
            std::filesystem::remove(dir.path() / "other.rdb");
        }
    }
}

TEST_CASE_FIXTURE(Stage, "what says nothing of the keys is not counted as done") {
    for (const std::string& reply : {resp::status("QUEUED"), resp::array({}), resp::bulk("v")}) {
        for (const Words& words : std::vector<Words>{
                 {"invalidate", "k:*", "--yes"},
                 {"flush", "--whole-db", "--yes"},
                 {"expire", "k:*", "--set", "1h", "--yes"},
                 {"restore", backup, "--yes"},
                 {"warm", rows, "--key", "w:{id}", "--ttl", "1h"},
             }) {
            const ObservedRun run = run_on(reply, words);
            CAPTURE(words);
            CAPTURE(reply);
            CHECK(run.exit_code >= 3);
        }
    }
}
