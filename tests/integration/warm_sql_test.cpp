// warm from dumps that the databases' own tools wrote, against a real server.
#include <doctest/doctest.h>

#include "support/process.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using Words = std::vector<std::string>;

namespace {

const std::string k_dumps = CACHECTL_SOURCE_DIR "/tests/data/dumps/";

ProcessResult warm(const RedisServer& server, const std::string& dump, Words words) {
    Words args = {"warm", k_dumps + dump, "--ttl", "10m", "-s", server.socket_path()};
    args.insert(args.end(), words.begin(), words.end());
    return run_cachectl(std::move(args));
}

std::string value(const RedisServer& server, const std::string& key) {
    RespClient client = server.client();
    const auto ttl = client.integer({"PTTL", key});
    CHECK(ttl > 0);
    CHECK(ttl <= 600'000);
    return client.text({"GET", key});
}

}  // namespace

TEST_CASE("COPY of pg_dump: numbers, booleans, null, arrays and JSON as such") {
    RedisServer server;
    const auto run = warm(server, "pg_copy.sql", {"--key", "w:{id}"});
    CHECK(run.exit_code == 0);
    CHECK(run.out.starts_with("wrote 3 records as 3 keys"));
    CHECK(value(server, "w:1") ==
          R"({"id":1,"Name":"tab\there nl\nhere cr\rhere bs\\here bella bksp\b vt\u000b ff\f )"
          R"(q'uote esc\u001b[31m","b":"AP9cCg==","arr":["a,b","c\"d","e\\f",null,"NULL",""],)"
          R"("j":{"k":"v\n\\","n":12345678901234567890.123,"u":"é"},)"
          R"("t":"2024-02-29 18:29:59.123456+00","f":"NaN",)"
          R"("n":1000000000000000000000000000000,"bo":true,"e":""})");
    CHECK(value(server, "w:2") ==
          R"({"id":2,"Name":null,"b":null,"arr":null,"j":null,"t":"infinity","f":"-Infinity",)"
          R"("n":"NaN","bo":false,"e":"\\."})");
}

TEST_CASE("INSERT of mariadb-dump: a table by its quoted name, binary as hexadecimal") {
    RedisServer server;
    const auto run = warm(server, "mariadb_default.sql",
                          {"--table", "`we``ird`", "--key", "w:{id}", "--columns", "id,b,bt,j,dec1",
                           "--binary", "hex"});
    CHECK(run.exit_code == 0);
    CHECK(value(server, "w:1") ==
          R"({"id":1,"b":"00ff5c270a1a","bt":513,"j":{"a":"x\n"},"dec1":1.50000})");
    CHECK(value(server, "w:2") == R"({"id":2,"b":null,"bt":null,"j":null,"dec1":null})");
}

TEST_CASE("a dump with several tables wants --table") {
    RedisServer server;
    const auto mixed = warm(server, "sqlite_dump.sql", {"--key", "t:{id}"});
    CHECK(mixed.exit_code == 6);
    CHECK(mixed.err.find("the dump has rows of several tables, t and we ird") != std::string::npos);
    CHECK(mixed.err.find("--table NAME chooses one") != std::string::npos);

    const auto one =
        warm(server, "sqlite_dump.sql", {"--table", "t", "--key", "one:{id}", "--as", "hash"});
    CHECK(one.exit_code == 0);
    CHECK(server.client().text({"HGET", "one:1", "a"}) == "it's\nline2\rx");
    CHECK(server.client().text({"HGET", "one:1", "r"}) == "Infinity");
    CHECK(server.client().text({"HGET", "one:2", "n"}) == "9223372036854775807");

    CHECK(warm(server, "sqlite_dump.sql", {"--table", "\"we ird\"", "--collect", "weird"})
              .exit_code == 0);
    CHECK(value(server, "weird") == R"([{"a":1}])");
}

TEST_CASE("what is no such dump, or lacks the table, is bad input with its remedy") {
    RedisServer server;
    const auto custom = warm(server, "pg_custom.dump", {"--key", "w:{id}"});
    CHECK(custom.exit_code == 6);
    CHECK(custom.err.find("pg_restore -f -") != std::string::npos);
    const auto missing = warm(server, "pg_copy.sql", {"--table", "courses", "--key", "w:{id}"});
    CHECK(missing.exit_code == 6);
    CHECK(missing.err.find("courses") != std::string::npos);
    CHECK(server.client().integer({"DBSIZE"}) == 0);
}

TEST_CASE("a dump comes through a pipe, and cut short it is an error that names the place") {
    RedisServer server;
    const std::string whole =
        "CREATE TABLE t (id integer, name text);\n"
        "COPY t (id, name) FROM stdin;\n1\tone\n2\ttwo\n\\.\n";
    const Words args = {"warm", "-", "--key", "t:{id}", "--ttl", "10m", "-s", server.socket_path()};
    ProcessOptions options;
    options.stdin_bytes = whole;
    CHECK(run_cachectl(args, options).exit_code == 0);
    CHECK(value(server, "t:2") == R"({"id":2,"name":"two"})");
    options.stdin_bytes = whole.substr(0, whole.size() - 5);
    const auto cut = run_cachectl(args, options);
    CHECK(cut.exit_code == 6);
    CHECK(cut.err.find("stdin:") != std::string::npos);
}

TEST_CASE("--where chooses rows") {
    RedisServer server;
    const auto run =
        warm(server, "pg_copy.sql", {"--key", "w:{id}", "--where", "id >= 2 and t is not null"});
    CHECK(run.exit_code == 0);
    CHECK(run.out.starts_with("wrote 1 record as 1 key"));
    CHECK(server.client().list({"KEYS", "*"}) == Words{"w:2"});
    CHECK(warm(server, "pg_copy.sql", {"--key", "w:{id}", "--where", "id >="}).exit_code == 2);
    CHECK(warm(server, "pg_copy.sql", {"--key", "w:{id}", "--where", "nope = 1"}).exit_code == 6);
}
