#include <doctest/doctest.h>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;

namespace {

using Lines = std::vector<std::string>;

/// The first line of a summary, without its time and rate.
std::string headline(const std::string& out) {
    const std::string line = out.substr(0, out.find('\n'));
    return line.substr(0, line.rfind(" in "));
}

}  // namespace

TEST_CASE("warm makes a key of each row, value and TTL in one command") {
    const TempDir dir;
    const std::string file =
        dir.file("a.ndjson", "{\"id\": 1, \"n\": 9007199254740993}\n{\"id\":2,\"n\":1.10}\n");
    FakeClient client;
    const RunResult run = run_with(client, {"warm", file, "--key", "c:{id}", "--ttl", "1h"});
    CHECK(run.code == 0);
    CHECK(client.lines() == Lines{R"(SET c:1 {"id":1,"n":9007199254740993} PX 3600000 NX)",
                                  R"(SET c:2 {"id":2,"n":1.10} PX 3600000 NX)"});
    CHECK(headline(run.out) == "wrote 2 records as 2 keys (52 B) on 127.0.0.1:6379");
    CHECK(run.err.empty());
}

TEST_CASE("the summary as JSON has the contract's fields") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,t\n1,x\n2,y\n");
    const std::string empty = dir.file("b.json", "[]");
    FakeClient client;
    client.keys["c:1"] = {};
    const RunResult run = run_with(
        client, {"warm", file, empty, "--key", "c:{id}", "--ttl", "1h", "-n", "2", "--json"});
    CHECK(run.code == 0);
    const std::string needed = run.out.substr(run.out.find("\"needed_bytes\": ") + 16);
    const std::string room = run.out.substr(run.out.find("\"free_bytes\": ") + 14);
    const std::string elapsed = run.out.substr(run.out.find("\"elapsed_ms\": ") + 14);
    CHECK(
        run.out ==
        R"({
  "command": "warm",
  "context": null,
  "target": "127.0.0.1:6379/2",
  "database": 2,
  "started_at": "2023-11-14T22:13:20Z",
  "dry_run": false,
  "records": 2,
  "keys": 2,
  "written": 1,
  "skipped": 1,
  "rejected": 0,
  "filtered": 0,
  "duplicates": 0,
  "protected": 0,
  "failed": 0,
  "unknown": 0,
  "not_attempted": 0,
  "unchanged": 0,
  "replaced": 0,
  "replaced_records": 0,
  "bytes": 21,
  "needed_bytes": )" +
            needed.substr(0, needed.find(',')) +
            R"(,
  "peak_bytes": )" +
            needed.substr(0, needed.find(',')) +
            R"(,
  "free_bytes": )" +
            room.substr(0, room.find(',')) +
            R"(,
  "layout": "redis-7.0",
  "complete": true,
  "interrupted": false,
  "unavailable": false,
  "resumable": false,
  "journal": null,
  "error": null,
  "elapsed_ms": )" +
            elapsed.substr(0, elapsed.find(',')) +
            R"(,
  "datasets": [
    {"file": ")" +
            file +
            R"(", "format": "CSV", "table": null, "key": "c:{id}", "collect": null, "group": null, "records": 2, "keys": 2, "written": 1, "skipped": 1, "rejected": 0, "filtered": 0, "duplicates": 0, "unchanged": 0, "replaced": 0, "replaced_records": 0, "bytes": 21},
    {"file": ")" +
            empty +
            R"(", "format": "JSON array", "table": null, "key": "c:{id}", "collect": null, "group": null, "records": 0, "keys": 0, "written": 0, "skipped": 0, "rejected": 0, "filtered": 0, "duplicates": 0, "unchanged": 0, "replaced": 0, "replaced_records": 0, "bytes": 0}
  ]
}
)");
    CHECK(run.err == "cachectl: " + empty + ": there are no records in it\n");
}

TEST_CASE("a JSON object is keys and values") {
    const TempDir dir;
    const std::string file = dir.file("a.json", R"({"a": "x", "b": {"c": [1]}, "n": null})");
    FakeClient client;
    CHECK(run_with(client, {"warm", file, "--ttl", "60s"}).code == 0);
    CHECK(client.lines() ==
          Lines{"SET a x PX 60000 NX", R"(SET b {"c":[1]} PX 60000 NX)", "SET n null PX 60000 NX"});
}

