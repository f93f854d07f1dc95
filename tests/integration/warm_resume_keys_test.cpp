// --resume: which keys of the try before are done, and which are looked at,
// counted or written anew.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/json.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

/// Two tries of one command: the input of the first ends with a row that cannot
/// be read.
struct Tries {
    [[nodiscard]] ProcessResult run(const std::string& rows, const Words& more) const {
        Words words = {"warm", dir.file("rows.ndjson", rows), "--ttl", "1h", "--journal", journal,
                       "-s",   server.socket_path(),          "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return run_cachectl(words);
    }
    ProcessResult first(const std::string& rows, const Words& more) const {
        ProcessResult result = run(rows + "{\"id\":\n", more);
        CAPTURE(result.err);
        CHECK(result.exit_code == 6);
        CHECK(std::filesystem::exists(journal));
        return result;
    }
    [[nodiscard]] ProcessResult second(const std::string& rows, Words more) const {
        more.emplace_back("--resume");
        return run(rows, more);
    }

    TempDir dir;
    std::string journal = (dir.path() / "journal.json").string();
    RedisServer server;
    RespClient redis = server.client();
};

std::string rows(int begin, int end) {
    std::string text;
    for (int id = begin; id < end; ++id) {
        text += fmt::format("{{\"id\":{}}}\n", id);
    }
    return text;
}

}  // namespace

TEST_CASE_FIXTURE(Tries, "a key that the server refused is not done") {
    redis.run({"ACL", "SETUSER", "w", "on", ">pw", "~a:*", "%R~b:*", "+@all"});
    redis.run({"SET", "b:1", "OLD"});
    const std::string ids = "{\"id\":\"a:1\"}\n{\"id\":\"b:1\"}\n{\"id\":\"a:2\"}\n";
    for (const std::string if_exists : {"overwrite", "update"}) {
        CAPTURE(if_exists);
        redis.run({"DEL", "a:1", "a:2", "a:3"});
        Words words = {"--key", "{id}", "--if-exists", if_exists, "--user", "w", "-a", "pw"};
        CHECK(Json::parse(first(ids, words).out)["failed"] == 1);
        words.emplace_back("--verify");
        const ProcessResult result = second(ids + "{\"id\":\"a:3\"}\n", words);
        CHECK(result.exit_code == 5);
        const Json summary = Json::parse(result.out);
        CHECK(summary["failed"] == 1);
        CHECK(summary["written"] == 1);
        CHECK(summary["complete"] == false);
        CHECK(summary["resumed_from"]["keys"] == 2);
        CHECK(redis.text({"GET", "b:1"}) == "OLD");
    }
}

TEST_CASE_FIXTURE(Tries, "a key that was refused is written once its cause is mended") {
    redis.run({"ACL", "SETUSER", "w", "on", ">pw", "~a:*", "%R~b:*", "+@all"});
    redis.run({"SET", "b:1", "OLD"});
    const std::string ids = "{\"id\":\"b:1\"}\n{\"id\":\"a:1\"}\n";
    const Words words = {"--key", "{id}", "--if-exists", "overwrite", "--user", "w", "-a", "pw"};
    CHECK(Json::parse(first(ids, words).out)["failed"] == 1);
    redis.run({"ACL", "SETUSER", "w", "~b:*"});
    const ProcessResult result = second(ids, words);
    CHECK(result.exit_code == 0);
    CHECK(redis.text({"GET", "b:1"}) == R"({"id":"b:1"})");
    CHECK(Json::parse(result.out)["written"] == 1);
    CHECK(Json::parse(result.out)["resumed_from"]["keys"] == 1);
}

TEST_CASE_FIXTURE(Tries, "a key that could not be saved is not done") {
    redis.pipeline(3'000, [](std::size_t) {
        return Words{"XADD", "k:1", "*", "field", std::string(100, 'v')};
    });
    const auto words = [this](const std::string& file) {
        return Words{"--key",     "k:{id}",   "--if-exists",
                     "overwrite", "--backup", (dir.path() / file).string()};
    };
    CHECK(Json::parse(first(rows(1, 3), words("1.rdb")).out)["failed"] == 1);
    const ProcessResult result = second(rows(1, 4), words("2.rdb"));
    CHECK(result.exit_code == 5);
    CHECK(Json::parse(result.out)["failed"] == 1);
    CHECK(redis.text({"TYPE", "k:1"}) == "stream");
}

