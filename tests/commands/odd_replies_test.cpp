// Replies that no server gives to such a command, as a proxy may that mixes them up: what they do
// not confirm has not been done, and what they do not tell is not known.
#include <doctest/doctest.h>

#include <map>
#include <optional>

#include "support/change_runs.hpp"
#include "support/fake_client.hpp"
#include "support/json.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using cachectl::Reply;
using Json = nlohmann::json;

namespace {

using Words = std::vector<std::string>;

FakeClient cache() {
    FakeClient client;
    client.keys["c:1"] = {};
    client.keys["c:2"] = {.ttl_ms = 7'200'000};
    client.keys["sess:a"] = {};
    return client;
}

/// What is in the server, and until when.
std::map<std::string, std::optional<std::int64_t>> times(const FakeClient& client) {
    std::map<std::string, std::optional<std::int64_t>> result;
    for (const auto& [name, key] : client.keys) {
        result[name] = key.ttl_ms;
    }
    return result;
}

/// Answers every command of this name.
void answer_with(FakeClient& client, const std::string& name, const Reply& reply) {
    client.on(name, [reply](const FakeClient::Args&) { return reply; });
}

struct Odd {
    const char* command;
    Reply reply;
    Words words;
};

}  // namespace

TEST_CASE("what a reply does not confirm is unknown, and is not sent again") {
    const TempDir dir;
    const std::string rows = dir.file("rows.json", "\n{\"id\":\"1\"}\n");
    const Words load{"warm", rows, "--key", "w:{id}", "--ttl", "1h"};
    const Words overwrite{"warm",  rows, "--key",       "w:{id}",
                          "--ttl", "1h", "--if-exists", "overwrite"};
    const Words update{"warm", rows, "--key", "w:{id}", "--ttl", "1h", "--if-exists", "update"};
    for (const Odd& odd : {
             Odd{"UNLINK", Reply::make_status("QUEUED"), {"invalidate", "c:*", "--yes"}},
             Odd{"UNLINK", Reply::make_integer(3), {"invalidate", "c:*", "--yes"}},
             Odd{"UNLINK", Reply{}, {"flush", "c", "--yes"}},
             Odd{"PEXPIRE", Reply::make_integer(2), {"expire", "c:1", "--set", "1h", "--yes"}},
             Odd{"PEXPIRE", Reply::make_array({}), {"expire", "c:1", "--set", "1h", "--yes"}},
             Odd{"FLUSHDB", Reply::make_status("QUEUED"), {"flush", "--whole-db", "--yes"}},
             Odd{"FLUSHDB", Reply::make_integer(1), {"flush", "--whole-db", "--yes"}},
             Odd{"SET", Reply::make_status("QUEUED"), load},
             Odd{"SET", Reply::make_string("v"), load},
             Odd{"SET", Reply{}, overwrite},
         }) {
        FakeClient client = cache();
        answer_with(client, odd.command, odd.reply);
        Words words = odd.words;
        words.push_back("--json");
        const RunResult run = run_with(client, words);
        CAPTURE(odd.command);
        CAPTURE(run.err);
        CHECK(run.code == 5);
        const Json summary = Json::parse(run.out);
        CHECK(summary["unknown"].get<int>() > 0);
        CHECK(summary["complete"] == false);
        CHECK(client.count(odd.command) == 1);
        CHECK(times(client) == times(cache()));
    }
    // It is written once more where it could not be made; that may not go on for ever.
    FakeClient client = cache();
    answer_with(client, "SET", Reply{});
    const RunResult run = run_with(client, update);
    CHECK(run.code == 5);
    CHECK(client.count("SET") == 2);
}

TEST_CASE("a size that no key has is no answer: nothing waits for what it would cost") {
    FakeClient client = cache();
    answer_with(client, "MEMORY", Reply::make_integer(INT64_MAX));
    const auto began = client.now();
    CHECK(run_with(client, {"invalidate", "c:*", "--yes"}).code == 0);
    CHECK(client.now() - began < std::chrono::minutes(1));
    CHECK(client.keys.size() == 1);

    FakeClient without = cache();
    answer_with(without, "MEMORY", Reply::make_integer(INT64_MAX));
    answer_with(without, "UNLINK", Reply::make_error("ERR unknown command 'UNLINK'"));
    const RunResult run = run_with(without, {"invalidate", "c:*", "--yes", "--allow-del"});
    CHECK(run.code != 0);
    CHECK(without.count("DEL") == 0);
    CHECK(times(without) == times(cache()));
}

TEST_CASE("a list does not call a key eternal whose time to live is no answer") {
    FakeClient client = cache();
    client.on("PTTL", [](const FakeClient::Args& args) {
        return args[1] == "c:1" ? Reply::make_status("OK") : Reply::make_integer(-1);
    });
    CHECK(run_with(client, {"ttl", "c:*"}).out == "?\t-\tc:1\nnever\t-\tc:2\n");
    CHECK(run_with(client, {"keys", "c:*", "--sort", "ttl"}).out == "?\tc:1\nnever\tc:2\n");
    const std::string listed = run_with(client, {"keys", "c:*", "-l"}).out;
    CHECK(listed.find("string\t?\t") != std::string::npos);
    CHECK(listed.find("string\tnever\t") != std::string::npos);
}