TEST_CASE("rows that make the same key: the first wins, with overwrite the last") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,t\n1,x\n1,y\n");
    const Lines args = {"warm", file,    "--key", "c:{id}", "--value",
                        "{t}",  "--ttl", "1h",    "-o",     "ndjson"};
    FakeClient client;
    const RunResult run = run_with(client, args);
    CHECK(run.code == 5);
    CHECK(run.out.find(
              R"("keys":2,"written":1,"skipped":0,"rejected":0,"filtered":0,"duplicates":1,)") !=
          std::string::npos);
    CHECK(run.out.find(R"("complete":false,)") != std::string::npos);
    CHECK(run.out.find(R"("error":{"code":5,"id":"duplicates",)") != std::string::npos);
    CHECK(run.err.find(R"({"error":{"code":5,"id":"duplicates","message":)"
                       R"("1 row made a key that rows before had made already")") !=
          std::string::npos);
    CHECK(client.keys["c:1"].value == "x");

    Lines overwriting = args;
    overwriting.insert(overwriting.end(), {"--if-exists", "overwrite"});
    CHECK(run_with(client, overwriting)
              .out.find(R"("written":1,"skipped":0,"rejected":0,"filtered":0,"duplicates":1,)") !=
          std::string::npos);
    CHECK(client.keys["c:1"].value == "y");

    Lines rehearsed(args.begin(), args.end() - 2);
    rehearsed.insert(rehearsed.end(), {"--dry-run", "-o", "table"});
    CHECK(run_with(client, rehearsed).out.starts_with("would write 2 records as 1 key ("));

    Lines allowed = args;
    allowed.insert(allowed.end(), {"--max-errors", "1"});
    CHECK(run_with(client, allowed).code == 0);
}

TEST_CASE("protected keys are never overwritten") {
    const TempDir dir;
    const std::string file = dir.file("a.json", "\n{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
    const std::string policy = dir.file(
        "policy.json", R"({"keys": [{"pattern": "c:2", "protected": true}], "unknown": "ignore"})");
    FakeClient client;
    client.keys["c:1"] = client.keys["c:2"] = {.value = "old"};
    const RunResult run =
        run_with(client, {"warm", file, "--key", "c:{id}", "--ttl", "1h", "--if-exists",
                          "overwrite", "--protect", "c:1", "--policy", policy});
    CHECK(run.code == 0);
    CHECK(client.keys["c:1"].value == "old");
    CHECK(client.keys["c:2"].value == "old");
    CHECK(run.out.find("\n  2 protected keys not overwritten\n") != std::string::npos);
}

TEST_CASE("the policy gives TTLs; a key that gets none is a warning, once") {
    const TempDir dir;
    const std::string file =
        dir.file("a.json", "\n{\"id\":\"a:1\"}\n{\"id\":\"b:1\"}\n{\"id\":\"b:2\"}\n");
    const std::string policy = dir.file(
        "policy.json", R"({"keys": [{"pattern": "a:*", "ttl": "5m"}], "unknown": "ignore"})");
    FakeClient client;
    const RunResult run =
        run_with(client, {"warm", file, "--key", "{id}", "--value", "x", "--policy", policy});
    CHECK(run.code == 0);
    CHECK(client.lines() == Lines{"SET a:1 x PX 300000 NX", "SET b:1 x NX", "SET b:2 x NX"});
    CHECK(run.err ==
          "cachectl: warning: 'b:1' will never expire, nor will others for which the policy has "
          "no ttl; --ttl sets one\n");
    FakeClient other;
    CHECK(run_with(other, {"warm", file, "--key", "{id}", "--value", "x"}).err ==
          "cachectl: warning: the keys will never expire; --ttl sets a time to live\n");
}

TEST_CASE("the first bad row stops the run and is named") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,t\n1,x\n,y\n3,z\n");
    FakeClient client;
    const RunResult run = run_with(client, {"warm", file, "--key", "c:{id}", "--ttl", "1h"});
    CHECK(run.code == 6);
    CHECK(run.err ==
          "cachectl: error: " + file +
              ":3: column 'id' is null; 1 key had been written\n"
              "cachectl: --max-errors N goes on past N such rows, --reject-file keeps them\n");
    CHECK(client.keys.size() == 1);
    CHECK(run.out.find("\n  not complete: there may be more to write\n") != std::string::npos);
}

