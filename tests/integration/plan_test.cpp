// --plan and apply with a real server: what was planned is done once, if it is still true.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/json.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

struct Stage {
    Stage() {
        redis.pipeline(1'000, [](std::size_t i) {
            return Words{"SET", fmt::format("course:{}", i), "v"};
        });
        redis.run({"SET", "menu:1", "v"});
        redis.run({"SET", "sess:1", "v"});
    }
    ProcessResult run(Words words, const std::string& cwd = {}) {
        words.insert(words.end(), {"-s", server.socket_path()});
        ProcessOptions options;
        options.cwd = cwd;
        return run_cachectl(words, options);
    }
    void plan(Words words) {
        std::filesystem::remove(file);
        words.insert(words.end(), {"--plan", file});
        const ProcessResult result = run(std::move(words));
        CAPTURE(result.err);
        REQUIRE(result.exit_code == 0);
        REQUIRE(std::filesystem::exists(file));
    }
    /// The error's id.
    std::string refusal(Words words = {}) {
        words.insert(words.begin(), {"apply", file, "--json"});
        const ProcessResult result = run(std::move(words));
        CHECK(result.exit_code == 8);
        return Json::parse(result.err)["error"]["id"];
    }
    void add_courses(int number) {
        for (int i = 0; i < number; ++i) {
            redis.run({"SET", fmt::format("course:new:{}", added++), "v"});
        }
    }
    std::int64_t size() { return redis.integer({"DBSIZE"}); }

    RedisServer server;
    RespClient redis = server.client();
    TempDir dir;
    std::string file = (dir.path() / "plan.json").string();
    int added = 0;
};

}  // namespace

