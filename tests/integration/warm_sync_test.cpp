// --sync and --switch against real servers: what stays, what goes, and what stops it all.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/observed_run.hpp"
#include "support/process.hpp"
#include "support/pty.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"
#include "support/tcp_port.hpp"
#include "support/temp_dir.hpp"
#include "support/warm_runs.hpp"

using namespace cachectl::test;
using namespace std::literals;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

Words keys_of(const RedisServer& server) {
    RespClient client = server.client();
    Words keys = client.list({"KEYS", "*"});
    std::sort(keys.begin(), keys.end());
    return keys;
}

Json summary_of(const ProcessResult& result) {
    CAPTURE(result.err);
    REQUIRE(!result.out.empty());
    return Json::parse(result.out);
}

std::string rows(int begin, int end) {
    std::string text;
    for (int i = begin; i < end; ++i) {
        text += fmt::format("{{\"id\":{}}}\n", i);
    }
    return text;
}

/// A pipeline's command line, with its input through a pipe or from a file.
Words synced(const std::string& input, const Words& more) {
    Words words = {input,    "--key", "c:{r}:{id}", "--ttl",  "1h",       "--set", "r=v2",
                   "--sync", "c:*",   "--yes",      "--json", "--switch", "now:c"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

void set_old_release(const RedisServer& server, int keys) {
    RespClient client = server.client();
    client.pipeline(static_cast<std::size_t>(keys), [](std::size_t i) {
        return RespClient::Args{"SET", fmt::format("c:v1:{}", i), "old"};
    });
    client.run({"SET", "now:c", "v1"});
}

/// That nothing of the old release went, and the pointer stands.
void check_untouched(const RedisServer& server, int keys) {
    RespClient client = server.client();
    CHECK(client.list({"KEYS", "c:v1:*"}).size() == static_cast<std::size_t>(keys));
    CHECK(client.text({"GET", "now:c"}) == "v1");
}

}  // namespace

TEST_CASE("made, skipped and protected keys stay, whatever their names; all others go") {
    const TempDir dir;
    const RedisServer server;
    RespClient client = server.client();
    // Each as a name of the input, and with an x behind it as a stale one. {"k":name} rows in JSON
    // carry every byte but those that are no UTF-8, which are stale only.
    const Words names = {"plain",   "two words", "new\nline", std::string("n\0l", 3), "tab\t", "é",
                         "[a]*?\\", "{tag}",     "\"q\"",     std::string(5000, 'l')};
    std::string input;
    for (const std::string& name : names) {
        input += Json({{"k", name}, {"v", "new"}}).dump() + "\n";
        client.run({"SET", "c:" + name + "x", "stale"});
    }
    client.run({"SET", "c:" + names[1], "was there"});
    client.run({"SET", "c:\xff\xfe", "stale"});
    client.run({"RPUSH", "c:list", "stale"});
    client.run({"SET", "c:keep", "protected"});
    client.run({"SET", "d:other", "elsewhere"});
    const std::string file = dir.file("a.ndjson", input);
    const Words words = {file,  "--key",     "c:{k}",  "--ttl", "1h",    "--sync",
                         "c:*", "--protect", "c:keep", "--yes", "--json"};
    Words dry = words;
    dry.emplace_back("--dry-run");
    const Words before = keys_of(server);
    const Json would = summary_of(warm(server, dry));
    CHECK(keys_of(server) == before);
    const ProcessResult result = warm(server, words);
    CHECK(result.exit_code == 0);
    const Json sync = summary_of(result)["sync"];
    CHECK(sync["deleted"] == names.size() + 2);
    CHECK(sync["deleted"] == would["sync"]["would_delete"]);
    CHECK(sync["kept"] == names.size());
    CHECK(sync["protected"] == 1);
    CHECK(sync["complete"] == true);
    Words expected = {"c:keep", "d:other"};
    for (const std::string& name : names) {
        expected.push_back("c:" + name);
    }
    std::sort(expected.begin(), expected.end());
    CHECK(keys_of(server) == expected);
    CHECK(client.text({"GET", "c:" + names[1]}) == "was there");
}

TEST_CASE("killed or interrupted in the middle nothing goes; --resume then syncs right") {
    for (const int signal : {SIGKILL, SIGTERM}) {
        CAPTURE(signal);
        const TempDir dir;
        const RedisServer server;
        set_old_release(server, 1'000);
        RespClient client = server.client();
        const Words more = {"--resume", "--journal", (dir.path() / "j").string()};
        Process process(cachectl_argv(on(server, synced("-", more))), {.keep_stdin_open = true});
        process.write_stdin(rows(0, 20'000));
        REQUIRE(wait_for_keys(process, client, 1'001 + 10'000));
        process.send_signal(signal);
        const ProcessResult stopped = process.wait();
        check_untouched(server, 1'000);
        if (signal == SIGTERM) {
            CHECK(stopped.exit_code == 143);
            const Json summary = summary_of(stopped);
            CHECK(summary["switched"].is_null());
            CHECK(summary["sync"]["deleted"] == 0);
            CHECK(summary["sync"]["reason"] == "the load is not complete");
        }
        const ProcessResult resumed =
            warm(server, synced("-", more), {.stdin_bytes = rows(0, 25'000)});
        CHECK(resumed.exit_code == 0);
        const Json summary = summary_of(resumed);
        CHECK(summary["unchanged"].get<int>() >= 10'000);
        CHECK(summary["sync"]["deleted"] == 1'000);
        CHECK(summary["sync"]["kept"] == 25'000);
        CHECK(client.integer({"DBSIZE"}) == 25'001);
        CHECK(client.text({"GET", "now:c"}) == "v2");
    }
}

TEST_CASE("a server that was restarted in mid-run loses nothing of the old release") {
    const TempDir dir;
    RedisServer server;
    set_old_release(server, 100);
    server.client().run({"SAVE"});
    Process process(cachectl_argv(on(server, synced("-", {}))), {.keep_stdin_open = true});
    process.write_stdin(rows(0, 5'000));
    {
        RespClient client = server.client();
        REQUIRE(wait_for_keys(process, client, 101 + 1'000));
    }
    server.kill();
    server.restart();
    process.write_stdin(rows(5'000, 5'100));
    process.close_stdin();
    const ProcessResult result = process.wait();
    CHECK(result.exit_code == 5);
    check_untouched(server, 100);
    CHECK(summary_of(result)["sync"]["deleted"] == 0);
}

TEST_CASE("a restart while the question stands stops it, though the answer is yes") {
    const TempDir dir;
    RedisServer server;
    set_old_release(server, 100);
    server.client().run({"SAVE"});
    const std::string file = dir.file("a.ndjson", rows(0, 50));
    PtyProcess process(
        cachectl_argv(on(server, {file, "--key", "c:{r}:{id}", "--ttl", "1h", "--set", "r=v2",
                                  "--sync", "c:*", "--switch", "now:c"})));
    REQUIRE(process.expect("About to delete 100 keys"));
    REQUIRE(process.expect("Go on? [y/N]"));
    server.kill();
    server.restart();
    process.type("y\n");
    const ProcessResult result = process.wait();
    CAPTURE(process.screen());
    CHECK(result.exit_code == 5);
    CHECK(contains(process.screen(), "nothing was deleted"));
    check_untouched(server, 100);
}

TEST_CASE("an empty input and a pattern of something else are refused, and delete nothing") {
    const TempDir dir;
    const RedisServer server;
    set_old_release(server, 10);
    const std::string full = dir.file("full.ndjson", rows(0, 3));
    for (const std::string& text : {""s, "\n\n"s, "[]"s}) {
        const std::string empty = dir.file("empty.json", text);
        for (const Words& files : {Words{empty}, Words{full, empty}}) {
            Words words = synced(files[0], {});
            words.insert(words.begin() + 1, files.begin() + 1, files.end());
            const ProcessResult result = warm(server, words);
            CAPTURE(text);
            CAPTURE(result.err);
            CHECK((result.exit_code == 8 || result.exit_code == 6));
            CHECK(summary_of(result)["error"].is_object());
        }
    }
    const ProcessResult other = warm(server, synced(full, {"--sync", "courses:*"}));
    CHECK(other.exit_code == 8);
    CHECK(contains(other.err, "--sync 'courses:*' matches none of the keys that this run made"));
    check_untouched(server, 10);
}

TEST_CASE("without a server nothing is deleted, and the summary says why") {
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", rows(0, 3));
    const std::string port = std::to_string(free_tcp_port());  // nobody listens there
    for (const bool dry : {false, true}) {
        for (const char* unavailable : {"skip", "fail"}) {
            CAPTURE(dry);
            CAPTURE(unavailable);
            Words words = synced(file, {"--if-unavailable", unavailable, "-p", port});
            words.insert(words.begin(), "warm");
            if (dry) {
                words.emplace_back("--dry-run");
            }
            const ProcessResult result = run_cachectl(words);
            const bool fails = unavailable == "fail"s;
            CHECK(result.exit_code == (fails ? 3 : 0));
            const Json sync = summary_of(result)["sync"];
            CHECK(sync["complete"] == false);
            CHECK(contains(sync["reason"], fails ? "cannot connect" : "there was no server"));
        }
    }
}

TEST_CASE("a set of more keys than are held in memory is told from the stale ones exactly") {
    const int keys = is_sanitized() ? 100'000 : 300'000;
    const TempDir dir;
    const RedisServer server;
    const std::string file = dir.file("a.ndjson", rows(0, keys));
    RespClient client = server.client();
    client.pipeline(static_cast<std::size_t>(keys), [](std::size_t i) {
        return RespClient::Args{"SET", fmt::format("c:v1:{}", i), "old"};
    });
    const ProcessResult result = warm(server, synced(file, {}));
    CHECK(result.exit_code == 0);
    const Json sync = summary_of(result)["sync"];
    CHECK(sync["deleted"] == keys);
    CHECK(sync["kept"] == keys);
    CHECK(client.integer({"DBSIZE"}) == keys + 1);
    CHECK(client.list({"KEYS", "c:v1:*"}).empty());
}

TEST_CASE("on a cluster keys go on all masters, and none while a part is out of reach") {
    const TempDir dir;
    RedisCluster cluster({.replicas = false, .config = {"--cluster-require-full-coverage", "no"}});
    Words old;
    for (int i = 0; i < 300; ++i) {
        old.push_back(fmt::format("c:v1:{}", i));
    }
    cluster.set(old);
    cluster.set({"now:c"}, "v1");
    const std::string file = dir.file("a.ndjson", rows(0, 300));
    const auto run = [&](const Words& more) {
        Words words = synced(file, more);
        words.insert(words.begin(), "warm");
        words.insert(words.end(), {"-p", std::to_string(cluster.port(0))});
        return run_cachectl(words);
    };
    cluster.node(2).kill();
    const ProcessResult partial = run({"--partial"});
    cluster.node(2).restart();
    cluster.wait_until_agreed();
    cluster.wait_until_well();
    CHECK(partial.exit_code == 5);
    CHECK(summary_of(partial)["sync"]["deleted"] == 0);
    CHECK(summary_of(partial)["switched"].is_null());

    cluster.set(old);
    cluster.set({"now:c"}, "v1");
    const ProcessResult result = run({});
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    const Json summary = summary_of(result);
    CHECK(summary["sync"]["deleted"] == 300);
    CHECK(summary["sync"]["kept"] == 300);
    CHECK(summary["switched"]["from"] == "v1");
    CHECK(cluster.at_owner("now:c", {"GET", "now:c"}).text == "v2");
    CHECK(cluster.all_keys().size() == 301);
}

TEST_CASE("a pointer leads to values that were compared: what was there already is mended") {
    const TempDir dir;
    const RedisServer server;
    set_old_release(server, 3);
    RespClient client = server.client();
    client.run({"SET", "c:v2:1", "of a run that was not finished", "EX", "100"});
    const std::string input = dir.file("in.ndjson", rows(0, 4));
    const Words refused = synced(input, {"--if-exists", "skip"});
    CHECK(warm(server, refused).exit_code == 2);
    check_untouched(server, 3);
    const ProcessResult run = warm(server, synced(input, {}));
    const Json summary = summary_of(run);
    CHECK(run.exit_code == 0);
    CHECK(summary["replaced"] == 1);
    CHECK(client.text({"GET", "c:v2:1"}) == R"({"id":1})");
    CHECK(client.text({"GET", "now:c"}) == "v2");
}

TEST_CASE("who may not walk the keys switches nothing") {
    const TempDir dir;
    const RedisServer server;
    set_old_release(server, 3);
    server.client().run({"ACL", "SETUSER", "loader", "on", "nopass", "~*", "+@all", "-scan"});
    const std::string input = dir.file("in.ndjson", rows(0, 4));
    const ProcessResult run = warm(server, synced(input, {"--user", "loader", "-a", "x"}));
    CHECK(run.exit_code == 5);
    CHECK(contains(run.err, "NOPERM"));
    check_untouched(server, 3);
}

TEST_CASE("keys of the run that are gone by its end: nothing is deleted") {
    const TempDir dir;
    const RedisServer server;
    RespClient client = server.client();
    const Words words = {"-",      "--key", "c:v2:{id}", "--ttl", "1h",
                         "--sync", "c:*",   "--yes",     "--json"};
    Process process(cachectl_argv(on(server, words)), {.keep_stdin_open = true});
    process.write_stdin(rows(0, 5'000));
    REQUIRE(wait_for_keys(process, client, 4'000));
    client.run({"FLUSHALL"});
    set_old_release(server, 10);
    process.write_stdin(rows(5'000, 5'100));
    process.close_stdin();
    const ProcessResult run = process.wait();
    CHECK(run.exit_code == 5);
    CHECK(contains(run.err, "of 5,100 keys that rows stand for"));
    check_untouched(server, 10);
}

TEST_CASE("--resume looks again at what the interrupted run wrote") {
    const TempDir dir;
    const RedisServer server;
    set_old_release(server, 10);
    RespClient client = server.client();
    const std::string input = dir.file("in.ndjson", rows(0, 50));
    const Words more = {"--resume", "--journal", (dir.path() / "j").string(), "--max-keys", "50"};
    client.run({"DEL", "now:c"});
    client.run({"LPUSH", "now:c", "no pointer"});
    REQUIRE(warm(server, synced(input, more)).exit_code == 8);
    client.run({"DEL", "now:c", "c:v2:1"});
    client.run({"SET", "c:v2:2", "of somebody else"});
    const ProcessResult resumed = warm(server, synced(input, more));
    CHECK(resumed.exit_code == 0);
    CHECK(client.text({"GET", "c:v2:1"}) == R"({"id":1})");
    CHECK(client.text({"GET", "c:v2:2"}) == R"({"id":2})");
    CHECK(client.integer({"DBSIZE"}) == 51);
}

TEST_CASE("keys that were there already and are gone by the end: nothing is switched") {
    const RedisServer server;
    RespClient client = server.client();
    const Words words = {"-",     "--key", "c:{r}:{id}", "--ttl", "1h",
                         "--set", "r=v2",  "--switch",   "now:c"};
    REQUIRE(warm(server, words, {.stdin_bytes = rows(0, 2'000)}).exit_code == 0);
    client.run({"SET", "now:c", "v1"});
    Process process(cachectl_argv(on(server, words)), {.keep_stdin_open = true});
    process.write_stdin(rows(0, 2'500));
    REQUIRE(wait_for_keys(process, client, 2'002));
    client.run({"FLUSHALL"});
    client.run({"SET", "now:c", "v1"});
    process.write_stdin(rows(2'500, 2'600));
    process.close_stdin();
    CHECK(process.wait().exit_code == 5);
    CHECK(client.text({"GET", "now:c"}) == "v1");
}
