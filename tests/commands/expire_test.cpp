#include <doctest/doctest.h>

#include <set>

#include "support/change_runs.hpp"
#include "support/fake_client.hpp"
#include "support/replies.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using cachectl::Reply;

namespace {

using Lines = std::vector<std::string>;

FakeClient cache() {
    FakeClient client;
    client.keys["c:forever"] = {};
    client.keys["c:long"] = {.ttl_ms = 7'200'000};
    client.keys["c:short"] = {.ttl_ms = 60'000};
    client.keys["sess:a"] = {.ttl_ms = 7'200'000};
    return client;
}

std::optional<std::int64_t> ttl(FakeClient& client, const std::string& key) {
    return client.keys.at(key).ttl_ms;
}

}  // namespace

TEST_CASE("--set gives every key that time") {
    FakeClient client = cache();
    const RunResult run = run_with(client, {"expire", "c:*", "--set", "1h", "--yes"});
    CHECK(run.code == 0);
    CHECK(client.lines() == Lines{"SCAN 0 COUNT 500 MATCH c:*", "PEXPIRE c:forever 3600000",
                                  "PEXPIRE c:long 3600000", "PEXPIRE c:short 3600000"});
    CHECK(without_time(run.out) ==
          "changed the expiry of 3 of 3 keys (set to 1h) on 127.0.0.1:6379 in T\n"
          "\n"
          "NAMESPACE  KEYS\n"
          "c             3\n");
    CHECK(ttl(client, "sess:a") == 7'200'000);
}

TEST_CASE("--cap shortens what is longer or has none, and leaves the rest") {
    FakeClient client = cache();
    const RunResult run =
        run_with(client, {"expire", "c:*", "--cap", "1h", "--yes", "-o", "ndjson"});
    CHECK(run.code == 0);
    CHECK(ttl(client, "c:forever") == 3'600'000);
    CHECK(ttl(client, "c:long") == 3'600'000);
    CHECK(ttl(client, "c:short") == 60'000);
    CHECK(client.count("PEXPIRE") == 2);
    CHECK(
        without_time(run.out) ==
        R"({"command":"expire","context":null,"target":"127.0.0.1:6379","database":0,)"
        R"("started_at":"2023-11-14T22:13:20Z","patterns":["c:*"],"mode":"cap",)"
        R"("ttl_ms":3600000,"dry_run":false,"matched":3,)"
        R"("changed":2,"unchanged":1,"protected":0,"vanished":0,"failed":0,"unknown":0,)"
        R"("not_attempted":0,"namespaces":{"c":2},"neighbours":[],"complete":true,"elapsed_ms":T})"
        "\n");
}

TEST_CASE("--add lengthens what expires and leaves what does not") {
    FakeClient client = cache();
    CHECK(run_with(client, {"expire", "c:*", "--add", "1m", "--yes"}).code == 0);
    CHECK(ttl(client, "c:forever") == std::nullopt);
    CHECK(ttl(client, "c:long") == 7'260'000);
    CHECK(ttl(client, "c:short") == 120'000);
}

TEST_CASE("--remove is PERSIST for what expires") {
    FakeClient client = cache();
    CHECK(run_with(client, {"expire", "c:*", "--remove", "--yes"}).code == 0);
    CHECK(ttl(client, "c:long") == std::nullopt);
    CHECK(ttl(client, "c:short") == std::nullopt);
    CHECK(client.count("PERSIST") == 2);
    CHECK(client.count("PERSIST c:forever") == 0);
}

TEST_CASE("--jitter spreads below the time asked for") {
    FakeClient client;
    for (int i = 0; i < 200; ++i) {
        client.keys["k:" + std::to_string(i)] = {};
    }
    CHECK(run_with(client, {"expire", "k:*", "--cap", "1h", "--jitter", "10%", "--yes"}).code == 0);
    std::set<std::int64_t> times;
    for (const auto& [name, key] : client.keys) {
        REQUIRE(key.ttl_ms);
        CHECK(*key.ttl_ms >= 3'240'000);
        CHECK(*key.ttl_ms <= 3'600'000);
        times.insert(*key.ttl_ms);
    }
    CHECK(times.size() > 150);
    CHECK(*times.begin() < 3'300'000);
    CHECK(*times.rbegin() > 3'540'000);
}

TEST_CASE("exactly one change is asked for, and none that deletes") {
    FakeClient client = cache();
    const Lines bad[] = {
        {"c:*"},
        {"c:*", "--set", "1h", "--remove"},
        {"c:*", "--set", "1h", "--cap", "1h"},
        {"c:*", "--add", "1h", "--jitter", "10%"},
        {"c:*", "--set", "5x"},
        {"c:*", "--set", "-1s"},
        {"c:*", "--set", "1h", "--jitter", "100%"},
        {"c:*", "--add", "0"},
        {"--set", "1h"},
    };
    for (const Lines& words : bad) {
        std::vector<std::string> args = {"expire", "--yes"};
        args.insert(args.end(), words.begin(), words.end());
        CHECK(run_with(client, args).code == 2);
    }
    const RunResult run = run_with(client, {"expire", "c:*", "--set", "0s", "--yes"});
    CHECK(run.code == 2);
    CHECK(run.err ==
          "cachectl: error: --set: '0s' would make keys expire at once\n"
          "cachectl: to delete them: cachectl invalidate\n");
    CHECK(client.lines().empty());
}

TEST_CASE("it asks as a deletion does") {
    FakeClient client = cache();
    const RunResult silent = run_with(client, {"expire", "c:*", "--set", "1h"});
    CHECK(silent.code == 8);
    CHECK_FALSE(silent.connected);
    CHECK(run_with(client, {"expire", "*", "--set", "1h", "--yes"}).code == 8);
    const RunResult run =
        run_with(client, {"expire", "c:*", "--cap", "1h"}, {.terminal = true, .answers = {"y"}});
    CHECK(run.code == 0);
    REQUIRE(run.questions.size() == 1);
    CHECK(run.questions[0].starts_with(
        "About to change the expiry of 2 keys in database 0 on 127.0.0.1:6379: capped at 1h.\n"));
    CHECK(client.count("PEXPIRE") == 2);
}

TEST_CASE("a dry run says what it would change") {
    FakeClient client = cache();
    const RunResult run = run_with(
        client, {"expire", "*", "--all", "--cap", "1h", "--protect", "sess:*", "--dry-run"});
    CHECK(run.code == 0);
    CHECK(
        run.out ==
        "would change the expiry of 2 of 4 keys (capped at 1h) on 127.0.0.1:6379 (dry run: nothing "
        "was changed)\n"
        "  1 protected key would be spared\n"
        "  1 key already as asked for: they live no longer than that\n"
        "\n"
        "for example:\n"
        "  c:forever\n"
        "  c:long\n"
        "\n"
        "NAMESPACE  KEYS\n"
        "c             2\n");
    CHECK(client.count("PEXPIRE") == 0);
}

TEST_CASE("guards count the keys that would change, and protected keys keep their time") {
    FakeClient client = cache();
    CHECK(run_with(client, {"expire", "c:*", "--cap", "1h", "--yes", "--max-keys", "1"}).code == 8);
    CHECK(client.count("PEXPIRE") == 0);
    CHECK(run_with(client, {"expire", "c:*", "--cap", "1h", "--yes", "--max-keys", "2"}).code == 0);
    CHECK(run_with(client, {"expire", "*", "--all", "--set", "1m", "--protect", "se*", "--yes"})
              .code == 0);
    CHECK(ttl(client, "sess:a") == 7'200'000);
}

TEST_CASE("a key that goes before its turn has vanished") {
    FakeClient client = cache();
    client.on("PEXPIRE", [](const FakeClient::Args& args) {
        return Reply::make_integer(args[1] == "c:long" ? 0 : 1);
    });
    const RunResult run =
        run_with(client, {"expire", "c:*", "--set", "1h", "--yes", "-o", "ndjson"});
    CHECK(run.code == 0);
    CHECK(run.out.find(R"("changed":2,"unchanged":0,"protected":0,"vanished":1)") !=
          std::string::npos);
}

TEST_CASE("the server decides by what the key is when the command comes") {
    FakeClient client = cache();
    CHECK(run_with(client, {"expire", "c:*", "--cap", "1h", "--yes"}).code == 0);
    CHECK(client.count("PEXPIRE c:long 3600000 LT") == 1);
    CHECK(run_with(client, {"expire", "c:*", "--add", "1h", "--yes"}).code == 0);
    CHECK(client.count("PEXPIRE c:short 3660000 GT") == 1);
    CHECK(run_with(client, {"expire", "c:*", "--no-ttl", "--set", "1h", "--yes"}).code == 0);
    CHECK(client.count("PEXPIRE c:short 3600000 NX") == 0);
    FakeClient fresh = cache();
    CHECK(run_with(fresh, {"expire", "c:*", "--no-ttl", "--set", "1h", "--yes"}).code == 0);
    CHECK(fresh.count("PEXPIRE c:forever 3600000 NX") == 1);
    CHECK(fresh.count("PEXPIRE") == 1);
}

TEST_CASE("what has changed since it was looked at is not lengthened, renewed or deleted") {
    struct Race {
        Lines words;
        std::optional<std::int64_t> before, since;
        std::string_view version;
    };
    const Race races[] = {
        {{"expire", "k", "*k", "--cap", "1h"}, std::nullopt, 30'000, "7.0.15"},
        {{"expire", "k", "*k", "--cap", "1h"}, std::nullopt, 30'000, "6.2.1"},
        {{"expire", "k", "*k", "--add", "1h"}, 60'000, std::nullopt, "7.0.15"},
        {{"expire", "k", "*k", "--add", "1h"}, 60'000, std::nullopt, "6.2.1"},
        {{"expire", "k", "*k", "--no-ttl", "--set", "1h"}, std::nullopt, 90'000'000, "7.0.15"},
        {{"expire", "k", "*k", "--no-ttl", "--set", "1h"}, std::nullopt, 90'000'000, "6.2.1"},
        {{"invalidate", "k", "*k", "--no-ttl"}, std::nullopt, 60'000, "7.0.15"},
    };
    for (const Race& race : races) {
        FakeClient client;
        client.info.version = race.version;
        client.keys["k"] = {.ttl_ms = race.before};
        client.on("PTTL", [&](const FakeClient::Args&) {
            const std::int64_t then = client.keys.at("k").ttl_ms.value_or(-1);
            if (client.count("PTTL") == 1) {
                client.keys["k"].ttl_ms = race.since;
            }
            return Reply::make_integer(then);
        });
        Lines words = race.words;
        words.insert(words.end(), {"--yes", "-o", "ndjson"});
        const RunResult run = run_with(client, words);
        CAPTURE(race.words[3]);
        CAPTURE(race.version);
        CHECK(run.code == 0);
        REQUIRE(client.keys.contains("k"));
        CHECK(ttl(client, "k") == race.since);
    }
}

TEST_CASE("--add lengthens once what a list names twice, or a walk meets twice") {
    TempDir dir;
    std::string names;
    for (int i = 0; i < 1'200; ++i) {
        names += i % 3 == 0 ? "c:long\n" : "c:short\n";
    }
    const std::string list = dir.file("list", names);
    FakeClient client = cache();
    const RunResult run =
        run_with(client, {"expire", "--keys-from", list, "--add", "1m", "--yes", "-o", "ndjson"});
    CHECK(run.code == 0);
    CHECK(ttl(client, "c:long") == 7'260'000);
    CHECK(ttl(client, "c:short") == 120'000);
    CHECK(run.out.find(R"("matched":2,"changed":2,)") != std::string::npos);
    CHECK(run.out.find(R"("repeated":1198,)") != std::string::npos);
}

TEST_CASE("--add lengthens what lives for longer than any duration that can be given") {
    FakeClient client;
    client.keys["k"] = {.ttl_ms = 4'000'000'000'000};
    CHECK(run_with(client, {"expire", "k*", "--add", "1h", "--yes"}).code == 0);
    CHECK(ttl(client, "k") == 4'000'003'600'000);
}

TEST_CASE("a TTL that is no answer leaves the key alone, and says so") {
    for (const Lines& change : {Lines{"expire", "c:*", "--cap", "1h", "--yes"},
                                Lines{"invalidate", "c:*", "--no-ttl", "--yes"},
                                Lines{"invalidate", "c:*", "--ttl-above", "1s", "--yes"}}) {
        FakeClient client = cache();
        client.on("PTTL", [](const FakeClient::Args& args) {
            return args[1] == "c:long" ? Reply::make_status("OK") : Reply::make_integer(-1);
        });
        const RunResult run = run_with(client, change);
        CHECK(run.code == 5);
        CHECK(ttl(client, "c:long") == 7'200'000);
        CHECK(run.out.find("1 key left alone: what the server says of them is no answer") !=
              std::string::npos);
    }
}

TEST_CASE("a key that the user may not touch is listed, the others are changed") {
    FakeClient client = cache();
    client.on("PEXPIRE", [](const FakeClient::Args& args) {
        return args[1] == "c:long" ? Reply::make_error("NOPERM No permissions to access a key")
                                   : Reply::make_integer(1);
    });
    const RunResult run = run_with(client, {"expire", "c:*", "--set", "1h", "--yes"});
    CHECK(run.code == 5);
    CHECK(run.err.find("not permitted to change 'c:long'") != std::string::npos);
    CHECK(run.out.find("changed the expiry of 2 of 3 keys") != std::string::npos);
}

TEST_CASE("--add does not begin anew when another server process answers") {
    FakeClient client = cache();
    client.scan_page = 1;
    client.same_server_after_reconnect = false;
    int scans = 0;
    client.on("SCAN", [&](const FakeClient::Args& args) {
        Reply reply;
        reply.type = Reply::Type::lost;
        reply.text = "connection closed by the server";
        if (++scans == 3) {
            return reply;
        }
        return Reply::make_array({Reply::make_string(args[1] == "0" ? "1" : "2"),
                                  Reply::make_array({Reply::make_string("c:short")})});
    });
    const RunResult run = run_with(client, {"expire", "c:*", "--add", "1m", "--yes"});
    CHECK(run.code == 5);
    CHECK(ttl(client, "c:short") == 120'000);
    CHECK(run.err ==
          "cachectl: error: another server process answered, and the walk would meet the changed "
          "keys again\n"
          "cachectl: a second run would lengthen again what this one has lengthened: narrow the "
          "patterns\n");
}

TEST_CASE("--add is not sent again when its reply was lost, whatever was asked for") {
    FakeClient client = shared_cache();
    client.on("PEXPIRE", [&](const FakeClient::Args&) {
        client.keys["course:1"].ttl_ms = 120'000;  // it was executed
        return broken_reply(Reply::Type::lost, "connection closed");
    });
    const RunResult run = run_with(
        client, {"expire", "course:1", "--add", "1m", "--yes", "--retry-unknown", "-o", "ndjson"});
    CHECK(run.code == 5);
    CHECK(run.out.find("\"unknown\":1,") != std::string::npos);
    CHECK(client.count("PEXPIRE") == 1);
}

TEST_CASE("--set begins anew when another server process answers, and counts each key once") {
    FakeClient client = cache();
    client.same_server_after_reconnect = false;
    int scans = 0;
    client.on("SCAN", [&](const FakeClient::Args& args) {
        if (++scans == 4) {
            Reply reply;
            reply.type = Reply::Type::lost;
            reply.text = "connection closed by the server";
            return reply;
        }
        const bool first = args[1] == "0";
        return Reply::make_array(
            {Reply::make_string(first ? "1" : "0"),
             Reply::make_array({Reply::make_string(first ? "c:short" : "c:long")})});
    });
    const RunResult run =
        run_with(client, {"expire", "c:*", "--set", "1h", "--max-keys", "2", "--yes"});
    CAPTURE(run.err);
    CHECK(run.code == 0);
    CHECK(client.reconnect_calls == 1);
    CHECK(run.out.find("changed the expiry of 2 of 2 keys") != std::string::npos);
    CHECK(ttl(client, "c:short") == 3'600'000);
    CHECK(ttl(client, "c:long") == 3'600'000);
}

TEST_CASE("a large key that is met again is saved as it was before") {
    FakeClient client = cache();
    client.keys["c:long"].size_bytes = 300'000;
    client.same_server_after_reconnect = false;
    client.on("SCAN", [scans = 0](const FakeClient::Args& args) mutable {
        if (++scans == 2) {
            return broken_reply(Reply::Type::lost);
        }
        const bool first = args[1] == "0";
        return Reply::make_array({Reply::make_string(first ? "1" : "0"),
                                  Reply::make_array({Reply::make_string("c:long")})});
    });
    client.on("PEXPIRETIME", [&](const FakeClient::Args& args) {
        return Reply::make_integer(1'700'000'000'000 + ttl(client, args[1]).value());
    });
    client.answer("WATCH", Reply::make_status("OK"));
    client.answer("UNWATCH", Reply::make_status("OK"));
    client.answer("STRLEN", Reply::make_integer(0));
    client.on("EXEC", [execs = 0](const FakeClient::Args&) mutable {
        const bool is_look = ++execs == 1;  // whether there are transactions
        return Reply::make_array(is_look ? std::vector<Reply>{}
                                         : std::vector{Reply::make_integer(1)});
    });
    const TempDir dir;
    const std::string file = (dir.path() / "b.rdb").string();
    const RunResult run =
        run_with(client, {"expire", "c:*", "--set", "1h", "--yes", "--backup", file});
    CAPTURE(run.err);
    CHECK(run.code == 0);
    CHECK(client.reconnect_calls == 1);
    CHECK(run.out.find("changed the expiry of 1 of 1 key") != std::string::npos);
    CHECK(run.out.find("1 key named more than once: counted once") != std::string::npos);
    CHECK(client.count("PEXPIRE c:long") == 1);
    FakeClient none;
    const RunResult list = run_with(none, {"restore", file, "--list", "--json"});
    CAPTURE(list.out);
    CHECK(list.out.find("7200000") != std::string::npos);
}

TEST_CASE("who asks for --ttl is told of --set") {
    FakeClient client;
    const RunResult run = run_with(client, {"expire", "c:*", "--ttl", "5m", "--yes"});
    CHECK(run.code == 2);
    CHECK(run.err.find("did you mean --set?") != std::string::npos);
    CHECK_FALSE(run.connected);
}
