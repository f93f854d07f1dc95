// What a plan holds of the keys that are meant: `apply` means the same ones, whatever the policy
// says by then, however many namespaces they have and whatever bytes these are called.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "support/json.hpp"
#include "support/process.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

struct Stage {
    ProcessResult run(Words words, const ProcessOptions& options = {}) {
        words.insert(words.end(), {"-s", server.socket_path()});
        return run_cachectl(words, options);
    }
    void plan(Words words) {
        std::filesystem::remove(file);
        words.insert(words.end(), {"--plan", file});
        const ProcessResult result = run(std::move(words));
        CAPTURE(result.err);
        REQUIRE(result.exit_code == 0);
    }
    ProcessResult apply(Words words = {}) {
        words.insert(words.begin(), {"apply", file});
        return run(std::move(words));
    }
    std::size_t count(const std::string& pattern) { return redis.list({"KEYS", pattern}).size(); }
    void set_courses() {
        for (int i = 0; i < 20; ++i) {
            redis.run({"SET", fmt::format("course:{}", i), "v"});
            redis.run({"SET", fmt::format("course/{}", i), "v"});
        }
    }
    void write_policy(std::string_view delimiter) {
        dir.file("policy.json",
                 fmt::format(R"({{"delimiter": "{}", "keys": [{{"pattern": "*"}}]}})", delimiter));
    }

    RedisServer server;
    RespClient redis = server.client();
    TempDir dir;
    std::string file = (dir.path() / "plan.json").string();
    std::string policy = (dir.path() / "policy.json").string();
};

bool says(const ProcessResult& result, std::string_view text) {
    return result.err.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE_FIXTURE(Stage, "a plan without a context keeps its delimiter in a context that has one") {
    set_courses();
    write_policy("/");
    const std::string config =
        dir.file("config.json", fmt::format(R"({{"contexts": {{"prod": {{"url": "unix://{}",
                                                                 "policy": "{}"}}}}}})",
                                            server.socket_path(), policy));
    const Words in_context = {"--config", config, "--context", "prod"};

    plan({"flush", "course"});
    const ProcessResult applied = apply(in_context);
    CAPTURE(applied.err);
    CHECK(applied.exit_code == 0);
    CHECK(count("course:*") == 0);
    CHECK(count("course/*") == 20);

    // Nor is what a context's plan means another thing when its policy is edited.
    Words in_prod = {"flush", "course"};
    in_prod.insert(in_prod.end(), in_context.begin(), in_context.end());
    set_courses();
    plan(in_prod);
    write_policy(":");
    CHECK(apply(in_context).exit_code == 0);
    CHECK(count("course:*") == 20);
    CHECK(count("course/*") == 0);
}

TEST_CASE_FIXTURE(Stage, "counts by namespace go by the delimiter of the plan") {
    set_courses();
    write_policy("/");
    plan({"invalidate", "course*", "--policy", policy});
    write_policy(":");
    CHECK(apply({"--dry-run"}).exit_code == 0);
    plan({"invalidate", "course*", "--policy", policy, "--delimiter", "/"});
    CHECK(apply({"--dry-run"}).exit_code == 0);
}

TEST_CASE_FIXTURE(Stage, "a plan of thousands of namespaces is refused for what has changed") {
    redis.pipeline(5'000, [](std::size_t i) { return Words{"SET", fmt::format("u{}:x", i), "v"}; });
    plan({"invalidate", "u*"});
    for (int i = 0; i < 100; ++i) {
        redis.run({"DEL", fmt::format("u{}:x", i)});
    }
    const ProcessResult applied = apply({"--dry-run"});
    CAPTURE(applied.err);
    CHECK(applied.exit_code == 0);
    CHECK(says(apply({"--tolerance", "0"}),
               "4,900 keys match instead of the 5,000 that were planned (u0: 0 instead of 1, "
               "u1: 0 instead of 1, u10: 0 instead of 1"));
    redis.run({"SET", "unplanned:x", "v"});
    CHECK(says(apply(), "(unplanned: 1 instead of 0)"));
}

TEST_CASE("of a cluster, where replies come in any order, a plan is as true as it was") {
    RedisCluster cluster({.masters = 3, .replicas = false});
    Words keys;
    for (int i = 0; i < 5'000; ++i) {
        keys.push_back(fmt::format("u{}:x", i));
    }
    cluster.set(keys);
    const TempDir dir;
    const std::string file = dir.path() / "plan.json";
    const std::string port = std::to_string(cluster.port(0));
    REQUIRE(run_cachectl({"invalidate", "u*", "--plan", file, "-p", port}).exit_code == 0);
    for (int i = 0; i < 3; ++i) {
        const ProcessResult applied =
            run_cachectl({"apply", file, "--tolerance", "0", "--dry-run", "-p", port});
        CAPTURE(applied.err);
        CHECK(applied.exit_code == 0);
    }
}

TEST_CASE_FIXTURE(Stage, "namespaces of any bytes are the ones that were planned") {
    using namespace std::string_literals;
    const Words keys = {"\xac\xed\0\x05t\0\x06user:1"s,
                        "\xc3user:1",
                        "\xc2user:1",
                        "\\xc3user:1",
                        "line\nuser:1",
                        "(none)user:1",
                        "\\x28none)user:1"};
    for (const std::string& key : keys) {
        redis.run({"SET", key, "v"});
    }
    plan({"invalidate", "*user:*"});
    const Json written = Json::parse(read_file(file));
    CHECK(written["namespaces"].size() == keys.size());
    CHECK(written["namespaces"]["\\xac\\xed\\x00\\x05t\\x00\\x06user"] == 1);

    redis.run({"DEL", keys[0]});
    const ProcessResult drifted = apply({"--tolerance", "0"});
    CHECK(drifted.exit_code == 8);
    CHECK(says(drifted, "(\\xac\\xed\\0\\x05t\\0\\x06user: 0 instead of 1); nothing was"));
    redis.run({"SET", keys[0], "v"});
    const ProcessResult applied = apply({"--tolerance", "0"});
    CAPTURE(applied.err);
    CHECK(applied.exit_code == 0);
    CHECK(count("*") == 0);
}

TEST_CASE_FIXTURE(Stage, "a list that cannot be read a second time is not planned") {
    redis.run({"SET", "a:1", "v"});
    ProcessOptions options;
    options.stdin_bytes = "a:1\n";
    const ProcessResult piped =
        run({"invalidate", "--keys-from", "/dev/stdin", "--plan", file}, options);
    CHECK(piped.exit_code == 2);
    CHECK(says(piped, "--keys-from /dev/stdin: a plan cannot read that again"));
    CHECK_FALSE(std::filesystem::exists(file));
    options.stdin_bytes = R"({"keys": []})";
    CHECK(run({"invalidate", "a:*", "--policy", "/dev/stdin", "--plan", file}, options).exit_code ==
          2);
}

TEST_CASE_FIXTURE(Stage, "a file whose name begins with a dash is shown as no option") {
    redis.run({"SET", "a:1", "v"});
    ProcessOptions here;
    here.cwd = dir.path();
    const ProcessResult planned = run({"invalidate", "a:1", "--plan=-p"}, here);
    CAPTURE(planned.out);
    CHECK(planned.out.find(" apply ./-p\n") != std::string::npos);
    const ProcessResult saved = run({"invalidate", "a:1", "--yes", "--backup=-b", "--json"}, here);
    CHECK(Json::parse(saved.out)["backup"]["undo"] ==
          fmt::format("cachectl -s {} restore ./-b", server.socket_path()));
}
