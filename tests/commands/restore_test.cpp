// restore with a fake server: whose clock counts, and what is sent.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "rdb/payload.hpp"
#include "rdb/writer.hpp"
#include "support/fake_client.hpp"
#include "support/json.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Args = FakeClient::Args;
using std::chrono::milliseconds;

namespace {

constexpr std::int64_t k_now = 1'700'000'000;  // run_with()'s

Reply text(const std::string& bytes) {
    Reply reply;
    reply.type = Reply::Type::string;
    reply.text = bytes;
    return reply;
}

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

struct Stage {
    Stage() {
        RdbWriter writer(path, {});
        const std::string payload = make_dump_payload(RdbType::string, "\1x", 9);
        writer.add({.name = "soon", .expires_at = milliseconds((k_now + 100) * 1000)}, payload);
        writer.add({.name = "later", .expires_at = milliseconds((k_now + 9'000) * 1000)}, payload);
        writer.add({.name = "never"}, payload);
        writer.commit();
        writer.finish();
        client.on("RESTORE", [](const Args&) { return text("OK"); });
        server_clock(k_now);
    }
    void server_clock(std::int64_t seconds) {
        client.on("TIME", [seconds](const Args&) {
            Reply reply;
            reply.type = Reply::Type::array;
            reply.elements = {text(std::to_string(seconds)), text("0")};
            return reply;
        });
    }
    /// What INFO says of the memory that is free, and of what was evicted, each time it is asked.
    void room(std::int64_t free, std::vector<std::int64_t> evicted = {0}) {
        client.on("INFO", [free, evicted, asked = std::size_t{0}](const Args& args) mutable {
            if (args.size() == 1) {
                return text("");
            }
            if (args[1] == "memory") {
                return text("used_memory:1000\r\nmaxmemory:" + std::to_string(1'000 + free) +
                            "\r\n");
            }
            const std::size_t at = std::min(asked++, evicted.size() - 1);
            return text("evicted_keys:" + std::to_string(evicted[at]) + "\r\n");
        });
    }
    RunResult run(std::vector<std::string> words, RunOptions options = {}) {
        words.insert(words.begin(), {"restore", path});
        return run_with(client, words, std::move(options));
    }
    std::string newer_backup(int version) {
        std::string newer = path + ".newer";
        RdbWriter writer(newer, {});
        writer.add({.name = "new"}, make_dump_payload(RdbType::string, "\1x", version));
        writer.commit();
        writer.finish();
        return newer;
    }
    nlohmann::json restore() {
        const RunResult result = run_with(client, {"restore", path, "--yes", "--json"});
        CHECK(result.code == 0);
        return nlohmann::json::parse(result.out);
    }

    TempDir dir;
    std::string path = (dir.path() / "a.rdb").string();
    FakeClient client;
    bool asked = false;
};

}  // namespace

TEST_CASE_FIXTURE(Stage, "the server's clock says what has expired since") {
    server_clock(k_now + 200);
    const auto summary = restore();
    CHECK(summary["restored"] == 2);
    CHECK(summary["expired_since"] == 1);
    CHECK(client.count("RESTORE soon") == 0);
}

TEST_CASE_FIXTURE(Stage, "our clock may be wrong by hours") {
    server_clock(k_now - 20'000);
    CHECK(restore()["restored"] == 3);
    server_clock(k_now + 20'000);
    CHECK(restore()["expired_since"] == 2);
}

TEST_CASE_FIXTURE(Stage, "a server that does not tell its time is taken to have ours") {
    client.on("TIME", [](const Args&) { return Reply::make_error("ERR unknown command 'TIME'"); });
    CHECK(restore()["restored"] == 3);
    CHECK(client.count("RESTORE soon 1700000100000") == 1);
}

TEST_CASE_FIXTURE(Stage, "a glob that would spare other keys than is thought is refused") {
    for (const std::string glob : {"queue[*", "", "a\\"}) {
        CAPTURE(glob);
        const RunResult run = run_with(client, {"restore", path, "--exclude", glob, "--yes"});
        CHECK(run.code == 2);
        CHECK(client.count("RESTORE") == 0);
    }
}

TEST_CASE_FIXTURE(Stage, "what does not fit under maxmemory is not begun") {
    room(100);
    const RunResult refused = run({"--yes", "--json"});
    CHECK(refused.code == 8);
    CHECK(nlohmann::json::parse(refused.err)["error"]["id"] == "guard-memory");
    CHECK(client.count("RESTORE") == 0);

    CHECK(run({"--yes", "--allow-eviction"}).code == 0);
    CHECK(client.count("RESTORE") == 3);
}

TEST_CASE_FIXTURE(Stage, "what is there already needs no more room") {
    room(100);
    client.keys["soon"] = client.keys["later"] = {};
    CHECK(run({"--yes"}).code == 0);
    client.keys.clear();
    CHECK(run({"--yes", "soon", "never"}).code == 8);
}

TEST_CASE_FIXTURE(Stage, "keys that the server evicts meanwhile make it a part, unless they may") {
    room(1'000'000, {5, 7, 7, 9});
    const RunResult result = run({"--yes"});
    CHECK(result.code == 5);
    CHECK(says(result.err, "the server evicted 2 keys meanwhile"));
    CHECK(run({"--yes", "--allow-eviction"}).code == 0);
}

TEST_CASE_FIXTURE(Stage, "what is refused of all keys says how far it came") {
    client.on("RESTORE", [](const Args& args) {
        return args[1] == "soon" ? text("OK") : Reply::make_error("OOM command not allowed");
    });
    const RunResult part = run({"--yes"});
    CHECK(part.code == 5);
    CHECK(says(part.err, "run the same command again to go on"));
    const RunResult none = run({"--yes", "later"});
    CHECK(none.code == 4);
    CHECK(says(none.err, "nothing was changed"));
}

TEST_CASE_FIXTURE(Stage, "keys that cannot be restored are named, with what may help") {
    client.on("RESTORE", [](const Args& args) {
        return args[1] == "soon"
                   ? Reply::make_error("ERR DUMP payload version or checksum are wrong")
                   : text("OK");
    });
    const RunResult result = run({"--yes"});
    CHECK(result.code == 5);
    CHECK(says(result.err, "not restored: 'soon'"));
    CHECK(says(result.err, "--any-version sends the values as of its own"));
    CHECK(says(result.out, "ERR DUMP payload version"));
    CHECK(says(result.out, "\n  not complete\n"));
    const RunResult as_json = run({"--yes", "--json"});
    CHECK(nlohmann::json::parse(as_json.out)["failed"] == 1);
    CHECK(nlohmann::json::parse(as_json.out)["complete"] == false);
    const RunResult any = run({"--yes", "--any-version", "soon"});
    CHECK(any.code == 4);
    CHECK_FALSE(says(any.err, "--any-version sends"));
}

TEST_CASE_FIXTURE(Stage, "who is asked is told of what would be overwritten") {
    const RunOptions person{.terminal = true, .answers = {"n"}};
    const RunResult refused = run({"--replace"}, person);
    REQUIRE(refused.questions.size() == 1);
    CHECK(says(refused.questions[0] + refused.err, "overwriting what exists"));
    const RunResult plain = run({}, person);
    REQUIRE(plain.questions.size() == 1);
    CHECK_FALSE(says(plain.questions[0] + plain.err, "overwriting"));
    CHECK(client.count("RESTORE") == 0);
}

TEST_CASE_FIXTURE(Stage, "who is asked is told that what is there stays as it is") {
    const RunResult asked = run({}, {.terminal = true, .answers = {"n"}});
    REQUIRE(asked.questions.size() == 1);
    CHECK(says(asked.questions[0], "those that are there already are left as they are"));
}

TEST_CASE_FIXTURE(Stage, "values of a newer server are told of before anything is sent") {
    const std::string file = newer_backup(80);
    const auto restore = [&](std::vector<std::string> words, RunOptions options = {}) {
        words.insert(words.begin(), {"restore", file});
        return run_with(client, words, std::move(options));
    };
    client.info.name = "redis";
    client.info.version = "7.0.15";
    const RunResult dry = restore({"--dry-run"});
    CHECK(says(dry.err, "RDB version 80, and redis 7.0.15 has version 10: it is likely to refuse"));
    CHECK(says(dry.err, "--any-version"));
    CHECK(says(dry.out, "likely to be refused"));
    const auto json = nlohmann::json::parse(restore({"--dry-run", "--json"}).out);
    CHECK(json["likely_refused"] == true);
    CHECK(json["rdb_version_file"] == 80);
    CHECK(json["rdb_version_server"] == 10);

    client.on("RESTORE", [this](const Args&) {
        CHECK(asked);
        return text("OK");
    });
    const RunResult real =
        restore({}, {.terminal = true, .answers = {"y"}, .on_question = [this] { asked = true; }});
    CHECK(real.code == 0);
    CHECK(says(real.err, "likely to refuse"));

    CHECK_FALSE(says(restore({"--yes", "--any-version"}).err, "likely to refuse"));
    client.info.version = "99.0";  // nobody knows
    CHECK_FALSE(says(restore({"--dry-run"}).err, "likely to refuse"));
    CHECK(nlohmann::json::parse(restore({"--dry-run", "--json"}).out)["rdb_version_server"] ==
          nullptr);
}

TEST_CASE_FIXTURE(Stage, "--list: no key that matches, lists that cannot be read back, and forms") {
    const auto list = [this](std::vector<std::string> words) {
        words.insert(words.begin(), "--list");
        return run(words);
    };
    CHECK(list({"curse:*", "--fail-if-none"}).code == 1);
    CHECK(list({"curse:*"}).code == 0);
    CHECK(list({"later", "--fail-if-none"}).code == 0);

    const std::string odd = path + ".odd";
    RdbWriter writer(odd, {});
    writer.add({.name = "a\nb"}, make_dump_payload(RdbType::string, "\1x", 9));
    writer.commit();
    writer.finish();
    const auto list_odd = [&](const std::vector<std::string>& more) {
        std::vector<std::string> words = {"restore", odd, "--list"};
        words.insert(words.end(), more.begin(), more.end());
        return run_with(client, words);
    };
    CHECK(says(list_odd({}).err, "1 key is not read back from such a list as what it is"));
    CHECK(says(list_odd({"--escaped"}).out, "\ta\\x0ab\n"));
    CHECK(list_odd({"--escaped"}).err.empty());
    CHECK(list_odd({"-0"}).out.ends_with(std::string("\ta\nb\0", 5)));
    CHECK(list_odd({"--json"}).err.empty());
}

TEST_CASE_FIXTURE(Stage, "--list says of a key whose time is over that it has expired") {
    const RunOptions later{
        .wall_now = std::chrono::system_clock::time_point(std::chrono::seconds(k_now + 200))};
    const auto rows = nlohmann::json::parse(run({"--list", "--json"}, later).out);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0]["key"] == "soon");
    CHECK(rows[0]["ttl_ms"] == 0);
    CHECK(rows[0]["expired"] == true);
    CHECK(rows[1]["expired"] == false);
    CHECK(rows[2]["ttl_ms"] == nullptr);
    CHECK(says(run({"--list", "-o", "table", "soon"}, later).out, "expired"));
    CHECK(run({"--list", "soon"}, later).out == "string\t2\texpired\t0\tsoon\n");
}

TEST_CASE_FIXTURE(Stage, "keys can be given as a list") {
    const std::string names = dir.file("names", "soon\nnever\nnobody\nsoon\n");
    const RunResult result = run({"--yes", "--json", "--keys-from", names});
    CHECK(result.code == 0);
    CHECK(nlohmann::json::parse(result.out)["restored"] == 2);
    CHECK(says(result.err, "1 of the 3 keys listed is not in"));
    CHECK(client.count("RESTORE later") == 0);
    CHECK(run({"--list", "--keys-from", names, "--exclude", "soon"}).out ==
          "string\t2\tnever\t0\tnever\n");
    const std::string nul = dir.file("nul", std::string("later\0", 6));
    CHECK(run({"--yes", "--keys-from", nul, "-0"}).code == 0);
    CHECK(client.count("RESTORE later") == 1);
    CHECK(run({"--yes", "-0"}).code == 2);
    CHECK(run({"--yes", "--keys-from", path + ".none"}).code == 6);
}

TEST_CASE_FIXTURE(Stage, "no key that matches, patterns that match themselves alone, and forms") {
    CHECK(run({"--yes", "--fail-if-none", "nobody:*"}).code == 1);
    CHECK(run({"--yes", "nobody:*"}).code == 0);
    CHECK(says(run({"--yes", "a[b"}).err, "a[b"));
    CHECK(run({"--list", "--repair", path + ".2"}).code == 2);
    CHECK(says(run({"--yes", "--output", "plain"}).out, "restored\t3"));
}
