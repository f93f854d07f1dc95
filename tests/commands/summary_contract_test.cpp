// What scripts rely on at the end of a command that changes: the fields of its summary, the names
// of its errors, and plain lines.
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
    FakeClient client;
    Stage() { client.keys["user:1"] = client.keys["user:2"] = {}; }

    RunResult run(Lines args) { return run_with(client, std::move(args)); }
    RunResult warm(const std::string& rows, const Lines& more) {
        Lines args = {"warm", dir.file("a.csv", rows), "--key", "k:{id}", "--ttl", "1h"};
        args.insert(args.end(), more.begin(), more.end());
        return run(args);
    }
    /// The id of the error on stderr.
    static std::string id_of(const RunResult& run) {
        const std::string before = "\"id\":\"";
        const auto at = run.err.rfind(before);
        REQUIRE(at != std::string::npos);
        const std::size_t begin = at + before.size();
        return run.err.substr(begin, run.err.find('"', begin) - begin);
    }
};

}  // namespace

TEST_CASE("warm's summary says what was asked for, where and when, as other changes do") {
    Stage stage;
    const std::string head =
        R"({"command":"warm","context":null,"target":"127.0.0.1:6379/2","database":2,)"
        R"("started_at":"2023-11-14T22:13:20Z","dry_run":false,"records":)";
    CHECK(stage.warm("id,v\n1,x\n", {"-n", "2", "-o", "ndjson"}).out.starts_with(head + "1,"));
    CHECK(stage.warm("id,v\n", {"-n", "2", "-o", "ndjson", "--where", "x = 1"})
              .out.starts_with(head + "0,"));
    // A wrong option may be what should have named the server.
    CHECK(stage.warm("id,v\n", {"-n", "2", "-o", "ndjson", "--bogus"})
              .out.starts_with(R"({"command":"warm","context":null,"target":null,"database":null,)"
                               R"("started_at":"2023-11-14T22:13:20Z",)"));
}

TEST_CASE("plain that was asked for is a name, a tab and a value in each line") {
    Stage stage;
    const RunResult dry = stage.run({"invalidate", "user:*", "x\ty", "--dry-run", "-o", "plain"});
    CHECK(dry.code == 0);
    CHECK(
        dry.out.starts_with("command\tinvalidate\ncontext\t-\ntarget\t127.0.0.1:6379\n"
                            "database\t0\nstarted_at\t2023-11-14T22:13:20Z\n"
                            "patterns.0\tuser:*\npatterns.1\tx\\x09y\ndry_run\ttrue\n"
                            "matched\t2\ndeleted\t0\nwould_delete\t2\n"));
    CHECK(contains(dry.out, "\nnamespaces.user\t2\ncomplete\ttrue\nelapsed_ms\t"));
    const RunResult load = stage.warm("id,v\n1,x\n", {"-o", "plain"});
    CHECK(contains(load.out, "\nwritten\t1\n"));
    CHECK(contains(load.out, "\ndatasets.0.format\tCSV\n"));
    CHECK(contains(stage.warm("id,v\n2,x\n", {}).out, "wrote 1 record as 1 key"));
}

TEST_CASE("errors have names: what lacks a right, what a guard refuses, and no key at all") {
    Stage stage;
    const auto invalidate = [&](Lines more) {
        more.insert(more.begin(), {"invalidate", "user:*", "--json"});
        return stage.run(more);
    };
    CHECK(Stage::id_of(invalidate({})) == "needs-yes");
    CHECK(Stage::id_of(invalidate({"--yes", "--max-keys", "1"})) == "guard-max-keys");
    CHECK(Stage::id_of(invalidate({"--yes", "--expect", "3.."})) == "guard-expect");
    CHECK(Stage::id_of(stage.run({"invalidate", "*", "--yes", "--json"})) == "guard-empty-pattern");
    CHECK(Stage::id_of(invalidate({"--confirm", "elsewhere"})) == "not-confirmed");
    const RunResult none =
        stage.run({"invalidate", "none:*", "--yes", "--fail-if-none", "-o", "ndjson"});
    CHECK(none.code == 1);
    CHECK(contains(none.out, R"("matched":0,)"));
    CHECK(
        none.err ==
        "{\"error\":{\"code\":1,\"id\":\"none\",\"message\":\"no key matches\",\"hint\":null}}\n");
    const RunResult no_rows = stage.warm("id,v\n", {"--fail-if-none", "--json"});
    CHECK(no_rows.code == 1);
    CHECK(Stage::id_of(no_rows) == "none");
    stage.client.on("SET", [](const FakeClient::Args&) {
        return Reply::make_error("NOPERM User app has no permissions to run the 'set' command");
    });
    const RunResult denied = stage.warm("id,v\n1,x\n", {"--json"});
    CHECK(denied.code == 4);
    CHECK(Stage::id_of(denied) == "noperm");
    CHECK(contains(denied.out, R"("id": "noperm")"));
}
