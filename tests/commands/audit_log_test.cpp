// What the commands that change write to their audit log, and `audit-log verify`.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/command.hpp"
#include "commands/commands.hpp"
#include "support/change_runs.hpp"
#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;

namespace {

struct Fixture {
    TempDir dir;
    FakeClient client = shared_cache();
    RunOptions options;
    std::string log = (dir.path() / "audit.jsonl").string();

    RunResult run(std::vector<std::string> words) {
        words.insert(words.end(), {"--audit-log", log});
        return run_with(client, std::move(words), options);
    }
    [[nodiscard]] std::vector<Json> lines() const {
        std::vector<Json> events;
        std::istringstream text(read_file(log));
        for (std::string line; std::getline(text, line);) {
            events.push_back(Json::parse(line));
        }
        return events;
    }
    RunResult verify(std::vector<std::string> words = {}) {
        words.insert(words.begin(), {"audit-log", "verify", log});
        return run_with(client, std::move(words));
    }
};

}  // namespace

// Both are "\uFFFD" in JSON.
TEST_CASE_FIXTURE(Fixture, "names that are alike where they are no UTF-8") {
    client.keys["\xff:1"] = {};
    client.keys["\xfe:1"] = {};
    CHECK(run({"invalidate", "\xff:*", "\xfe:*", "--yes", "-o", "plain"}).code == 0);
    CHECK(lines().back()["counts"]["deleted"] == 2);
    CHECK(lines().back()["counts"]["complete"] == true);
}

TEST_CASE_FIXTURE(Fixture, "a change has a line at its begin and one at its end") {
    client.info.run_id = "abc";
    options.environment = {{"SUDO_USER", "ada"}, {"GITLAB_CI", "true"}, {"CI_JOB_ID", "17"}};
    CHECK(run({"invalidate", "course:*", "--yes", "-n", "2"}).code == 0);
    const std::vector<Json> events = lines();
    REQUIRE(events.size() == 2);
    const Json& begin = events[0];
    CHECK(begin["previous"] == nullptr);
    CHECK(begin["event"] == "begin");
    CHECK(begin["at"] == "2023-11-14T22:13:20Z");
    CHECK(begin["command"] == "invalidate");
    CHECK(begin["sudo_user"] == "ada");
    CHECK(begin["ci"]["system"] == "gitlab");
    CHECK(begin["ci"]["run"] == "17");
    CHECK(begin["target"]["name"] == "127.0.0.1:6379/2");
    CHECK(begin["target"]["run_id"] == "abc");
    CHECK(begin["database"] == 2);
    CHECK(begin["context"] == nullptr);
    CHECK(begin["patterns"] == Json({"course:*"}));
    CHECK(begin["command_line"] ==
          Json({"invalidate", "course:*", "--yes", "-n", "2", "--audit-log", log}));
    const Json& end = events[1];
    CHECK(end["event"] == "end");
    CHECK(end["run"] == begin["run"]);
    CHECK(end["exit_code"] == 0);
    CHECK(end["error"] == nullptr);
    CHECK(end["counts"]["matched"] == 2);
    CHECK(end["counts"]["deleted"] == 2);
    CHECK(end["counts"]["complete"] == true);
}

TEST_CASE_FIXTURE(Fixture, "every command that changes can be logged, and no other") {
    const auto tree = cachectl::build_command_tree(cachectl::command_table());
    for (cachectl::CommandEntry& entry : tree->commands) {
        CAPTURE(entry.command->name);
        const bool changes = entry.command->group == "Change";
        CHECK((entry.syntax.find("--audit-log") != nullptr) == changes);
        if (changes) {
            REQUIRE(entry.syntax.find("--dry-run") != nullptr);
            CHECK(entry.syntax.find("--dry-run")->outline().changes_nothing);
        }
    }
}

