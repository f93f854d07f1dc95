// Does what warm writes fit into the server? Against real servers with a maxmemory.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "support/process.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using namespace std::literals;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

constexpr std::int64_t k_mib = 1024 * 1024;

Words warm_words(const RedisServer& server, Words words) {
    words.insert(words.begin(), "warm");
    words.insert(words.end(), {"-s", server.socket_path(), "--ttl", "1h"});
    return words;
}

ProcessResult warm(const RedisServer& server, Words words, ProcessOptions options = {}) {
    return run_cachectl(warm_words(server, std::move(words)), std::move(options));
}

std::string rows(int count, std::size_t size) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += fmt::format("{{\"id\":{},\"v\":\"{}\"}}\n", i, std::string(size, 'x'));
    }
    return text;
}

std::int64_t info(const RedisServer& server, const std::string& section, const std::string& name) {
    RespClient client = server.client();
    const std::string text = client.text({"INFO", section});
    const auto at = text.find("\r\n" + name + ":");
    REQUIRE(at != std::string::npos);
    return std::stoll(text.substr(at + name.size() + 3));
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::int64_t used_memory(const RedisServer& server) {
    return info(server, "memory", "used_memory");
}

/// Room for so much more than the server uses now; less than nothing is no limit.
void leave_room(const RedisServer& server, std::int64_t bytes) {
    RespClient client = server.client();
    client.run({"CONFIG", "SET", "maxmemory",
                bytes < 0 ? "0" : std::to_string(used_memory(server) + bytes)});
}

std::int64_t keys(const RedisServer& server) { return server.client().integer({"DBSIZE"}); }

}  // namespace

