// warm --manifest: many datasets in one run.
#include <doctest/doctest.h>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;

namespace {

using Lines = std::vector<std::string>;

constexpr std::string_view k_dump =
    "CREATE TABLE public.courses (id integer, title text, active boolean);\n"
    "COPY public.courses (id, title, active) FROM stdin;\n"
    "1\tGo\tt\n"
    "2\tC++\tf\n"
    "\\.\n"
    "CREATE TABLE public.codes (code text, rate numeric);\n"
    "INSERT INTO public.codes VALUES ('a', 1.10), ('b', 2);\n"
    "CREATE TABLE public.empty (id integer);\n"
    "INSERT INTO public.courses VALUES (3, 'SQL', true);\n";

/// A folder with dump.sql and a manifest.
class Folder {
public:
    explicit Folder(const std::string& manifest) {
        m_dir.file("dump.sql", k_dump);
        m_manifest = m_dir.file("warm.json", manifest);
    }
    [[nodiscard]] std::string path(const std::string& name) const { return m_dir.path() / name; }
    void add(const std::string& name, std::string_view text) const { m_dir.file(name, text); }
    RunResult run(FakeClient& client, Lines more = {}) const {
        more.insert(more.begin(), {"warm", "--manifest", m_manifest});
        return run_with(client, more);
    }

private:
    TempDir m_dir;
    std::string m_manifest;
};

constexpr const char* k_three = R"({"datasets": [
  {"file": "dump.sql", "table": "courses", "key": "course:{id}", "ttl": "10m",
   "where": "active = true"},
  {"file": "tenants.csv", "key": "tenant:{id}", "value": "{name}", "ttl": "1h"},
  {"file": "dump.sql", "table": "codes", "collect": "codes:all", "ttl": "5m"},
  {"file": "dump.sql", "table": "public.courses", "group": "titles:{active}",
   "columns": ["title"], "ttl": "5m"}
]})";

}  // namespace

TEST_CASE("one run makes the keys of all datasets, and reads each file once") {
    const Folder folder(k_three);
    folder.add("tenants.csv", "id,name\n7,Ada\n");
    FakeClient client;
    const RunResult run = folder.run(client);
    CHECK(run.code == 0);
    CHECK(run.err.empty());
    // One pass: rows of both tables come in the dump's order, gathered ones behind them.
    CHECK(client.lines() ==
          Lines{R"(SET course:1 {"id":1,"title":"Go","active":true} PX 600000 NX)",
                R"(SET course:3 {"id":3,"title":"SQL","active":true} PX 600000 NX)",
                R"(SET codes:all [{"code":"a","rate":1.10},{"code":"b","rate":2}] PX 300000 NX)",
                R"(SET titles:true [{"title":"Go"},{"title":"SQL"}] PX 300000 NX)",
                R"(SET titles:false [{"title":"C++"}] PX 300000 NX)",
                R"(SET tenant:7 Ada PX 3600000 NX)"});
}

TEST_CASE("the summary tells of each dataset, in the manifest's order") {
    const Folder folder(k_three);
    folder.add("tenants.csv", "id,name\n7,Ada\n");
    FakeClient client;
    client.keys["course:1"] = {};
    const RunResult json = folder.run(client, {"-o", "ndjson"});
    const std::string dump =
        "{\"file\":\"" + folder.path("dump.sql") + "\",\"format\":\"PostgreSQL dump\",\"table\":";
    CHECK(json.out.find("\"records\":8,\"keys\":6,\"written\":5,\"skipped\":1,") !=
          std::string::npos);
    CHECK(
        json.out.find(
            "\"datasets\":[" + dump +
            R"("courses","key":"course:{id}","collect":null,"group":null,"records":2,"keys":2,)"
            R"("written":1,"skipped":1,"rejected":0,"filtered":1,"duplicates":0,"unchanged":0,"replaced":0,"replaced_records":0,"bytes":44},)"
            "{\"file\":\"" +
            folder.path("tenants.csv") +
            R"(","format":"CSV","table":null,"key":"tenant:{id}","collect":null,"group":null,)"
            R"("records":1,"keys":1,"written":1,"skipped":0,"rejected":0,"filtered":0,"duplicates":0,"unchanged":0,"replaced":0,"replaced_records":0,"bytes":11},)" +
            dump +
            R"("codes","key":null,"collect":"codes:all","group":null,"records":2,"keys":1,)"
            R"("written":1,"skipped":0,"rejected":0,"filtered":0,"duplicates":0,"unchanged":0,"replaced":0,"replaced_records":0,"bytes":57},)" +
            dump +
            R"("public.courses","key":null,"collect":null,"group":"titles:{active}","records":3,)"
            R"("keys":2,"written":2,"skipped":0,"rejected":0,"filtered":0,"duplicates":0,"unchanged":0,"replaced":0,"replaced_records":0,"bytes":72}]})") !=
        std::string::npos);

    FakeClient other;
    const RunResult table = folder.run(other);
    const std::string file = folder.path("dump.sql");
    const std::string gap(file.size() - 2, ' ');
    CHECK(table.out.substr(table.out.find("\n\n") + 2) ==
          "FILE" + gap + "   TABLE           KEY              RECORDS  WRITTEN" + "  SIZE\n" +
              file + "     courses         course:{id}            2        2  87 B\n" +
              folder.path("tenants.csv") +
              "                  tenant:{id}            1        1  11 B\n" + file +
              "     codes           codes:all              2        1  57 B\n" + file +
              "     public.courses  titles:{active}        3        2  72 B\n");
}

