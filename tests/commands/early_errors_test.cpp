// Where JSON is asked for, an error is JSON too, also one of the command line itself.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;

namespace {

using Lines = std::vector<std::string>;

std::string last_line(const std::string& text) {
    const std::size_t end = text.find_last_not_of('\n');
    const std::size_t begin = text.rfind('\n', end);
    return text.substr(begin == std::string::npos ? 0 : begin + 1);
}

}  // namespace

TEST_CASE("a command line that cannot be read is a JSON summary of warm, with the error in it") {
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", "{\"id\":1}\n");
    const std::vector<Lines> wrong = {
        {"--json", "--no-such-option"},
        {"--no-such-option", "--json"},
        {"--no-such-option", "x", "-o", "json"},
        {"--no-such-option", "-ondjson"},
        {"--no-such-option", "--output=json"},
        {"-o", "json", "--key"},
        {"--json", "--ttl", "5q"},
        {"--json", "--ttl", ""},
        {"--json", "--ttl", "1h", "--ttl", "2h"},
        {"--json", "--max-errors", "many"},
        {"--json", "--if-exists", "sometimes"},
        {"--json", "-p", "70000"},
        {"--json", "--read-from", "replica", "--key", "k:{id}"},
        {"--json", "--config", (dir.path() / "none.json").string(), "--key", "k:{id}"},
        {"--json", "--key", "k:{id}", "--collect", "all"},
        {"--json", "--dry-run=yes"},
    };
    for (const Lines& words : wrong) {
        Lines line = {"warm", file};
        line.insert(line.end(), words.begin(), words.end());
        CAPTURE(words);
        FakeClient client;
        const RunResult run = run_with(client, line);
        CHECK(run.code == 2);
        CHECK_FALSE(run.connected);
        const Json summary = Json::parse(run.out, nullptr, false);
        REQUIRE(summary.is_object());
        CHECK(summary["complete"] == false);
        CHECK(summary["written"] == 0);
        CHECK(summary["error"]["code"] == 2);
        CHECK(summary["error"]["id"] == "usage");
        CHECK(summary["error"]["message"].get<std::string>().size() > 5);
        // The same error is behind whatever else is said.
        CHECK(Json::parse(last_line(run.err))["error"] == summary["error"]);
    }
}

TEST_CASE("every command tells its error as JSON where JSON is asked for") {
    for (const char* command : {"keys", "ttl", "get", "stats", "invalidate", "flush", "expire"}) {
        CAPTURE(command);
        FakeClient client;
        const RunResult run = run_with(client, {command, "--json", "--no-such-option"});
        CHECK(run.code == 2);
        CHECK(run.out == "");
        const Json error = Json::parse(run.err, nullptr, false);
        REQUIRE(error.is_object());
        CHECK(error["error"]["id"] == "usage");
        CHECK(error["error"]["message"] == "unknown option --no-such-option");
    }
    FakeClient client;
    const RunResult refused = run_with(client, {"invalidate", "a:*", "-o", "json"});
    CHECK(refused.code == 8);
    CHECK(Json::parse(last_line(refused.err))["error"]["id"] == "needs-yes");
}

TEST_CASE("an error is text where JSON is not asked for, or only looks as if it were") {
    for (const Lines& line :
         {Lines{"keys", "--nonesuch"}, Lines{"keys", "--exclude", "--json", "--limit", "x"},
          Lines{"keys", "--nonesuch", "--", "--json"}, Lines{"keys", "-o", "csv", "--nonesuch"},
          Lines{"warm", "--key", "--json", "a.csv", "--ttl", "5q"}}) {
        CAPTURE(line);
        FakeClient client;
        const RunResult run = run_with(client, line);
        CHECK(run.code == 2);
        CHECK(run.out == "");
        CHECK(run.err.starts_with("cachectl: error: "));
    }
}

TEST_CASE("a secret of the command line is in no JSON error") {
    FakeClient client;
    const RunResult run = run_with(client, {"warm", "--json", "-u", "redis://u:hunter2@h:1",
                                            "redis://u:hunter2@h:1", "--nonesuch"});
    CHECK(run.code == 2);
    CHECK((run.out + run.err).find("hunter2") == std::string::npos);
}