TEST_CASE_FIXTURE(Stage, "a plan changes nothing and asks nothing, and apply does it once") {
    plan({"invalidate", "course:*", "menu:*", "--exclude", "course:1*"});
    CHECK(size() == 1'002);
    struct stat facts {};
    REQUIRE(::stat(file.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
    const Json plan = Json::parse(read_file(file));
    CHECK(plan["keys"] == 890);
    CHECK(plan["namespaces"]["menu"] == 1);
    CHECK(plan["sample"].size() > 0);

    CHECK(run({"apply", file, "--dry-run"}).exit_code == 0);
    CHECK(size() == 1'002);
    const ProcessResult applied = run({"apply", file, "--json"});
    CHECK(applied.exit_code == 0);
    const Json summary = Json::parse(applied.out);
    CHECK(summary["command"] == "invalidate");
    CHECK(summary["deleted"] == 890);
    CHECK(summary["plan"] == file);
    CHECK(size() == 112);
    add_courses(890);
    CHECK(refusal() == "guard-plan-used");
    CHECK(size() == 1'002);
}

TEST_CASE_FIXTURE(Stage, "counts may have changed by as much as is tolerated") {
    plan({"invalidate", "course:*"});
    add_courses(50);
    CHECK(refusal({"--tolerance", "1%"}) == "guard-plan-drift");
    CHECK(refusal({"--tolerance", "0"}) == "guard-plan-drift");
    const ProcessResult refused = run({"apply", file, "--tolerance", "4.9%"});
    CHECK(refused.err.find("1,050 keys match instead of the 1,000 that were planned") !=
          std::string::npos);
    CHECK(size() == 1'052);
    CHECK(run({"apply", file}).exit_code == 0);
    CHECK(size() == 2);
}

TEST_CASE_FIXTURE(Stage, "a namespace of its own may have changed though the sum has not") {
    plan({"invalidate", "*", "--all", "--exclude", "sess:*"});
    for (int i = 0; i < 100; ++i) {
        redis.run({"DEL", fmt::format("course:{}", i)});
        redis.run({"SET", fmt::format("order:{}", i), "v"});
    }
    const ProcessResult refused = run({"apply", file});
    CHECK(refused.exit_code == 8);
    CHECK(refused.err.find("course: 900 instead of 1,000") != std::string::npos);
    CHECK(refused.err.find("order: 100 instead of 0") != std::string::npos);
    CHECK(size() == 1'002);
}

TEST_CASE_FIXTURE(Stage, "another server, another process and an old plan are refused") {
    plan({"invalidate", "course:*", "--valid", "1h"});
    RedisServer other;
    const ProcessResult elsewhere =
        run_cachectl({"apply", file, "--json", "-s", other.socket_path()});
    CHECK(elsewhere.exit_code == 8);
    CHECK(Json::parse(elsewhere.err)["error"]["id"] == "guard-plan-server");
    CHECK(elsewhere.err.find("give the server that the plan is for") != std::string::npos);
    CHECK(refusal({"-n", "1"}) == "guard-plan-server");
    // The same server may be called by another name.
    const std::string link = (dir.path() / "link").string();
    std::filesystem::create_symlink(server.socket_path(), link);
    CHECK(run_cachectl({"apply", file, "--dry-run", "-s", link}).exit_code == 0);
    server.restart();
    CHECK(refusal() == "guard-plan-server");

    plan({"invalidate", "none:*", "--valid", "1ms"});
    std::this_thread::sleep_for(5ms);
    CHECK(refusal() == "guard-plan-expired");
    CHECK(run({"invalidate", "x", "--plan", "p", "--valid", "0s"}).exit_code == 2);
}

TEST_CASE_FIXTURE(Stage, "what was protected when it was planned still is") {
    const std::string policy = (dir.path() / "policy.json").string();
    std::ofstream(policy) << R"({"keys": [{"pattern": "sess:*", "protected": true}]})";
    std::filesystem::create_directory(dir.path() / "elsewhere");
    const ProcessResult planned =
        run({"flush", "--whole-db", "--policy", "policy.json", "--plan", file}, dir.path());
    CHECK(planned.exit_code == 0);
    std::ofstream(policy) << R"({"keys": []})";
    CHECK(run({"apply", file}, dir.path() / "elsewhere").exit_code == 0);
    CHECK(redis.list({"KEYS", "*"}) == Words{"sess:1"});
}

TEST_CASE_FIXTURE(Stage, "an expiry can be planned, and so can a list, while it stays the same") {
    plan({"expire", "course:*", "--set", "1h", "--max-keys", "2000"});
    CHECK(run({"apply", file}).exit_code == 0);
    CHECK(redis.integer({"PTTL", "course:1"}) > 0);

    const std::string list = (dir.path() / "list").string();
    std::ofstream(list) << "course:1\ncourse:2\n";
    plan({"invalidate", "--keys-from", list});
    std::ofstream(list) << "course:1\ncourse:3\n";
    CHECK(refusal() == "guard-plan-list");
    std::ofstream(list) << "course:1\ncourse:2\n";
    CHECK(run({"apply", file}).exit_code == 0);
    CHECK(size() == 1'000);
    CHECK(run({"invalidate", "--keys-from", "-", "--plan", "other"}).exit_code == 2);
    CHECK(run({"invalidate", "\xff*", "--plan", "other"}).exit_code == 2);
    CHECK(run({"flush", "--all-dbs", "--plan", "other"}).exit_code == 2);
}

TEST_CASE_FIXTURE(Stage, "a plan is saved and spread when it is applied") {
    const std::string backup = (dir.path() / "backup.rdb").string();
    plan({"invalidate", "course:*", "--backup", backup});
    CHECK_FALSE(std::filesystem::exists(backup));
    CHECK(run({"apply", file}).exit_code == 0);
    CHECK(run({"restore", backup, "--yes"}).exit_code == 0);
    CHECK(size() == 1'002);
    plan({"invalidate", "course:*", "--spread", "1h"});
    CHECK(run({"apply", file}).exit_code == 0);
    CHECK(redis.integer({"PTTL", "course:1"}) > 0);
}

TEST_CASE_FIXTURE(Stage, "what is no plan, or could be somebody else's, is refused") {
    std::ofstream(file) << "{}";
    CHECK(run({"apply", file}).exit_code == 6);
    CHECK(run({"apply", (dir.path() / "none").string()}).exit_code == 6);
    plan({"invalidate", "course:*"});
    ::chmod(file.c_str(), 0666);
    CHECK(refusal() == "guard-plan");
    ::chmod(file.c_str(), 0600);
    std::string text = read_file(file);
    const auto at = text.find("\"invalidate\"");
    std::ofstream(file) << text.replace(at, 12, "\"completion\"");
    CHECK(run({"apply", file}).exit_code == 6);
    CHECK(size() == 1'002);
}

TEST_CASE_FIXTURE(Stage, "cut or changed at any byte, a plan never does more than it said") {
    plan({"invalidate", "course:1*", "--protect", "course:2*"});
    const std::string text = read_file(file);
    for (std::size_t i = 0; i + 2 < text.size(); i += 7) {  // the last byte ends the line
        std::ofstream(file) << text.substr(0, i);
        CHECK(run({"apply", file, "--dry-run"}).exit_code == 6);
    }
    CHECK(size() == 1'002);
}

TEST_CASE_FIXTURE(Stage, "of many who apply a plan at once one does") {
    plan({"invalidate", "course:*"});
    std::vector<std::unique_ptr<Process>> runs;
    for (int i = 0; i < 6; ++i) {
        runs.push_back(std::make_unique<Process>(
            Words{cachectl_binary(), "apply", file, "-s", server.socket_path()}));
    }
    int applied = 0;
    for (auto& run : runs) {
        const int code = run->wait().exit_code;
        CHECK((code == 0 || code == 8));
        applied += code == 0 ? 1 : 0;
    }
    CHECK(applied == 1);
}

TEST_CASE_FIXTURE(Stage, "a plan of a whole database is kept to, and used once, like any other") {
    const std::string file = (dir.path() / "whole.json").string();
    REQUIRE(run({"flush", "--whole-db", "--plan", file}).exit_code == 0);
    redis.pipeline(500, [](std::size_t i) {
        return std::vector<std::string>{"SET", "sess:" + std::to_string(i), "v"};
    });
    const std::int64_t all = redis.integer({"DBSIZE"});
    const ProcessResult drifted = run({"apply", file});
    CHECK(drifted.exit_code == 8);
    CHECK(redis.integer({"DBSIZE"}) == all);
    redis.pipeline(500, [](std::size_t i) {
        return std::vector<std::string>{"DEL", "sess:" + std::to_string(i)};
    });
    CHECK(run({"apply", file}).exit_code == 0);
    CHECK(redis.integer({"DBSIZE"}) == 0);
    redis.run({"SET", "new", "v"});
    CHECK(run({"apply", file}).exit_code == 8);
    CHECK(redis.integer({"DBSIZE"}) == 1);
}

TEST_CASE_FIXTURE(Stage, "the first keys of a walk cannot be planned, those of a list can") {
    CHECK(run({"invalidate", "course:*", "--limit", "5", "--plan", file}).exit_code == 2);
    CHECK_FALSE(std::filesystem::exists(file));
    const std::string list = dir.file("list", "course:1\ncourse:2\ncourse:3\n");
    CHECK(run({"invalidate", "--keys-from", list, "--limit", "2", "--plan", file}).exit_code == 0);
    const std::int64_t before = size();
    CHECK(run({"apply", file}).exit_code == 0);
    CHECK(size() == before - 2);
}
