// Values that are large: what they take of our memory, how long they may travel, and what a server
// takes of them at all.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "support/fake_server.hpp"
#include "support/observed_run.hpp"
#include "support/text.hpp"
#include "support/warm_runs.hpp"

using namespace cachectl::test;
using namespace std::literals;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

constexpr std::size_t k_mib = 1024 * 1024;
constexpr std::size_t k_besides_kib = 32 * 1024;  // what --help promises

/// `count` rows of `size` bytes and a bit, with a group of `groups`.
std::string rows(int count, std::size_t size, int groups = 1) {
    std::string text;
    const std::string value(size, 'x');
    for (int i = 0; i < count; ++i) {
        text += fmt::format("{{\"id\":{},\"t\":{},\"v\":\"{}\"}}\n", i, i % groups, value);
    }
    return text;
}

ObservedRun run(const RedisServer& server, Words words, std::size_t max_memory_mib) {
    words.insert(words.end(),
                 {"--ttl", "1h", "--json", "--max-memory", fmt::format("{}MiB", max_memory_mib)});
    return observe_cachectl(on(server, std::move(words)));
}

void check_peak(const ObservedRun& run, std::size_t max_memory_mib) {
    CAPTURE(run.peak_kib);
    CHECK(run.peak_kib > 0);
    if (!is_sanitized()) {
        CHECK(run.peak_kib < max_memory_mib * 1024 + k_besides_kib);
    }
}

}  // namespace

TEST_CASE("one value of all rows takes --max-memory and not several times that") {
    RedisServer server;
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", rows(60'000, 1'000));  // 60 MB
    const ObservedRun fits = run(server, {file, "--collect", "all"}, 64);
    CHECK(fits.exit_code == 0);
    check_peak(fits, 64);
    RespClient client = server.client();
    CHECK(client.integer({"STRLEN", "all"}) > 60'000'000);
    CHECK(client.integer({"PTTL", "all"}) > 3'500'000);

    const ObservedRun refused = run(server, {file, "--collect", "other"}, 40);
    CHECK(refused.exit_code == 6);
    CHECK(has(refused.err, "gathering rows into keys takes more than 41943040 bytes of memory"));
    check_peak(refused, 40);
    CHECK(client.integer({"EXISTS", "other"}) == 0);
}

