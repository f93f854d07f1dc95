// PostgreSQL's INHERITS: the rows of a table's heirs are its rows, too, without their own columns.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"
#include "support/warm_runs.hpp"

using namespace cachectl::test;
using Words = std::vector<std::string>;

namespace {

/// Two parents, an heir of both in another schema, and an heir of that.
const std::string k_schema =
    "-- PostgreSQL database dump\n"
    "SET client_encoding = 'UTF8';\n"
    "CREATE TABLE public.city (id integer, name text);\n"
    "CREATE TABLE public.seat (power text);\n"
    "CREATE TABLE state.capital (\n    since integer\n)\nINHERITS (public.city, public.seat);\n"
    "CREATE TABLE state.court (judges integer) INHERITS (state.capital);\n"
    "CREATE TABLE state.port (depth integer, name text, id integer);\n"
    "ALTER TABLE state.port INHERIT public.city;\n"
    "CREATE TABLE public.village (id integer, name text);\n";
const std::string k_rows =
    "COPY public.city (id, name) FROM stdin;\n1\tLyon\n\\.\n"
    "COPY state.capital (id, name, power, since) FROM stdin;\n2\tParis\tall\t508\n\\.\n"
    "INSERT INTO state.court VALUES (3, 'Haag', 'law', 1248, 15);\n"
    "INSERT INTO state.port (depth, name, id) VALUES (24, 'Brest', 4);\n"
    "INSERT INTO public.village VALUES (9, 'Oron');\n"
    "-- PostgreSQL database dump complete\n";

/// Every string of the server: "c:1 {"id":1}\n…".
std::string content(const RedisServer& server) {
    RespClient client = server.client();
    Words keys = client.list({"KEYS", "*"});
    std::sort(keys.begin(), keys.end());
    std::string all;
    for (const std::string& key : keys) {
        all += key + ' ' + client.text({"GET", key}) + '\n';
    }
    return all;
}

std::string loaded(const Words& files, const Words& options) {
    const RedisServer server;
    Words words = files;
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--ttl", "1h"});
    const ProcessResult result = warm(server, words);
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    return content(server);
}

}  // namespace

TEST_CASE("rows of heirs are rows of their parents, in one file and in two") {
    const TempDir dir;
    const std::string whole = dir.file("a.sql", k_schema + k_rows);
    const std::string schema = dir.file("s.sql", k_schema + "-- PostgreSQL database dump complete");
    const std::string data = dir.file("d.sql", "-- PostgreSQL database dump\n" + k_rows);
    for (const Words& files : {Words{whole}, Words{schema, data}}) {
        CHECK(loaded(files, {"--table", "public.city", "--key", "c:{id}"}) ==
              "c:1 {\"id\":1,\"name\":\"Lyon\"}\n"
              "c:2 {\"id\":2,\"name\":\"Paris\"}\n"
              "c:3 {\"id\":3,\"name\":\"Haag\"}\n"
              "c:4 {\"name\":\"Brest\",\"id\":4}\n");
        CHECK(loaded(files, {"--table", "seat", "--key", "s:{power}"}) ==
              "s:all {\"power\":\"all\"}\ns:law {\"power\":\"law\"}\n");
        CHECK(loaded(files, {"--table", "capital", "--key", "k:{id}"}) ==
              "k:2 {\"id\":2,\"name\":\"Paris\",\"power\":\"all\",\"since\":508}\n"
              "k:3 {\"id\":3,\"name\":\"Haag\",\"power\":\"law\",\"since\":1248}\n");
        CHECK(loaded(files, {"--table", "court", "--key", "k:{id}", "--columns", "judges"}) ==
              "k:3 {\"judges\":15}\n");
    }
}

TEST_CASE("--sync keeps the keys of heirs' rows, and each dataset has the columns of its table") {
    const TempDir dir;
    const RedisServer server;
    RespClient client = server.client();
    for (const char* key : {"c:1", "c:2", "c:3", "c:4", "c:5"}) {
        client.run({"SET", key, "old"});
    }
    const std::string dump = dir.file("a.sql", k_schema + k_rows);
    CHECK(warm(server, {dump, "--table", "city", "--key", "c:{id}", "--ttl", "1h", "--sync", "c:*",
                        "--yes"})
              .exit_code == 0);
    CHECK(client.list({"KEYS", "*"}).size() == 4);
    CHECK(client.integer({"EXISTS", "c:5"}) == 0);
    client.run({"FLUSHALL"});
    const std::string manifest = dir.file("m.json", R"({"datasets": [
        {"file": "a.sql", "table": "seat", "key": "s:{power}", "ttl": "1h"},
        {"file": "a.sql", "table": "court", "key": "k:{id}", "ttl": "1h"},
        {"file": "a.sql", "table": "city", "key": "c:{id}", "where": "id > 2", "ttl": "1h"}]})");
    CHECK(warm(server, {"--manifest", manifest}).exit_code == 0);
    CHECK(content(server) ==
          "c:3 {\"id\":3,\"name\":\"Haag\"}\n"
          "c:4 {\"name\":\"Brest\",\"id\":4}\n"
          "k:3 {\"id\":3,\"name\":\"Haag\",\"power\":\"law\",\"since\":1248,\"judges\":15}\n"
          "s:all {\"power\":\"all\"}\n"
          "s:law {\"power\":\"law\"}\n");
}

TEST_CASE("--list-tables has the heirs of a table with it") {
    const TempDir dir;
    const ProcessResult listed = run_cachectl({"warm", dir.file("a.sql", k_schema + k_rows),
                                               "--list-tables", "--table", "seat", "-o", "plain"});
    CHECK(listed.out ==
          "public.seat\t0\tpower text\tPostgreSQL dump\n"
          "state.capital\t1\tid integer, name text, power text, since integer\tPostgreSQL dump\n"
          "state.court\t1\tid integer, name text, power text, since integer, judges integer\t"
          "PostgreSQL dump\n");
}
