// warm: which files are read, by a list or by a pattern of a manifest, and what their columns
// become.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;

namespace {

RunResult warm(FakeClient& client, std::vector<std::string> args) {
    args.insert(args.begin(), {"warm", "--ttl", "1h"});
    return run_with(client, args);
}

}  // namespace

TEST_CASE("a list names files, besides those on the command line") {
    const TempDir dir;
    const std::string first = dir.file("a.csv", "id,v\n1,a\n");
    const std::string list = dir.file("list", dir.file("b.ndjson", "{\"id\":2,\"v\":\"b\"}\n") +
                                                  "\n\n" + dir.file("c.csv", "id,v\n3,c\n") + "\n");
    FakeClient client;
    const RunResult run =
        warm(client, {first, "--files-from", list, "--key", "k:{id:03}", "--value", "{v:upper}"});
    CHECK(run.code == 0);
    CHECK(client.keys.size() == 3);
    CHECK(client.keys["k:001"].value == "A");
    CHECK(client.keys["k:002"].value == "B");
    CHECK(client.keys["k:003"].value == "C");
}

TEST_CASE("a file of a list that is not there is told with its line, before anything is written") {
    const TempDir dir;
    const std::string list =
        dir.file("list", dir.file("a.csv", "id,v\n1,a\n") + "\n\n/no/such.csv\n");
    FakeClient client;
    RunResult run = warm(client, {"--files-from", list, "--key", "k:{id}"});
    CHECK(run.code == 6);
    CHECK(run.err ==
          "cachectl: error: " + list + ":3: cannot open /no/such.csv: No such file or directory\n");
    CHECK(client.lines().empty());
    run = warm(client, {"--files-from", dir.file("empty", "\n"), "--key", "k:{id}", "--json"});
    CHECK(run.code == 6);
    CHECK(run.out.find("names no file") != std::string::npos);
    run = warm(client, {"--files-from", list, "--manifest", "m.json"});
    CHECK(run.code == 2);
    CHECK(run.err.find("--files-from cannot be given with --manifest") != std::string::npos);
    run = warm(client, {"--key", "k:{id}"});
    CHECK(run.code == 2);
    CHECK(run.err.find("--files-from FILE") != std::string::npos);
}

// Over a link each wait costs a round trip.
TEST_CASE("small files are sent together: none waits for the replies of the one before") {
    const TempDir dir;
    std::string names;
    for (int i = 0; i < 5; ++i) {
        const std::string id = std::to_string(i);
        names += dir.file(id + ".csv", "id,v\n" + id + ",a\n") + "\n";
    }
    FakeClient client;
    std::size_t pending = 0;
    client.on("SET", [&](const FakeClient::Args&) {
        pending = std::max(pending, client.pending());
        return cachectl::Reply::make_status("OK");
    });
    const RunResult run =
        warm(client, {"--files-from", dir.file("list", names), "--key", "k:{id}"});
    CHECK(run.code == 0);
    CHECK(client.count("SET k:") == 5);
    CHECK(pending >= 5);
}

TEST_CASE("of many files a screenful is shown, those with rejected rows first") {
    const TempDir dir;
    std::string names;
    for (int i = 10; i < 40; ++i) {
        const std::string id = std::to_string(i);
        const std::string bad = i == 39 ? "1,2,3\n" : "";
        names += dir.file(id + ".csv", "id,v\n" + id + ",a\n" + bad) + "\n";
    }
    const std::string list = dir.file("list", names);
    const auto lines_of = [&](const std::vector<std::string>& more) {
        FakeClient client;
        std::vector<std::string> args = {"--files-from", list,           "--key",
                                         "k:{id}",       "--max-errors", "9"};
        args.insert(args.end(), more.begin(), more.end());
        const RunResult run = warm(client, args);
        CAPTURE(run.err);
        CHECK(client.keys.size() == 30);
        return run.out;
    };
    const std::string table = lines_of({});
    CHECK(std::count(table.begin(), table.end(), '\n') == 2 + 1 + 1 + 20 + 1);
    CHECK(table.find("39.csv") < table.find("10.csv"));
    CHECK(table.find("28.csv") < table.size());
    CHECK(table.find("29.csv") == std::string::npos);
    CHECK(table.ends_with("and 10 more with 10 records (-o csv lists all)\n"));
    const std::string csv = lines_of({"-o", "csv"});
    CHECK(std::count(csv.begin(), csv.end(), '\n') == 1 + 30);
}

TEST_CASE("the tables of listed dumps are shown") {
    const TempDir dir;
    const std::string dump = dir.file("a.sql", "CREATE TABLE t (id int);\n");
    FakeClient client;
    const RunResult run =
        warm(client, {"--files-from", dir.file("list", dump), "--list-tables", "-o", "csv"});
    CHECK(run.code == 0);
    CHECK(run.out.find(dump + ",t,0,id,int") != std::string::npos);
}

