// restore with real servers: what a server has saved, and backups.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "rdb/payload.hpp"
#include "rdb/writer.hpp"
#include "support/json.hpp"
#include "support/observed_run.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"
#include "support/text.hpp"
#include "support/written_backup.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

const std::string k_binary("name \0\n\xff\x1b[31m", 12);

/// Text that LZF cannot compress.
std::string noise(std::size_t bytes) {
    std::minstd_rand random(1);
    std::string text(bytes, '\0');
    for (char& c : text) {
        c = static_cast<char>(random() >> 8);
    }
    return text;
}

struct Stage {
    Stage() { fill(); }

    void fill() {
        redis.run({"SET", "course:1", "x"});
        redis.run({"SET", "course:2", "y", "PX", "7200000"});
        redis.run({"SET", "sess:1", "z"});
        redis.run({"SET", k_binary, noise(300'000)});
        redis.run({"XADD", "stream", "1-0", "field", "value"});
        for (int i = 0; i < 3'000; ++i) {
            const std::string n = std::to_string(i);
            redis.run({"HSET", "hash", n, noise(60)});
            redis.run({"RPUSH", "list", n + noise(60)});
            redis.run({"SADD", "set", n + noise(60)});
            redis.run({"ZADD", "zset", n + ".1", n + noise(60)});
        }
    }
    std::string save() {
        redis.run({"SAVE"});
        const std::string path = (server.dir().path() / "dump.rdb").string();
        ::chmod(path.c_str(), 0600);
        return path;
    }
    ProcessResult run(Words words) {
        words.insert(words.begin(), "restore");
        words.insert(words.end(), {"-s", server.socket_path()});
        return run_cachectl(words);
    }
    Json summary(Words words) {
        words.insert(words.end(), {"--yes", "--json"});
        const ProcessResult result = run(std::move(words));
        CAPTURE(result.err);
        CHECK(result.exit_code == 0);
        return Json::parse(result.out);
    }
    std::string digest() { return redis.text({"DEBUG", "DIGEST"}); }
    std::int64_t size() { return redis.integer({"DBSIZE"}); }

    RedisServer server{{"--enable-debug-command", "yes"}};
    RespClient redis = server.client();
};

}  // namespace

TEST_CASE_FIXTURE(Stage, "every key comes back as it was, with the time that it had left") {
    const std::string file = save();
    const std::string before = digest();
    redis.run({"FLUSHALL"});
    const Json summary = this->summary({file});
    CHECK(summary["matched"] == 9);
    CHECK(summary["restored"] == 9);
    CHECK(summary["complete"] == true);
    CHECK(digest() == before);
    const std::int64_t left = redis.integer({"PTTL", "course:2"});
    CHECK(left > 7'000'000);
    CHECK(left <= 7'200'000);
    CHECK(redis.integer({"PTTL", "hash"}) == -1);
}

TEST_CASE_FIXTURE(Stage,
                  "what exists is left as it is, or with --replace overwritten if it may be") {
    const std::string file = save();
    const std::string before = digest();
    redis.run({"SET", "course:1", "newer"});
    redis.run({"DEL", "hash", "sess:1"});
    redis.run({"HSET", "hash", "newer", "1"});
    const Json left = summary({file});
    CHECK(left["exists"] == 8);
    CHECK(left["restored"] == 1);
    CHECK(redis.text({"GET", "course:1"}) == "newer");
    CHECK(redis.integer({"HLEN", "hash"}) == 1);

    redis.run({"SET", "sess:1", "newer"});
    const Json replaced = summary({file, "--replace", "--protect", "sess:*"});
    CHECK(replaced["restored"] == 8);
    CHECK(replaced["protected"] == 1);
    CHECK(redis.text({"GET", "sess:1"}) == "newer");
    redis.run({"SET", "sess:1", "z"});
    CHECK(digest() == before);
}

TEST_CASE_FIXTURE(Stage, "patterns choose, guards count, and without consent nothing is sent") {
    const std::string file = save();
    redis.run({"FLUSHALL"});
    CHECK(run({file}).exit_code == 8);
    CHECK(run({file, "--yes", "--max-keys", "8"}).exit_code == 8);
    CHECK(run({file, "no:*", "--yes", "--fail-if-none"}).exit_code == 1);
    CHECK(size() == 0);
    const ProcessResult dry = run({file, "course:*", "--dry-run"});
    CHECK(dry.out.starts_with("would restore 2 of 2 keys from "));
    CHECK(size() == 0);
    CHECK(summary({file, "--exclude", "*s*"})["matched"] == 1);
    CHECK(size() == 1);
}

TEST_CASE_FIXTURE(Stage, "a file of another server is told, one of another database refused") {
    const TempDir dir;
    const std::string file = (dir.path() / "a.rdb").string();
    const RedisServer other;
    CHECK(run_cachectl(
              {"invalidate", "course:*", "--yes", "--backup", file, "-s", server.socket_path()})
              .exit_code == 0);
    const ProcessResult result =
        run_cachectl({"restore", file, "--dry-run", "-s", other.socket_path()});
    CHECK(result.exit_code == 0);
    CHECK(result.err.find("the file was saved from " + server.socket_path() + ", and goes into " +
                          other.socket_path()) != std::string::npos);
    const ProcessResult refused = run({file, "-n", "1", "--yes"});
    CHECK(refused.exit_code == 8);
    CHECK(refused.err.find("-n 0 restores those") != std::string::npos);
    CHECK(refused.err.find("was saved from") == std::string::npos);
    const ProcessResult none = run({file, "no:*", "-n", "1", "--yes"});
    CHECK(none.exit_code == 0);
    CHECK(none.err.empty());
    CHECK(run({file, "--yes"}).err.empty());
}

TEST_CASE_FIXTURE(Stage, "a rehearsal says what would be overwritten") {
    const std::string file = save();
    redis.run({"DEL", "course:1"});
    const ProcessResult result = run({file, "--dry-run", "--replace", "--json"});
    CHECK(Json::parse(result.out)["would_restore"] == 9);
    CHECK(Json::parse(result.out)["would_overwrite"] == 8);
}

TEST_CASE_FIXTURE(Stage, "twice is as good as once, and what has changed or expired is left") {
    redis.run({"SET", "short", "v", "PX", "300"});
    const std::string file = save();
    redis.run({"FLUSHALL"});
    redis.run({"SET", "course:1", "written since"});
    std::this_thread::sleep_for(400ms);
    const Json first = summary({file});
    CHECK(first["matched"] == 10);
    CHECK(first["restored"] == 8);
    CHECK(first["exists"] == 1);
    CHECK(first["expired_since"] == 1);
    CHECK(redis.text({"GET", "course:1"}) == "written since");
    const std::string after = digest();
    const Json again = summary({file});
    CHECK(again["restored"] == 0);
    CHECK(again["exists"] == 9);
    CHECK(digest() == after);
}

TEST_CASE_FIXTURE(Stage, "keys of another database are left out, and told") {
    redis.run({"SELECT", "3"});
    redis.run({"SET", "of:3", "x"});
    const std::string file = save();
    redis.run({"DEL", "of:3"});
    const ProcessResult other = run({file, "--yes"});
    CHECK(other.exit_code == 0);
    CHECK(has(other.err, "1 key of the file is of another database, as 3"));
    const ProcessResult alone = run({file, "of:*", "--yes"});
    CHECK(alone.exit_code == 8);
    CHECK(has(alone.err, "has keys of database 3 alone"));
    CHECK(summary({file, "-n", "3"})["restored"] == 1);
    CHECK(redis.text({"GET", "of:3"}) == "x");
    redis.run({"SELECT", "5"});
    redis.run({"SET", "of:5", "x"});
    const ProcessResult several = run({save(), "of:*", "--yes"});
    CHECK(several.exit_code == 8);
    CHECK(has(several.err, "has keys of databases 3, 5 alone, and this is 0"));
}

TEST_CASE("a file is shown without a server") {
    const TempDir dir;
    const auto ends = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch() + 1h);
    RdbWriter backup((dir.path() / "backup.rdb").string(), {});
    backup.add({.database = 2, .name = k_binary, .expires_at = ends},
               make_dump_payload(RdbType::string, "\1x", 9));
    backup.commit();
    backup.finish();
    const ProcessResult shown = run_cachectl({"restore", backup.path(), "--list", "--json"});
    CHECK(shown.exit_code == 0);
    const Json rows = Json::parse(shown.out);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0]["type"] == "string");
    CHECK(rows[0]["database"] == 2);
    CHECK(rows[0]["ttl_ms"].get<std::int64_t>() > 3'500'000);
}

