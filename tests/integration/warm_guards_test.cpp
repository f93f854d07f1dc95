// What a pipeline says of how many keys there have to be, a manifest on stdin, and a collection of
// nothing: what is in the server afterwards, and the exit code.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/warm_runs.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

struct Fixture {
    RedisServer server;
    RespClient redis = server.client();
    TempDir dir;
    std::string three = dir.file("three.ndjson", many_rows(3));
    std::string none = dir.file("none.json", "[]");

    std::int64_t keys() { return redis.integer({"DBSIZE"}); }

    /// "8 guard-max-keys, 0 written": of a run whose keys are k:0, k:1 …; then the server is empty.
    std::string of_rows(const std::string& input, Words more, const std::string& piped = "") {
        const Words words = {input, "--key", "k:{id}", "--ttl", "1h", "--json"};
        more.insert(more.begin(), words.begin(), words.end());
        ProcessOptions options;
        options.stdin_bytes = piped;
        const ProcessResult run = warm(server, more, options);
        const Json summary = Json::parse(run.out);
        const bool is_error = !summary["error"].is_null();
        CHECK(summary["complete"].get<bool>() == !is_error);
        CHECK(summary["written"].get<std::int64_t>() == keys());
        const std::string text = std::to_string(run.exit_code) + " " +
                                 (is_error ? summary["error"]["id"].get<std::string>() : "ok") +
                                 ", " + std::to_string(keys()) + " written";
        redis.run({"FLUSHALL"});
        return text;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "of files nothing is written if the keys are too many or too few") {
    CHECK(of_rows(three, {"--max-keys", "3"}) == "0 ok, 3 written");
    CHECK(of_rows(three, {"--max-keys", "2"}) == "8 guard-max-keys, 0 written");
    CHECK(of_rows(three, {"--expect", "3"}) == "0 ok, 3 written");
    CHECK(of_rows(three, {"--expect", "1..3"}) == "0 ok, 3 written");
    CHECK(of_rows(three, {"--expect", "4.."}) == "8 guard-expect, 0 written");
    CHECK(of_rows(three, {"--expect", "1..2"}) == "8 guard-expect, 0 written");
    CHECK(of_rows(three, {"--expect", "1..2", "--dry-run"}) == "8 guard-expect, 0 written");
    // The rows that --where passes over make no key.
    CHECK(of_rows(three, {"--max-keys", "2", "--where", "id > 0"}) == "0 ok, 2 written");
}

TEST_CASE_FIXTURE(Fixture,
                  "of a pipe no more than allowed is written, and too few are told at its end") {
    CHECK(of_rows("-", {"--max-keys", "3"}, many_rows(3)) == "0 ok, 3 written");
    CHECK(of_rows("-", {"--max-keys", "2"}, many_rows(3)) == "8 guard-max-keys, 2 written");
    CHECK(of_rows("-", {"--expect", "4.."}, many_rows(3)) == "8 guard-expect, 3 written");
    CHECK(of_rows("-", {"--expect", "1..2"}, many_rows(3)) == "8 guard-expect, 2 written");
    redis.run({"FLUSHALL"});
    ProcessOptions options;
    options.stdin_bytes = many_rows(3);
    const ProcessResult few =
        warm(server, {"-", "--key", "k:{id}", "--ttl", "1h", "--expect", "4.."}, options);
    CHECK(few.err.find("there are 3 keys, but --expect says 4 or more; 3 keys had been written") !=
          std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a manifest's file that is called - is read, and stdin is not") {
    dir.file("-", "{\"id\":1}\n");
    ProcessOptions options;
    options.cwd = dir.path().string();
    options.stdin_bytes = many_rows(3);
    for (const char* file : {"./-", "[-]"}) {
        redis.run({"FLUSHALL"});
        dir.file("m.json", std::string(R"({"datasets": [{"file": ")") + file +
                               R"(", "key": "k:{id}", "ttl": "1h"}]})");
        CHECK(warm(server, {"--manifest", "m.json"}, options).exit_code == 0);
        CHECK(keys() == 1);
    }
}

TEST_CASE_FIXTURE(Fixture, "--fail-if-none: no key to write is exit 1") {
    CHECK(of_rows(none, {}) == "0 ok, 0 written");
    CHECK(of_rows(none, {"--fail-if-none"}) == "1 none, 0 written");
    CHECK(of_rows(three, {"--fail-if-none", "--where", "id > 7"}) == "1 none, 0 written");
    CHECK(of_rows("-", {"--fail-if-none"}, "[]") == "1 none, 0 written");
    CHECK(of_rows(three, {"--fail-if-none"}) == "0 ok, 3 written");
    // Keys that are there already are keys.
    redis.pipeline(3, [](std::size_t i) {
        return RespClient::Args{"SET", "k:" + std::to_string(i), "old"};
    });
    const ProcessResult run =
        warm(server, {three, "--key", "k:{id}", "--ttl", "1h", "--fail-if-none"});
    CHECK(run.exit_code == 0);
}

TEST_CASE_FIXTURE(Fixture, "a manifest on stdin, whose paths are those of the current folder") {
    ProcessOptions options;
    options.cwd = dir.path().string();
    options.stdin_bytes =
        R"({"datasets": [{"file": "three.ndjson", "key": "k:{id}", "ttl": "1h"}]})";
    CHECK(warm(server, {"--manifest", "-"}, options).exit_code == 0);
    CHECK(keys() == 3);
    CHECK(redis.text({"GET", "k:2"}) == R"({"id":2})");

    redis.run({"FLUSHALL"});
    options.stdin_bytes = R"({"datasets": [{"file": "three.ndjson", "kye": "k:{id}"}]})";
    const ProcessResult slip = warm(server, {"--manifest", "-"}, options);
    CHECK(slip.exit_code == 6);
    CHECK(slip.err.find("stdin:1: ") != std::string::npos);
    CHECK(slip.err.find("kye") != std::string::npos);
    // It cannot be the rows, too.
    options.stdin_bytes = R"({"datasets": [{"file": "-", "key": "k:{id}", "ttl": "1h"}]})";
    CHECK(warm(server, {"--manifest", "-"}, options).exit_code == 6);
    CHECK(keys() == 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "a collection of nothing replaces yesterday's, if it is to be replaced") {
    const auto collect = [this](const std::string& file, Words more) {
        const Words words = {file, "--collect", "all", "--ttl", "1h"};
        more.insert(more.begin(), words.begin(), words.end());
        const int exit_code = warm(server, more).exit_code;
        return std::to_string(exit_code) + " " + redis.command({"GET", "all"}).text;
    };
    redis.run({"SET", "all", "yesterday"});
    CHECK(collect(none, {}) == "0 yesterday");
    CHECK(collect(none, {"--if-exists", "overwrite"}) == "0 []");
    CHECK(redis.integer({"TTL", "all"}) > 3'000);
    redis.run({"SET", "all", "yesterday"});
    CHECK(collect(three, {"--if-exists", "overwrite", "--where", "id > 7"}) == "0 []");
    CHECK(collect(none, {"--if-exists", "overwrite", "--collect-by", "id"}) == "0 {}");
    // Nobody knows what should have been in it.
    redis.run({"SET", "all", "yesterday"});
    const std::string bad = dir.file("bad.ndjson", "{\"id\":1}\n17\n");
    CHECK(collect(bad, {"--if-exists", "overwrite", "--where", "id > 7", "--max-errors", "1"}) ==
          "0 yesterday");
    // Where none is, none is made unless it would be replaced.
    redis.run({"FLUSHALL"});
    CHECK(collect(none, {}) == "0 ");
    CHECK(keys() == 0);
}
