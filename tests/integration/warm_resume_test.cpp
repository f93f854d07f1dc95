// --resume: runs that end in every way there is, and are gone on with. A command that changes a key
// is counted by the server itself.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using namespace std::literals;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

constexpr int k_rows = 150'000;

std::string row(int i) {
    return fmt::format("{{\"id\":{},\"v\":\"{}\"}}\n", i, std::string(80, 'x'));
}

std::string rows(int begin, int end) {
    std::string text;
    for (int i = begin; i < end; ++i) text += row(i);
    return text;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A server, a dump, and a place for the journal that all runs share.
struct Stage {
    explicit Stage(std::vector<std::string> server_options = {})
        : server(std::move(server_options)), file(dir.file("a.ndjson", rows(0, k_rows))) {}

    [[nodiscard]] Words words(Words more, const std::string& input) const {
        Words all = {"warm",      input,    "--key", "k:{id}",
                     "--ttl",     "1h",     "-s",    server.socket_path(),
                     "--journal", journal()};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    [[nodiscard]] ProcessResult run(Words more, ProcessOptions options = {}) const {
        return run_cachectl(words(std::move(more), file), std::move(options));
    }
    [[nodiscard]] std::string journal() const { return (dir.path() / "journal.json").string(); }
    [[nodiscard]] bool has_journal() const { return std::filesystem::exists(journal()); }
    [[nodiscard]] std::int64_t keys() const { return server.client().integer({"DBSIZE"}); }
    /// How many SETs the server has executed.
    [[nodiscard]] std::int64_t sets() const {
        RespClient client = server.client();
        const std::string stats = client.text({"INFO", "commandstats"});
        const auto at = stats.find("cmdstat_set:calls=");
        return at == std::string::npos ? 0 : std::stoll(stats.substr(at + 18));
    }

    TempDir dir;
    RedisServer server;
    std::string file;
};

/// Pumps until the server has so many keys.
void wait_for_keys(Process& process, const Stage& stage, std::int64_t keys) {
    RespClient client = stage.server.client();
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (client.integer({"DBSIZE"}) < keys) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        process.pump(1ms);
    }
}

/// Until the server has not heard of the process for a second or two: its keys are acknowledged,
/// and read back where that was asked for.
void wait_until_idle(Process& process, const Stage& stage) {
    RespClient client = stage.server.client();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    const auto is_busy = [&] {
        std::istringstream clients(client.text({"CLIENT", "LIST"}));
        for (std::string line; std::getline(clients, line);) {
            const bool ours = contains(line, "cmd=client");
            if (!ours && (contains(line, " idle=0 ") || contains(line, " idle=1 "))) return true;
        }
        return false;
    };
    while (is_busy() && std::chrono::steady_clock::now() < deadline) process.pump(Millis(50));
    REQUIRE_FALSE(is_busy());
}

Json summary_of(const ProcessResult& result) {
    CAPTURE(result.err);
    REQUIRE(!result.out.empty());
    return Json::parse(result.out);
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
    CHECK(contains(result.err, "what is missing of it is written again"));
    CHECK(stage.keys() == k_rows);
    CHECK(stage.server.client().text({"GET", "k:7"}) == "written by the application since");
    CHECK_FALSE(stage.has_journal());
}

TEST_CASE("gathered keys are gathered again, and only those that are missing are written") {
    const Stage stage;
    std::string csv = "id,tenant\n";
    for (int i = 0; i < 60'000; ++i) csv += fmt::format("{},{}\n", i, i % 20'000);
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
        for (int i = 0; i < end; ++i) text += fmt::format("{}\tn\n", i);
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
    client.run({"SET", "k:2", "the application's"});
    const ProcessResult result =
        run_cachectl(stage.words(options, stage.dir.file("b.ndjson", text)));
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(contains(client.text({"GET", "k:1"}), "last"));
    CHECK(client.text({"GET", "k:2"}) == "the application's");
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