TEST_CASE("--max-errors goes on past bad rows, --reject-file keeps them") {
    const TempDir dir;
    std::string csv = "id,t\n";
    for (int i = 0; i < 12; ++i) {
        csv += ",x\n";
    }
    const std::string file = dir.file("a.csv", csv + "1,x,extra\n2,y\n");
    const std::string rejects = dir.path() / "rejects";
    FakeClient client;
    const RunResult run = run_with(client, {"warm", file, "--key", "c:{id}", "--ttl", "1h",
                                            "--max-errors", "13", "--reject-file", rejects});
    CHECK(run.code == 0);
    CHECK(client.keys.size() == 1);
    CHECK(client.keys.contains("c:2"));
    CHECK(headline(run.out) == "wrote 1 record as 1 key (21 B) on 127.0.0.1:6379");
    CHECK(run.out.find("\n  13 records rejected\n") != std::string::npos);
    CHECK(run.err.find("cachectl: warning: rejected: " + file +
                       ":11: column 'id' is null\n"
                       "cachectl: warning: and 3 more rejected\n") != std::string::npos);
    const std::string kept = read_file(rejects);
    CHECK(std::count(kept.begin(), kept.end(), '\n') == 13);
    CHECK(kept.starts_with("{\"file\":\"" + file +
                           "\",\"line\":2,\"reason\":\"column 'id' is null\",\"row\":"
                           "{\"id\":null,\"t\":\"x\"}}\n"));
    CHECK(kept.ends_with(
        ",\"reason\":\"it has 3 columns, the header has 2\",\"text\":\"1,x,extra\"}\n"));

    CHECK(run_with(client, {"warm", file, "--key", "c:{id}", "--max-errors", "12"}).code == 6);
}

TEST_CASE("a rejected row that is not UTF-8 is kept with its bytes") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,t,n\n1,caf\xe9,2\n");
    const std::string rejects = dir.path() / "rejects";
    FakeClient client;
    const RunResult run = run_with(
        client, {"warm", file, "--key", "c:{id}", "--max-errors", "1", "--reject-file", rejects});
    CHECK(run.code == 0);
    CHECK(
        read_file(rejects).ends_with("\"row\":{\"id\":\"1\",\"t\":\"caf\xef\xbf\xbd\",\"t_base64\":"
                                     "\"Y2Fm6Q==\",\"n\":\"2\"}}\n"));
}

TEST_CASE("a reject file that exists stops the run before the server is asked") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id\n1\n");
    FakeClient client;
    const RunResult run =
        run_with(client, {"warm", file, "--key", "c:{id}", "--reject-file", file});
    CHECK(run.code == 7);
    CHECK_FALSE(run.connected);
    CHECK(read_file(file) == "id\n1\n");
}

TEST_CASE("a file that is missing stops the run before the server is asked") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id\n1\n");
    FakeClient client;
    const RunResult run = run_with(client, {"warm", file, "/no/such.csv", "--key", "c:{id}"});
    CHECK(run.code == 6);
    CHECK(run.err == "cachectl: error: cannot open /no/such.csv: No such file or directory\n");
    CHECK_FALSE(run.connected);
    CHECK(run_with(client, {"warm", dir.path().string()}).code == 6);
}

TEST_CASE("an empty file is an error, a dump without records is none") {
    const TempDir dir;
    FakeClient client;
    const RunResult run = run_with(client, {"warm", dir.file("a", ""), "--key", "c:{id}"});
    CHECK(run.code == 6);
    CHECK(run.err.find("it is empty; nothing was written") != std::string::npos);
    for (const char* text : {"[]", "id,t\n"}) {
        const RunResult none =
            run_with(client, {"warm", dir.file("b", text), "--collect", "all", "--ttl", "1h"});
        CHECK(none.code == 0);
        CHECK(none.err.find("there are no records in it") != std::string::npos);
        CHECK(headline(none.out) == "wrote nothing on 127.0.0.1:6379: read 0 records");
    }
    CHECK(client.keys.empty());
}

TEST_CASE("a dry run reads everything and asks no server") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,t\n1,caf\xc3\xa9\n2,\x1b[31m\n");
    FakeClient client;
    const RunResult run = run_with(
        client, {"warm", file, "--key", "c:{id}", "--as", "hash", "--ttl", "1h", "--dry-run"});
    CHECK(run.code == 0);
    CHECK_FALSE(run.connected);
    CHECK(run.out ==
          "would write 2 records as 2 keys (24 B) on 127.0.0.1:6379 (dry run: nothing was "
          "written)\n"
          "  read as CSV\n"
          "  about 304 B of the server's memory, in the layout of Redis 7.0\n"
          "\n"
          "for example:\n"
          "KEY  TYPE  TTL  SIZE  VALUE\n"
          "c:1  hash   1h  12 B  id 1 t caf\xc3\xa9\n"
          "c:2  hash   1h  12 B  id 2 t \\x1b[31m\n");
    const RunResult json =
        run_with(client, {"warm", file, "--group", "g:{id}", "--dry-run", "-o", "ndjson"});
    CHECK(json.out.find(R"("keys":2,"written":0,)") != std::string::npos);
    CHECK(json.out.find(R"("sample":[{"key":"g:1","type":"string","ttl_ms":null,"bytes":)") !=
          std::string::npos);
}

