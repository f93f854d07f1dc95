#include <doctest/doctest.h>

#include <tuple>

#include <fstream>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;

namespace {

FakeClient course_cache() {
    FakeClient client;
    client.keys["course:1"] = {.ttl_ms = 60'000, .size_bytes = 100, .idle_s = 5};
    client.keys["course:2"] = {.type = "hash", .size_bytes = 5'000'000};
    client.keys["sess:a"] = {.ttl_ms = 3'600'000, .idle_s = 90};
    return client;
}

}  // namespace

TEST_CASE("keys prints one key a line into a pipe") {
    FakeClient client = course_cache();
    const RunResult run = run_with(client, {"keys"});
    CHECK(run.code == 0);
    CHECK(run.out == "course:1\ncourse:2\nsess:a\n");
    CHECK(run.err.empty());
    CHECK(client.lines() == std::vector<std::string>{"SCAN 0 COUNT 500"});
}

TEST_CASE("the pace is that of the context, unless --pace says it") {
    const TempDir dir;
    const std::string config =
        dir.file("config.json", R"({"default_context": "c", "contexts": {"c": {"pace": "full"}}})");
    const auto first_scan = [&](std::vector<std::string> args) {
        FakeClient client = course_cache();
        args.insert(args.end(), {"--config", config, "--walk", "plain"});
        CHECK(run_with(client, args).code == 0);
        return client.lines().front();
    };
    CHECK(first_scan({"keys", "--pace", "normal"}) == "SCAN 0 COUNT 500");
    CHECK(first_scan({"keys", "--pace", "full"}).size() > std::string("SCAN 0 COUNT 500").size());
    CHECK(first_scan({"keys"}).size() > std::string("SCAN 0 COUNT 500").size());
}

TEST_CASE("a single pattern is matched by the server, several are matched here in one pass") {
    FakeClient client = course_cache();
    CHECK(run_with(client, {"keys", "course:*"}).out == "course:1\ncourse:2\n");
    CHECK(client.lines().back() == "SCAN 0 COUNT 500 MATCH course:*");
    CHECK(run_with(client, {"keys", "course:1", "sess:*"}).out == "course:1\nsess:a\n");
    CHECK(client.lines().back() == "SCAN 0 COUNT 500");
}

TEST_CASE("the filters ask for what they need and nothing else") {
    FakeClient client = course_cache();
    CHECK(run_with(client, {"keys", "--no-ttl"}).out == "course:2\n");
    CHECK(client.count("PTTL") == 3);
    CHECK(client.count("TYPE") + client.count("MEMORY") + client.count("OBJECT") == 0);
    CHECK(run_with(client, {"keys", "--ttl-below", "5m"}).out == "course:1\n");
    CHECK(run_with(client, {"keys", "--ttl-above", "5m"}).out == "course:2\nsess:a\n");
    CHECK(run_with(client, {"keys", "--size-over", "1MiB"}).out == "course:2\n");
    CHECK(run_with(client, {"keys", "--idle-over", "1m"}).out == "sess:a\n");
    CHECK(run_with(client, {"keys", "--exclude", "c*"}).out == "sess:a\n");
    CHECK(run_with(client, {"keys", "--type", "hash"}).out == "course:2\n");
    CHECK(client.lines().back() == "SCAN 0 COUNT 500 TYPE hash");
    CHECK(run_with(client, {"keys", "--limit", "2"}).out == "course:1\ncourse:2\n");
}

TEST_CASE("the facts of page i leave together with the SCAN of page i+1") {
    FakeClient client = course_cache();
    client.scan_page = 2;
    run_with(client, {"keys", "--no-ttl"});
    CHECK(client.lines() == std::vector<std::string>{"SCAN 0 COUNT 500", "PTTL course:1",
                                                     "PTTL course:2", "SCAN 2 COUNT 500",
                                                     "PTTL sess:a"});
}

TEST_CASE("-l as JSON has the contract's fields") {
    FakeClient client = course_cache();
    const RunResult run = run_with(client, {"keys", "-l", "--json", "course:*"});
    CHECK(
        run.out ==
        "[\n"
        R"(  {"key": "course:1", "type": "string", "ttl_ms": 60000, "size_bytes": 100, "idle_s": 5},)"
        "\n"
        R"(  {"key": "course:2", "type": "hash", "ttl_ms": null, "size_bytes": 5000000, "idle_s": 0})"
        "\n]\n");
}

TEST_CASE("a terminal gets escaped keys, a pipe the raw bytes") {
    FakeClient client;
    client.keys["a\x1b[31m\nb"] = {};
    CHECK(run_with(client, {"keys"}).out == "a\x1b[31m\nb\n");
    CHECK(run_with(client, {"keys"}, {.terminal = true}).out == "a\\x1b[31m\\x0ab\n");
    CHECK(run_with(client, {"keys", "-0"}).out == std::string("a\x1b[31m\nb\0", 9));
}

TEST_CASE("a key that goes away between SCAN and its look is counted, not an error") {
    FakeClient client = course_cache();
    client.on("PTTL", [](const FakeClient::Args& args) {
        return cachectl::Reply::make_integer(args[1] == "course:1" ? -2 : -1);
    });
    const RunResult run = run_with(client, {"keys", "--no-ttl"});
    CHECK(run.code == 0);
    CHECK(run.out == "course:2\nsess:a\n");
    CHECK(run.err == "cachectl: 1 key was gone before we could look\n");
}

TEST_CASE("a wrong value is a usage error and nothing is sent") {
    FakeClient client = course_cache();
    const RunResult run = run_with(client, {"keys", "--ttl-below", "10e9"});
    CHECK(run.code == 2);
    CHECK(run.err.starts_with("cachectl: error: --ttl-below: '10e9' is not a duration"));
    CHECK(run_with(client, {"keys", "--type", "hsah"}).code == 2);
    CHECK(run_with(client, {"keys", "--dryrun"}).code == 2);
    CHECK_FALSE(run.connected);
}

TEST_CASE("a NUL-separated list may hold the empty key, a list of lines skips blank ones") {
    FakeClient client = course_cache();
    client.keys[""] = {};
    const TempDir folder;
    const auto list = [&](const std::string& bytes) {
        const std::string path = folder.path() / "list";
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    };
    const std::string nul("course:1\0\0sess:a\0", 17);
    CHECK(run_with(client, {"keys", "--null", "--keys-from", list(nul)}).out == nul);
    CHECK(run_with(client, {"keys", "--keys-from", list("course:1\n\nsess:a\n")}).out ==
          "course:1\nsess:a\n");
}

TEST_CASE("a pace that nothing can keep is a usage error") {
    FakeClient client;
    CHECK(run_with(client, {"keys", "--max-latency", "0"}).code == 2);
    CHECK(run_with(client, {"keys", "--max-rate", "0"}).code == 2);
}

TEST_CASE("what is missing is told with the command's own help") {
    FakeClient client;
    const RunResult run = run_with(client, {"get"});
    CHECK(run.code == 2);
    CHECK(run.err.ends_with("cachectl: see `cachectl get --help`\n"));
}

TEST_CASE("-l without the right to sizes and idle times: they are unknown, and why is said once") {
    FakeClient client;
    for (int i = 0; i < 3; ++i) {
        client.keys["k:" + std::to_string(i)] = {};
    }
    for (const char* command : {"MEMORY", "OBJECT"}) {
        client.on(command, [](const FakeClient::Args&) {
            return cachectl::Reply::make_error(
                "NOPERM User bob has no permissions to run the "
                "'memory|usage' command");
        });
    }
    const RunResult plain = run_with(client, {"keys", "-l", "k:0"});
    CHECK(plain.code == 0);
    CHECK(plain.out == "string\tnever\t?\t?\tk:0\n");
    const RunResult json = run_with(client, {"keys", "-l", "--json"});
    CHECK(json.out.find(R"("size_bytes": null, "idle_s": null)") != std::string::npos);
    const auto said = json.err.find("the user lacks the ACL rule +memory|usage");
    CHECK(said != std::string::npos);
    CHECK(json.err.find("the user lacks", said + 1) == std::string::npos);
    CHECK(run_with(client, {"keys", "-l", "--size-over", "1"}).code == 4);
}

TEST_CASE("a pattern without glob characters is a name, looked up and not walked for") {
    FakeClient client = course_cache();
    RunResult run = run_with(client, {"keys", "course:1", "course:1", "nosuch"});
    CHECK(run.out == "course:1\n");
    CHECK(run.err.empty());
    CHECK(run.code == 0);
    CHECK(client.lines() == std::vector<std::string>{"EXISTS course:1", "EXISTS nosuch"});
    CHECK(run_with(client, {"keys", "course:1", "--type", "hash"}).out.empty());
    CHECK(client.lines().back() == "TYPE course:1");
    run = run_with(client, {"keys", "course:1", "sess:*"});  // one walk serves both
    CHECK(run.out == "course:1\nsess:a\n");
    CHECK(client.count("SCAN") == 1);
    run = run_with(client, {"ttl", "course:1", "nosuch"});
    CHECK(run.out.ends_with("missing\t-\tnosuch\n"));
    run = run_with(client, {"invalidate", "sess:a", "nosuch", "--yes", "--json"});
    CHECK(run.out.find("\"matched\": 1,") != std::string::npos);
    CHECK(run.out.find("\"vanished\": 0,") != std::string::npos);
    CHECK(client.keys.count("sess:a") == 0);
    CHECK(client.count("SCAN") == 1);
    CHECK(run_with(client, {"invalidate", "nosuch", "--yes", "--fail-if-none"}).code == 1);
}

TEST_CASE("a list of keys reads back as it was written, or a warning says that it does not") {
    FakeClient client;
    const std::vector<std::string> names = {"a\nb", "c\r", "d\\x41", "e\x1b", "\xff", "f \xc3\xa9"};
    for (const std::string& name : names) {
        client.keys[name] = {};
    }
    const TempDir folder;
    const auto round_trip = [&](const std::vector<std::string>& form) {
        std::vector<std::string> args = {"keys"};
        args.insert(args.end(), form.begin(), form.end());
        const RunResult written = run_with(client, args);
        const std::string path = folder.path() / "list";
        std::ofstream(path, std::ios::binary) << written.out;
        args.insert(args.end(), {"--keys-from", path});
        const RunResult read = run_with(client, args);
        return std::tuple(written.err, read.out == written.out);
    };
    CHECK(round_trip({"--escaped"}) == std::tuple("", true));
    CHECK(round_trip({"-0"}) == std::tuple("", true));
    CHECK(std::get<0>(round_trip({})) ==
          "cachectl: warning: 2 keys are not read back from such a list as what they are: "
          "--escaped writes and reads any but the empty key, -0 any without NUL\n");
    client.keys[std::string("g\0h", 3)] = {};
    CHECK(std::get<0>(round_trip({"-0"})).find("1 key is not read back") != std::string::npos);
    CHECK(run_with(client, {"keys", "-0", "--escaped"}).code == 2);
    CHECK(run_with(client, {"invalidate", "a*", "-0", "--yes"}).code == 2);
}

TEST_CASE("lists of other systems are read as what they are") {
    FakeClient client = course_cache();
    const TempDir folder;
    const auto listed = [&](const std::string& bytes) {
        const std::string path = folder.path() / "list";
        std::ofstream(path, std::ios::binary) << bytes;
        return run_with(client, {"keys", "--keys-from", path});
    };
    CHECK(listed("course:1\r\n\r\nsess:a\r\n").out == "course:1\nsess:a\n");
    CHECK(listed("course:1\r\nsess:a").out == "course:1\nsess:a\n");
    CHECK(listed("\xef\xbb\xbf"
                 "course:1\nsess:a\n")
              .out == "course:1\nsess:a\n");
    CHECK(listed("course:1\r\nsess:a\n").code == 6);  // are they course:1, or course:1 and CR?
    CHECK(listed(std::string("\xff\xfe"
                             "c\0o\0",
                             6))
              .code == 6);
    CHECK(listed("course:1\nsess:a\r\n").code == 6);
    CHECK(listed(std::string("course:1\0sess:a\0", 16)).err.find("is it a list for -0?") !=
          std::string::npos);
    const std::string path = folder.path() / "lines";
    std::ofstream(path, std::ios::binary) << "course:1\nsess:a\n";
    CHECK(run_with(client, {"keys", "-0", "--keys-from", path}).code == 6);
    const std::string mixed = folder.path() / "mixed";
    std::ofstream(mixed, std::ios::binary) << "course:1\r\nsess:a\n";
    CHECK(run_with(client, {"keys", "--escaped", "--keys-from", mixed}).out ==
          "course:1\nsess:a\n");
}

TEST_CASE("a list that turns bad on the way: what was done before is told") {
    FakeClient client;
    std::string bytes;
    for (int i = 0; i < 2'000; ++i) {
        const std::string key = "k:" + std::to_string(i);
        client.keys[key] = {};
        bytes += key + "\r\n";
    }
    const TempDir folder;
    const std::string list = folder.path() / "list";
    std::ofstream(list, std::ios::binary) << bytes << "k:9\n";
    const RunResult run = run_with(client, {"invalidate", "--keys-from", list, "--yes", "--json"});
    const std::size_t gone = 2'000 - client.keys.size();
    CHECK(gone > 0);
    CHECK(run.code == 5);
    CHECK(run.out.find("\"deleted\": " + std::to_string(gone) + ",") != std::string::npos);
    CHECK(run.out.find("\"complete\": false") != std::string::npos);
    CHECK(run.err.find("line 2001 ends in LF") != std::string::npos);
    CHECK(run_with(client, {"keys", "--keys-from", list}).code == 6);
}

TEST_CASE("keys that the user's patterns do not cover are counted, the others are shown") {
    FakeClient client = course_cache();
    client.on("PTTL", [](const FakeClient::Args& args) {
        if (!args[1].starts_with("sess:")) {
            return cachectl::Reply::make_integer(-1);
        }
        return cachectl::Reply::make_error(
            "NOPERM this user has no permissions to access one of the keys used as arguments");
    });
    for (const char* command : {"keys", "ttl"}) {
        const RunResult run = run_with(client, {command, "--no-ttl"});
        CHECK(run.code == 5);
        CHECK(run.out.find("course:1\n") != std::string::npos);
        CHECK(run.out.find("sess:a") == std::string::npos);
        CHECK(run.err ==
              "cachectl: warning: 1 key was left out, for example sess:a: the user's ACL key "
              "patterns (~PATTERN) do not cover these keys\n");
    }
    CHECK(run_with(client, {"ttl", "--summary", "--json"}).out.find("\"complete\": false") !=
          std::string::npos);
}

TEST_CASE("-l where the server has no MEMORY or OBJECT: the same as without the right") {
    FakeClient client;
    client.keys["k"] = {};
    client.on("OBJECT", [](const FakeClient::Args&) {
        return cachectl::Reply::make_error("ERR unknown command 'OBJECT'");
    });
    const RunResult run = run_with(client, {"keys", "-l"});
    CHECK(run.code == 0);
    CHECK(run.out == "string\tnever\t64\t?\tk\n");
    CHECK(run.err.find("unknown command 'OBJECT'") != std::string::npos);
    CHECK(run_with(client, {"keys", "--idle-over", "1s"}).code == 4);
}

TEST_CASE("what redis-cli's users type, behind options too") {
    FakeClient client;
    client.keys["user:1"] = {};
    client.keys["other"] = {};
    CHECK(run_with(client, {"-n", "0", "scan", "--match", "user:*"}).out == "user:1\n");
    CHECK(run_with(client, {"keys", "--match=user:*"}).out == "user:1\n");
    CHECK(run_with(client, {"-n", "0", "help", "keys"}).out.starts_with("Usage: cachectl keys"));
    CHECK(run_with(client, {"keys", "--match"}).code == 2);
    CHECK(run_with(client, {"invalidate", "--match", "user:*", "--yes"}).code == 2);
    CHECK(run_with(client, {"-n", "0", "del", "user:1"}).code == 2);
    const RunResult count = run_with(client, {"scan", "--count", "1000"});
    CHECK(count.code == 2);
    CHECK(count.err.find("--limit N") != std::string::npos);
    CHECK(client.keys.size() == 2);
}
