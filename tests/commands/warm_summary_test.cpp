// What warm says at its end to people.
#include <doctest/doctest.h>

#include <algorithm>

#include "support/fake_client.hpp"
#include "support/release_stage.hpp"
#include "support/temp_dir.hpp"
#include "util/text.hpp"

using namespace cachectl::test;
using cachectl::Reply;

namespace {

/// The longest line, in columns of a terminal.
std::size_t widest(const std::string& text) {
    std::size_t most = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        most = std::max(most, cachectl::display_width(text.substr(begin, end - begin)));
        begin = end + 1;
    }
    return most;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

TEST_CASE("where nothing was written the summary says so, and has no rate") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,v\n1,x\n2,y\n");
    FakeClient client;
    client.keys["k:1"] = client.keys["k:2"] = {};
    const Lines args = {"warm", file, "--key", "k:{id}", "--ttl", "1h", "--verify"};
    const RunResult skipped = run_with(client, args);
    CHECK(skipped.code == 0);
    CHECK(
        first_line(skipped.out).starts_with("wrote nothing on 127.0.0.1:6379: read 2 records in "));
    CHECK_FALSE(contains(skipped.out, "records/s"));
    CHECK_FALSE(contains(skipped.out, "read back as written"));
    CHECK(contains(skipped.out, "\n  2 keys skipped: there already\n"));
    client.keys.erase("k:2");
    CHECK(first_line(run_with(client, args).out)
              .starts_with("wrote 1 key (21 B) of 2 on 127.0.0.1:6379 in "));
}

TEST_CASE("a run that goes on does not call the records of the run before written") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,v\n1,x\n2,y\n3,z\n");
    const Lines args = {"warm",     file,        "--key",
                        "k:{id}",   "--ttl",     "1h",
                        "--resume", "--journal", (dir.path() / "j").string()};
    FakeClient client;
    bool refuses = true;
    client.on("SET", [&](const FakeClient::Args& set) {
        if (refuses && set[1] == "k:3") {
            return Reply::make_error("OOM command not allowed");
        }
        client.keys[set[1]] = {.value = set[2], .ttl_ms = 3'600'000};
        return Reply::make_status("OK");
    });
    CHECK(run_with(client, args).code == 5);
    refuses = false;
    const RunResult second = run_with(client, args);
    CHECK(second.code == 0);
    CHECK(first_line(second.out).starts_with("wrote 1 key (21 B) of 1 on 127.0.0.1:6379 in "));
    CHECK(contains(second.out, "\n  went on behind 2 keys of an interrupted run\n"));
}

TEST_CASE("tables fit the terminal, and what is cut says so in a pipe as well") {
    const TempDir dir;
    const std::string id(60, 'i');
    const std::string file =
        dir.file("a.csv", "id,v\n" + id + "," + std::string(80, 'v') + "\n1,x\n");
    const Lines args = {"warm", file,    "--key", "k:{id}",   "--value",
                        "{v}",  "--ttl", "1h",    "--dry-run"};
    FakeClient client;
    const RunResult shown = run_with(client, args, {.terminal = true});
    const auto at = shown.out.find("for example:\n");
    REQUIRE(at != std::string::npos);
    CHECK(widest(shown.out.substr(at)) <= 80);
    const RunResult piped = run_with(client, args);
    CHECK(contains(piped.out, "k:" + id + " "));
    CHECK(contains(piped.out, " " + std::string(60, 'v') + "\u2026\n"));
    CHECK(contains(piped.out, " x\n"));

    const std::string name(40, 'n');
    dir.file(name + "1.csv", "id,v\n1,x\n");
    dir.file(name + "2.csv", "id,v\n1,x\n,y\n");
    const std::string manifest = dir.file("m.json", R"({"defaults": {"ttl": "1h"}, "datasets": [
  {"file": ")" + name + R"(1.csv", "key": "first:of:a:namespace:that:is:long:{id}"},
  {"file": ")" + name + R"(2.csv", "key": "second:of:a:namespace:that:is:long:{id}"}]})");
    const RunResult table =
        run_with(client, {"warm", "--manifest", manifest, "--max-errors", "1"}, {.terminal = true});
    const auto header = table.out.find("FILE ");
    REQUIRE(header != std::string::npos);
    CHECK(widest(table.out.substr(header)) <= 80);
    CHECK(contains(table.out.substr(header), "\nnnnn"));  // without the folder that they share
    CHECK(contains(table.out.substr(header), "REJECTED"));
    CHECK_FALSE(contains(table.out.substr(header), "SKIPPED"));
}

TEST_CASE("one key is one key") {
    const TempDir dir;
    FakeClient client;
    const RunResult run = run_with(client, {"warm", dir.file("a.csv", "id,v\n1,x\n"), "--key",
                                            "k:{id}", "--ttl", "1h", "--max-keys", "0"});
    CHECK(contains(run.err, "there is 1 key to write, more than --max-keys 0"));
}
