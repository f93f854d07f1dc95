#include <doctest/doctest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;

namespace {

struct Fixture {
    TempDir dir;
    FakeClient client;
    RunOptions options;
    std::string config = dir.file("config.json", R"({"default_context": "dev", "contexts": {
  "dev": {"policy": "p.json"},
  "prod": {"url": "redis://ada:s3cret@cache.example/2", "production": true,
           "audit_log": "a.jsonl"}}})");

    Fixture() {
        REQUIRE(::chmod(config.c_str(), 0600) == 0);
        client.info.name = "valkey";
        client.info.version = "8.1.0";
        client.info.role = "master";
        client.on("PING",
                  [](const FakeClient::Args&) { return cachectl::Reply::make_status("PONG"); });
    }
    RunResult run(std::vector<std::string> words) {
        words.insert(words.begin(), "context");
        words.insert(words.end(), {"--config", config});
        return run_with(client, std::move(words), options);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "list has the contexts, their servers without passwords, and the one in force") {
    const RunResult result = run({"list", "--json"});
    CHECK(result.code == 0);
    const Json rows = Json::parse(result.out);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0]["context"] == "dev");
    CHECK(rows[0]["in_force"] == true);
    CHECK(rows[0]["server"] == nullptr);
    CHECK(rows[1]["server"] == "cache.example:6379/2");
    CHECK(rows[1]["production"] == true);
    CHECK(rows[1]["read_only"] == false);
    CHECK(result.out.find("s3cret") == std::string::npos);
    CHECK(run({"list"}).out ==
          "dev\t-\tpolicy\ttrue\n"
          "prod\tcache.example:6379/2\tproduction, audit log\tfalse\n");
    CHECK_FALSE(result.connected);
}

TEST_CASE_FIXTURE(Fixture,
                  "list says what names the one in force, also if there is none of that name") {
    options.environment["CACHECTL_CONTEXT"] = "prod";
    CHECK(run({"list"}).err == "cachectl: 'prod' is in force, by CACHECTL_CONTEXT\n");
    options.environment["CACHECTL_CONTEXT"] = "gone";
    const RunResult result = run({"list"});
    CHECK(result.code == 0);
    CHECK(result.err.find("there is no context 'gone'") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "without a configuration there is nothing to list") {
    CHECK(run_with(client, {"context", "list", "--json"}).out == "[]\n");
    CHECK(run_with(client, {"context", "list"}).code == 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "show tells each setting and where it comes from, and connects to nobody") {
    const RunResult result = run({"show", "prod", "-n", "3", "-o", "json"});
    CHECK(result.code == 0);
    CHECK_FALSE(result.connected);
    Json found;
    for (const Json& row : Json::parse(result.out)) {
        found[row["setting"].get<std::string>()] = row;
    }
    CHECK(found["db"]["value"] == "3");
    CHECK(found["db"]["source"] == "-n");
    CHECK(found["host"]["source"] == "context 'prod' (" + config + ":3)");
    CHECK(found["password"]["value"] == "***");
    CHECK(found["timeout"]["source"] == "default");
    CHECK(found["production"]["value"] == "true");
    CHECK(result.out.find("s3cret") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "check says what answers") {
    const RunResult result = run({"check", "prod", "--json"});
    CHECK(result.code == 0);
    const Json check = Json::parse(result.out);
    CHECK(check["context"] == "prod");
    CHECK(check["target"] == "cache.example:6379/2");
    CHECK(check["answers"] == true);
    CHECK(check["role"] == "master");
    CHECK(check["version"] == "8.1.0");
    CHECK(check["latency_us"].is_number());
    CHECK(run({"check"}).out.starts_with(
        "127.0.0.1:6379 (context 'dev') answers: valkey 8.1.0, master, "));
}

TEST_CASE_FIXTURE(Fixture, "a server that refuses PING answers all the same") {
    client.on("PING",
              [](const FakeClient::Args&) { return cachectl::Reply::make_error("NOPERM no"); });
    const RunResult result = run({"check", "--json"});
    CHECK(result.code == 0);
    CHECK(Json::parse(result.out)["latency_us"] == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "wrong names are usage errors") {
    CHECK(run({"show", "pord"}).err.find("did you mean 'prod'?") != std::string::npos);
    CHECK(run({"check", "pord"}).code == 2);
    CHECK(run({"list", "prod"}).code == 2);
    CHECK(run({"prod"}).code == 2);
}