TEST_CASE_FIXTURE(Fixture, "loads, flushes and changed expiries have their counts") {
    const std::string csv = dir.file("a.csv", "id,name\n1,a\n2,b\n");
    CHECK(run({"warm", csv, "--key", "u:{id}", "--ttl", "1h"}).code == 0);
    CHECK(run({"expire", "u:*", "--set", "2h", "--yes"}).code == 0);
    CHECK(run({"flush", "u", "--yes"}).code == 0);
    const std::vector<Json> events = lines();
    REQUIRE(events.size() == 6);
    CHECK(events[0]["files"] == Json({csv}));
    CHECK(events[1]["counts"]["written"] == 2);
    CHECK(events[3]["counts"]["changed"] == 2);
    CHECK(events[4]["namespaces"] == Json({"u"}));
    CHECK(events[5]["counts"]["deleted"] == 2);
    CHECK(verify().code == 0);
}

TEST_CASE_FIXTURE(Fixture, "no password is in it") {
    CHECK(run({"invalidate", "course:*", "--yes", "-a", "s3cret-pw"}).code == 0);
    CHECK(run({"invalidate", "course:*", "-u", "redis://u:other-pw@h/1", "--yes"}).code == 0);
    options.environment["REDISCLI_AUTH"] = "third-pw";
    CHECK(run({"invalidate", "course:third-pw", "--yes"}).code == 0);
    const std::string text = read_file(log);
    CHECK(text.find("s3cret-pw") == std::string::npos);
    CHECK(text.find("other-pw") == std::string::npos);
    CHECK(text.find("third-pw") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "patterns that are no UTF-8 are there byte for byte too") {
    CHECK(run({"invalidate", "a\xff", "--yes"}).code == 0);
    CHECK(lines()[0]["patterns_base64"] == Json({"Yf8="}));
}

TEST_CASE_FIXTURE(Fixture, "a refusal before the server was asked is one line") {
    CHECK(run({"invalidate", "course:*"}).code == 8);
    CHECK(run({"invalidate", "*", "--yes"}).code == 8);
    const std::vector<Json> events = lines();
    REQUIRE(events.size() == 2);
    CHECK(events[0]["event"] == "refused");
    CHECK(events[0]["exit_code"] == 8);
    CHECK(events[0]["error"]["id"] == "needs-yes");
    CHECK(events[0]["patterns"] == Json({"course:*"}));
    CHECK(events[0]["target"] == Json({{"name", "127.0.0.1:6379"}}));
    CHECK(events[1]["error"]["id"] == "guard-empty-pattern");
}

TEST_CASE_FIXTURE(Fixture, "guards and questions that stop a run are told by its end") {
    CHECK(run({"invalidate", "course:*", "--yes", "--max-keys", "1"}).code == 8);
    options.terminal = true;
    options.answers = {"n"};
    CHECK(run({"invalidate", "course:*"}).code == 8);
    const std::vector<Json> events = lines();
    REQUIRE(events.size() == 4);
    CHECK(events[1]["event"] == "end");
    CHECK(events[1]["exit_code"] == 8);
    CHECK(events[1]["error"]["id"] == "guard-max-keys");
    CHECK(events[3]["error"]["id"] == "not-confirmed");
}

TEST_CASE_FIXTURE(Fixture, "a run that fails half-way has an end") {
    client.on("UNLINK",
              [](const FakeClient::Args&) { return cachectl::Reply::make_error("NOPERM no"); });
    CHECK(run({"invalidate", "course:*", "--yes"}).code == 4);
    const std::vector<Json> events = lines();
    REQUIRE(events.size() == 2);
    CHECK(events[1]["exit_code"] == 4);
    CHECK(events[1]["counts"]["failed"] == 2);
    CHECK(events[1]["error"]["message"].get<std::string>().find("2 keys could not be changed") !=
          std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "what changes nothing is not logged") {
    CHECK(run({"invalidate", "course:*", "--dry-run"}).code == 0);
    CHECK(run({"invalidate", "course:*", "--yes", "--ttl-below", "x"}).code == 2);
    CHECK_FALSE(std::filesystem::exists(log));
    log = "-";
    CHECK(run({"invalidate", "course:*", "--yes"}).code == 2);
}

TEST_CASE_FIXTURE(Fixture, "where the log cannot be written nothing is sent") {
    log = (dir.path() / "no/such").string();
    const RunResult result = run({"invalidate", "course:*", "--yes", "--json"});
    CHECK(result.code == 7);
    CHECK_FALSE(result.connected);
    CHECK(Json::parse(result.err)["error"]["id"] == "audit-log");
    CHECK(Json::parse(result.err)["error"]["message"] ==
          "cannot write to the audit log " + log +
              ": No such file or directory; nothing was changed");
}

TEST_CASE_FIXTURE(Fixture, "a log that is lost before the first change stops the run") {
    client.on("AUTH", [](const FakeClient::Args&) { return cachectl::Reply::make_status("OK"); });
    const std::string folder = (dir.path() / "logs").string();
    std::filesystem::create_directory(folder);
    log = folder + "/audit.jsonl";
    options.terminal = true;
    options.answers = {"y"};
    CHECK(run({"invalidate", "course:1"}).code == 0);
    std::filesystem::remove_all(folder);
    CHECK(run({"invalidate", "course:2"}).code == 7);
    CHECK(client.keys.contains("course:2"));
}

TEST_CASE_FIXTURE(Fixture, "a context's log is used, unless --audit-log names another") {
    const std::string config = dir.file("config.json", R"({"contexts": {
  "prod": {"url": "redis://cache.example", "audit_log": "context.jsonl"},
  "archive": {"url": "redis://cache.example", "audit_log": "context.jsonl",
              "read_only": true}}})");
    REQUIRE(::chmod(config.c_str(), 0600) == 0);
    const std::vector<std::string> words = {"invalidate", "course:1", "--yes", "--config", config};
    std::vector<std::string> prod = words;
    prod.insert(prod.end(), {"--context", "prod"});
    CHECK(run_with(client, prod).code == 0);
    std::vector<std::string> archive = words;
    archive.insert(archive.end(), {"--context", "archive"});
    CHECK(run_with(client, archive).code == 8);
    CHECK(run(prod).code == 0);
    CHECK(lines().size() == 2);
    log = (dir.path() / "context.jsonl").string();
    REQUIRE(lines().size() == 3);
    CHECK(lines()[0]["context"] == "prod");
    CHECK(lines()[2]["error"]["id"] == "read-only");
}

