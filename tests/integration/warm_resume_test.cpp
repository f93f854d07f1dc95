// --resume: runs that end in every way there is, and are gone on with. A command that changes a key
// is counted by the server itself.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>

#include "support/resume_stage.hpp"

using namespace cachectl::test;
using namespace std::literals;
using Json = nlohmann::json;
using Words = std::vector<std::string>;
using Stage = ResumeStage;

namespace {

constexpr int k_rows = k_resume_rows;

std::string rows(int begin, int end) { return resume_rows(begin, end); }
Json summary_of(const ProcessResult& result) { return resume_summary(result); }

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Of the run that goes on, and the one before it.
void check_went_on(const Stage& stage, const ProcessResult& result, std::int64_t at_least) {
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    const Json summary = summary_of(result);
    CHECK(summary["complete"] == true);
    const auto before = summary["resumed_from"]["keys"].get<std::int64_t>();
    CHECK(before >= at_least);
    CHECK(summary["keys"].get<std::int64_t>() == k_rows - before);
    CHECK(summary["records"].get<std::int64_t>() == k_rows - before);
    CHECK(stage.keys() == k_rows);
    CHECK_FALSE(stage.has_journal());
}

}  // namespace

TEST_CASE("after Ctrl-C and SIGTERM every key is written exactly once") {
    for (const int signal : {SIGINT, SIGTERM}) {
        const Stage stage;
        // Through a pipe that stays open, so that it is still at work when the signal comes.
        const std::string all = rows(0, k_rows);
        Process process(cachectl_argv(stage.words({"--json"}, "-")), {.keep_stdin_open = true});
        const std::string half = all.substr(0, all.size() / 2);
        process.write_stdin(half);
        wait_for_keys(process, stage, 10'000);
        process.send_signal(signal);
        const ProcessResult stopped = process.wait();
        CHECK(stopped.exit_code == 128 + signal);
        CHECK(contains(stopped.err, "interrupted; go on with: cachectl warm … --resume"));
        CHECK(stage.has_journal());
        const std::int64_t written = summary_of(stopped)["written"];
        CHECK(stage.sets() == written);

        const ProcessResult result =
            run_cachectl(stage.words({"--json", "--resume"}, "-"), {.stdin_bytes = all});
        check_went_on(stage, result, written);
        CHECK(summary_of(result)["resumed_from"]["written"] == written);
        CHECK(stage.sets() == k_rows);
    }
}

TEST_CASE("after SIGKILL no more than the last second is written again") {
    const Stage stage;
    const std::string all = rows(0, k_rows);
    Process process(cachectl_argv(stage.words({}, stage.file)), {});
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    // Fast machines are through before there is a journal; the server then is made to wait.
    stage.server.client().run({"CLIENT", "PAUSE", "1200", "WRITE"});
    while (!stage.has_journal() && process.running() &&
           std::chrono::steady_clock::now() < deadline) {
        process.pump(5ms);
    }
    if (!stage.has_journal()) {
        CHECK(process.wait().exit_code == 0);
        return;
    }
    process.send_signal(SIGKILL);
    CHECK(process.wait().signal == SIGKILL);
    const std::int64_t there = stage.keys();
    const ProcessResult result = stage.run({"--json", "--resume"});
    check_went_on(stage, result, 1);
    const Json summary = summary_of(result);
    // What was written behind the journal is there, and is skipped.
    CHECK(summary["written"].get<std::int64_t>() == k_rows - there);
    CHECK(summary["skipped"].get<std::int64_t>() ==
          there - summary["resumed_from"]["keys"].get<std::int64_t>());
}

TEST_CASE("after the server was full it goes on behind the last key") {
    const Stage stage;
    RespClient client = stage.server.client();
    client.run({"CONFIG", "SET", "maxmemory", "15mb"});
    const ProcessResult full =
        run_cachectl(stage.words({"--json"}, "-"), {.stdin_bytes = rows(0, k_rows)});
    CHECK(full.exit_code == 5);
    CHECK(contains(full.err, "the server is nearly full"));
    CHECK(contains(full.err, "go on with: cachectl warm … --resume"));
    const std::int64_t written = summary_of(full)["written"];
    CHECK(written > 10'000);
    client.run({"CONFIG", "SET", "maxmemory", "0"});
    const ProcessResult result =
        run_cachectl(stage.words({"--json", "--resume"}, "-"), {.stdin_bytes = rows(0, k_rows)});
    check_went_on(stage, result, written);
    CHECK(stage.sets() == k_rows);
}

TEST_CASE("after OOM in mid-run what the server took behind it is not written again") {
    const Stage stage({"--maxmemory", "0"});
    RespClient client = stage.server.client();
    Process process(cachectl_argv(stage.words({"--json"}, "-")), {.keep_stdin_open = true});
    process.write_stdin(rows(0, 20'000));
    wait_for_keys(process, stage, 20'000);
    client.run({"CONFIG", "SET", "maxmemory", "1mb"});  // less than it uses
    process.write_stdin(rows(20'000, 21'000));
    process.close_stdin();
    const ProcessResult stopped = process.wait();
    CHECK(stopped.exit_code == 5);
    CHECK(contains(stopped.err, "OOM"));
    CHECK(summary_of(stopped)["written"] == 20'000);
    client.run({"CONFIG", "SET", "maxmemory", "0"});
    const ProcessResult result =
        run_cachectl(stage.words({"--json", "--resume"}, "-"), {.stdin_bytes = rows(0, k_rows)});
    check_went_on(stage, result, 20'000);
    CHECK(summary_of(result)["skipped"] == 0);
}

TEST_CASE("after too many bad rows it goes on, and those before are not told again") {
    const Stage stage;
    const std::string text = rows(0, 1'000) + "{\"id\":null}\n" + rows(1'000, 2'000) +
                             "{\"id\":null}\n" + rows(2'000, k_rows);
    const std::string file = stage.dir.file("bad.ndjson", text);
    const ProcessResult stopped =
        run_cachectl(stage.words({"--json", "--max-errors", "1"}, file), {});
    CHECK(stopped.exit_code == 6);
    CHECK(contains(stopped.err, "bad.ndjson:1001: "));
    CHECK(contains(stopped.err, "bad.ndjson:2002: "));
    CHECK(contains(stopped.err, "go on with: cachectl warm … --resume"));
    CHECK(stage.keys() == 2'000);
    // The limit is that of all tries.
    const ProcessResult again =
        run_cachectl(stage.words({"--json", "--max-errors", "1", "--resume"}, file), {});
    CHECK(again.exit_code == 6);
    CHECK(contains(again.err, "bad.ndjson:2002: "));
    CHECK(stage.sets() == 2'000);
    const ProcessResult result =
        run_cachectl(stage.words({"--json", "--max-errors", "2", "--resume"}, file), {});
    CHECK(result.exit_code == 0);
    CHECK_FALSE(contains(result.err, "bad.ndjson:1001: "));
    CHECK(contains(result.err, "bad.ndjson:2002: "));
    CHECK(summary_of(result)["rejected"] == 1);
    CHECK(stage.keys() == k_rows);
    CHECK(stage.sets() == k_rows);
}

TEST_CASE("gathered keys are gathered again, and only those that are missing are written") {
    const Stage stage;
    std::string csv = "id,tenant\n";
    for (int i = 0; i < 60'000; ++i) {
        csv += fmt::format("{},{}\n", i, i % 20'000);
    }
    const std::string file = stage.dir.file("a.csv", csv);
    const Words words = {"warm",      file,
                         "--group",   "t:{tenant}",
                         "--ttl",     "1h",
                         "-s",        stage.server.socket_path(),
                         "--journal", stage.journal(),
                         "--json"};
    RespClient client = stage.server.client();
    client.run({"CONFIG", "SET", "maxmemory", "4mb"});
    client.run({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
    Words forced = words;
    forced.push_back("--allow-eviction");
    const ProcessResult full = run_cachectl(forced);
    CHECK(full.exit_code == 5);
    const std::int64_t written = summary_of(full)["written"];
    CHECK(written > 1'000);
    client.run({"CONFIG", "SET", "maxmemory", "0"});
    Words again = words;
    again.push_back("--resume");
    const ProcessResult result = run_cachectl(again);
    CHECK(result.exit_code == 0);
    CHECK(summary_of(result)["keys"] == 20'000 - written);
    CHECK(stage.keys() == 20'000);
    CHECK(stage.sets() == 20'000);
    CHECK(client.text({"GET", "t:19999"}) ==
          R"([{"id":"19999","tenant":"19999"},{"id":"39999","tenant":"19999"},)"
          R"({"id":"59999","tenant":"19999"}])");
}

TEST_CASE("several files: those that were done are passed over") {
    const Stage stage;
    const std::string second = stage.dir.file("b.ndjson", rows(k_rows, k_rows + 1'000) + "{oops\n");
    const Words words = {"warm",      stage.file,     second,   "--key", "k:{id}",
                         "--ttl",     "1h",           "--json", "-s",    stage.server.socket_path(),
                         "--journal", stage.journal()};
    CHECK(run_cachectl(words).exit_code == 6);
    Words again = words;
    again.insert(again.end(), {"--resume", "--max-errors", "1"});
    const ProcessResult result = run_cachectl(again);
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(summary_of(result)["keys"] == 0);
    CHECK(summary_of(result)["resumed_from"]["keys"] == k_rows + 1'000);
    CHECK(stage.sets() == k_rows + 1'000);
}

TEST_CASE("what has gone since the interrupted run is written again, and counted as this run's") {
    for (const std::string if_exists : {"skip", "overwrite"}) {
        CAPTURE(if_exists);
        const Stage stage;
        const std::string second = stage.dir.file("b.ndjson", "{oops}\n");
        const auto words = [&](Words more) {
            Words all = {
                "warm",  stage.file,  second,          "--key",       "k:{id}",
                "--ttl", "1h",        "--json",        "-s",          stage.server.socket_path(),
                "-y",    "--journal", stage.journal(), "--if-exists", if_exists};
            all.insert(all.end(), more.begin(), more.end());
            return all;
        };
        CHECK(run_cachectl(words({})).exit_code == 6);
        RespClient client = stage.server.client();
        for (int i = 0; i < 1'000; ++i) {
            client.run({"DEL", fmt::format("k:{}", i * 100)});
        }
        client.run({"SET", "k:1", "of somebody else"});
        const ProcessResult result = run_cachectl(words({"--resume", "--max-errors", "1"}));
        CAPTURE(result.err);
        CHECK(result.exit_code == 0);
        const Json summary = summary_of(result);
        CHECK(summary["complete"] == true);
        CHECK(summary["keys"] == 1'000);
        CHECK(summary["written"] == 1'000);
        CHECK(summary["skipped"] == 0);
        CHECK(summary["resumed_from"]["keys"] == k_rows - 1'000);
        CHECK(stage.keys() == k_rows);
        CHECK(client.text({"GET", "k:1"}) == "of somebody else");
    }
}
