// Every storage class of SQLite in every kind of column, and tables of every build, as the shell
// dumps them, beside what json_object() says. Where the two are meant to differ, the query says
// how:
//  - blobs are hexadecimal;
//  - REAL is the digits that .dump writes, infinities are text;
//  - what a JSON column holds is nested.
#include <doctest/doctest.h>

#include "support/compressed.hpp"
#include "support/differential.hpp"
#include "support/random_table.hpp"
#include "support/sqlite_database.hpp"

using namespace cachectl::test;

namespace {

using Texts = std::vector<std::string>;

const std::string k_number =
    "json(CASE WHEN {0} = CAST({0} AS INTEGER) "
    "THEN CAST({0} AS INTEGER) || '.0' ELSE printf('%!.20g', {0}) END)";
const std::string k_real =
    "CASE WHEN {0} = 9e999 THEN 'Infinity' WHEN {0} = -9e999 "
    "THEN '-Infinity' ELSE " +
    k_number + " END";

std::string with(std::string expression, const std::string& name) {
    for (std::size_t at = 0; (at = expression.find("{0}", at)) != std::string::npos;
         at += name.size()) {
        expression.replace(at, 3, name);
    }
    return expression;
}

const std::string k_any = "CASE typeof({}) WHEN 'blob' THEN lower(hex({})) WHEN 'real' THEN " +
                          with(k_real, "{}") + " ELSE {} END";
const std::string k_json =
    "CASE WHEN typeof({}) = 'text' AND json_valid({}) THEN json({}) ELSE " + k_any + " END";

std::string literal(const std::string& text) {
    // An empty blob is not yet an empty text.
    return text.empty() ? "''" : "CAST(X'" + to_hex(text) + "' AS TEXT)";
}

Texts values(bool with_long) {
    Texts all = {"1",
                 "-1",
                 "0",
                 "9223372036854775807",
                 "-9223372036854775808",
                 "1.0",
                 "0.1",
                 "-0.0",
                 "9e999",
                 "-9e999",
                 "1e300",
                 "-1e-300",
                 "1e15",
                 "1e18",
                 "1e19",
                 "123456789.125",
                 "4.9e-324",
                 "X''",
                 "X'00'",
                 "X'31'",
                 "X'5c6e27220a0d'",
                 "'12345678901234567890'",
                 "' 12 '",
                 "'1e5'",
                 "'0x10'",
                 "'-'",
                 "'.5'",
                 "'+7'",
                 "'Infinity'",
                 "'1 2'"};
    for (const std::string& text : nasty_texts()) {
        if (text.size() > 1000 && !with_long) {
            continue;
        }
        all.push_back(literal(text));
        all.push_back("X'" + to_hex(text) + "'");
    }
    return all;
}

std::string random_value(RandomData& random) {
    switch (random.below(6)) {
        case 0:
            return random.integer(18);
        case 1:
            return random.decimal(12, 12);
        case 2:
            return random.floating();
        case 3:
            return "X'" + to_hex(random.bytes()) + "'";
        default:
            return literal(random.text());
    }
}

std::vector<ColumnType> types() {
    std::vector<ColumnType> all;
    for (const std::string declared : {"INTEGER",       "int",
                                       "TINYINT(1)",    "UNSIGNED BIG INT",
                                       "REAL",          "DOUBLE PRECISION",
                                       "FLOAT",         "NUMERIC",
                                       "DECIMAL(10,5)", "BOOLEAN",
                                       "DATE",          "DATETIME DEFAULT CURRENT_TIMESTAMP",
                                       "TEXT",          "VARCHAR(20) COLLATE NOCASE",
                                       "NVARCHAR(5)",   "CLOB",
                                       "BLOB",          "",
                                       "ANY",           "\"quoted type\"",
                                       "[text]",        "FLOATING POINT"}) {
        all.push_back({declared, values(declared == "TEXT"), random_value, k_any});
    }
    Texts documents = {
        "'null'", "'[1, 2.50, {\"a\": null}]'", "'\"x\"'", "'{}'", "'not json'", "'1e400'", "7",
        "0.5"};
    for (const std::string& text : nasty_texts()) {
        documents.push_back("json_object('k', " + literal(text) + ")");
    }
    all.push_back({"JSON", documents, [](RandomData& r) { return literal(r.json()); }, k_json});
    return all;
}

Rows rows(const SqliteDatabase& sqlite, const std::string& object, const std::string& table) {
    // Whitespace within nested JSON has its line ends, too.
    return rows_of_query(sqlite.run("SELECT id, replace(json_object(" + object +
                                    "), char(10), ' ') FROM " + table + ";"),
                         '|', '\n');
}

std::string object_of(const TestTable& table) {
    std::string members = "'id', id";
    for (const auto& [name, type] : table.columns) {
        const std::string plain = name.front() == '"' ? unquoted(name) : name;
        members += ", " + literal(plain) + ", " + type.shown_of(name);
    }
    return members;
}

const std::string k_with_rowids = ".dump --preserve-rowids";

std::vector<Dump> dumps_of(const SqliteDatabase& sqlite) {
    std::vector<Dump> dumps;
    for (const std::string& command :
         Texts{".dump", ".dump --newlines", k_with_rowids, ".dump --nosys"}) {
        dumps.push_back({command, sqlite.run(command), {"--binary", "hex"}});
    }
    return dumps;
}

void check_tables(const std::vector<TestTable>& tables, Modes modes) {
    const SqliteDatabase sqlite;
    const RedisServer redis;
    for (const TestTable& table : tables) {
        sqlite.run("BEGIN;" + table.sql() + "COMMIT;");
    }
    const std::vector<Dump> dumps = dumps_of(sqlite);
    std::size_t turn = 0;
    for (const TestTable& table : tables) {
        const Rows expected = rows(sqlite, object_of(table), table.name);
        REQUIRE(expected.size() == table.rows.size());
        CHECK(differences(redis, dumps, table.name, expected, modes, turn++) == "");
    }
}

enum class Rowid { a_column, hidden };

struct Question {
    std::string table;
    std::string object;
    Rowid rowid = Rowid::a_column;  // a hidden one is a column more in .dump --preserve-rowids
};

const std::string k_odd = "\"odd \"\"table; -- (\"";

std::string any(const std::string& name) { return ColumnType{"", {}, {}, k_any}.shown_of(name); }

const std::vector<Question> k_questions = {
    {k_odd, R"x('id', id, 'a b', "a b", 'c `d', "c `d", 'e ''f', "e 'f", 'key', "key",
                'check', json("check"), 'last)', )x" +
                any(R"x("last)")x")},
    {"no_rowid", "'b', b, 'id', id, 'c', c"},
    {"strict_one",
     "'id', id, 'a', " + any("a") + ", 'b', " + any("b") + ", 'c', " + any("c") + ", 'd', d",
     Rowid::hidden},
    {"untyped", "'id', id, 'a', " + any("a") + ", 'b', b", Rowid::hidden},
    {"as_selected", "'id', id, 'b c', \"b c\", 'd', d", Rowid::hidden},
    {"no_rows", "'id', id, 'a', a"},
    {"later", "'id', id, 'new, (one)', \"new, (one)\", 'another', another"},
    {"log", "'id', id, 'what', what"},
};

}  // namespace

TEST_CASE("every storage class of SQLite in every kind of column") {
    check_tables({table_of_all("t", types())}, Modes::all);
}

TEST_CASE("random tables of SQLite") {
    RandomData random(20240229);
    std::vector<TestTable> tables;
    for (int i = 0; i < 16; ++i) {
        tables.push_back(random_table(random, types(), '"', 25));
    }
    check_tables(tables, Modes::every_third);
}

TEST_CASE("SQLite's tables of every build") {
    const SqliteDatabase sqlite;
    const RedisServer redis;
    sqlite.run(read_file(CACHECTL_SOURCE_DIR "/tests/data/databases/sqlite.sql"));
    std::vector<Dump> dumps = dumps_of(sqlite);
    const std::string plain = sqlite.run(".dump");
    dumps.push_back({"gzip", cachectl::gzipped(plain), {"--binary", "hex"}});
    dumps.push_back({"zstd", cachectl::zstd_packed(plain), {"--binary", "hex"}});
    for (const Question& question : k_questions) {
        REQUIRE((question.table == "no_rows" ||
                 !rows(sqlite, question.object, question.table).empty()));
        for (const Dump& dump : dumps) {
            const bool more = question.rowid == Rowid::hidden && dump.how == k_with_rowids;
            const std::string object = (more ? "'rowid', rowid, " : "") + question.object;
            CHECK(difference(redis, dump, question.table, rows(sqlite, object, question.table)) ==
                  "");
        }
    }
}

TEST_CASE("SQLite's shell piped into warm") {
    const SqliteDatabase sqlite;
    const RedisServer redis;
    sqlite.run(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, n REAL);\n"
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000)\n"
        "INSERT INTO t SELECT i, 'it''s \"' || i || '\"' || char(10), i / 2.0 FROM c;\n"
        "CREATE TABLE u (id INTEGER); INSERT INTO u VALUES (1);");
    const auto key = [&](const std::string& name) { return redis.client().text({"GET", name}); };
    const auto shell = [&](const std::string& arguments, const std::string& words) {
        redis.client().run({"FLUSHALL"});
        ProcessOptions options;
        options.timeout = Millis(120'000);
        return run_process(
            {"bash", "-c",
             "set -o pipefail; sqlite3 -batch -init /dev/null " + arguments + " | '" +
                 cachectl_binary() + "' warm - -s " + redis.socket_path() + " --ttl 1h " + words},
            options);
    };
    const std::string db = sqlite.path();

    auto run = shell(db + " .dump", "--table t --key 't:{id}'");
    CHECK(run.exit_code == 0);
    CHECK(redis.client().integer({"DBSIZE"}) == 3000);
    CHECK(key("t:7") == R"({"id":7,"name":"it's \"7\"\n","n":3.5})");

    run = shell(db + " '.dump u' | gzip", "--collect u:all");
    CHECK(run.exit_code == 0);
    CHECK(key("u:all") == R"([{"id":1}])");

    run = shell("-json " + db + " 'SELECT id, name FROM t WHERE id < 3'", "--key 't:{id}'");
    CHECK(run.exit_code == 0);
    CHECK(key("t:2") == R"({"id":2,"name":"it's \"2\"\n"})");

    run = shell("-csv -header " + db + " 'SELECT id, name FROM t WHERE id < 3'",
                "--format csv --key 't:{id}' --as hash");
    CHECK(run.exit_code == 0);
    CHECK(redis.client().list({"HGETALL", "t:2"}) == Texts{"id", "2", "name", "it's \"2\"\n"});

    // Without its CREATE TABLE such a dump tells no columns.
    run = shell(db + " '.dump --data-only t'", "--key 't:{id}'");
    CHECK(run.exit_code == 6);
    CHECK(run.err.find("the columns of t have no names") != std::string::npos);
    run = shell(db + " .dump | head -c 9000", "--table t --key 't:{id}'");
    CHECK(run.exit_code == 6);
    CHECK(run.err.find("was the dump cut?") != std::string::npos);
}