TEST_CASE("a dry run shows keys of each dataset, and asks no server") {
    const Folder folder(k_three);
    folder.add("tenants.csv", "id,name\n7,Ada\n");
    FakeClient client;
    const RunResult run = folder.run(client, {"--dry-run"});
    CHECK(run.code == 0);
    CHECK_FALSE(run.connected);
    for (const char* key : {"course:1 ", "course:3 ", "tenant:7 ", "codes:all ", "titles:true "}) {
        CHECK(run.out.find(std::string("\n") + key) != std::string::npos);
    }
}

TEST_CASE("what a manifest says is not to be said by flags too") {
    const Folder folder(
        R"({"datasets": [{"file": "dump.sql", "table": "codes", "collect": "c"}]})");
    FakeClient client;
    CHECK(folder.run(client, {"--key", "{id}"}).err ==
          "cachectl: error: --key cannot be given with --manifest\n"
          "cachectl: the manifest says it, for each dataset: see cachectl-manifest(5)\n");
    for (const Lines& flags : {Lines{"--table", "t"},
                               {"--ttl", "1h"},
                               {"--where", "a = 1"},
                               {"--if-exists", "skip"},
                               {"--format", "sql"},
                               {"--no-backslash-escapes"},
                               {"--columns", "a"},
                               {"other.sql"}}) {
        CAPTURE(flags.front());
        CHECK(folder.run(client, flags).code == 2);
    }
    CHECK(run_with(client, {"warm", "--key", "{id}"}).err ==
          "cachectl: error: what is to be read?\n"
          "cachectl: give a FILE, - for stdin, --files-from FILE or --manifest FILE\n");
    CHECK_FALSE(folder.run(client, {"--key", "{id}"}).connected);
}

TEST_CASE("a mistake in the manifest stops the run before the server is asked") {
    const Folder folder("{\"datasets\": [\n{\"file\": \"dump.sql\", \"tabel\": \"codes\"}]}");
    FakeClient client;
    const RunResult run = folder.run(client);
    CHECK(run.code == 6);
    CHECK(run.err == "cachectl: error: " + folder.path("warm.json") +
                         ":2: 'datasets[0].tabel' is not a known field\n"
                         "cachectl: did you mean 'table'?\n");
    CHECK_FALSE(run.connected);

    const Folder missing("{\"datasets\": [\n{\"file\": \"no.csv\", \"key\": \"{id}\"}]}");
    const RunResult none = missing.run(client);
    CHECK(none.code == 6);
    CHECK(none.err == "cachectl: error: " + missing.path("warm.json") + ":2: cannot open " +
                          missing.path("no.csv") + ": No such file or directory\n");
    CHECK_FALSE(none.connected);
}

