// Servers that lose what was written, in mid-run and before --resume.
#include <doctest/doctest.h>

#include <thread>

#include "support/resume_stage.hpp"

using namespace cachectl::test;
using namespace std::literals;
using Json = nlohmann::json;
using Words = std::vector<std::string>;
using Stage = ResumeStage;

namespace {

constexpr int k_rows = k_resume_rows;

std::string row(int id) { return resume_row(id); }
std::string rows(int begin, int end) { return resume_rows(begin, end); }
Json summary_of(const ProcessResult& result) { return resume_summary(result); }

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a server that was killed and came back empty gets what it has lost") {
    Stage stage;
    Process process(cachectl_argv(stage.words({"--json", "--if-exists", "overwrite"}, "-")),
                    {.keep_stdin_open = true});
    process.write_stdin(rows(0, 20'000));
    wait_for_keys(process, stage, 15'000);
    stage.server.kill();
    process.write_stdin(rows(20'000, 21'000));
    process.close_stdin();
    const ProcessResult stopped = process.wait();
    CAPTURE(stopped.err);
    CHECK(stopped.exit_code == 5);
    CHECK(stage.has_journal());
    stage.server.restart();
    stage.server.client().run({"SET", "k:7", "written by the application since"});
    const ProcessResult result =
        run_cachectl(stage.words({"--json", "--if-exists", "overwrite", "--resume"}, "-"),
                     {.stdin_bytes = rows(0, k_rows)});
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "nothing of that run is passed over"));
    CHECK(stage.keys() == k_rows);
    CHECK(stage.server.client().text({"GET", "k:7"}) + "\n" == row(7));
    CHECK_FALSE(stage.has_journal());
}

TEST_CASE("after a restart the last one of two rows of a key still wins") {
    Stage stage;
    const std::string text =
        "{\"id\":1,\"v\":\"first\"}\n{\"id\":2,\"v\":\"a\"}\n"
        "{\"id\":1,\"v\":\"last\"}\n";
    const std::string bad = stage.dir.file("b.ndjson", text + "{oops\n");
    const Words options = {"--if-exists", "overwrite", "--max-errors", "9", "--resume", "--json"};
    Words first = options;
    first[3] = "0";
    REQUIRE(run_cachectl(stage.words(first, bad)).exit_code == 6);
    stage.server.kill();
    stage.server.restart();
    RespClient client = stage.server.client();
    client.run({"SET", "k:2", "of an older snapshot"});
    const ProcessResult result =
        run_cachectl(stage.words(options, stage.dir.file("b.ndjson", text)));
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(contains(client.text({"GET", "k:1"}), "last"));
    CHECK(contains(client.text({"GET", "k:2"}), "a"));
    CHECK_FALSE(contains(client.text({"GET", "k:2"}), "snapshot"));
    CHECK(summary_of(result)["duplicates"] == 1);
}

TEST_CASE("a server that comes back empty while the input pauses is no success") {
    Stage stage;
    Process process(cachectl_argv(stage.words({"--json", "--verify"}, "-")),
                    {.keep_stdin_open = true});
    process.write_stdin(rows(0, 2'000));
    wait_for_keys(process, stage, 2'000);
    wait_until_idle(process, stage);
    stage.server.kill();
    stage.server.restart();
    process.close_stdin();  // nothing more is to be written
    const ProcessResult stopped = process.wait();
    CAPTURE(stopped.err);
    CHECK(stopped.exit_code == 5);
    CHECK(contains(stopped.err, "the server was restarted in mid-run"));
    CHECK(summary_of(stopped)["complete"] == false);
    CHECK(summary_of(stopped)["resumable"] == true);
    CHECK(summary_of(stopped)["error"]["id"] == "server-restarted");
    const ProcessResult result =
        run_cachectl(stage.words({"--json", "--resume"}, "-"), {.stdin_bytes = rows(0, 2'000)});
    CHECK(result.exit_code == 0);
    CHECK(stage.keys() == 2'000);
}

TEST_CASE("a cache that is emptied in mid-run is no verified one") {
    const Stage stage;
    Process process(cachectl_argv(stage.words({"--json", "--verify"}, "-")),
                    {.keep_stdin_open = true});
    process.write_stdin(rows(0, 2'000));
    wait_for_keys(process, stage, 2'000);
    stage.server.client().run({"FLUSHALL"});
    process.close_stdin();
    const ProcessResult result = process.wait();
    CHECK(result.exit_code == 5);
    CHECK(summary_of(result)["gone"].get<int>() > 0);
}

TEST_CASE("a server that came back with an older snapshot gets the values of the rows") {
    Stage stage({"--save", "3600 1000000"});
    RespClient old = stage.server.client();
    old.run({"SET", "k:1", "old", "EX", "30"});
    old.run({"SET", "k:2", "old"});
    old.run({"SAVE"});
    const std::string file = stage.dir.file("b.ndjson", rows(1, 3) + "{oops\n");
    const Words options = {"--if-exists", "overwrite", "--resume", "--json"};
    REQUIRE(run_cachectl(stage.words(options, file)).exit_code == 6);
    stage.server.kill();
    stage.server.restart();
    RespClient client = stage.server.client();
    REQUIRE(client.text({"GET", "k:1"}) == "old");
    const ProcessResult result =
        run_cachectl(stage.words(options, stage.dir.file("b.ndjson", rows(1, 3))));
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    for (const int id : {1, 2}) {
        const std::string key = "k:" + std::to_string(id);
        CHECK(client.text({"GET", key}) + "\n" == row(id));
        CHECK(client.integer({"PTTL", key}) > 3'000'000);
    }
}

namespace {

/// Empties a master by making it a replica of an empty one for a while.
void demote_and_promote(RespClient& master, const RedisServer& other) {
    master.run({"REPLICAOF", "127.0.0.1", std::to_string(other.port())});
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!contains(master.text({"INFO", "replication"}), "master_link_status:up")) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        std::this_thread::sleep_for(10ms);
    }
    master.run({"REPLICAOF", "NO", "ONE"});
}

}  // namespace

TEST_CASE("a master that was a replica in mid-run may lack what was written") {
    const Stage stage;
    const RedisServer other({"--repl-diskless-sync-delay", "0"}, Listen::tcp_too);
    RespClient client = stage.server.client();
    Process process(cachectl_argv(stage.words({"--json", "--if-exists", "overwrite"}, "-")),
                    {.keep_stdin_open = true});
    process.write_stdin(rows(0, 2'000));
    wait_for_keys(process, stage, 2'000);
    wait_until_idle(process, stage);
    demote_and_promote(client, other);
    REQUIRE(stage.keys() == 0);
    process.close_stdin();
    const ProcessResult stopped = process.wait();
    CAPTURE(stopped.err);
    CHECK(stopped.exit_code == 5);
    CHECK(contains(stopped.err, "the server was a replica in mid-run"));
    CHECK(summary_of(stopped)["error"]["id"] == "server-restarted");
    const ProcessResult result =
        run_cachectl(stage.words({"--json", "--if-exists", "overwrite", "--resume"}, "-"),
                     {.stdin_bytes = rows(0, 2'000)});
    CHECK(result.exit_code == 0);
    CHECK(stage.keys() == 2'000);
}

TEST_CASE("a master that was a replica between two tries is written to from the beginning") {
    const Stage stage;
    const RedisServer other({"--repl-diskless-sync-delay", "0"}, Listen::tcp_too);
    RespClient client = stage.server.client();
    const std::string file = stage.dir.file("b.ndjson", rows(0, 100) + "{oops\n");
    REQUIRE(run_cachectl(stage.words({"--json"}, file)).exit_code == 6);
    demote_and_promote(client, other);
    const ProcessResult result =
        run_cachectl(stage.words({"--json", "--resume"}, stage.dir.file("b.ndjson", rows(0, 100))));
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "nothing of that run is passed over"));
    CHECK(stage.keys() == 100);
}

TEST_CASE("a master that gets its first replica in mid-run has lost nothing") {
    const Stage stage;
    const RedisServer replica({"--repl-diskless-sync-delay", "0"}, Listen::tcp_too);
    const RedisServer master({"--repl-diskless-sync-delay", "0"}, Listen::tcp_too);
    Process process(cachectl_argv({"warm", "-", "--key", "k:{id}", "--ttl", "1h", "-s",
                                   master.socket_path(), "--journal", stage.journal()}),
                    {.keep_stdin_open = true});
    process.write_stdin(rows(0, 2'000));
    RespClient client = master.client();
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (client.integer({"DBSIZE"}) < 2'000) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        process.pump(1ms);
    }
    replica.client().run({"REPLICAOF", "127.0.0.1", std::to_string(master.port())});
    while (!contains(client.text({"INFO", "replication"}), "state=online")) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        process.pump(10ms);
    }
    process.write_stdin(rows(2'000, 2'100));
    process.close_stdin();
    const ProcessResult result = process.wait();
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
}
