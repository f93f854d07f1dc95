// Contexts that guard production: whose name has to be typed, and those that take no changes.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

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
    std::string csv = dir.file("a.csv", "id,name\n1,a\n");

    Fixture() {
        const std::string path = dir.file("config.json", R"({"contexts": {
  "prod": {"url": "redis://cache.example", "production": true},
  "strict": {"url": "redis://cache.example", "production": true, "confirm": "always"},
  "archive": {"url": "redis://cache.example", "read_only": true}}})");
        REQUIRE(::chmod(path.c_str(), 0600) == 0);
        options.environment["HOME"] = dir.path().string();
    }
    RunResult run(std::vector<std::string> words) {
        words.insert(words.end(), {"--config", (dir.path() / "config.json").string()});
        return run_with(client, std::move(words), options);
    }
    /// By the variable, which is no explicit choice.
    RunResult run_in(const std::string& context, std::vector<std::string> words) {
        options.environment["CACHECTL_CONTEXT"] = context;
        return run(std::move(words));
    }
    static std::string id_of(const RunResult& result) {
        return Json::parse(result.err).at("error").at("id").get<std::string>();
    }
    /// One of each command that changes.
    [[nodiscard]] std::vector<std::vector<std::string>> changes() const {
        return {{"invalidate", "course:*"},
                {"flush", "course"},
                {"expire", "course:*", "--set", "1h"},
                {"warm", csv, "--key", "u:{id}", "--ttl", "1h"}};
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "in a script production takes --yes and the context's name together") {
    for (std::vector<std::string> words : changes()) {
        CAPTURE(words.front());
        words.insert(words.end(), {"-o", "json"});
        CHECK(id_of(run_in("prod", words)) == "needs-yes");
        words.push_back("--yes");
        const RunResult refused = run_in("prod", words);
        CHECK(refused.code == 8);
        CHECK(id_of(refused) == "needs-context");
        CHECK_FALSE(refused.connected);
        words.insert(words.end(), {"--context", "prod"});
        CHECK(run_in("prod", words).code == 0);
    }
}

TEST_CASE_FIXTURE(Fixture, "the message says what is missing") {
    CHECK(run_in("prod", {"invalidate", "course:*", "--yes"}).err ==
          "cachectl: error: context 'prod' is production: without a terminal to ask on, to delete "
          "keys takes --yes together with --context prod; nothing was sent\n"
          "cachectl: or try it with --dry-run\n");
}

TEST_CASE_FIXTURE(Fixture,
                  "on a terminal production wants the context's name, whatever --yes says") {
    options.terminal = true;
    for (std::vector<std::string> words : changes()) {
        CAPTURE(words.front());
        words.insert(words.end(), {"--yes", "--context", "prod"});
        client = shared_cache();
        for (const char* answer : {"y", "cache.example", "", "Prod"}) {
            options.answers = {answer};
            CHECK(run(words).code == 8);
        }
        options.answers = {"prod"};
        client = shared_cache();
        const RunResult result = run(words);
        CHECK(result.code == 0);
        REQUIRE(result.questions.size() == 1);
        CHECK(result.questions[0].find("(production context 'prod')") != std::string::npos);
        CHECK(result.questions[0].ends_with("Type the context's name, prod, to go on: "));
    }
}

TEST_CASE_FIXTURE(Fixture, "before a load into production nothing is written until the name came") {
    options.terminal = true;
    options.answers = {"y"};
    const RunResult result =
        run({"warm", csv, "--key", "u:{id}", "--ttl", "1h", "--context", "prod"});
    CHECK(result.code == 8);
    CHECK(result.err.find("'y' is not the context's name, prod; nothing was changed") !=
          std::string::npos);
    CHECK(client.count("SET") == 0);
}

TEST_CASE_FIXTURE(Fixture, "confirm: always is not content with --yes and --context") {
    const std::vector<std::string> words = {"invalidate", "course:*", "--yes", "--context",
                                            "strict"};
    CHECK(run(words).code == 8);
    std::vector<std::string> confirmed = words;
    confirmed.insert(confirmed.end(), {"--confirm", "cache.example"});
    CHECK(run(confirmed).code == 0);
}

TEST_CASE_FIXTURE(Fixture, "--confirm takes the context's name if the server is the context's") {
    const std::vector<std::string> words = {"invalidate", "course:*",  "--confirm",
                                            "prod",       "--context", "prod"};
    CHECK(run(words).code == 0);
    std::vector<std::string> elsewhere = words;
    elsewhere.insert(elsewhere.end(), {"-h", "other.example"});
    CHECK(run(elsewhere).code == 8);
}

TEST_CASE_FIXTURE(Fixture, "a read-only context refuses every change before it connects") {
    for (std::vector<std::string> words : changes()) {
        CAPTURE(words.front());
        words.insert(words.end(), {"--yes", "-o", "json", "--context", "archive"});
        const RunResult refused = run(words);
        CHECK(refused.code == 8);
        CHECK(id_of(refused) == "read-only");
        CHECK_FALSE(refused.connected);
        words.push_back("--dry-run");
        CHECK(run(words).code == 0);
    }
    CHECK(run({"keys", "--context", "archive"}).code == 0);
    CHECK(client.keys.size() == shared_cache().keys.size());
}

