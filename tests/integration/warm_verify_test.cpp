// --verify against real servers: every kind of value, and another client that meddles.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "support/observed_run.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using namespace std::literals;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

Words words_for(const RedisServer& server, Words words) {
    words.insert(words.begin(), "warm");
    words.insert(words.end(), {"-s", server.socket_path(), "--json"});
    return words;
}

ProcessResult warm(const RedisServer& server, Words words, ProcessOptions options = {}) {
    return run_cachectl(words_for(server, std::move(words)), std::move(options));
}

std::string rows(int count) {
    std::string text = "id,name,score\n";
    for (int i = 0; i < count; ++i) {
        text += fmt::format("{},name {},{}.50\n", i, i % 7, i);
    }
    return text;
}

}  // namespace

TEST_CASE("every kind of value is verified as it was written") {
    RedisServer server;
    const TempDir dir;
    const std::string file = dir.file("a.csv", rows(500));
    for (const Words& shape :
         {Words{"--as", "json"}, Words{"--as", "hash"}, Words{"--as", "list"},
          Words{"--as", "set", "--columns", "name,score"},
          Words{"--as", "zset", "--columns", "name,score"}, Words{"--value", "{name}"}}) {
        Words words = {file, "--key", shape[1] + ":{id}", "--ttl", "1h", "--verify"};
        words.insert(words.end(), shape.begin(), shape.end());
        const ProcessResult result = warm(server, words);
        CAPTURE(shape[1]);
        CAPTURE(result.err);
        CHECK(result.exit_code == 0);
        const Json summary = Json::parse(result.out);
        CHECK(summary["written"] == 500);
        CHECK(summary["verified"] == 500);
        CHECK(summary["mismatched"] == 0);
    }
}

TEST_CASE("what was there already is not read back, nor does a key count twice") {
    RedisServer server;
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,v\n1,a\n1,b\n2,c\n");
    const Words words = {file, "--key", "k:{id}", "--value", "{v}", "--verify"};
    Json summary = Json::parse(warm(server, words).out);
    CHECK(summary["written"] == 2);
    CHECK(summary["verified"] == 2);
    Words overwriting = words;
    overwriting.insert(overwriting.end(), {"--if-exists", "overwrite"});
    const ProcessResult result = warm(server, overwriting);
    CHECK(result.exit_code == 5);
    summary = Json::parse(result.out);
    CHECK(summary["written"] == 2);
    CHECK(summary["verified"] == 2);
    CHECK(summary["duplicates"] == 1);
}

TEST_CASE("a sample is about that share") {
    RedisServer server;
    const TempDir dir;
    const std::string file = dir.file("a.csv", rows(5'000));
    const Json summary = Json::parse(
        warm(server, {file, "--key", "k:{id}", "--ttl", "1h", "--verify-sample", "20%"}).out);
    CHECK(summary["written"] == 5'000);
    CHECK(summary["verified"] > 800);
    CHECK(summary["verified"] < 1'200);
}

TEST_CASE("a time to live that is over before the key is read back is no fault") {
    RedisServer server;
    const TempDir dir;
    const std::string file = dir.file("a.csv", rows(2'000));
    const ProcessResult result =
        warm(server, {file, "--key", "k:{id}", "--ttl", "1ms", "--verify"});
    CHECK(result.exit_code == 0);
    const Json summary = Json::parse(result.out);
    CHECK(summary["written"] == 2'000);
    CHECK(summary["mismatched"] == 0);
    CHECK(summary["gone"] == 0);
    CHECK(summary["verified"].get<int>() + summary["expired"].get<int>() == 2'000);
}

TEST_CASE("a user who may not read is told so before anything is written") {
    RedisServer server;
    server.client().run({"ACL", "SETUSER", "bob", "on", ">secret", "~*", "+@all", "-get"});
    const TempDir dir;
    const std::string file = dir.file("a.csv", rows(10));
    const ProcessResult result = warm(server, {file, "--key", "k:{id}", "--ttl", "1h", "--verify",
                                               "--user", "bob", "-a", "secret"});
    CHECK(result.exit_code == 4);
    CHECK(result.err.find("cannot read back what was written: NOPERM") != std::string::npos);
    CHECK(server.client().integer({"DBSIZE"}) == 0);
}

TEST_CASE("memory does not grow with what is verified") {
    RedisServer server;
    const TempDir dir;
    std::string text;
    for (int i = 0; i < 200'000; ++i) {
        text += fmt::format("{{\"id\":{},\"v\":\"{}\"}}\n", i, std::string(150, 'x'));
    }
    const std::string file = dir.file("a.ndjson", text);
    Process process(
        cachectl_argv(words_for(server, {file, "--key", "k:{id}", "--ttl", "1h", "--verify"})), {});
    const ObservedRun run = observe(process);
    CHECK(run.exit_code == 0);
    CHECK(Json::parse(run.out)["verified"] == 200'000);
    if (!is_sanitized()) {
        CHECK(run.peak_kib < 32 * 1024);
    }
}
