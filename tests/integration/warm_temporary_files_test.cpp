// warm: where the hashes of its keys are kept, by which it finds those that are made twice.
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

constexpr int k_keys = 30'000;

struct Stage {
    Stage() {
        for (int id = 0; id < k_keys; ++id) {
            rows += fmt::format("{{\"id\":{}}}\n", id);
        }
        rows += "{\"id\":7}\n";
        input = dir.file("in.ndjson", rows);
        std::filesystem::create_directory(dir.path() / "tmp");
        redis.run({"SET", "k:5", "ORIGINAL"});
    }
    [[nodiscard]] Words words(const Words& more) const {
        Words all = {
            "warm", input, "--key", "k:{id}", "--ttl", "1h", "--json", "-s", server.socket_path()};
        all.insert(all.end(), more.begin(), more.end());
        return cachectl_argv(all);
    }
    /// In a mount namespace of its own, behind these commands; $0 is the folder for TMPDIR.
    [[nodiscard]] ProcessResult run(const std::string& commands, const Words& more) const {
        Words all = {"unshare",
                     "-rm",
                     "sh",
                     "-c",
                     commands + "; TMPDIR=\"$0\" exec \"$@\"",
                     (dir.path() / "tmp").string()};
        const Words cachectl = words(more);
        all.insert(all.end(), cachectl.begin(), cachectl.end());
        return run_process(all);
    }
    [[nodiscard]] static bool may(const std::string& command) {
        const bool it_may =
            run_process({"unshare", "-rm", "sh", "-c", command, "/tmp"}).exit_code == 0;
        if (!it_may) {
            MESSAGE("left out: no namespace of mounts is to be had");
        }
        return it_may;
    }

    TempDir dir;
    std::string rows, input;
    std::string journal = (dir.path() / "journal.json").string();
    std::string backup = (dir.path() / "b.rdb").string();
    std::string log = (dir.path() / "audit.log").string();
    RedisServer server;
    RespClient redis = server.client();
};

}  // namespace

TEST_CASE_FIXTURE(Stage, "a folder for temporary files that is full costs the duplicates alone") {
    const std::string mount = "mount -t tmpfs -o size={}k none \"$0\"";
    if (!may(fmt::format(fmt::runtime(mount), 600))) {
        return;
    }
    // In mid-run, and when all has been written.
    for (const int size : {200, 600}) {
        CAPTURE(size);
        std::filesystem::remove(backup);
        std::filesystem::remove(log);
        redis.run({"FLUSHALL"});
        redis.run({"SET", "k:5", "ORIGINAL"});
        const ProcessResult result = run(fmt::format(fmt::runtime(mount), size),
                                         {"--if-exists", "overwrite", "--backup", backup,
                                          "--audit-log", log, "--journal", journal});
        CAPTURE(result.err);
        CHECK(result.exit_code == 7);
        CHECK(result.err.find("rows that make one key are not counted: cannot keep the keys made "
                              "in a temporary file: No space left on device") != std::string::npos);
        REQUIRE(!result.out.empty());
        const Json summary = Json::parse(result.out);
        CHECK(summary["keys"] == k_keys + 1);
        CHECK(summary["written"] == k_keys + 1);
        CHECK(summary["duplicates"].is_null());
        CHECK(summary["datasets"][0]["duplicates"].is_null());
        CHECK(summary["complete"] == false);
        CHECK(summary["resumable"] == true);
        CHECK(summary["backup"]["whole"] == true);
        CHECK(summary["error"]["code"] == 7);
        CHECK(redis.integer({"DBSIZE"}) == k_keys);
        CHECK(read_file(log).find("\"counts\":{}") == std::string::npos);
        CHECK(run_cachectl({"restore", backup, "--replace", "--yes", "-s", server.socket_path()})
                  .exit_code == 0);
        CHECK(redis.text({"GET", "k:5"}) == "ORIGINAL");
    }
    // The two rows of one key are found when there is room; nothing of these runs is passed over.
    const ProcessResult result = run("true", {"--if-exists", "overwrite", "--max-errors", "1",
                                              "--journal", journal, "--resume"});
    CHECK(result.exit_code == 0);
    CHECK(Json::parse(result.out)["duplicates"] == 1);
}

TEST_CASE_FIXTURE(Stage, "the keys of a run whose duplicates were not counted are passed over") {
    const std::string mount = "mount -t tmpfs -o size=200k none \"$0\"";
    if (!may(mount)) {
        return;
    }
    CHECK(run(mount, {"--journal", journal}).exit_code == 7);
    const ProcessResult result = run("true", {"--journal", journal, "--resume"});
    CHECK(result.exit_code == 5);
    const Json summary = Json::parse(result.out);
    CHECK(summary["keys"] == 0);
    CHECK(summary["resumed_from"]["keys"] == k_keys + 1);
    CHECK(summary["resumed_from"]["duplicates"] == 1);
}

TEST_CASE_FIXTURE(Stage, "where no folder can be written to, memory is one") {
    const std::string mount =
        "mount -t tmpfs -o ro none /var/tmp && mount --bind /tmp /tmp && "
        "mount -o remount,bind,ro /tmp";
    if (!may(mount)) {
        return;
    }
    const ProcessResult result = run(mount, {"--max-errors", "1"});
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    REQUIRE(!result.out.empty());
    const Json summary = Json::parse(result.out);
    CHECK(summary["duplicates"] == 1);
    CHECK(summary["complete"] == true);
    CHECK(redis.integer({"DBSIZE"}) == k_keys);
}

TEST_CASE_FIXTURE(Stage, "TMPDIR names the folder where /tmp cannot be written to") {
    const std::string mount =
        "mount --bind /tmp /tmp && "
        "mount -o remount,bind,ro /tmp && mount -t tmpfs -o size=2m none \"$0\"";
    if (!may(mount)) {
        return;
    }
    const ProcessResult result = run(mount, {"--max-errors", "1"});
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(Json::parse(result.out)["duplicates"] == 1);
}
