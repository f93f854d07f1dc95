// warm: what its guards refuse, by which name scripts know it, and which remedy is told.
#include <doctest/doctest.h>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using cachectl::Reply;

namespace {

using Lines = std::vector<std::string>;

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

struct Stage {
    TempDir dir;
    std::string file = dir.file("a.csv", "id,v\n1,x\n2,y\n");
    FakeClient client;

    [[nodiscard]] std::string policy(const std::string& rules, const std::string& unknown) const {
        return dir.file("policy.json",
                        R"({"keys":[)" + rules + R"(],"unknown":")" + unknown + R"("})");
    }
    RunResult run(const Lines& more) {
        Lines all = {"warm", file, "--key", "c:{id}", "-o", "ndjson"};
        all.insert(all.end(), more.begin(), more.end());
        return run_with(client, all);
    }
};

}  // namespace

TEST_CASE("--refresh-below is held against the time to live that the policy gives") {
    const Lines refresh = {"--dry-run",       "--if-exists", "refresh",
                           "--refresh-below", "10m",         "--policy"};
    const auto run = [&](const std::string& rule, const Lines& more = {}) {
        Stage stage;
        Lines words = refresh;
        words.push_back(stage.policy(rule, "ignore"));
        words.insert(words.end(), more.begin(), more.end());
        RunResult result = stage.run(words);
        CHECK_FALSE(result.connected);
        return result;
    };
    const RunResult short_lived = run(R"({"pattern":"c:*","ttl":"5m"})");
    CHECK(short_lived.code == 8);
    CHECK(
        contains(short_lived.err,
                 "the policy lets 'c:1' live for 5m, which is not more than --refresh-below 10m"));
    CHECK(contains(short_lived.out, R"("id":"guard-policy")"));
    CHECK(run(R"({"pattern":"c:*","ttl":"11m"})", {"--jitter", "20%"}).code == 8);
    CHECK(run(R"({"pattern":"other:*","ttl":"5m"})").code == 0);
}

TEST_CASE("the pointer of --switch obeys its rule of the policy") {
    const auto run = [](const std::string& rules, const std::string& unknown) {
        Stage stage;
        stage.client.on("STRLEN", [](const FakeClient::Args&) { return Reply::make_integer(0); });
        const std::string policy = stage.policy(rules, unknown);
        RunResult result = stage.run({"--switch", "now=v1", "--ttl", "1h", "--policy", policy});
        CHECK(result.connected == (result.code == 0));
        return result;
    };
    const std::string keys = R"({"pattern":"c:*"})";
    const RunResult expiring = run(keys + R"(,{"pattern":"n*","ttl":"1h"})", "ignore");
    CHECK(expiring.code == 8);
    CHECK(contains(expiring.err, "'now' would never expire, as a pointer of --switch must not"));
    CHECK(contains(expiring.out, R"("id":"guard-policy")"));
    CHECK(run(keys + R"(,{"pattern":"n*","max_ttl":"1h"})", "ignore").code == 8);
    CHECK(run(keys + R"(,{"pattern":"n*","max_size":"4B"})", "ignore").code == 8);
    CHECK(run(keys, "fail").code == 8);
    CHECK(run(keys + R"(,{"pattern":"now"})", "fail").code == 0);
}

TEST_CASE("guards that stand before anything is sent have names of their own") {
    Stage stage;
    const RunResult unconfirmed = stage.run({"--sync", "c:*"});
    CHECK(unconfirmed.code == 8);
    CHECK(contains(unconfirmed.out, R"("id":"needs-yes")"));
    const RunResult other = stage.run({"--sync", "c:*", "--confirm", "elsewhere"});
    CHECK(other.code == 8);
    CHECK(contains(other.out, R"("id":"not-confirmed")"));
    const RunResult all = stage.run({"--sync", "*", "--yes"});
    CHECK(all.code == 8);
    CHECK(contains(all.out, R"("id":"guard-empty-pattern")"));
    CHECK(stage.client.keys.empty());
}

TEST_CASE("what a release was refused for is not mended by going on") {
    Stage stage;
    stage.file = stage.dir.file("b.csv", "id,v\n1,x\n,y\n");
    const RunResult run = stage.run({"--sync", "c:*", "--yes", "--max-errors", "1"});
    CHECK(run.code == 8);
    CHECK(contains(run.out, R"("id":"guard-sync-rejected")"));
    CHECK(contains(run.err, "mend the rows and run the command again"));
    CHECK_FALSE(contains(run.err, "go on with"));
}

TEST_CASE("a key that the walk meets twice does not stand for one that is gone") {
    Stage stage;
    stage.client.on("SCAN", [](const FakeClient::Args&) {
        std::vector<Reply> keys;
        for (const char* key : {"c:1", "c:1", "c:9"}) {
            keys.push_back(Reply::make_string(key));
        }
        return Reply::make_array({Reply::make_string("0"), Reply::make_array(keys)});
    });
    const RunResult run = stage.run({"--sync", "c:*", "--yes", "--ttl", "1h"});
    CHECK(run.code == 5);
    CHECK(contains(run.out, R"("id":"keys-gone")"));
    CHECK(stage.client.count("UNLINK") == 0);
}