TEST_CASE("a flag that names the server of a production context does not get round its rules") {
    TempDir dir;
    const std::string path = dir.file("config.json", R"({"default_context": "staging", "contexts": {
  "staging": {"url": "redis://staging.example"},
  "prod": {"url": "redis://prod.example:6380/2", "production": true, "protect": ["sess:*"]},
  "archive": {"url": "redis://old.example", "read_only": true}}})");
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    FakeClient client = shared_cache();
    const auto run = [&](std::vector<std::string> words) {
        words.insert(words.end(), {"--config", path, "-o", "json"});
        RunOptions options;
        options.environment["HOME"] = dir.path().string();
        return run_with(client, std::move(words), options);
    };
    const auto id_of = [](const RunResult& result) {
        const std::string line = result.err.substr(result.err.find("{\"error\""));
        return Json::parse(line).at("error").at("id").get<std::string>();
    };
    const std::vector<std::string> change = {"invalidate", "course:*", "--yes"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), change.begin(), change.end());
        return run(std::move(more));
    };
    const RunResult by_flags = with({"-h", "prod.example", "-p", "6380"});
    CHECK(by_flags.code == 8);
    CHECK(id_of(by_flags) == "needs-context");
    CHECK(by_flags.err.find("'prod'") != std::string::npos);
    CHECK(id_of(with({"-u", "redis://old.example"})) == "read-only");
    CHECK(client.count("UNLINK") == 0);
    CHECK(with({"--context", "prod"}).code == 0);
    CHECK(with({"-h", "other.example"}).code == 0);
}

namespace {

/// A server of which one database is for changes and another for looking, and one that Sentinels
/// find.
struct Databases {
    TempDir dir;
    FakeClient client = shared_cache();

    RunResult run(std::vector<std::string> words, const RunOptions& options = {}) {
        const std::string path = dir.file("config.json", R"({"contexts": {
  "cache": {"url": "redis://Cache.example/0", "production": true},
  "look": {"url": "redis://cache.example/1", "read_only": true},
  "other": {"url": "redis://cache.example/3"},
  "dev": {"url": "redis+sentinel://s1:1,s2:2/mymaster", "production": true}}})");
        REQUIRE(::chmod(path.c_str(), 0600) == 0);
        words.insert(words.end(), {"--config", path, "-o", "json"});
        RunOptions with = options;
        with.environment["HOME"] = dir.path().string();
        return run_with(client, std::move(words), with);
    }
    static std::string id_of(const RunResult& result) {
        const std::size_t at = result.err.find("{\"error\"");
        return at == std::string::npos
                   ? ""
                   : Json::parse(result.err.substr(at)).at("error").at("id").get<std::string>();
    }
    std::string refusal(std::vector<std::string> more) {
        more.insert(more.begin(), {"invalidate", "course:*", "--yes"});
        return id_of(run(std::move(more)));
    }
};

}  // namespace

TEST_CASE_FIXTURE(Databases, "a context's rules hold for its database, whoever names it") {
    CHECK(refusal({"-h", "cache.example", "-n", "1"}) == "read-only");
    CHECK(refusal({"--context", "cache", "-n", "1"}) == "read-only");
    CHECK(refusal({"-h", "CACHE.EXAMPLE"}) == "needs-context");
    CHECK(refusal({"-h", "away:1,cache.example:6379"}) == "needs-context");
    CHECK(refusal({"--context", "other", "-n", "0"}) == "needs-context");
    CHECK(refusal({"--context", "cache"}).empty());
    CHECK(client.count("UNLINK") == 1);
    CHECK(refusal({"--context", "other"}).empty());
}

TEST_CASE_FIXTURE(Databases, "FLUSHALL is refused where another database has rules") {
    const RunResult run = this->run({"flush", "--all-dbs", "--context", "cache", "--yes"});
    CHECK(run.code == 8);
    CHECK(run.err.find("FLUSHALL flushes database 1 too, for which context 'look' has rules") !=
          std::string::npos);
    CHECK(client.count("FLUSHALL") == 0);
}

TEST_CASE_FIXTURE(Databases,
                  "another master is none of the context's, though its name is the same") {
    CHECK(refusal({"--sentinel", "s2:2", "--master-name", "mymaster"}) == "needs-context");
    CHECK(refusal({"--sentinel", "elsewhere:2", "--master-name", "mymaster"}).empty());
    const RunResult wrong = run({"invalidate", "course:*", "--context", "dev", "--master-name",
                                 "second", "--confirm", "dev"});
    CHECK(wrong.code == 8);
    CHECK(wrong.err.find("--confirm says 'dev', but the server is second") != std::string::npos);
}

// Two contexts name one database, one of them with rules.
TEST_CASE("a context that is only the default takes no rule away from its database") {
    TempDir dir;
    FakeClient client = shared_cache();
    RunOptions options;
    options.environment["HOME"] = dir.path().string();
    const std::string path = dir.file("config.json", R"({"default_context": "cache", "contexts": {
  "cache": {"url": "redis://cache.example"},
  "prod": {"url": "redis://cache.example", "read_only": true, "protect": ["sess:*"]}}})");
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    const auto refused = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"invalidate", "sess:*", "--yes", "--config", path});
        return run_with(client, std::move(more), options).code == 8;
    };
    CHECK(refused({}));
    CHECK(refused({"-h", "cache.example"}));
    CHECK(refused({"-u", "redis://cache.example"}));
    options.environment["CACHECTL_CONTEXT"] = "cache";
    CHECK(refused({"-h", "cache.example"}));
    options.environment["REDIS_HOST"] = "cache.example";
    CHECK(refused({}));
    CHECK(client.count("UNLINK") == 0);

    options.environment.erase("REDIS_HOST");
    CHECK_FALSE(refused({}));
    options.environment.erase("CACHECTL_CONTEXT");
    CHECK_FALSE(refused({"--context", "cache"}));
}
