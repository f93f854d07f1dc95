// warm: the columns that the options name have to be there, or nothing is written.
#include <doctest/doctest.h>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;

namespace {

RunResult warm(FakeClient& client, const std::string& file, std::vector<std::string> args) {
    args.insert(args.begin(), {"warm", file, "--ttl", "1h", "--max-errors", "9"});
    return run_with(client, args);
}

/// Exit 6, nothing sent, and this said.
void check_refused(const std::string& file, const std::vector<std::string>& args,
                   const std::string& why) {
    FakeClient client;
    const RunResult run = warm(client, file, args);
    CAPTURE(args);
    CHECK(run.code == 6);
    CHECK(run.err.starts_with("cachectl: error: " + why + "; nothing was written\n"));
    CHECK(client.keys.empty());
}

}  // namespace

TEST_CASE("a column that a CSV file has not is an error, whatever --max-errors says") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,n\n1,a\n2,b\n");
    const std::string missing = ": no column 'x'; there are id, n";
    check_refused(file, {"--key", "t:{x}"}, "--key" + missing);
    check_refused(file, {"--key", "t:{id}", "--value", "{x}"}, "--value" + missing);
    check_refused(file, {"--key", "t:{id}", "--columns", "id,x"}, "--columns" + missing);
    check_refused(file, {"--collect", "t", "--collect-by", "x"}, "--collect-by" + missing);
    check_refused(file, {"--collect", "t", "--columns", "x"}, "--columns" + missing);
    check_refused(file, {"--group", "t:{x}"}, "--group" + missing);
    check_refused(file, {"--key", "t:{id}", "--where", "x = 1"}, "--where" + missing);
}

TEST_CASE("a column that a header has not is an error though no row follows") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,n\n");
    check_refused(file, {"--key", "t:{x}"}, "--key: no column 'x'; there are id, n");
    check_refused(file, {"--key", "t:{id}", "--where", "x = 1"},
                  "--where: no column 'x'; there are id, n");
    FakeClient client;
    CHECK(warm(client, file, {"--key", "t:{id}"}).code == 0);
}

TEST_CASE("a column that an empty table has not is an error too") {
    const TempDir dir;
    const std::string file = dir.file("a.sql",
                                      "CREATE TABLE a (id int, n text);\n"
                                      "CREATE TABLE b (id int, x text);\n"
                                      "INSERT INTO b VALUES (3, 'c');\n");
    check_refused(file, {"--table", "a", "--key", "t:{x}"},
                  "--key: a: no column 'x'; there are id, n");
    const std::string only = dir.file("b.sql", "CREATE TABLE a (id int, n text);\n");
    check_refused(only, {"--key", "t:{id}", "--columns", "id,x"},
                  "--columns: a: no column 'x'; there are id, n");
    FakeClient client;
    CHECK(warm(client, file, {"--table", "a", "--key", "t:{id}"}).code == 0);
}

TEST_CASE("an INSERT without a table's name is an error, whichever table is asked for") {
    const TempDir dir;
    const std::string file = dir.file("a.sql",
                                      "CREATE TABLE t (id int, v text);\n"
                                      "INSERT INTO t VALUES (1,'a');\n"
                                      "INSERT INTO VALUES (3,'z');\n");
    for (const std::vector<std::string>& more :
         {std::vector<std::string>{}, {"--table", "t"}, {"--dialect", "mysql"}}) {
        FakeClient client;
        std::vector<std::string> args = {"--key", "t:{id}"};
        args.insert(args.end(), more.begin(), more.end());
        const RunResult run = warm(client, file, args);
        CHECK(run.code == 6);
        CHECK(run.err.find(":3: this INSERT cannot be understood") != std::string::npos);
    }
}

TEST_CASE("a list or a set of a group needs its columns") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "t,id\n1,a\n1,b\n");
    FakeClient client;
    const RunResult run = warm(client, file, {"--group", "g:{t}", "--as", "set"});
    CHECK(run.code == 2);
    CHECK(run.err.find("--group with --as list or set needs --columns") != std::string::npos);
    CHECK(client.keys.empty());
}

TEST_CASE("a column that a table of a dump has not is an error with its first row") {
    const TempDir dir;
    const std::string file = dir.file("a.sql",
                                      "CREATE TABLE a (id int, n text);\n"
                                      "CREATE TABLE b (id int, x text);\n"
                                      "INSERT INTO a VALUES (1, 'a');\n"
                                      "INSERT INTO b (id) VALUES (2);\n"
                                      "INSERT INTO b VALUES (3, 'c');\n");
    check_refused(file, {"--table", "a", "--key", "t:{x}"},
                  "--key: a: no column 'x'; there are id, n");
    // The table has it, though one of its statements leaves it out.
    FakeClient client;
    const RunResult run = warm(client, file, {"--table", "b", "--key", "t:{id}:{x}"});
    CHECK(run.code == 0);
    CHECK(run.err.find("rejected: " + file + ":4: no column 'x'; there are id") !=
          std::string::npos);
    CHECK(client.keys.size() == 1);
    CHECK(client.keys.contains("t:3:c"));
}

TEST_CASE("each record of JSON has its own columns: one without is rejected by itself") {
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", "{\"id\":1}\n{\"id\":2,\"x\":\"b\"}\n");
    FakeClient client;
    const RunResult run = warm(client, file, {"--key", "t:{id}:{x}"});
    CHECK(run.code == 0);
    CHECK(run.err.find("rejected: " + file + ":1: no column 'x'; there are id") !=
          std::string::npos);
    CHECK(client.keys.contains("t:2:b"));
}
