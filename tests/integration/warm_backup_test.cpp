// warm --backup with a real server: what is overwritten, and what --sync deletes, can be put back.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
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

struct Stage {
    Stage() {
        redis.pipeline(3'000, [](std::size_t i) {
            return Words{"SET", fmt::format("k:{}", i), fmt::format("old {}", i), "PX", "7200000"};
        });
        redis.run({"SET", "other", "x"});
        redis.run({"SET", "k:large", std::string(400'000, 'x')});
        redis.run({"RPUSH", "k:list", "a", "b"});
        redis.pipeline(3'000, [](std::size_t i) {
            return Words{"HSET", "k:hash", fmt::format("field {}", i), std::string(60, 'v')};
        });
        std::ofstream out(input);
        for (int i = 1'000; i < 6'000; ++i) {
            out << fmt::format(R"({{"id": "{}", "v": {}}})", i, i) << '\n';
        }
        for (const char* name : {"large", "list", "hash", "new"}) {
            out << fmt::format(R"({{"id": "{}", "v": 1}})", name) << '\n';
        }
    }
    ProcessResult warm(Words words) {
        words.insert(words.begin(), {"warm", input, "--key", "k:{id}", "--ttl", "1h", "--yes",
                                     "--backup", file, "-s", server.socket_path()});
        return run_cachectl(words);
    }
    Json summary(Words words) {
        words.emplace_back("--json");
        const ProcessResult result = warm(std::move(words));
        CAPTURE(result.err);
        CHECK(result.exit_code == 0);
        return Json::parse(result.out);
    }
    void restore() {
        CHECK(run_cachectl({"restore", file, "--replace", "--yes", "-s", server.socket_path()})
                  .exit_code == 0);
    }
    std::string digest() { return redis.text({"DEBUG", "DIGEST"}); }

    TempDir dir;
    std::string input = (dir.path() / "rows.ndjson").string();
    std::string file = (dir.path() / "backup.rdb").string();
    RedisServer server{{"--enable-debug-command", "yes"}};
    RespClient redis = server.client();
};

}  // namespace

TEST_CASE_FIXTURE(Stage, "what is overwritten is saved, and what was not there is not") {
    const std::string before = digest();
    const Json summary = this->summary({"--if-exists", "overwrite"});
    CHECK(summary["written"] == 5'004);
    CHECK(summary["backup"]["keys"] == 2'003);
    CHECK(summary["backup"]["whole"] == true);
    CHECK(redis.text({"TYPE", "k:list"}) == "string");
    restore();
    for (int i = 3'000; i < 6'000; ++i) {
        redis.run({"DEL", fmt::format("k:{}", i)});
    }
    redis.run({"DEL", "k:new"});
    CHECK(digest() == before);
    CHECK(redis.integer({"PTTL", "k:2000"}) > 7'000'000);
}

TEST_CASE_FIXTURE(Stage, "a key that rows make twice is saved as it was before the run") {
    std::ofstream(input, std::ios::app) << R"({"id": "1000", "v": "again"})" << '\n';
    summary({"--if-exists", "overwrite", "--max-errors", "1"});
    CHECK(redis.text({"GET", "k:1000"}) == R"({"id":"1000","v":"again"})");
    restore();
    CHECK(redis.text({"GET", "k:1000"}) == "old 1000");
}

TEST_CASE_FIXTURE(Stage, "a new key that rows make twice is not saved, and the undo leaves it") {
    std::string rows;
    for (const int v : {1, 2}) {
        for (int id = 0; id < 500; ++id) {
            rows += fmt::format(R"({{"id": "new:{}", "v": {}}})", id, v) + '\n';
        }
    }
    std::ofstream(input) << rows << R"({"id": "1", "v": 1})" << '\n';
    for (const Words& words : {Words{"--if-exists", "overwrite"}, Words{"--if-exists", "update"},
                               Words{"--if-exists", "overwrite", "--as", "hash"}}) {
        CAPTURE(words[1]);
        redis.run({"SET", "k:1", "old"});
        Words more = words;
        more.insert(more.end(), {"--max-errors", "500"});
        const Json summary = this->summary(more);
        CHECK(summary["backup"]["keys"] == 1);
        const std::string type = redis.text({"TYPE", "k:new:499"});
        restore();
        CHECK(redis.text({"GET", "k:1"}) == "old");
        CHECK(redis.text({"TYPE", "k:new:499"}) == type);
        if (type == "string") {
            CHECK(redis.text({"GET", "k:new:499"}) == R"({"id":"new:499","v":2})");
        }
        for (int id = 0; id < 500; ++id) {
            redis.run({"DEL", fmt::format("k:new:{}", id)});
        }
        std::filesystem::remove(file);
    }
}

TEST_CASE_FIXTURE(Stage, "a new key that another dataset overwrites is not saved") {
    dir.file("a.ndjson", "{\"id\":\"new\",\"v\":1}\n");
    dir.file("b.ndjson", "{\"id\":\"new\",\"v\":2}\n{\"id\":1}\n");
    const std::string manifest = dir.file("m.json", R"({"datasets": [
        {"file": "a.ndjson", "key": "k:{id}", "ttl": "1h"},
        {"file": "b.ndjson", "key": "k:{id}", "ttl": "1h", "if_exists": "overwrite"}]})");
    const ProcessResult result =
        run_cachectl({"warm", "--manifest", manifest, "--max-errors", "1", "--yes", "--backup",
                      file, "-s", server.socket_path(), "--json"});
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(Json::parse(result.out)["backup"]["keys"] == 1);
    restore();
    CHECK(redis.text({"GET", "k:new"}) == R"({"id":"new","v":2})");
}

