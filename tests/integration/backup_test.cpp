// --backup with real servers: what is deleted or changed can be put back as it was.
#include <doctest/doctest.h>

#include <fmt/format.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "support/backup_stage.hpp"
#include "support/observed_run.hpp"
#include "support/redis_cluster.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

using Stage = BackupStage;

}  // namespace

TEST_CASE_FIXTURE(Stage, "what is deleted with --backup comes back as it was") {
    fill();
    fill_large();
    const std::string before = digest();
    const std::int64_t keys = size();
    const Json summary =
        this->summary({"invalidate", "*", "--all", "--backup", file, "--protect", "number"});
    CHECK(summary["deleted"] == keys - 1);
    CHECK(summary["complete"] == true);
    CHECK(summary["backup"]["keys"] == keys - 1);
    CHECK(summary["backup"]["file"] == file);
    CHECK(summary["backup"]["whole"] == true);
    CHECK(summary["backup"]["undo"] ==
          fmt::format("cachectl -s {} restore '{}'", server.socket_path(),
                      (dir.path() / "it'\\''s a backup.rdb").string()));
    CHECK(summary["backup"]["bytes"] == std::filesystem::file_size(file));
    CHECK(size() == 1);
    struct stat facts {};
    REQUIRE(::stat(file.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);

    const Json restored = this->summary({"restore", file});
    CHECK(restored["restored"] == keys - 1);
    CHECK(digest() == before);
    for (const char* key : {"course:timed", "large:set"}) {
        const std::int64_t left = redis.integer({"PTTL", key});
        CHECK(left > 7'000'000);
        CHECK(left <= 7'200'000);
    }
    CHECK(redis.integer({"PTTL", "large:zset"}) == -1);
}

TEST_CASE_FIXTURE(Stage, "an expiry that was changed with --backup comes back with --replace") {
    fill();
    fill_large();
    const std::string before = digest();
    const Json summary = this->summary({"expire", "*", "--all", "--set", "1m", "--backup", file});
    CHECK(summary["changed"] == size());
    CHECK(summary["backup"]["keys"] == size());
    CHECK(redis.integer({"PTTL", "large:zset"}) > 0);
    CHECK(this->summary({"restore", file, "--replace"})["restored"] == size());
    CHECK(digest() == before);
    CHECK(redis.integer({"PTTL", "large:zset"}) == -1);
    CHECK(redis.integer({"PTTL", "large:set"}) > 7'000'000);
}

TEST_CASE_FIXTURE(Stage, "memory does not grow with the keys whose expiry is changed") {
    if (is_sanitized()) {
        return;  // a sanitized build's memory is its own
    }
    redis.run({"DEBUG", "POPULATE", "400000", "k", "20"});
    const ObservedRun run =
        observe_cachectl({"expire", "k:*", "--set", "1h", "--yes", "--pace", "full", "--backup",
                          file, "-s", server.socket_path()});
    CHECK(run.exit_code == 0);
    CHECK(run.peak_kib < 36 * 1024);
}

TEST_CASE_FIXTURE(Stage, "whole namespaces and databases can be saved, too") {
    fill();
    const std::string before = digest();
    CHECK(summary({"flush", "course", "--backup", file})["backup"]["keys"] == 2'001);
    const std::string other = (dir.path() / "rest.rdb").string();
    CHECK(summary({"flush", "--whole-db", "--backup", other})["deleted"] == 5);
    CHECK(size() == 0);
    summary({"restore", file});
    summary({"restore", other});
    CHECK(digest() == before);
    CHECK(run({"flush", "--all-dbs", "--yes", "--backup", "x"}).exit_code == 2);
    CHECK(digest() == before);
}

TEST_CASE_FIXTURE(Stage, "what only DUMP tells is left if it is large, unless that is allowed") {
    fill_large_stream();
    fill();
    const std::string before = digest();
    const ProcessResult kept = run({"invalidate", "*", "--all", "--yes", "--backup", file});
    CHECK(kept.exit_code == 5);
    CHECK(contains(kept.err, "'large:stream' was left"));
    CHECK(contains(kept.err, "--allow-slow-dump"));
    CHECK(size() == 1);
    const std::string other = (dir.path() / "stream.rdb").string();
    const Json summary =
        this->summary({"invalidate", "large:*", "--backup", other, "--allow-slow-dump"});
    CHECK(summary["deleted"] == 1);
    this->summary({"restore", file});
    this->summary({"restore", other});
    CHECK(digest() == before);
}

TEST_CASE_FIXTURE(Stage, "a backup of nothing leaves no file, and names no undo") {
    const std::string rows = dir.file("rows.csv", "id,v\n1,a\n");
    const std::vector<std::string> load = {"warm",        rows,        "--key",    "new:{id}",
                                           "--if-exists", "overwrite", "--backup", file};
    for (const std::vector<std::string>& words :
         {{"invalidate", "none:*", "--backup", file}, load}) {
        const Json backup = this->summary(words)["backup"];
        CHECK(backup["keys"] == 0);
        CHECK(backup["undo"] == nullptr);
        CHECK_FALSE(std::filesystem::exists(file));
    }
}

// Before Redis 7.2 nobody can read a value without using it.
TEST_CASE_FIXTURE(Stage,
                  "what nobody has used for long is saved and deleted, though saving is a use") {
    redis.run({"MSET", "k:1", "v", "k:2", "v"});
    while (redis.integer({"OBJECT", "IDLETIME", "k:1"}) < 3) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    redis.run({"SET", "k:used", "v"});
    const Json expired =
        summary({"expire", "k:*", "--idle-over", "1s", "--set", "1h", "--backup", file + "1"});
    CHECK(expired["changed"] == 2);
    CHECK(redis.integer({"TTL", "k:used"}) == -1);
    while (redis.integer({"OBJECT", "IDLETIME", "k:1"}) < 3) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    redis.run({"GET", "k:used"});
    const Json deleted = summary({"invalidate", "k:*", "--idle-over", "1s", "--backup", file});
    CHECK(deleted["deleted"] == 2);
    CHECK(deleted["backup"]["keys"] == 2);
    CHECK(redis.list({"KEYS", "k:*"}) == std::vector<std::string>{"k:used"});
}

TEST_CASE_FIXTURE(Stage, "a server starts from a backup") {
    fill();
    fill_large();
    const std::string before = digest();
    summary({"invalidate", "*", "--all", "--backup", file});
    server.stop();
    std::filesystem::copy_file(file, server.dir().path() / "dump.rdb");
    server.restart();
    CHECK(server.client().text({"DEBUG", "DIGEST"}) == before);
}

// Each INCR answers how often it was counted since the key was deleted last: what it answered right
// before that is what has to be in the file.
TEST_CASE("a backup of a cluster is made on all masters, and goes back to where its keys live") {
    RedisCluster cluster;
    TempDir dir;
    const std::string file = (dir.path() / "backup.rdb").string();
    for (int i = 0; i < 3'000; ++i) {
        const std::string key = fmt::format("k:{}", i);
        cluster.at_owner(key, {"SET", key, std::to_string(i)});
    }
    cluster.at_owner("large", {"SET", "large", noise(300'000)});
    const ProcessResult deleted = run_cachectl({"invalidate", "*", "--all", "--yes", "--json",
                                                "--backup", file, "-h", cluster.address(0)});
    CAPTURE(deleted.err);
    REQUIRE(deleted.exit_code == 0);
    CHECK(Json::parse(deleted.out)["backup"]["keys"] == 3'001);
    CHECK(cluster.all_keys().empty());
    CHECK(run_cachectl({"restore", file, "--yes", "-h", cluster.address(1)}).exit_code == 0);
    CHECK(cluster.all_keys().size() == 3'001);
    CHECK(cluster.at_owner("k:1234", {"GET", "k:1234"}).text == "1234");
    CHECK(cluster.at_owner("large", {"STRLEN", "large"}).integer == 300'000);
}
