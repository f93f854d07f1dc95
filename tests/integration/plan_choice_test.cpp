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