TEST_CASE("a table that is not in its dump: the line that asks for it, and what was written") {
    const Folder folder(
        "{\"datasets\": [\n"
        "{\"file\": \"dump.sql\", \"table\": \"courses\", \"key\": \"c:{id}\", \"ttl\": \"1h\"},\n"
        "{\"file\": \"dump.sql\", \"table\": \"lessons\", \"key\": \"l:{id}\", \"ttl\": \"1h\"}]}");
    FakeClient client;
    const RunResult run = folder.run(client);
    CHECK(run.code == 6);
    CHECK(run.err == "cachectl: error: " + folder.path("warm.json") +
                         ":3: " + folder.path("dump.sql") +
                         " has no table 'lessons'; 3 keys had been written\n"
                         "cachectl: its tables: public.courses, public.codes, public.empty\n");
    CHECK(client.keys.size() == 3);
}

TEST_CASE("a table without rows is none that is missing") {
    const Folder folder(
        R"({"datasets": [{"file": "dump.sql", "table": "empty", "key": "{id}", "ttl": "1h"}]})");
    FakeClient client;
    const RunResult run = folder.run(client);
    CHECK(run.code == 0);
    CHECK(run.err == "cachectl: " + folder.path("dump.sql") +
                         ": there are no records of table 'empty' in it\n");
}

TEST_CASE("only SQL dumps have tables") {
    const Folder folder(
        "{\"datasets\": [\n{\"file\": \"a.json\", \"table\": \"t\", \"key\": \"{id}\"}]}");
    folder.add("a.json", "[{\"id\": 1}]\n");
    FakeClient client;
    const RunResult run = folder.run(client);
    CHECK(run.code == 6);
    CHECK(run.err == "cachectl: error: " + folder.path("warm.json") +
                         ":2: 'table' is for SQL dumps, and " + folder.path("a.json") +
                         " is JSON array; nothing was written\n"
                         "cachectl: if it is an SQL dump all the same, say 'format' sql\n");
    const RunResult flags = run_with(
        client, {"warm", folder.path("a.json"), "--table", "t", "--key", "{id}", "--ttl", "1h"});
    CHECK(flags.code == 2);
    CHECK(flags.err == "cachectl: error: --table is for SQL dumps, and " + folder.path("a.json") +
                           " is JSON array; nothing was written\n"
                           "cachectl: if it is an SQL dump all the same, say --format sql\n");
    CHECK(client.keys.empty());
}

TEST_CASE("what is found wrong with a dataset while reading is told with its line") {
    FakeClient client;
    const Folder column(
        "{\"datasets\": [\n{\"file\": \"dump.sql\", \"table\": \"codes\", \"collect\": \"c\",\n"
        "\"where\": \"price > 1\", \"ttl\": \"1h\"}]}");
    const RunResult run = column.run(client);
    CHECK(run.code == 6);
    CHECK(run.err == "cachectl: error: " + column.path("warm.json") +
                         ":2: 'where': public.codes: no column 'price'; there are code, rate; "
                         "nothing was written\n");
    const Folder rows("{\"datasets\": [\n{\"file\": \"a.csv\"}]}");
    rows.add("a.csv", "id,n\n1,2\n");
    CHECK(rows.run(client).err.starts_with("cachectl: error: " + rows.path("warm.json") +
                                           ":2: what shall the rows' keys be?; nothing was "
                                           "written\ncachectl: 'key' 'course:{id}' makes"));
    const Folder many("{\"datasets\": [\n{\"file\": \"dump.sql\", \"collect\": \"all\"}]}");
    CHECK(many.run(client).err == "cachectl: error: " + many.path("warm.json") +
                                      ":2: the dump has rows of several tables, public.courses "
                                      "and public.codes; nothing was written\n"
                                      "cachectl: 'table' NAME chooses one\n");
}

TEST_CASE("a bad row is one for each dataset that it is of") {
    const Folder folder(R"({"defaults": {"file": "bad.sql", "ttl": "1h"}, "datasets": [
        {"table": "t", "key": "t:{id}"}, {"table": "t", "collect": "ts"},
        {"table": "u", "key": "u:{id}"}]})");
    folder.add("bad.sql",
               "CREATE TABLE t (id int);\nCREATE TABLE u (id int);\n"
               "INSERT INTO t VALUES (1), (2, 3), (NULL);\nINSERT INTO u VALUES (4);\n");
    FakeClient client;
    const RunResult run = folder.run(client, {"--max-errors", "3", "-o", "ndjson"});
    CHECK(run.code == 0);
    CHECK(run.out.find("\"rejected\":3,") != std::string::npos);
    const std::string rejected = "cachectl: warning: rejected: " + folder.path("bad.sql");
    CHECK(run.err == rejected + ":3: it has 2 values, t has 1 column\n" + rejected +
                         ":3: column 'id' is null (for the dataset at " + folder.path("warm.json") +
                         ":2)\n");
    CHECK(client.keys.size() == 3);
    CHECK(client.keys["ts"].value == R"([{"id":1},{"id":null}])");
    FakeClient strict;
    CHECK(folder.run(strict, {"--max-errors", "2"}).code == 6);
}