// Thousands of writes may be on their way: none of them keeps the room of a value that it had.
TEST_CASE("many values of some size take no more memory than few") {
    RedisServer server;
    const TempDir dir;
    for (const auto& [count, size] : {std::pair(400, 200'000), std::pair(10'000, 9'000)}) {
        const std::string file = dir.file("a.ndjson", rows(count, size));  // 80 and 90 MB
        const ObservedRun run = observe_cachectl(
            on(server, {file, "--key", fmt::format("k{}:{{id}}", size), "--ttl", "1h"}));
        CHECK(run.exit_code == 0);
        check_peak(run, 0);
    }
}

TEST_CASE("what is sent in parts, as an object, or read back counts with its copies") {
    RedisServer server;
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", rows(20'000, 1'000, 20'000));  // 20 MB
    const auto check = [&](Words words, std::size_t too_little, std::size_t enough) {
        CAPTURE(words.at(0));
        words.insert(words.begin(), file);
        const ObservedRun refused = run(server, words, too_little);
        CHECK(refused.exit_code == 6);
        check_peak(refused, too_little);
        const ObservedRun fits = run(server, words, enough);
        CHECK(fits.exit_code == 0);
        check_peak(fits, enough);
    };
    check({"--collect", "by", "--collect-by", "id"}, 35, 64);
    check({"--group", "list:{v}", "--as", "list", "--columns", "v"}, 40, 80);
    check({"--collect", "verified", "--verify"}, 60, 128);
}

TEST_CASE("what is compared or refreshed first is not held once more") {
    RedisServer server;
    RespClient client = server.client();
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", rows(60'000, 1'000));  // 60 MB
    const auto check = [&](const Words& options, const std::string& counted) {
        CAPTURE(counted);
        Words words = {file, "--collect", "all"};
        words.insert(words.end(), options.begin(), options.end());
        const ObservedRun result = run(server, words, 64);
        CHECK(result.exit_code == 0);
        CHECK(Json::parse(result.out)[counted] == 1);
        check_peak(result, 64);
    };
    const Words update = {"--if-exists", "update"};
    check(update, "written");
    check(update, "unchanged");
    client.run({"SETRANGE", "all", "30000000", "zz"});
    check(update, "written");
    check(update, "unchanged");
    client.run({"PEXPIRE", "all", "60000"});
    check({"--if-exists", "refresh", "--refresh-below", "30m"}, "written");
    CHECK(client.integer({"PTTL", "all"}) > 3'500'000);
    check({"--if-exists", "refresh", "--refresh-below", "30m"}, "skipped");
}

TEST_CASE("a large field is counted with what it takes to compare it") {
    RedisServer server;
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", rows(2, 30'000'000));
    const Words words = {file,        "--group", "all:{t}",     "--as",  "hash",
                         "--columns", "id,v",    "--if-exists", "update"};
    for (const char* counted : {"written", "unchanged"}) {
        CAPTURE(counted);
        const ObservedRun refused = run(server, words, 150);
        CHECK(refused.exit_code == 6);
        check_peak(refused, 150);
        const ObservedRun fits = run(server, words, 180);
        CHECK(fits.exit_code == 0);
        CHECK(Json::parse(fits.out)[counted] == 1);
        check_peak(fits, 180);
    }
}

TEST_CASE("many groups take what they count, or are refused") {
    RedisServer server;
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", rows(200'000, 150, 5'000));  // 35 MB
    const ObservedRun fits = run(server, {file, "--group", "g:{t}"}, 64);
    CHECK(fits.exit_code == 0);
    check_peak(fits, 64);
    CHECK(server.client().integer({"DBSIZE"}) == 5'000);
    const ObservedRun refused = run(server, {file, "--group", "h:{t}"}, 20);
    CHECK(refused.exit_code == 6);
    check_peak(refused, 20);
    CHECK(server.client().integer({"DBSIZE"}) == 5'000);
}

TEST_CASE("a large value may travel longer than --timeout as long as it moves") {
    RedisServer server({}, Listen::tcp_too);
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", rows(4'000, 2'000));  // 8 MB
    // 125 portions, each way: 1.2 s.
    FakeServer slow(pass_on(server.port(), {.pause = 10ms, .client_pause = 10ms}),
                    FakeServer::Address::unix_socket);
    const ObservedRun written = observe_cachectl({"warm", file, "--collect", "all", "--ttl", "1h",
                                                  "-s", slow.socket_path(), "--timeout", "500ms"});
    CHECK(written.err == "");
    CHECK(written.exit_code == 0);
    CHECK(written.took > 1s);
    const std::string value = server.client().text({"GET", "all"});
    CHECK(value.size() > 8'000'000);

    const ObservedRun read =
        observe_cachectl({"get", "all", "--raw", "-s", slow.socket_path(), "--timeout", "500ms"});
    CHECK(read.exit_code == 0);
    CHECK((read.out == value));
    CHECK(read.took > 1s);
}

TEST_CASE("a value that the server does not take is a bad row, and never sent") {
    RedisServer server({"--proto-max-bulk-len", "1mb"});
    const TempDir dir;
    const std::string file =
        dir.file("a.ndjson", rows(50, 10) + "{\"id\":50,\"v\":\"" + std::string(2 * k_mib, 'y') +
                                 "\"}\n{\"id\":51,\"v\":\"x\"}\n");
    const Words words = {file, "--key", "k:{id}", "--ttl", "1h", "--json"};
    const ProcessResult refused = warm(server, words);
    CHECK(refused.exit_code == 6);
    CHECK(has(refused.err, file + ":51: it takes 2.0 MiB, and the server takes values of up to "
                                  "1.0 MiB only"));
    Words allowed = words;
    allowed.insert(allowed.end(), {"--max-errors", "1"});
    const ProcessResult others = warm(server, allowed);
    CHECK(others.exit_code == 0);
    const Json summary = Json::parse(others.out);
    CHECK(summary["rejected"] == 1);
    CHECK(summary["complete"] == true);
    CHECK(server.client().integer({"DBSIZE"}) == 51);
    CHECK(server.client().integer({"EXISTS", "k:50"}) == 0);
}

TEST_CASE("a server that is busy with a script gets a large value when it is done") {
    RedisServer server({"--busy-reply-threshold", "1"});
    RespClient watcher = server.client();
    Process process(cachectl_argv(on(server, {"-", "--key", "k:{id}", "--ttl", "1h", "--json"})),
                    {.keep_stdin_open = true});
    process.write_stdin(many_rows(100));
    REQUIRE(wait_for_keys(process, watcher, 100));
    RespClient script = server.client();
    std::thread held([&script] { script.command({"EVAL", "while true do end", "0"}); });
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!has(watcher.command({"PING"}).text, "BUSY") &&
           std::chrono::steady_clock::now() < deadline) {
        process.pump(1ms);
    }
    const std::string large(3 * k_mib, 'z');
    process.write_stdin("{\"id\":100,\"v\":\"" + large + "\"}\n");
    process.close_stdin();
    for (int i = 0; i < 300; ++i) {
        process.pump(1ms);
    }
    CHECK(process.running());
    CHECK(watcher.command({"SCRIPT", "KILL"}).text == "OK");
    held.join();
    const ProcessResult result = process.wait();
    CHECK(result.exit_code == 0);
    CHECK(Json::parse(result.out)["written"] == 101);
    CHECK((server.client().text({"GET", "k:100"}) == "{\"id\":100,\"v\":\"" + large + "\"}"));
}
