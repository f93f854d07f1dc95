// warm: rows of --group and --collect-by that another row of the same name replaces.
#include <doctest/doctest.h>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;

namespace {

using Lines = std::vector<std::string>;

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

struct Stage {
    TempDir dir;
    std::string file = dir.file("a.csv", "g,n,s\na,x,1\na,x,2\na,y,3\nb,x,4\na,x,5\n");
    FakeClient client;

    RunResult run(const Lines& more) {
        Lines all = {"warm", file, "--ttl", "1h", "--dry-run", "-o", "ndjson"};
        all.insert(all.end(), more.begin(), more.end());
        return run_with(client, all);
    }
};

}  // namespace

TEST_CASE("a hash's field and a zset's member that come again replace rows, which are counted") {
    for (const char* as : {"hash", "zset"}) {
        CAPTURE(as);
        Stage stage;
        const RunResult run = stage.run({"--group", "k:{g}", "--as", as, "--columns", "n,s"});
        CHECK(run.code == 0);
        CHECK(run.err ==
              "cachectl: warning: 2 records were replaced by a later one with the same n\n");
        CHECK(contains(run.out, R"("records":5,"keys":2,"written":0,)"));
        CHECK(contains(run.out, R"("replaced_records":2,"bytes":16,"estimated)"));
        CHECK(contains(run.out, R"("replaced_records":2,"bytes":16}],"sample")"));
    }
}

TEST_CASE("what --collect-by replaces is counted alike, what a set or list repeats is not") {
    Stage stage;
    const RunResult by = stage.run({"--collect", "all", "--collect-by", "n"});
    CHECK(by.code == 0);
    CHECK(contains(by.out, R"("replaced_records":3,)"));
    for (const char* as : {"set", "list", "json"}) {
        CAPTURE(as);
        const RunResult run = stage.run({"--group", "k:{g}", "--as", as, "--columns", "n"});
        CHECK(run.err == "");
        CHECK(contains(run.out, R"("replaced_records":0,)"));
    }
}

TEST_CASE("the summary in words tells of replaced records, and of each dataset") {
    Stage stage;
    const RunResult one =
        run_with(stage.client, {"warm", stage.file, "--ttl", "1h", "--group", "k:{g}", "--as",
                                "hash", "--columns", "n,s", "--dry-run"});
    CHECK(contains(one.out, "\n  2 records replaced by later ones of the same name\n"));
    const std::string manifest =
        stage.dir.file("m.json", R"({"defaults": {"ttl": "1h"}, "datasets": [
  {"file": "a.csv", "group": "h:{g}", "as": "hash", "columns": ["n", "s"]},
  {"file": "a.csv", "collect": "all"}]})");
    const RunResult both = run_with(stage.client, {"warm", "--manifest", manifest, "--dry-run"});
    CHECK(both.err == "cachectl: warning: " + manifest +
                          ":2: 2 records were replaced by a later one with the same n\n");
    CHECK(contains(both.out, "REPLACED"));
    const RunResult csv =
        run_with(stage.client, {"warm", "--manifest", manifest, "--dry-run", "-o", "csv"});
    CHECK(contains(csv.out, ",bytes,replaced_records\r\n"));
}
