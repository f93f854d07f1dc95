// Standard streams that close, are full or are not there, and limits of the process.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/json.hpp"
#include "support/observed_run.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a reader that goes away ends the list quietly with 0") {
    RedisServer server;
    server.client().pipeline(100'000, [](std::size_t i) -> RespClient::Args {
        return {"SET", "key:" + std::to_string(i), ""};
    });
    for (const std::string format : {"plain", "json", "csv"}) {
        CAPTURE(format);
        Process process(cachectl_argv({"keys", "-s", server.socket_path(), "-o", format}));
        REQUIRE(process.wait_for_out("\n"));
        process.close_stdout();
        const ObservedRun run = observe(process);
        CHECK(run.exit_code == 0);
        CHECK(run.signal == 0);
        CHECK(run.err.empty());
        CHECK(run.took < 30s);
    }
    const auto piped =
        run_process({"bash", "-c", "\"$0\" keys -s \"$1\" | head -n 2; echo ${PIPESTATUS[0]}",
                     cachectl_binary(), server.socket_path()});
    CHECK(piped.out.ends_with("\n0\n"));
    CHECK(std::count(piped.out.begin(), piped.out.end(), '\n') == 3);
    CHECK(piped.err.empty());
}

TEST_CASE("a full disk is exit code 7, for few keys and for many") {
    RedisServer server;
    RespClient redis = server.client();
    redis.run({"SET", "k", "v"});
    ProcessOptions options;
    options.stdout_path = "/dev/full";
    const auto few = run_cachectl({"keys", "-s", server.socket_path()}, options);
    CHECK(few.exit_code == 7);
    CHECK(few.err == "cachectl: error: cannot write the output: No space left on device\n");
    redis.pipeline(50'000, [](std::size_t i) -> RespClient::Args {
        return {"SET", "key:" + std::to_string(i), ""};
    });
    for (const std::string format : {"plain", "json", "csv", "table"}) {
        CAPTURE(format);
        const auto many =
            run_cachectl({"keys", "-l", "-s", server.socket_path(), "-o", format}, options);
        CHECK(many.exit_code == 7);
        CHECK(has(many.err, "cannot write the output: No space left on device"));
    }
    CHECK(run_cachectl({"--help"}, options).exit_code == 7);
    CHECK(run_cachectl({"--version"}, options).exit_code == 7);
}

