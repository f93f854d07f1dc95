// Files and streams that a run writes to besides the server: those that cannot be written, and
// those that hold something else.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;

namespace {

using Words = std::vector<std::string>;

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// A server with three keys, and a dump of which one row is bad.
struct Disk {
    Disk() { fill(); }

    void fill() {
        redis.run({"FLUSHALL"});
        for (const char* key : {"k:1", "k:2", "k:3"}) {
            redis.run({"SET", key, "v", "PX", "3600000"});
        }
    }
    /// The words, with FILE as one of the options' values.
    ProcessResult run(Words words, const std::string& file = {}, ProcessOptions options = {}) {
        for (std::string& word : words) {
            word = word == "FILE" ? file : word == "ROWS" ? rows : word;
        }
        words.insert(words.end(), {"-s", server.socket_path()});
        return run_cachectl(words, std::move(options));
    }
    std::string path(const std::string& name) const { return (dir.path() / name).string(); }

    RedisServer server;
    RespClient redis = server.client();
    TempDir dir;
    std::string rows = dir.file("rows.ndjson", "{\"id\":1}\n{\"v\":1}\n");
};

const Words k_backup{"invalidate", "k:*", "--yes", "--backup", "FILE"};
const Words k_plan{"invalidate", "k:*", "--plan", "FILE"};
const Words k_expiry_backup{"expire", "k:*", "--set", "9h", "--yes", "--backup", "FILE"};
const Words k_rejects{"warm", "ROWS",         "--key", "w:{id}",        "--ttl",
                      "1h",   "--max-errors", "5",     "--reject-file", "FILE"};
const Words k_log{"invalidate", "k:*", "--yes", "--audit-log", "FILE"};
const Words k_snapshot{"snapshot", "FILE"};
const Words k_metrics{"stats", "-o", "prometheus", "--to", "FILE"};

}  // namespace

TEST_CASE_FIXTURE(Disk, "a file that holds something else, a folder and a link stay as they are") {
    const std::string mine = dir.file("mine", "mine\n"), nowhere = path("nowhere");
    std::filesystem::create_directory(path("folder"));
    std::filesystem::create_symlink(mine, path("link"));
    std::filesystem::create_symlink(nowhere, path("dangling"));
    const auto untouched = [this] {
        return redis.integer({"DBSIZE"}) == 3 && redis.integer({"PTTL", "k:1"}) <= 3'600'000;
    };
    for (const Words& words :
         {k_backup, k_plan, k_expiry_backup, k_rejects, k_log, k_snapshot, k_metrics}) {
        for (const std::string name : {"mine", "folder", "link", "dangling", "none/file"}) {
            const bool replaces = words == k_metrics && name != "folder" && name != "none/file";
            const bool follows = words == k_log && name == "dangling";
            if (replaces || follows) {
                continue;  // what these are for
            }
            const ProcessResult result = run(words, path(name));
            CAPTURE(words);
            CAPTURE(name);
            CHECK(result.exit_code == 7);
            CHECK(has(result.err, path(name)));
            CHECK(untouched());
            CHECK(read_file(mine) == "mine\n");
            CHECK_FALSE(std::filesystem::exists(nowhere));
            CHECK(std::filesystem::is_empty(path("folder")));
            CHECK(std::filesystem::is_symlink(path("link")));
            CHECK(std::filesystem::is_symlink(path("dangling")));
        }
    }
}

TEST_CASE_FIXTURE(Disk, "a pipe is neither waited for nor replaced by a file") {
    const std::string pipe = path("pipe");
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    for (const Words& words : {k_snapshot, k_backup, k_plan, k_rejects}) {
        const ProcessResult result = run(words, pipe, {.timeout = Millis(20'000)});
        CAPTURE(words);
        CHECK(result.exit_code == 7);
        CHECK(has(result.err, pipe));
        CHECK(std::filesystem::is_fifo(pipe));
    }
    CHECK(redis.integer({"DBSIZE"}) == 3);
}

TEST_CASE_FIXTURE(Disk, "a full disk under stdout is exit code 7 of every command") {
    const std::string backup = path("k.rdb"), snapshot = path("k.json"), plan = path("plan");
    const std::string log = path("log");
    const std::string policy =
        dir.file("policy.json", R"({"keys": [{"pattern": "none:*"}], "unknown": "fail"})");
    REQUIRE(run(k_backup, backup).exit_code == 0);
    fill();
    REQUIRE(run(k_snapshot, snapshot).exit_code == 0);
    REQUIRE(run({"invalidate", "k:1", "--yes", "--audit-log", log}).exit_code == 0);
    const auto done = [this](std::int64_t keys) { return redis.integer({"DBSIZE"}) == keys; };
    struct Case {
        Words words;
        std::int64_t keys_left = 3;
    };
    for (const Case& one : std::vector<Case>{
             {{"keys", "--count"}},
             {{"keys", "--sort", "size"}},
             {{"ttl", "--summary"}},
             {{"ttl", "--timeline", "1h"}},
             {{"get", "k:1", "--json"}},
             {{"stats", "all"}},
             {{"du"}},
             {{"du", "--by", "type", "--json"}},
             {{"hot", "--method", "idle", "--interval", "100ms", "--json"}},
             {{"health", "--interval", "100ms"}},
             {{"audit", "--policy", policy}},
             {{"audit", "--suggest"}},
             {{"wait", "k:*"}},
             {{"diff", snapshot, "now"}},
             {{"diff", snapshot, snapshot}},
             {{"capabilities"}},
             {{"context", "check"}},
             {{"completion", "bash"}},
             {{"restore", backup, "--list"}},
             {{"audit-log", "verify", log}},
             {{"invalidate", "k:*", "--dry-run"}},
             {{"invalidate", "k:*", "--plan", plan}},
             {{"apply", plan}, 0},
             {{"expire", "k:*", "--set", "9h", "--yes"}},
             {{"restore", backup, "--replace", "--yes"}},
             {{"flush", "k", "--yes"}, 0},
             {{"flush", "--whole-db", "--yes"}, 0},
             {{"warm", rows, "--key", "w:{id}", "--ttl", "1h", "--max-errors", "5"}, 4},
         }) {
        fill();
        ProcessOptions options;
        options.stdout_path = "/dev/full";
        options.timeout = Millis(60'000);
        const ProcessResult result = run(one.words, {}, options);
        CAPTURE(one.words);
        CAPTURE(result.err);
        CHECK(result.exit_code == 7);
        CHECK(has(result.err, "cannot write the output: No space left on device"));
        CHECK(done(one.keys_left));
    }
}