TEST_CASE("the manifest's policy gives TTLs and protects; --policy's rules come before it") {
    const Folder folder(R"({"policy": "keys.json", "datasets": [
        {"file": "dump.sql", "table": "courses", "key": "course:{id}", "if_exists": "overwrite"},
        {"file": "dump.sql", "table": "codes", "key": "code:{code}", "ttl": "1h"}]})");
    folder.add("keys.json", R"({"keys": [{"pattern": "course:1", "protected": true},
                                         {"pattern": "course:*", "ttl": "10m"},
                                         {"pattern": "code:*"}]})");
    folder.add("mine.json", R"({"keys": [{"pattern": "course:2", "ttl": "7m"}]})");
    FakeClient client;
    client.keys["course:1"] = {.value = "old"};
    const RunResult run = folder.run(client, {"--policy", folder.path("mine.json")});
    CHECK(run.code == 0);
    CHECK(client.keys["course:1"].value == "old");
    CHECK(client.keys["course:2"].ttl_ms == 420'000);
    CHECK(client.keys["course:3"].ttl_ms == 600'000);
    CHECK(client.keys["code:a"].ttl_ms == 3'600'000);
}

TEST_CASE("each dataset whose keys never expire is warned of once, by its line") {
    const Folder folder(
        "{\"datasets\": [\n"
        "{\"file\": \"dump.sql\", \"table\": \"courses\", \"key\": \"c:{id}\"},\n"
        "{\"file\": \"dump.sql\", \"table\": \"codes\", \"collect\": \"codes\"}]}");
    FakeClient client;
    const RunResult run = folder.run(client);
    CHECK(run.code == 0);
    const std::string warning = "the keys will never expire; 'ttl' sets a time to live\n";
    const std::string path = "cachectl: warning: " + folder.path("warm.json");
    CHECK(run.err == path + ":2: " + warning + path + ":3: " + warning);
}

TEST_CASE("gathering datasets share --max-memory") {
    const std::string rows = "t,u\n" + std::string(600, 'x') + ",\n";
    const Folder folder(R"({"defaults": {"file": "a.csv", "ttl": "1h"}, "datasets": [
{"collect": "a"}, {"collect": "b"}]})");
    folder.add("a.csv", rows);
    FakeClient client;
    const RunResult run = folder.run(client, {"--max-memory", "1KiB"});
    CHECK(run.code == 6);
    CHECK(run.err.find(":2: gathering rows into keys takes more than 1024 bytes of memory") !=
          std::string::npos);
    CHECK(folder.run(client, {"--max-memory", "3KiB"}).code == 0);
    CHECK(client.keys.size() == 2);
}

TEST_CASE("a schema of rows that are no SQL dump is refused, not ignored") {
    const Folder folder(R"({"datasets": [
  {"file": "tenants.csv", "schema": "dump.sql", "key": "tenant:{id}", "ttl": "1h"}]})");
    folder.add("tenants.csv", "id,name\n7,Ada\n");
    FakeClient client;
    const RunResult run = folder.run(client);
    CHECK(run.code == 6);
    CHECK(run.err.find("warm.json:2: 'schema' is for SQL dumps, and " + folder.path("tenants.csv") +
                       " is CSV; nothing was written") != std::string::npos);

    // Said for all, it is for those that are.
    const Folder all(R"({"defaults": {"schema": "dump.sql", "ttl": "1h"}, "datasets": [
  {"file": "tenants.csv", "key": "tenant:{id}"}]})");
    all.add("tenants.csv", "id,name\n7,Ada\n");
    CHECK(all.run(client).code == 0);
}