TEST_CASE("with standard streams closed nothing goes astray") {
    RedisServer server;
    server.client().run({"SET", "k", std::string(300'000, 'x')});
    const auto shell = [&](const std::string& command, const std::string& closed) {
        return run_process(
            {"sh", "-c", "\"$0\" " + command + " -s " + server.socket_path() + " " + closed,
             cachectl_argv({}).front()},
            {.timeout = 20s});
    };
    for (const std::string command : {"keys", "stats", "get k --raw"}) {
        for (const std::string closed : {">&-", "<&- >&-"}) {
            CAPTURE(command);
            const ProcessResult run = shell(command, closed);
            CHECK(run.exit_code == 7);
            CHECK(run.err == "cachectl: error: cannot write the output: stdout is closed\n");
        }
        CHECK(shell(command, "<&- >&- 2>&-").exit_code == 7);
        const ProcessResult out = shell(command, "<&- 2>&-");
        CHECK(out.exit_code == 0);
        CHECK_FALSE(out.out.empty());
    }
    const ProcessResult list = shell("invalidate --keys-from - --yes", "<&-");
    CHECK(list.exit_code == 6);
    CHECK(has(list.err, "cannot read the list of keys from stdin: Bad file descriptor"));
    CHECK(server.client().command({"STRLEN", "k"}).integer == 300'000);
}

TEST_CASE("limits of the process are errors, and no signal kills it") {
    RedisServer server;
    server.client().run({"SET", "k", "v"});
    const auto limited = [&](const std::string& limit, const std::string& command) {
        return run_process(
            {"bash", "-c",
             "ulimit " + limit + "; \"$0\" -s " + server.socket_path() + " " + command,
             cachectl_argv({}).front()});
    };
    const TempDir dir;
    const ProcessResult file = limited("-f 0", "keys > " + (dir.path() / "out").string());
    CHECK(file.exit_code == 7);
    CHECK(has(file.err, "cannot write the output: File too large"));
    // A sanitized build has larger frames.
    const std::string small = is_sanitized() ? "-s 1024" : "-s 64";
    const ProcessResult stack = limited(small, "keys");
    CHECK(stack.exit_code == 0);
    CHECK(stack.out == "k\n");
}

// A sanitized program reserves terabytes, whatever it needs.
TEST_CASE("with too little memory a run ends by itself, and says what it has done") {
    if (is_sanitized()) {
        MESSAGE("skipped: the sanitizers need no little address space");
        return;
    }
    constexpr std::int64_t k_keys = 20'000;
    RedisServer server;
    RespClient redis = server.client();
    TempDir dir;
    std::string rows;
    for (std::int64_t i = 0; i < k_keys; ++i) {
        rows += R"({"id":)" + std::to_string(i) +
                R"(,"text":"0123456789012345678901234567890123"})" + "\n";
    }
    const std::string file = dir.file("rows.ndjson", rows);
    const auto fill = [&] {
        redis.run({"FLUSHALL"});
        redis.pipeline(k_keys, [](std::size_t i) -> RespClient::Args {
            return {"SET", "course:" + std::to_string(i), "v"};
        });
        redis.run({"SET", "other", "v"});
    };
    std::size_t ended_early = 0;
    for (const std::string command :
         {"keys -l", "keys --sort size", "invalidate 'course:*' --yes --json",
          "invalidate 'course:*' --yes --json --backup \"$1\"",
          "warm \"$2\" --key 'row:{id}' --ttl 1h --json",
          "warm \"$2\" --collect row:all --ttl 1h --json"}) {
        for (int mib = 17; mib <= 40; mib += 2) {
            CAPTURE(command);
            CAPTURE(mib);
            fill();
            const std::string backup = (dir.path() / ("b" + std::to_string(mib))).string();
            std::filesystem::remove(backup);
            const ProcessResult run =
                run_process({"bash", "-c",
                             "ulimit -v " + std::to_string(mib * 1024) + "; exec \"$0\" " +
                                 command + " -s \"$3\"",
                             cachectl_binary(), backup, file, server.socket_path()});
            CAPTURE(run.err);
            CHECK(run.signal == 0);
            if (run.exit_code == 127) {  // it was not even loaded
                continue;
            }
            CHECK((run.exit_code == 0 || run.exit_code == 5 || run.exit_code == 7));
            if (run.exit_code != 0) {
                ++ended_early;
                CHECK(has(run.err, "memory"));
            }
            CHECK(redis.text({"GET", "other"}) == "v");
            const std::int64_t courses =
                static_cast<std::int64_t>(redis.list({"KEYS", "course:*"}).size());
            if (!command.starts_with("invalidate")) {
                CHECK(courses == k_keys);
            } else if (run.exit_code == 0) {
                CHECK(courses == 0);
            } else if (!run.out.empty()) {
                const auto summary = nlohmann::json::parse(run.out);
                CHECK(summary["deleted"] <= k_keys - courses);
                CHECK(summary["complete"] == false);
            }
        }
    }
    CHECK(ended_early > 0);
}

TEST_CASE("more files are read in one run than a process may hold open") {
    RedisServer server;
    const TempDir dir;
    std::string list;
    for (int i = 0; i < 500; ++i) {
        const std::string name = "part-" + std::to_string(i) + ".csv";
        list += dir.file(name, "id,v\n" + std::to_string(i) + ",x\n") + '\n';
    }
    dir.file("m.json", R"({"datasets": [{"file": "part-*.csv", "key": "m:{id}", "ttl": "1h"}]})");
    const auto run = [&](const std::string& what) {
        return run_process(
            {"bash", "-c", "ulimit -n 64; \"$0\" warm " + what + " -s " + server.socket_path(),
             cachectl_argv({}).front()},
            {.stdin_bytes = list});
    };
    const ProcessResult listed = run("--files-from - --key 'l:{id}' --ttl 1h");
    CAPTURE(listed.err);
    CHECK(listed.exit_code == 0);
    CHECK(server.client().integer({"DBSIZE"}) == 500);
    CHECK(run("--manifest " + (dir.path() / "m.json").string()).exit_code == 0);
    CHECK(server.client().integer({"DBSIZE"}) == 1'000);
}
