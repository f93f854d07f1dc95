// The audit log under what befalls processes: others that write at once, signals, full disks.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "support/json.hpp"
#include "support/process.hpp"
#include "support/pty.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

struct Fixture {
    RedisServer server;
    TempDir dir;
    std::string log = (dir.path() / "audit.jsonl").string();

    [[nodiscard]] std::vector<std::string> logged(std::vector<std::string> words) const {
        words.insert(words.end(), {"-s", server.socket_path(), "--audit-log", log});
        return cachectl_argv(std::move(words));
    }
    void fill(std::size_t count) const {
        server.client().pipeline(count, [](std::size_t i) {
            return RespClient::Args{"SET", "k:" + std::to_string(i), "x"};
        });
    }
    [[nodiscard]] std::vector<Json> lines() const {
        std::vector<Json> events;
        std::istringstream text(read_file(log));
        for (std::string line; std::getline(text, line);) {
            events.push_back(Json::parse(line));
        }
        return events;
    }
    [[nodiscard]] Json verified() const {
        const ProcessResult result = run_cachectl({"audit-log", "verify", log, "--json"});
        CHECK(result.exit_code == 0);
        return Json::parse(result.out);
    }
    /// Of 20,000 keys; a tenth of them is gone.
    [[nodiscard]] std::unique_ptr<Process> start_slow_deletion() const {
        constexpr int k_keys = 20'000;
        fill(k_keys);
        auto process = std::make_unique<Process>(
            logged({"invalidate", "k:*", "--yes", "--json", "--max-rate", "4000"}));
        RespClient client = server.client();
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (client.integer({"DBSIZE"}) > k_keys - k_keys / 10 &&
               std::chrono::steady_clock::now() < deadline) {
            process->pump(1ms);
        }
        return process;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "eight processes write one log at once, and no line is torn or lost") {
    constexpr std::size_t k_rounds = 5;
    constexpr std::size_t k_processes = 8;
    for (std::size_t round = 0; round < k_rounds; ++round) {
        std::vector<std::unique_ptr<Process>> processes;
        for (std::size_t i = 0; i < k_processes; ++i) {
            std::vector<std::string> words = {"invalidate", "k:" + std::to_string(i) + ":*"};
            if (i % 4 != 3) {
                words.push_back("--yes");  // else it is refused
            }
            processes.push_back(std::make_unique<Process>(logged(std::move(words))));
        }
        for (std::size_t i = 0; i < k_processes; ++i) {
            CHECK(processes[i]->wait().exit_code == (i % 4 != 3 ? 0 : 8));
        }
    }
    const Json check = verified();
    CHECK(check["lines"] == k_rounds * (k_processes / 4 * 7));
    CHECK(check["runs"] == k_rounds * (k_processes / 4 * 3));
    CHECK(check["unfinished"].empty());
    std::set<std::string> runs;
    for (const Json& event : lines()) {
        runs.insert(event["run"].get<std::string>());
    }
    CHECK(runs.size() == k_rounds * k_processes);
}

TEST_CASE_FIXTURE(Fixture, "a run that is killed has a begin and no end, and the next goes on") {
    const auto process = start_slow_deletion();
    process->send_signal(SIGKILL);
    CHECK(process->wait().signal == SIGKILL);
    REQUIRE(lines().size() == 1);
    CHECK(run_process(logged({"invalidate", "k:1", "--yes"})).exit_code == 0);
    const Json check = verified();
    CHECK(check["lines"] == 3);
    REQUIRE(check["unfinished"].size() == 1);
    CHECK(check["unfinished"][0]["line"] == 1);
    CHECK(check["unfinished"][0]["run"] == lines()[0]["run"]);
}

TEST_CASE_FIXTURE(Fixture, "a run that is interrupted has an end, with what it has done") {
    const auto process = start_slow_deletion();
    process->send_signal(SIGINT);
    const ProcessResult result = process->wait();
    CHECK(result.exit_code == 130);
    REQUIRE(lines().size() == 2);
    const Json end = lines()[1];
    CHECK(end["exit_code"] == 130);
    CHECK(end["counts"]["complete"] == false);
    CHECK(end["counts"]["deleted"] == Json::parse(result.out)["deleted"]);
    CHECK(verified()["unfinished"].empty());
}

TEST_CASE_FIXTURE(Fixture, "a server that is gone has a line too") {
    server.kill();
    CHECK(run_process(logged({"invalidate", "k:*", "--yes"})).exit_code == 3);
    REQUIRE(lines().size() == 1);
    CHECK(lines()[0]["event"] == "failed");
    CHECK(lines()[0]["error"]["id"] == "unreachable");
}

TEST_CASE_FIXTURE(
    Fixture, "where no space is left for a begin nothing is changed, and no piece of it stays") {
    fill(10);
    CHECK(run_process(logged({"invalidate", "k:1", "--yes"})).exit_code == 0);
    const std::string before = read_file(log);
    // A limit of 1024-byte blocks, in the middle of the next line.
    const std::string limit = std::to_string(before.size() / 1024 + 1);
    std::vector<std::string> words = {"bash", "-c", "ulimit -f \"$0\"; exec \"$@\"", limit};
    // What is longer than a block does not fit, wherever the limit is.
    for (const std::string& word :
         logged({"invalidate", "k:2", "k:" + std::string(2'000, 'x'), "--yes"})) {
        words.push_back(word);
    }
    const ProcessResult result = run_process(words);
    CHECK(result.exit_code == 7);
    CHECK(result.err.find("no space is left for a line; nothing was changed") != std::string::npos);
    CHECK(server.client().integer({"EXISTS", "k:2"}) == 1);
    CHECK(read_file(log) == before);
}

TEST_CASE_FIXTURE(Fixture, "where the end does not fit the work is done, and the exit code is 7") {
    fill(10);
    const auto words = logged({"invalidate", "k:1", "--yes"});
    CHECK(run_process(words).exit_code == 0);
    // A patterns's length moves the end of the line of the begin to right below the limit.
    const std::string text = read_file(log);
    const std::size_t begin = text.find('\n') + 1;
    const std::size_t room = 4096 - begin - 66;  // "previous" is null in the first line
    std::filesystem::remove(log);
    std::vector<std::string> limited = {"bash", "-c", "ulimit -f 4; exec \"$@\"", "bash"};
    // The pattern stands twice in the line: in the command line and among the patterns.
    for (const std::string& word :
         logged({"invalidate", "k:1", std::string(room / 2, 'x'), "--yes"})) {
        limited.push_back(word);
    }
    const ProcessResult result = run_process(limited);
    CHECK(result.exit_code == 7);
    CHECK(result.err.find("what the run has done stands, and how it ended is not in the log") !=
          std::string::npos);
    CHECK(verified()["unfinished"].size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "the password that was asked for on the terminal is in no line") {
    server.client().run({"CONFIG", "SET", "requirepass", "s3cret-pw"});
    PtyProcess process(logged({"invalidate", "k:s3cret-pw", "--askpass"}));
    REQUIRE(process.expect("Password: "));
    process.type("s3cret-pw\n");
    process.wait();
    CHECK(lines().size() == 2);
    CHECK(read_file(log).find("s3cret-pw") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "production is changed by whom types its name on the terminal") {
    fill(10);
    const std::string config =
        dir.file("config.json", R"({"contexts": {"prod": {"url": "unix://)" + server.socket_path() +
                                    R"(", "production": true}}})");
    REQUIRE(::chmod(config.c_str(), 0600) == 0);
    const std::vector<std::string> words = {"invalidate", "k:*",       "--yes", "--config",
                                            config,       "--context", "prod"};
    PtyProcess wrong(cachectl_argv(words));
    REQUIRE(wrong.expect("(production context 'prod')"));
    REQUIRE(wrong.expect("Type the context's name, prod, to go on: "));
    wrong.type("yes\n");
    CHECK(wrong.wait().exit_code == 8);
    CHECK(server.client().integer({"DBSIZE"}) == 10);
    PtyProcess interrupted(cachectl_argv(words));
    REQUIRE(interrupted.expect("to go on: "));
    interrupted.type("\x03");
    CHECK(interrupted.wait().exit_code == 130);
    PtyProcess right(cachectl_argv(words));
    REQUIRE(right.expect("to go on: "));
    right.type("prod\n");
    CHECK(right.wait().exit_code == 0);
    CHECK(server.client().integer({"DBSIZE"}) == 0);
}

TEST_CASE_FIXTURE(Fixture, "restore is logged, and refused where the context is read-only") {
    fill(3);
    server.client().run({"SAVE"});
    const std::string file = (server.dir().path() / "dump.rdb").string();
    REQUIRE(std::filesystem::exists(file));
    server.client().run({"FLUSHALL"});
    CHECK(run_process(logged({"restore", file, "--yes"})).exit_code == 0);
    REQUIRE(lines().size() == 2);
    CHECK(lines()[0]["files"] == Json({file}));
    CHECK(lines()[1]["counts"]["restored"] == 3);
    CHECK(run_process(logged({"restore", file, "--list"})).exit_code == 0);
    const std::string config =
        dir.file("config.json", R"({"contexts": {"archive": {"read_only": true}}})");
    REQUIRE(::chmod(config.c_str(), 0600) == 0);
    const ProcessResult refused = run_process(logged(
        {"restore", file, "--yes", "--replace", "--config", config, "--context", "archive"}));
    CHECK(refused.exit_code == 8);
    REQUIRE(lines().size() == 3);
    CHECK(lines()[2]["error"]["id"] == "read-only");
}