TEST_CASE_FIXTURE(Fixture, "verify says that a log is whole, and what of it is not") {
    CHECK(run({"invalidate", "course:*", "--yes"}).code == 0);
    const RunResult whole = verify();
    CHECK(whole.code == 0);
    CHECK(whole.out.starts_with(log + " is whole: 2 lines, 1 run\nSHA-256 of the last line: "));
    const std::string text = read_file(log);
    dir.file("audit.jsonl", text.substr(0, text.find('\n') + 1));
    CHECK(verify().out.starts_with(
        log +
        " is whole: 1 line, 1 run\n"
        "line 1: invalidate began at 2023-11-14T22:13:20Z and has no end here: it is still "
        "at work, or was killed\n"));
    dir.file("audit.jsonl", text.substr(0, text.size() - 9));
    const RunResult torn = verify();
    CHECK(torn.code == 1);
    CHECK(torn.out.starts_with(
        log +
        ": line 2 is torn: the file ends in the middle of it, as after a crash\n"
        "the 1 line before it is whole\n"));
    const RunResult json = verify({"--json"});
    CHECK(json.code == 1);
    CHECK(Json::parse(json.out)["broken"]["kind"] == "torn");
    CHECK(Json::parse(json.out)["whole"] == false);
    CHECK(Json::parse(json.err)["error"]["id"] == "audit-log-broken");
    CHECK(verify({"-o", "plain"}).out.find("broken.line\t2\n") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "verify takes one file, which has to be there") {
    CHECK(verify().code == 7);
    CHECK(run_with(client, {"audit-log", "check", log}).code == 2);
    CHECK(run_with(client, {"audit-log", "verify"}).code == 2);
}