TEST_CASE("a restoration that was interrupted goes on with the same command") {
    const TempDir dir;
    constexpr int k_keys = 20'000;
    const std::string path = write_backup(dir, k_keys);
    RedisServer server;
    RespClient redis = server.client();
    const Words words = {"restore", path,         "--yes", "-s", server.socket_path(),
                         "--json",  "--max-rate", "5000"};
    Process process(cachectl_argv(words));
    while (redis.integer({"DBSIZE"}) < 1'000) {
        process.pump(std::chrono::milliseconds(5));
    }
    process.send_signal(SIGINT);
    const ProcessResult stopped = process.wait();
    CHECK(stopped.exit_code == 130);
    const Json first = Json::parse(stopped.out);
    CHECK(first["restored"] == redis.integer({"DBSIZE"}));
    CHECK(first["complete"] == false);
    CHECK(first["restored"].get<int>() + first["not_attempted"].get<int>() == k_keys);

    const ProcessResult second =
        run_cachectl({"restore", path, "--yes", "-s", server.socket_path(), "--json"});
    CHECK(second.exit_code == 0);
    const Json rest = Json::parse(second.out);
    CHECK(rest["exists"] == first["restored"]);
    CHECK(rest["restored"] == k_keys - first["restored"].get<int>());
    CHECK(redis.integer({"DBSIZE"}) == k_keys);
}

