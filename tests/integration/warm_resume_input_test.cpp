// --resume: what comes is the same input or another one, and where the journal is.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

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

TEST_CASE("a dump that differs is written from there on, with a warning") {
    const Stage stage;
    const std::string all = rows(0, k_rows);
    stage.server.client().run({"CONFIG", "SET", "maxmemory", "15mb"});
    REQUIRE(run_cachectl(stage.words({}, "-"), {.stdin_bytes = all}).exit_code == 5);
    stage.server.client().run({"CONFIG", "SET", "maxmemory", "0"});
    const std::int64_t sets = stage.sets();
    // In the second block of what was written.
    std::string other = all;
    const std::size_t at = rows(0, 9'000).size() + 50;
    other[at] = other[at] == 'x' ? 'y' : 'x';
    const ProcessResult changed =
        run_cachectl(stage.words({"--resume", "--json", "--if-exists", "overwrite"}, "-"),
                     {.stdin_bytes = other});
    CHECK(changed.exit_code == 0);
    CHECK(contains(changed.err, "whose options differ from those of this one"));
    CHECK(stage.sets() == sets + k_rows);  // what overwrites is another run
    CHECK(contains(stage.server.client().text({"GET", "k:9000"}), "y"));
}

TEST_CASE("what comes before the first difference is not written twice") {
    const Stage stage;
    const Words options = {"--json", "--if-exists", "overwrite"};
    const std::string text = rows(0, 20'000);
    const std::string file = stage.dir.file("b.ndjson", text + "{oops\n");
    REQUIRE(run_cachectl(stage.words(options, file)).exit_code == 6);
    REQUIRE(stage.sets() == 20'000);
    std::string other = text;
    other[rows(0, 9'000).size() + 50] = 'y';
    const std::string moved = (stage.dir.path() / "elsewhere").string();
    std::filesystem::create_directory(moved);
    std::ofstream(moved + "/c.ndjson") << other << row(20'000);
    Words again = options;
    again.push_back("--resume");
    const ProcessResult result = run_cachectl(stage.words(again, moved + "/c.ndjson"));
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "behind 8,192 keys the input is not what the interrupted run was"));
    const Json summary = summary_of(result);
    CHECK(summary["resumed_from"]["keys"] == 8'192);
    CHECK(summary["resumed_from"]["written"].is_null());
    CHECK(summary["written"] == 20'001 - 8'192);
    CHECK(stage.keys() == 20'001);
    CHECK(contains(stage.server.client().text({"GET", "k:9000"}), "y"));
    CHECK_FALSE(stage.has_journal());
}

TEST_CASE("pg_dump's random lines, another file and rows behind are no other input") {
    const Stage stage;
    const auto dump = [](const std::string& token, int end) {
        std::string text = "\\restrict " + token +
                           "\n\nCREATE TABLE public.t (id integer, name text);\n"
                           "COPY public.t (id, name) FROM stdin;\n";
        for (int i = 0; i < end; ++i) {
            text += fmt::format("{}\tn\n", i);
        }
        return text + (end == 20'000 ? "oops\n" : "\\.\n\n\\unrestrict " + token + "\n");
    };
    REQUIRE(run_cachectl(stage.words({}, "-"), {.stdin_bytes = dump("abc", 20'000)}).exit_code ==
            6);
    const ProcessResult result = run_cachectl(
        stage.words({"--json", "--resume"}, stage.dir.file("next.sql", dump("defghi", 20'005))));
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(stage.sets() == 20'005);
    CHECK(summary_of(result)["resumed_from"]["keys"] == 20'000);
}

TEST_CASE("what shapes the result makes it another run, and a shorter input too") {
    for (const Words& other : {Words{"--value", "{v}"}, Words{"--jitter", "1%"}, Words{}}) {
        const Stage stage;
        const std::string file = stage.dir.file("b.ndjson", rows(0, 1'000) + "{oops\n");
        REQUIRE(run_cachectl(stage.words({}, file)).exit_code == 6);
        Words again = {"--resume", "--json"};
        again.insert(again.end(), other.begin(), other.end());
        const std::string whole = stage.dir.file("c.ndjson", rows(0, other.empty() ? 500 : 1'000));
        const ProcessResult result = run_cachectl(stage.words(again, whole));
        CAPTURE(result.err);
        CHECK(result.exit_code == 0);
        CHECK(contains(result.err, "warning: "));
        CHECK(contains(result.err, "starting at the beginning"));
        CHECK(summary_of(result)["skipped"] == (other.empty() ? 500 : 1'000));
        CHECK_FALSE(stage.has_journal());
    }
}

TEST_CASE("no file but a journal is overwritten or removed, and a hand-made one skips nothing") {
    const Stage stage;
    const std::string file = stage.dir.file("b.ndjson", rows(0, 1'000));
    const auto run = [&](const std::string& journal) {
        return run_cachectl({"warm", file, "--key", "k:{id}", "--ttl", "1h", "-s",
                             stage.server.socket_path(), "--resume", "--journal", journal});
    };
    const std::string precious = stage.dir.file("precious", "mine\n");
    CHECK(run(precious).exit_code == 2);
    CHECK(read_file(precious) == "mine\n");
    CHECK(run(file).exit_code == 2);
    CHECK(read_file(file).size() == rows(0, 1'000).size());
    CHECK(stage.keys() == 0);

    const std::string bad = stage.dir.file("bad.ndjson", rows(0, 1'000) + "{oops\n");
    REQUIRE(run_cachectl(stage.words({}, bad)).exit_code == 6);
    Json forged = Json::parse(read_file(stage.journal()));
    stage.server.client().run({"FLUSHALL"});
    forged["contents"] = Json::array({Json::array({1'000, "1"})});
    const std::string path = stage.dir.file("forged", forged.dump() + "\n");
    CHECK(run(path).exit_code == 0);
    CHECK(stage.keys() == 1'000);
    const std::string cut = stage.dir.file("cut", forged.dump().substr(0, 100));
    const ProcessResult result = run(cut);
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "was cut or is of another version"));
}

TEST_CASE("rejected rows are kept over all tries, each once") {
    const Stage stage;
    const std::string rejects = (stage.dir.path() / "rejects").string();
    const std::string text = rows(0, 100) + "{\"id\":null}\n" + rows(100, 200) + "{\"id\":null}\n";
    const std::string file = stage.dir.file("b.ndjson", text);
    const auto run = [&](const std::string& max, Words more) {
        more.insert(more.end(), {"--max-errors", max, "--reject-file", rejects});
        return run_cachectl(stage.words(std::move(more), file)).exit_code;
    };
    CHECK(run("1", {}) == 6);
    CHECK(run("2", {"--resume"}) == 0);
    const std::string kept = read_file(rejects);
    CHECK(std::count(kept.begin(), kept.end(), '\n') == 2);
    CHECK(
        contains(kept, "\"line\":101,\"reason\":\"column 'id' is null\",\"row\":{\"id\":null}}\n"));
    CHECK(contains(kept, "\"line\":202,"));
}

TEST_CASE("--resume where nothing was interrupted starts at the beginning, and says so") {
    const Stage stage;
    const std::string file = stage.dir.file("b.ndjson", rows(0, 100));
    const ProcessResult result = run_cachectl(stage.words({"--resume"}, file));
    CHECK(result.exit_code == 0);
    CHECK(result.err == "cachectl: there is no interrupted run to go on with (no " +
                            stage.journal() + "): starting at the beginning\n");
    CHECK(stage.keys() == 100);
    CHECK_FALSE(stage.has_journal());
}

TEST_CASE("without --journal it is in the state folder, and gone after success") {
    const Stage stage;
    const std::string file = stage.dir.file("b.ndjson", rows(0, 1'000) + "{oops\n");
    const std::string state = (stage.dir.path() / "state").string();
    Words words = {"warm",  file, "--key", "k:{id}",
                   "--ttl", "1h", "-s",    stage.server.socket_path()};
    const ProcessOptions options{.env = {{"XDG_STATE_HOME", state}}};
    CHECK(run_cachectl(words, options).exit_code == 6);
    const auto count = [&state] {
        return std::distance(std::filesystem::directory_iterator(state + "/cachectl"), {});
    };
    CHECK(count() == 1);
    words.insert(words.end(), {"--resume", "--max-errors", "1"});
    CHECK(run_cachectl(words, options).exit_code == 0);
    CHECK(count() == 0);
    CHECK(stage.sets() == 1'000);
}

TEST_CASE("where no journal can be kept there is a warning, and the run goes its way") {
    const Stage stage;
    const std::string file = stage.dir.file("b.ndjson", rows(0, 1'000) + "{oops\n");
    const Words words = {"warm",  file, "--key", "k:{id}",
                         "--ttl", "1h", "-s",    stage.server.socket_path()};
    const ProcessResult result = run_cachectl(words, {.env = {{"XDG_STATE_HOME", "/dev/null"}}});
    CHECK(result.exit_code == 6);
    CHECK(contains(result.err, "warning: no journal is kept, so that --resume cannot go on"));
    CHECK_FALSE(contains(result.err, "go on with: cachectl warm … --resume"));
    CHECK(stage.keys() == 1'000);
}

TEST_CASE("a second run at the same time does not take the journal from the first") {
    const Stage stage;
    Process first(cachectl_argv(stage.words({}, "-")), {.keep_stdin_open = true});
    first.write_stdin(rows(0, 5'000));
    wait_for_keys(first, stage, 1);
    const ProcessResult second = run_cachectl(stage.words({}, "-"), {.stdin_bytes = row(1)});
    CHECK(second.exit_code == 8);
    CHECK(contains(second.err, "another run of this command is at work"));
    first.write_stdin(rows(5'000, 6'000));
    first.close_stdin();
    CHECK(first.wait().exit_code == 0);
    CHECK(stage.keys() == 6'000);
}

namespace {

std::string valued(int id, const std::string& value) {
    return fmt::format("{{\"id\":{},\"v\":\"{}\"}}\n", id, value);
}

}  // namespace

TEST_CASE("a key that a row of the try before has overwritten gets its row's value back") {
    // The row that overwrites is among those that the journal knows, or was sent after the last
    // time it was written.
    for (const bool is_killed : {false, true}) {
        CAPTURE(is_killed);
        const Stage stage;
        const Words options = {"--if-exists", "overwrite",    "--resume",
                               "--json",      "--max-errors", "9"};
        const std::string first = valued(1, "first") + rows(2, 10'000);
        const std::string late = valued(1, "of a row that is gone");
        if (is_killed) {
            Process process(cachectl_argv(stage.words(options, "-")), {.keep_stdin_open = true});
            process.write_stdin(first);
            wait_for_keys(process, stage, 9'999);
            process.write_stdin(late);
            RespClient client = stage.server.client();
            const auto deadline = std::chrono::steady_clock::now() + 60s;
            while (!contains(client.text({"GET", "k:1"}), "gone")) {
                REQUIRE(std::chrono::steady_clock::now() < deadline);
                process.pump(1ms);
            }
            process.send_signal(SIGKILL);
            process.wait();
        } else {
            Words strict = options;
            strict.back() = "0";
            const std::string file = stage.dir.file("b.ndjson", first + late + "{oops\n");
            REQUIRE(run_cachectl(stage.words(strict, file)).exit_code == 6);
        }
        const ProcessResult result =
            run_cachectl(stage.words(options, "-"), {.stdin_bytes = first + rows(10'000, 10'100)});
        CAPTURE(result.err);
        CHECK(result.exit_code == 0);
        CHECK(stage.server.client().text({"GET", "k:1"}) + "\n" == valued(1, "first"));
        CHECK(stage.keys() == 10'099);
    }
}

TEST_CASE("what a try with another input has overwritten is not taken for done") {
    const Stage stage;
    const Words options = {"--if-exists", "overwrite", "--resume", "--json"};
    const std::string file = stage.dir.file("b.ndjson", rows(0, 20'000) + "{oops\n");
    REQUIRE(run_cachectl(stage.words(options, file)).exit_code == 6);
    // Another input, in its first row: killed before it has written its journal of its own accord.
    Process process(cachectl_argv(stage.words(options, "-")), {.keep_stdin_open = true});
    std::string other = valued(0, "of the other input");
    for (int id = 1; id < 10'000; ++id) {
        other += valued(id, "of the other input");
    }
    process.write_stdin(other);
    RespClient client = stage.server.client();
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!contains(client.text({"GET", "k:7"}), "other")) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        process.pump(1ms);
    }
    process.send_signal(SIGKILL);
    process.wait();
    const ProcessResult result =
        run_cachectl(stage.words(options, "-"), {.stdin_bytes = rows(0, 20'000)});
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(client.text({"GET", "k:7"}) + "\n" == row(7));
    CHECK(client.text({"GET", "k:8000"}) + "\n" == row(8'000));
}
