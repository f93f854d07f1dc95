// restore of files that are cut or damaged, or that are no backups.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/json.hpp"
#include "support/observed_run.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"
#include "support/text.hpp"
#include "support/written_backup.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

TEST_CASE("a backup that was cut is used up to its last whole batch, and never called complete") {
    const TempDir dir;
    const std::string path = write_backup(dir, 10);
    RedisServer server;
    RespClient redis = server.client();
    const auto restore = [&](const std::string& file) {
        return run_cachectl({"restore", file, "--yes", "--json", "-s", server.socket_path()});
    };
    const std::string cut = cut_copy(path, 60);
    const ProcessResult result = restore(cut);
    CHECK(result.exit_code == 5);
    CHECK(has(result.err, "the run that wrote it was ended, or the file was cut"));
    CHECK(has(result.err, "its whole batches are used, 8 keys, and "));
    CHECK(has(result.err, "is not whole: keys may be missing from it"));
    const Json summary = Json::parse(result.out);
    CHECK(summary["restored"] == 8);
    CHECK(summary["complete"] == false);
    CHECK(summary["file_whole"] == false);
    CHECK(summary["file_bytes_unused"].get<int>() > 0);
    CHECK(redis.integer({"DBSIZE"}) == 8);
    const ProcessResult text = run_cachectl({"restore", cut, "--yes", "-s", server.socket_path()});
    CHECK(has(text.out, "the file is not whole: "));
    CHECK(has(text.out, "not complete: there may be more to restore"));

    const std::string whole = (dir.path() / "whole.rdb").string();
    const ProcessResult repaired = run_cachectl({"restore", cut, "--repair", whole});
    CHECK(repaired.exit_code == 5);
    CHECK(has(repaired.err, "has the 8 keys of"));
    CHECK(run_cachectl({"restore", cut, "--repair", whole}).exit_code == 7);  // never over a file
    redis.run({"FLUSHALL"});
    const ProcessResult again = restore(whole);
    CHECK(again.exit_code == 0);
    CHECK(again.err.empty());
    CHECK(Json::parse(again.out)["file_whole"] == true);
    CHECK(redis.integer({"DBSIZE"}) == 8);
}

TEST_CASE("whoever looks at a backup that was cut is told by the exit code too") {
    const TempDir dir;
    const std::string cut = cut_copy(write_backup(dir, 10), 60);
    const RedisServer server;
    const ProcessResult listed = run_cachectl({"restore", cut, "--list"});
    CHECK(listed.exit_code == 5);
    CHECK(std::count(listed.out.begin(), listed.out.end(), '\n') == 8);
    CHECK(run_cachectl({"restore", cut, "no:*", "--list", "--fail-if-none"}).exit_code == 5);
    const auto dry = [&](const Words& more) {
        Words words = {"restore", cut, "--dry-run", "--json", "-s", server.socket_path()};
        words.insert(words.end(), more.begin(), more.end());
        return run_cachectl(words);
    };
    CHECK(dry({}).exit_code == 5);
    CHECK(Json::parse(dry({}).out)["would_restore"] == 8);
    const ProcessResult none = dry({"no:*", "--fail-if-none"});
    CHECK(none.exit_code == 5);
    CHECK(Json::parse(none.out)["complete"] == false);
}

TEST_CASE("a backup that lacks its end mark alone cannot be told from one that was cut there") {
    const TempDir dir;
    const std::string path = write_backup(dir, 10);
    constexpr int k_end_mark = 9;
    RedisServer server;
    const ProcessResult result = run_cachectl(
        {"restore", cut_copy(path, k_end_mark), "--yes", "--json", "-s", server.socket_path()});
    CHECK(result.exit_code == 5);
    CHECK(has(result.err,
              "it lacks its end mark: the run that wrote it was ended, or the file was "
              "cut right behind a batch"));
    const Json summary = Json::parse(result.out);
    CHECK(summary["restored"] == 10);
    CHECK(summary["complete"] == false);
    CHECK(summary["file_bytes_unused"] == 0);
}

TEST_CASE("of a damaged backup --repair keeps the batches before the damage") {
    const TempDir dir;
    const std::string path = write_backup(dir, 10);
    const std::string whole = (dir.path() / "whole.rdb").string();
    {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path)) - 100);
        file.put('!');
    }
    CHECK(run_cachectl({"restore", path, "--list"}).exit_code == 6);
    const ProcessResult repaired = run_cachectl({"restore", path, "--repair", whole});
    CHECK(repaired.exit_code == 5);
    CHECK(has(repaired.err, "it is damaged at byte"));
    const ProcessResult listed = run_cachectl({"restore", whole, "--list"});
    CHECK(listed.exit_code == 0);
    const auto lines = std::count(listed.out.begin(), listed.out.end(), '\n');
    CHECK(lines > 0);
    CHECK(lines < 10);
}

TEST_CASE("a damaged file, another kind of file and one that others can write are refused") {
    const TempDir dir;
    const std::string path = write_backup(dir, 4);
    RedisServer server;
    const auto exit_code = [&](const std::string& file) {
        return run_cachectl({"restore", file, "--yes", "-s", server.socket_path()}).exit_code;
    };
    {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path) / 2));
        file.put('!');
    }
    CHECK(exit_code(path) == 6);
    CHECK(exit_code(dir.file("text", "hello\n")) == 6);
    CHECK(exit_code((dir.path() / "none").string()) == 6);
    const std::string open = dir.file("open.rdb", "REDIS0009");
    ::chmod(open.c_str(), 0666);
    CHECK(exit_code(open) == 8);
    CHECK(server.client().integer({"DBSIZE"}) == 0);
}