TEST_CASE("in a cluster each key goes where it lives now") {
    const TempDir dir;
    const std::string path = (dir.path() / "backup.rdb").string();
    RdbWriter writer(path, {});
    for (int i = 0; i < 50; ++i) {
        writer.add({.name = fmt::format("k:{}", i)}, make_dump_payload(RdbType::string, "\1x", 9));
    }
    for (const char* name : {"large", "{tag}:large"}) {
        writer.begin({.name = name}, RdbType::string);
        writer.add_string(noise(300'000));
    }
    writer.commit();
    writer.finish();
    RedisCluster cluster;
    const ProcessResult result =
        run_cachectl({"restore", path, "--yes", "--json", "-h", cluster.address(0)});
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(Json::parse(result.out)["restored"] == 52);
    CHECK(cluster.all_keys().size() == 52);
    CHECK(cluster.at_owner("large", {"STRLEN", "large"}).integer == 300'000);
}

TEST_CASE("what was saved of another database goes into a cluster, which has one alone") {
    const TempDir dir;
    const std::string path = (dir.path() / "backup.rdb").string();
    RdbWriter writer(path, {});
    for (int i = 0; i < 20; ++i) {
        writer.add({.database = 3, .name = fmt::format("k:{}", i)},
                   make_dump_payload(RdbType::string, "\1x", 9));
    }
    writer.commit();
    writer.finish();
    RedisCluster cluster;
    if (cluster.client(0).command({"SELECT", "3"}).text == "OK") {
        return;  // Valkey 9 with several databases
    }
    const auto restore = [&](Words words) {
        words.insert(words.begin(), {"restore", path, "--json", "-h", cluster.address(0)});
        return run_cachectl(words);
    };
    CHECK(restore({}).exit_code == 8);
    CHECK(cluster.all_keys().empty());
    const ProcessResult result = restore({"--yes"});
    CHECK(result.exit_code == 0);
    CHECK(has(result.err, "are of database 3, and go into database 0"));
    CHECK(Json::parse(result.out)["restored"] == 20);
    CHECK(cluster.all_keys().size() == 20);
}