TEST_CASE_FIXTURE(Tries, "rows of the try before that made a key twice count") {
    const std::string twice = rows(1, 2) + rows(1, 2) + rows(1, 3);
    const ProcessResult before = first(twice, {"--key", "k:{id}"});
    CHECK(Json::parse(before.out)["duplicates"] == 2);
    const ProcessResult result = second(twice + rows(3, 4), {"--key", "k:{id}"});
    CHECK(result.exit_code == 5);
    CHECK(result.err.find("2 rows made keys that rows before had made already") !=
          std::string::npos);
    const Json summary = Json::parse(result.out);
    CHECK(summary["complete"] == false);
    CHECK(summary["keys"] == 1);
    CHECK(summary["written"] == 1);
    CHECK(summary["duplicates"] == 0);
    CHECK(summary["resumed_from"]["duplicates"] == 2);
    CHECK(summary["error"]["id"] == "duplicates");
}

TEST_CASE_FIXTURE(Tries, "--max-errors leaves room for what the try before made twice") {
    const std::string twice = rows(1, 2) + rows(1, 2) + rows(1, 3);
    first(twice + "{\"id\":\n", {"--key", "k:{id}", "--max-errors", "1"});
    const ProcessResult result =
        second(twice + "{\"id\":\n" + rows(3, 4), {"--key", "k:{id}", "--max-errors", "3"});
    CHECK(result.exit_code == 0);
    CHECK(Json::parse(result.out)["resumed_from"]["duplicates"] == 2);
}

TEST_CASE_FIXTURE(Tries, "what is to be refreshed by now is refreshed") {
    const Words words = {"--key", "k:{id}", "--if-exists", "refresh", "--refresh-below", "30m"};
    first(rows(1, 4), words);
    redis.run({"PEXPIRE", "k:1", "60000"});
    redis.run({"SET", "k:2", "of others, for ever"});
    const ProcessResult result = second(rows(1, 5), words);
    CHECK(result.exit_code == 0);
    CHECK(redis.integer({"PTTL", "k:1"}) > 3'500'000);
    CHECK(redis.text({"GET", "k:2"}) == "of others, for ever");
    const Json summary = Json::parse(result.out);
    CHECK(summary["keys"] == 2);
    CHECK(summary["written"] == 2);
    CHECK(summary["replaced"] == 1);
    CHECK(summary["resumed_from"]["keys"] == 2);
}

TEST_CASE_FIXTURE(Tries, "a row that overwrote what another refreshes has the last word again") {
    const std::string manifest = dir.file("m.json", R"({"datasets": [
        {"file": "a.ndjson", "key": "k:{id}", "ttl": "1h", "if_exists": "refresh",
         "refresh_below": "30m"},
        {"file": "b.ndjson", "key": "k:{id}", "ttl": "1h", "if_exists": "overwrite"}]})");
    dir.file("a.ndjson", R"({"id":1,"from":"a"})");
    const auto run = [&](const std::string& b, bool resumes) {
        dir.file("b.ndjson", b);
        Words all = {"warm",   "--manifest", manifest, "--max-errors", "1",
                     "--json", "--journal",  journal,  "-s",           server.socket_path()};
        if (resumes) {
            all.emplace_back("--resume");
        }
        return run_cachectl(all).exit_code;
    };
    const std::string b = "{\"id\":1,\"from\":\"b\"}\n";
    CHECK(run(b + "{\"id\":\n{\"id\":\n", false) == 6);
    REQUIRE(std::filesystem::exists(journal));
    redis.run({"PEXPIRE", "k:1", "60000"});
    CHECK(run(b + rows(2, 3), true) == 0);
    CHECK(redis.text({"GET", "k:1"}) == R"({"id":1,"from":"b"})");
}

TEST_CASE_FIXTURE(Tries, "rows of keys that were not written are no records of the try before") {
    redis.run({"ACL", "SETUSER", "w", "on", ">pw", "~a:*", "%R~b:*", "+@all"});
    const std::string ids = "{\"id\":\"a:1\"}\n{\"id\":\"b:1\"}\n{\"id\":\"a:2\"}\n";
    const Words words = {"--key", "{id}", "--user", "w", "-a", "pw"};
    first(ids, words);
    const ProcessResult result = second(ids, words);
    // The row that could not be read is one of its records, the one that was refused is none.
    CHECK(Json::parse(result.out)["resumed_from"]["records"] == 3);
    CHECK(Json::parse(result.out)["records"] == 1);
}