TEST_CASE("what does not fit is refused before anything is written") {
    RedisServer server({"--maxmemory-policy", "allkeys-lru"});
    leave_room(server, 10 * k_mib);
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", rows(100'000, 150));
    const ProcessResult refused = warm(server, {file, "--key", "k:{id}", "--json"});
    CHECK(refused.exit_code == 8);
    CHECK(contains(refused.err, "the keys will take about "));
    CHECK(contains(refused.err, ", and there is room for "));
    CHECK(contains(refused.err, "its policy is allkeys-lru; nothing was written"));
    CHECK(contains(refused.err, "let the server evict other keys with --allow-eviction"));
    CHECK(Json::parse(refused.out)["written"] == 0);
    CHECK(Json::parse(refused.out)["complete"] == false);
    CHECK(keys(server) == 0);
    CHECK(info(server, "stats", "evicted_keys") == 0);

    const ProcessResult allowed =
        warm(server, {file, "--key", "k:{id}", "--json", "--allow-eviction"});
    CHECK(allowed.exit_code == 0);
    CHECK(contains(allowed.err, "; other keys will be evicted\n"));
    const std::int64_t evicted = info(server, "stats", "evicted_keys");
    CHECK(evicted > 30'000);
    CHECK(Json::parse(allowed.out)["evicted"] > 30'000);
    CHECK(Json::parse(allowed.out)["evicted"] <= evicted);
    CHECK(contains(allowed.err, "warning: the server evicted "));
}

TEST_CASE("one large value: what it takes, and what it takes while it arrives") {
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", rows(6'000, 1'000));  // a value of 5.8 MiB
    RedisServer server;
    const std::int64_t empty = used_memory(server);
    RespClient client = server.client();
    // It has 6 MiB in the end, and 12 while it arrives.
    for (int mib = 8; mib <= 16; ++mib) {
        CAPTURE(mib);
        client.run({"CONFIG", "SET", "maxmemory", "0"});
        client.run({"FLUSHALL", "SYNC"});
        client.run({"CONFIG", "SET", "maxmemory", std::to_string(empty + mib * k_mib)});
        const ProcessResult result = warm(server, {file, "--collect", "all", "--json"});
        const Json summary = Json::parse(result.out);
        CHECK(summary["needed_bytes"] > 5.9 * k_mib);
        CHECK(summary["needed_bytes"] < 6.3 * k_mib);
        CHECK(summary["peak_bytes"] > 11.9 * k_mib);
        CHECK(summary["peak_bytes"] < 12.3 * k_mib);
        CHECK(result.exit_code == (mib <= 12 ? 8 : 0));
        if (mib <= 12) {
            CHECK(contains(result.err, "take about 6.0 MiB, up to 12.0 MiB while"));
        }
    }
    CHECK_FALSE(contains(client.text({"INFO", "errorstats"}), "OOM"));
    const Json dry =
        Json::parse(warm(server, {file, "--collect", "all", "--dry-run", "--json"}).out);
    CHECK(dry["estimated_memory_bytes"] < 6.3 * k_mib);
}

TEST_CASE("keys that are there already take nothing: the same command again fits") {
    RedisServer server({"--maxmemory-policy", "allkeys-lru"});
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", rows(20'000, 300));
    REQUIRE(warm(server, {file, "--key", "k:{id}"}).exit_code == 0);
    leave_room(server, 2 * k_mib);
    const ProcessResult again = warm(server, {file, "--key", "k:{id}"});
    CHECK(again.exit_code == 0);
    CHECK(again.err.empty());
    // But as new ones they would not.
    CHECK(warm(server, {file, "--key", "new:{id}"}).exit_code == 8);
    CHECK(keys(server) == 20'000);
}

TEST_CASE("a dump of which only the beginning is wanted is read until that is sure") {
    // Scaled by the size of the file, the first table would not fit.
    std::string dump =
        "CREATE TABLE small (id int, v text);\nCREATE TABLE large (id int, v text);\n";
    dump += "COPY small (id, v) FROM stdin;\n";
    for (int i = 0; i < 30'000; ++i) {
        dump += fmt::format("{}\t{}\n", i, std::string(80, 's'));
    }
    dump += "\\.\nCOPY large (id, v) FROM stdin;\n";
    for (int i = 0; i < 30'000; ++i) {
        dump += fmt::format("{}\t{}\n", i, std::string(900, 'l'));
    }
    dump += "\\.\n";
    RedisServer server;
    const TempDir dir;
    const std::string file = dir.file("dump.sql", dump);
    leave_room(server, 20 * k_mib);
    CHECK(warm(server, {file, "--table", "small", "--key", "s:{id}"}).exit_code == 0);
    CHECK(keys(server) == 30'000);
    CHECK(warm(server, {file, "--table", "large", "--key", "l:{id}"}).exit_code == 8);
    CHECK(keys(server) == 30'000);
}

TEST_CASE("stdin is watched: writing stops before the limit, and nothing is evicted") {
    const std::string input = rows(100'000, 150);
    for (const std::string policy : {"allkeys-lru", "noeviction"}) {
        RedisServer server({"--maxmemory-policy", policy});
        RespClient client = server.client();
        client.run({"SET", "precious", "x"});
        leave_room(server, 8 * k_mib);
        const ProcessResult result =
            warm(server, {"-", "--key", "k:{id}", "--json"}, {.stdin_bytes = input});
        CAPTURE(policy);
        CAPTURE(result.err);
        CHECK(result.exit_code == 5);
        CHECK(contains(result.err, "the server is nearly full: it uses "));
        CHECK(contains(result.err, " keys had been written"));
        CHECK(contains(result.err, "--resume"));
        const Json summary = Json::parse(result.out);
        CHECK(summary["complete"] == false);
        CHECK(summary["failed"] == 0);
        CHECK(summary["written"] == keys(server) - 1);
        CHECK(keys(server) > 20'000);
        CHECK(info(server, "stats", "evicted_keys") == 0);
        CHECK(client.integer({"EXISTS", "precious"}) == 1);
    }
}

TEST_CASE("with --allow-eviction stdin is not watched, and the server says what it evicted") {
    RedisServer server({"--maxmemory-policy", "allkeys-lru"});
    leave_room(server, 8 * k_mib);
    const ProcessResult result = warm(server, {"-", "--key", "k:{id}", "--allow-eviction"},
                                      {.stdin_bytes = rows(60'000, 150)});
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "warning: the server evicted "));
}

TEST_CASE("noeviction and --allow-eviction: a warning that it cannot help, and a stop in time") {
    RedisServer server;
    leave_room(server, 8 * k_mib);
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", rows(100'000, 150));
    const ProcessResult result = warm(server, {file, "--key", "k:{id}", "--allow-eviction"});
    CHECK(result.exit_code == 5);
    CHECK(contains(result.err, "--allow-eviction cannot help there: nothing is evicted"));
    CHECK(contains(result.err, "the server is nearly full"));
    CHECK_FALSE(contains(server.client().text({"INFO", "errorstats"}), "OOM"));
}

TEST_CASE("a user who may not see INFO is told that nobody knows") {
    RedisServer server;
    RespClient client = server.client();
    client.run({"ACL", "SETUSER", "bob", "on", ">secret", "~*", "+@all", "-info"});
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", rows(10, 10));
    const ProcessResult result =
        warm(server, {file, "--key", "k:{id}", "--user", "bob", "-a", "secret"});
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err,
                   "warning: cannot tell whether the keys fit: the server does not "
                   "tell its memory (INFO)"));
    CHECK(keys(server) == 10);
}

TEST_CASE("gathered keys and all datasets of a manifest count together") {
    RedisServer server;
    leave_room(server, 6 * k_mib);
    const TempDir dir;
    dir.file("a.ndjson", rows(20'000, 100));
    dir.file("b.ndjson", rows(20'000, 100));
    const auto manifest = [&](const std::string& datasets) {
        return dir.file("m.json", "{\"datasets\": [" + datasets + "]}");
    };
    const std::string a = R"({"file": "a.ndjson", "collect": "a:all", "ttl": "1h"})";
    const std::string b = R"({"file": "b.ndjson", "collect": "b:all", "ttl": "1h"})";
    const auto run = [&](const std::string& datasets) {
        return run_cachectl({"warm", "--manifest", manifest(datasets), "-s", server.socket_path()});
    };
    CHECK(run(a + ", " + b).exit_code == 8);
    CHECK(keys(server) == 0);
    CHECK(run(a).exit_code == 0);
    CHECK(keys(server) == 1);
}

TEST_CASE("a dry run says how much memory the keys would take and where, and asks nobody") {
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", rows(1'000, 100));
    const Words words = {"warm", file,        "--key", "k:{id}",           "--ttl",
                         "1h",   "--dry-run", "-s",    "/nonexistent.sock"};
    const ProcessResult text = run_cachectl(words);
    CHECK(text.exit_code == 0);
    CHECK(contains(text.out, "\n  about 2"));  // 260 KiB or so
    CHECK(contains(text.out, " KiB of the server's memory, in the layout of Redis 7.0\n"));
    Words as_json = words;
    as_json.push_back("--json");
    const Json summary = Json::parse(run_cachectl(as_json).out);
    CHECK(summary["estimated_memory_bytes"] > 200'000);
    CHECK(summary["estimated_memory_bytes"] < 320'000);
    CHECK(summary["layout"] == "redis-7.0");
}

TEST_CASE("of a value that is replaced there is room for the old one and the new one") {
    for (const bool is_list : {true, false}) {
        RedisServer server;
        RespClient client = server.client();
        const TempDir dir;
        std::string text;
        for (int i = 0; i < 20'000; ++i) {
            text += fmt::format("{{\"t\":1,\"v\":\"{}{}\"}}\n", std::string(500, 'x'), i);
        }
        const std::string file = dir.file("a.ndjson", text);  // 10 MB
        Words words = is_list ? Words{file, "--group", "k:{t}", "--as", "list", "--columns", "v"}
                              : Words{file, "--collect", "k:1"};
        CHECK(warm(server, words).exit_code == 0);
        leave_room(server, 4 * k_mib);
        CHECK(warm(server, words).exit_code == 0);  // it exists, and is skipped
        words.insert(words.end(), {"--if-exists", "overwrite"});
        const ProcessResult refused = warm(server, words);
        CHECK(refused.exit_code == 8);
        CHECK(contains(refused.err, "while they are written"));
        leave_room(server, 40 * k_mib);
        CHECK(warm(server, words).exit_code == 0);
    }
}