TEST_CASE("all rows become one key, or one for each group") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,t\n1,x\n2,y\n3,x\n");
    FakeClient client;
    CHECK(headline(run_with(client, {"warm", file, file, "--collect", "all", "--columns", "id",
                                     "--ttl", "1h"})
                       .out) == "wrote 6 records as 1 key (70 B) on 127.0.0.1:6379");
    CHECK(client.keys["all"].value ==
          R"([{"id":"1"},{"id":"2"},{"id":"3"},{"id":"1"},{"id":"2"},{"id":"3"}])");
    CHECK(run_with(client, {"warm", file, "--group", "t:{t}", "--columns", "id", "--ttl", "1h"})
              .code == 0);
    CHECK(client.keys["t:x"].value == R"([{"id":"1"},{"id":"3"}])");
    CHECK(client.keys["t:x"].ttl_ms == 3'600'000);
    CHECK(client.keys["t:y"].value == R"([{"id":"2"}])");

    const RunResult by = run_with(client, {"warm", file, "--collect", "by", "--collect-by", "t",
                                           "--columns", "id", "--ttl", "1h"});
    CHECK(by.err == "cachectl: warning: 1 record was replaced by a later one with the same t\n");
    CHECK(client.keys["by"].value == R"({"x":{"id":"3"},"y":{"id":"2"}})");
}

TEST_CASE("a bad row leaves nothing half gathered behind") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,t\n1,x\n2,y,z\n");
    FakeClient client;
    CHECK(run_with(client, {"warm", file, "--collect", "all", "--ttl", "1h"}).code == 6);
    CHECK(run_with(client, {"warm", file, "--group", "t:{t}", "--ttl", "1h"}).code == 6);
    CHECK(client.keys.empty());
}

TEST_CASE("gathering stops at its limit") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "t,u\n" + std::string(2000, 'x') + ",y\n");
    FakeClient client;
    const RunResult run =
        run_with(client, {"warm", file, "--collect", "all", "--max-memory", "1KiB", "--ttl", "1h"});
    CHECK(run.code == 6);
    CHECK(run.err.find("takes more than 1024 bytes of memory; nothing was written\n"
                       "cachectl: choose fewer --columns, or raise --max-memory\n") !=
          std::string::npos);
}

TEST_CASE("rows without a template are a usage error, and nothing is written") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,n\n1,2\n");
    FakeClient client;
    const RunResult run = run_with(client, {"warm", file, "--ttl", "1h"});
    CHECK(run.code == 2);
    CHECK(run.err.find("what shall the rows' keys be?") != std::string::npos);
    CHECK(client.lines().empty());
}

TEST_CASE("wrong options are usage errors, and nothing is sent") {
    const TempDir dir;
    const std::string file = dir.file("a.json", "\n{\"id\":\"1\"}\n");
    FakeClient client;
    const auto code = [&](Lines more) {
        Lines args = {"warm", file, "--key", "c:{id}"};
        args.insert(args.end(), more.begin(), more.end());
        return run_with(client, args);
    };
    CHECK(code({"--ttl", "10e9"})
              .err.starts_with("cachectl: error: --ttl: '10e9' is not a duration"));
    CHECK(code({"--ttl", "0s"}).err == "cachectl: error: --ttl: it must be more than 0\n");
    for (const Lines& more : {Lines{"--ttl", "-1"},
                              {"--ttl", ""},
                              {"--max-errors", "1e3"},
                              {"--max-memory", "5x"},
                              {"--jitter", "110%", "--ttl", "1h"},
                              {"--jitter", "100%", "--ttl", "1h"},
                              {"--as", "jsno"},
                              {"--if-exists", "replace"},
                              {"--if-unavailable", "maybe"},
                              {"--format", "xml"},
                              {"--dryrun"},
                              {"--columns", "a,,b"},
                              {"--group", "{id}"},
                              {"--protect", ""}}) {
        CAPTURE(more.front());
        CHECK(code(more).code == 2);
    }
    CHECK(code({"--jitter", "10%"}).err ==
          "cachectl: error: --jitter shortens a time to live, and there is none\n"
          "cachectl: give --ttl or --policy too\n");
    CHECK(run_with(client, {"warm", "-", "-", "--key", "c:{id}"}).code == 2);
    CHECK(run_with(client, {"warm"}).code == 2);
    CHECK(run_with(client, {"warm", file, "--key", "c:{id}"}).connected);
    CHECK(client.count("SET") == 1);
}