TEST_CASE_FIXTURE(Stage, "what is updated is saved, and as a hash too") {
    const Json summary = this->summary({"--if-exists", "update", "--as", "hash"});
    CHECK(summary["backup"]["keys"] == 2'003);
    CHECK(redis.text({"HGET", "k:1000", "v"}) == "1000");
    restore();
    CHECK(redis.text({"GET", "k:1000"}) == "old 1000");
    CHECK(redis.integer({"HLEN", "k:hash"}) == 3'000);
}

TEST_CASE_FIXTURE(Stage, "what --sync deletes is saved in the same file") {
    const std::string before = digest();
    const Json summary = this->summary({"--if-exists", "overwrite", "--sync", "k:*"});
    CHECK(summary["sync"]["deleted"] == 1'000);
    CHECK(summary["backup"]["keys"] == 3'003);
    restore();
    for (int i = 3'000; i < 6'000; ++i) {
        redis.run({"DEL", fmt::format("k:{}", i)});
    }
    redis.run({"DEL", "k:new"});
    CHECK(digest() == before);
}

TEST_CASE_FIXTURE(Stage, "the pointer that --switch sets is saved, and comes back") {
    std::ofstream(input) << R"({"id": "new", "v": 1})" << '\n';
    redis.run({"SET", "now", "v1", "PX", "7200000"});
    const Json summary = this->summary({"--switch", "now=v2"});
    CHECK(summary["backup"]["keys"] == 1);
    CHECK(redis.text({"GET", "now"}) == "v2");
    restore();
    CHECK(redis.text({"GET", "now"}) == "v1");
    CHECK(redis.integer({"PTTL", "now"}) > 7'000'000);
}

TEST_CASE_FIXTURE(Stage, "a pointer that cannot be saved is not switched") {
    std::ofstream(input) << R"({"id": "new", "v": 1})" << '\n';
    redis.run({"SET", "now", "v1"});
    redis.run({"ACL", "SETUSER", "default", "-dump"});
    const ProcessResult result = warm({"--switch", "now=v2"});
    CHECK(result.exit_code == 5);
    CHECK(result.err.find("cannot save now: NOPERM") != std::string::npos);
    CHECK(redis.text({"GET", "now"}) == "v1");
}

TEST_CASE_FIXTURE(Stage, "a backup that would hold nothing, or cannot be made, is refused") {
    const std::string before = digest();
    CHECK(warm({}).exit_code == 2);
    CHECK(warm({"--if-exists", "refresh", "--refresh-below", "1h"}).exit_code == 2);
    std::ofstream(file) << "mine";
    CHECK(warm({"--if-exists", "overwrite"}).exit_code == 7);
    CHECK(read_file(file) == "mine");
    CHECK(digest() == before);
}

TEST_CASE_FIXTURE(Stage, "a full disk stops it before anything unsaved is overwritten") {
    const ProcessResult result =
        Process({"bash", "-c",
                 fmt::format("ulimit -f 64; exec '{}' warm '{}' --key "
                             "'k:{{id}}' --ttl 1h --json --if-exists "
                             "overwrite --backup '{}' -s '{}'",
                             cachectl_binary(), input, file, server.socket_path())})
            .wait();
    CAPTURE(result.err);
    CHECK(result.exit_code == 7);
    CHECK(Json::parse(result.out)["complete"] == false);
    restore();
    for (int i = 1'000; i < 3'000; ++i) {
        REQUIRE(redis.text({"GET", fmt::format("k:{}", i)}) == fmt::format("old {}", i));
    }
}