TEST_CASE("a manifest reads all files of a pattern, and names and adds columns") {
    const TempDir dir;
    dir.file("p-2.csv", "id,name_fr\n2,deux\n");
    dir.file("p-1.csv", "id,name_fr\n1,un\n");
    const std::string manifest = dir.file("m.json", R"({"datasets": [
        {"file": "p-*.csv", "key": "k:{id}", "ttl": "1h",
         "columns": {"title": "name_fr", "source": {"constant": "ramq"}, "v": {"constant": 2}}}]})");
    FakeClient client;
    const RunResult run = run_with(client, {"warm", "--manifest", manifest});
    CHECK(run.code == 0);
    CHECK(client.keys["k:1"].value == R"({"title":"un","source":"ramq","v":2})");
    CHECK(client.keys["k:2"].value == R"({"title":"deux","source":"ramq","v":2})");
}

TEST_CASE("a folder that a pattern cannot look into ends a run before it deletes what it lacks") {
    const TempDir dir;
    std::filesystem::create_directories(dir.path() / "d" / "a");
    dir.file("d/a/1.ndjson", "{\"id\":1}\n");
    std::filesystem::create_symlink("b", dir.path() / "d" / "b");
    const std::string manifest = dir.file("m.json", R"({"sync": "k:*",
             "datasets": [{"file": "d/*/*.ndjson", "key": "k:{id}", "ttl": "1h"}]})");
    FakeClient client;
    client.keys["k:2"].value = "of d/b";
    const RunResult run = run_with(client, {"warm", "--manifest", manifest, "--yes"});
    CHECK(run.code == 6);
    CHECK(run.err.find("cannot read " + (dir.path() / "d" / "b").string() + ": ") !=
          std::string::npos);
    CHECK(client.lines().empty());
    CHECK(client.keys.size() == 1);
}

TEST_CASE("a pattern of dumps is read as one: definitions hold for the files behind them") {
    const TempDir dir;
    dir.file("d.t-schema.sql", "CREATE TABLE `t` (`id` int, `j` json) ENGINE=InnoDB;\n");
    dir.file("d.t.00000.sql", "INSERT INTO `t` VALUES (1,'{\"a\": 1}');\n");
    dir.file("d.t.00001.sql", "INSERT INTO `t` VALUES (2,'[]');\n");
    const std::string manifest = dir.file(
        "m.json",
        R"({"datasets": [{"file": "d.t*.sql", "table": "t", "key": "k:{id}", "ttl": "1h"}]})");
    FakeClient client;
    const RunResult run = run_with(client, {"warm", "--manifest", manifest});
    CHECK(run.code == 0);
    CHECK(client.keys["k:1"].value == R"({"id":1,"j":{"a":1}})");
    CHECK(client.keys["k:2"].value == R"({"id":2,"j":[]})");
}

TEST_CASE("a column by another name on the command line, and one within a nested value") {
    const TempDir dir;
    const std::string file =
        dir.file("a.ndjson", "{\"id\":1,\"u\":{\"name\":\"x\"}}\n{\"id\":2,\"u\":{}}\n");
    FakeClient client;
    const RunResult run = warm(
        client, {file, "--key", "k:{id}", "--columns", "id,title=u.name", "--max-errors", "1"});
    CHECK(run.code == 0);
    CHECK(client.keys["k:1"].value == R"({"id":1,"title":"x"})");
    CHECK(run.err.find(file + ":2: no column 'u.name'; there are id, u") != std::string::npos);
    const RunResult wrong =
        warm(client, {dir.file("b.csv", "id,n\n1,a\n"), "--key", "k:{id}", "--columns", "t=x"});
    CHECK(wrong.code == 6);
    CHECK(wrong.err.find("--columns: no column 'x'; there are id, n") != std::string::npos);
}

TEST_CASE("a format where a column is missing, and one that does not fit") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,code\n1,x\nseven,y\n");
    FakeClient client;
    RunResult run = warm(client, {file, "--key", "k:{id:05}:{code:upper}"});
    CHECK(run.code == 6);
    CHECK(run.err.find(file + ":3: column 'id' is 'seven', which is no integer") !=
          std::string::npos);
    CHECK(client.keys.contains("k:00001:X"));
    run = warm(client, {file, "--key", "k:{ids:05}"});
    CHECK(run.code == 6);
    CHECK(run.err.find("--key: no column 'ids' (did you mean 'id'?); there are id, code") !=
          std::string::npos);
}
