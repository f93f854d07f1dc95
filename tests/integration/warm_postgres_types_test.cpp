// Every type of PostgreSQL, dumped by its own tools in every mode and warmed, beside what
// row_to_json() says. Where the two are meant to differ, a column's `shown` says how:
//  - timestamps, intervals, ranges and composite values are the text that the dump has;
//  - bytea is base64.
#include <doctest/doctest.h>

#include "support/differential.hpp"
#include "support/postgres_server.hpp"
#include "support/random_table.hpp"

using namespace cachectl::test;

namespace {

using Texts = std::vector<std::string>;

std::string literal(const std::string& text) {
    return "convert_from('\\x" + to_hex(text) + "', 'UTF8')";
}

std::string base64(const std::string& expression) {
    return "replace(encode(" + expression + ", 'base64'), E'\\n', '')";
}

Texts all_of(const Texts& values, const std::string& before, const std::string& after) {
    Texts result;
    for (const std::string& value : values) {
        result.push_back(before + value + after);
    }
    return result;
}

Texts literals(const Texts& values, const std::string& type) {
    return all_of(all_of(values, "'", "'"), "", "::" + type);
}

Texts texts(const std::string& after = "") {
    Texts result;
    for (const std::string& text : nasty_texts()) {
        result.push_back(literal(text) + after);
    }
    return result;
}

Texts shortened(std::size_t characters) {
    return all_of(texts(), "left(", ", " + std::to_string(characters) + ")");
}

const std::string k_text = "{}::text";

/// What is needed before the types can be used.
const std::string k_definitions = R"(
CREATE EXTENSION hstore;
CREATE EXTENSION citext;
CREATE EXTENSION ltree;
CREATE SCHEMA "odd ""schema";
CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"', 'a,b', '\', '', E'new\nline', 'NULL');
CREATE TYPE "odd ""schema"."Pair, of" AS (a integer, "b c" text, t text[]);
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN "odd ""schema"."Doc, ument" AS jsonb;
CREATE DOMAIN flags AS boolean[] DEFAULT '{}';
CREATE DOMAIN more_positive AS positive CHECK (VALUE < 1000000);
CREATE DOMAIN price AS numeric(12,2) DEFAULT 0.00;
CREATE DOMAIN raw AS bytea;
)";

std::vector<ColumnType> numbers() {
    return {
        {"smallint", {"-32768", "32767", "0"}, [](RandomData& r) { return r.integer(4); }},
        {"integer",
         {"-2147483648", "2147483647", "-1"},
         [](RandomData& r) { return r.integer(9); }},
        {"bigint",
         {"-9223372036854775808", "9223372036854775807", "9007199254740993"},
         [](RandomData& r) { return r.integer(18); }},
        {"numeric",
         literals({"NaN", "Infinity", "-Infinity", "0", "-0.00", "1e40", "1e-40", "0.1000",
                   "123456789012345678901234567890.12345678901234567890", "00012.500"},
                  "numeric"),
         [](RandomData& r) { return r.decimal(40, 20); }},
        {"numeric(30,10)",
         {"1", "-0.0000000001", "99999999999999999999.9999999999"},
         [](RandomData& r) { return r.decimal(20, 10); }},
        {"numeric(5,-2)", {"12345", "-9999900", "49"}, [](RandomData& r) { return r.integer(6); }},
        {"real",
         literals({"NaN", "Infinity", "-Infinity", "-0", "1e-40", "3.4e38", "0.1", "1e10"}, "real"),
         [](RandomData& r) { return r.decimal(7, 7); }},
        {"double precision",
         literals({"NaN", "Infinity", "-Infinity", "-0", "1e-300", "4.9e-324",
                   "1.7976931348623157e308", "0.1", "1e15", "1e16", "123456789012345680"},
                  "float8"),
         [](RandomData& r) { return r.floating() + "::float8"; }},
        {"money", literals({"12.34", "-1234567.89", "0"}, "money"),
         [](RandomData& r) { return "'" + r.decimal(10, 2) + "'::numeric::money"; }},
        {"oid", {"0", "4294967295"}},
        {"boolean",
         {"true", "false"},
         [](RandomData& r) {
             return r.any_of({"true", "false"});
         }},
        {"bit(5)", {"B'00101'", "B'11111'"}},
        {"bit varying", {"B''", "B'1'", "B'0000000000000000000000000000000000000000000000000001'"}},
        {"positive",
         {"1", "2147483647"},
         [](RandomData& r) { return "1 + " + std::to_string(r.below(99)); }},
        {"more_positive", {"7"}},
        {"price", {"0.00", "-1.10"}, [](RandomData& r) { return r.decimal(10, 2); }},
    };
}

std::vector<ColumnType> words() {
    const auto any_text = [](RandomData& r) { return literal(r.text()); };
    return {
        {"text", texts(), any_text},
        {"character varying(20)", shortened(20), [](RandomData& r) { return literal(r.text(20)); }},
        {"character(5)", shortened(5), [](RandomData& r) { return literal(r.text(5)); }},
        {"text COLLATE \"C\" DEFAULT '),('::text", texts(), any_text},
        {"name", shortened(15), [](RandomData& r) { return literal(r.text(15)); }},
        {"\"char\"", {"'a'", "''", "','", "'\\'", "''''"}},
        {"citext", texts(), any_text},
        {"bytea",
         {"''", "'\\x00'", "'\\x005c27220a0d09ff'", "'\\x5c78'", "'\\x4d5a'"},
         [](RandomData& r) { return "'\\x" + to_hex(r.bytes()) + "'"; },
         base64("{}")},
        {"raw", {"''", "'\\xff00'"}, {}, base64("{}")},
        {"uuid",
         {"'00000000-0000-0000-0000-000000000000'", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"}},
        {"mood", {"'sad'", "'it''s \"ok\"'", "'a,b'", "'\\'", "''", "E'new\\nline'", "'NULL'"}},
        {"xml", {"'<a b=\"c\">it''s &amp; <![CDATA[\\N]]></a>'", "''", "E'<a>\\n\\\\.\\n</a>'"}},
        {"inet", {"'10.0.0.1/8'", "'::1'", "'192.168.1.1'"}},
        {"cidr", {"'10.0.0.0/8'", "'2001:db8::/32'"}},
        {"macaddr", {"'08:00:2b:01:02:03'"}},
        {"macaddr8", {"'08:00:2b:01:02:03:04:05'"}},
        {"tsvector", {"'a:1A ''b c'':2 ''it''''s'':3 ''\\\\'''", "''"}},
        {"tsquery", {"'a & ''b c'' | !d'", "''"}},
        {"ltree", {"'Top.Science.Astronomy'", "''"}},
        {"hstore", {"'a=>1, \"b c\"=>\"x\\\"y\\\\z\", d=>NULL'", "''"}, {}, k_text},
        {"pg_lsn", {"'16/B374D848'"}},
    };
}

std::vector<ColumnType> times() {
    const auto time_stamp = [](RandomData& r) { return "'" + r.date() + " " + r.time() + "'"; };
    return {
        {"date",
         {"'infinity'", "'-infinity'", "'0044-03-15 BC'", "'5874897-12-31'", "'2024-02-29'"},
         [](RandomData& r) { return "'" + r.date() + "'"; },
         k_text},
        {"time without time zone",
         {"'24:00'", "'00:00:00.000001'", "'23:59:59'"},
         [](RandomData& r) { return "'" + r.time() + "'"; },
         k_text},
        {"time(3) with time zone", {"'12:34:56.789+05:30'", "'00:00-15:59'"}, {}, k_text},
        {"timestamp without time zone",
         {"'infinity'", "'-infinity'", "'4713-01-01 BC'", "'294276-12-31 23:59:59.999999'"},
         time_stamp,
         k_text},
        {"timestamp(0) with time zone",
         {"'infinity'", "'2024-02-29 23:59:59+14'", "'1850-01-01'"},
         time_stamp,
         k_text},
        {"interval",
         {"'1 year -2 mons 3 days -04:05:06.789'", "'0'", "'-178000000 years'"},
         {},
         k_text},
        {"interval day to second(2)", {"'3 days 04:05:06.78'"}, {}, k_text},
        {"daterange", {"'[2024-01-01,2024-02-01)'", "'empty'", "'(,)'"}, {}, k_text},
        {"tstzrange", {"'[\"2024-01-01 00:00:00+00\",infinity]'", "'empty'"}, {}, k_text},
        {"int4range", {"'[1,5)'", "'empty'", "'(,7)'"}, {}, k_text},
        {"numrange", {"'[1.10,2e3]'"}, {}, k_text},
        {"int8multirange", {"'{[1,2), [5,9)}'", "'{}'"}, {}, k_text},
        {"point", {"'(1.5,-2e300)'"}, {}, k_text},
        {"box", {"'(1,2),(3,4)'"}, {}, k_text},
        {"path", {"'[(0,0),(1,1)]'", "'((0,0),(1,1))'"}, {}, k_text},
        {"polygon", {"'((0,0),(1,1),(2,0))'"}, {}, k_text},
        {"circle", {"'<(0,0),1.5>'"}, {}, k_text},
        {"line", {"'{1,-1,0}'"}, {}, k_text},
        {"lseg", {"'[(0,0),(1,1)]'"}, {}, k_text},
    };
}

Texts documents(const std::string& type) {
    Texts values;
    for (const std::string& text : nasty_texts()) {
        values.push_back("jsonb_build_object('k', " + literal(text) + ", " + literal(text) +
                         " || '.', 1)::" + type);
    }
    for (const std::string text :
         {"null", "true", "\"text\"", "\"\"", "1", "-0", "0.10", "1e400", "1E-7", "[]", "{}",
          "12345678901234567890.123456789012345678901234567890", " [ 1 , { \"a\" : [ ] } ] ",
          R"({"\u00e9\ud83d\ude00": "\\ \" \/ \b \f \n \r \t \u001f", "a\\b": "\\n\\N\\."})",
          "\n{\n\t\"multi\" : \"line\"\r\n}\n", "[[[[[[[[[[1]]]]]]]]]]"}) {
        values.push_back(literal(text) + "::" + type);
    }
    return values;
}

std::vector<ColumnType> nested() {
    return {
        {"json", documents("json"), [](RandomData& r) { return literal(r.json()) + "::json"; }},
        {"jsonb", documents("jsonb"), [](RandomData& r) { return literal(r.json()) + "::jsonb"; }},
        {"\"odd \"\"schema\".\"Doc, ument\" DEFAULT '{}'", documents("jsonb")},
        {"\"odd \"\"schema\".\"Pair, of\"",
         {"ROW(1, 'it''s (a) \"b\", \\', ARRAY['x,y', NULL, '']::text[])", "ROW(NULL, NULL, NULL)",
          "ROW(-5, '', '{}')"},
         {},
         k_text},
        {"\"odd \"\"schema\".\"Pair, of\"[]",
         {"ARRAY[ROW(1, 'a\"\\,b', NULL), NULL]::\"odd \"\"schema\".\"Pair, of\"[]", "'{}'"},
         {},
         "{}::text[]"},
        {"integer[]",
         {"'{}'", "'{1,NULL,-3}'", "'{{1,2},{3,4}}'", "'[0:1]={7,8}'", "'{{{1},{2}},{{3},{4}}}'"}},
        {"smallint[]", {"'{1,2}'"}},
        {"bigint[][]", {"'{{9223372036854775807,-9223372036854775808}}'", "'{1}'"}},
        {"numeric(20,3)[]", {"'{1.1,NaN,-0.001,12345678901234567.891}'"}},
        {"double precision[]", {"'{NaN,Infinity,-Infinity,1e-300,-0,0.1}'"}},
        {"boolean[]", {"'{t,f,NULL}'"}},
        {"flags", {"'{t,f}'", "'{}'"}},
        {"text[]",
         {"'{}'", R"(ARRAY['a,b', 'c"d', 'e\f', NULL, 'NULL', '', ' x ', '{', '}', 'null'])",
          "ARRAY[ARRAY['{}', ''''], ARRAY[E'\\n', E'\\t\\\\.']]", "'[2:3]={a,b}'"},
         [](RandomData& r) {
             std::string all = "ARRAY[NULL";
             for (std::size_t left = r.below(4); left > 0; --left) {
                 all += ", " + literal(r.text());
             }
             return all + "]";
         }},
        {"character varying(5)[]", {"'{abc,\" d \"}'"}},
        {"mood[]", {"'{sad,\"a,b\",\"it''s \\\"ok\\\"\",\"\\\\\",\"\",\"NULL\",NULL}'"}},
        {"uuid[]", {"'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'"}},
        {"json[]",
         {R"(ARRAY['{"a": "x,\"y\\"}', 'null', '"s"', ' [1, 2.50] ']::json[])", "'{NULL}'"}},
        {"jsonb[]", {R"(ARRAY['{"a": {"b": [1e400, "\u00e9"]}}', '1']::jsonb[])"}},
        {"bytea[]",
         {R"('{"\\x00ff","\\x",NULL}')"},
         {},
         "(SELECT json_agg(" + base64("e") +
             " ORDER BY n) FROM unnest({}) WITH ORDINALITY u(e, n))"},
        {"timestamp with time zone[]",
         {"'{\"2024-02-29 23:59:59+00\",infinity,NULL}'"},
         {},
         "{}::text[]"},
        {"interval[]", {"'{\"1 day -00:00:01\"}'"}, {}, "{}::text[]"},
        {"box[]", {"'{(1,2),(3,4);(5,6),(7,8)}'"}, {}, "{}::text[]"},
        {"point[]", {"'{\"(1,2)\",\"(3,4)\"}'"}, {}, "{}::text[]"},
        {"positive[]", {"'{1,2}'"}},
        {"int4range[]", {"'{\"[1,5)\",empty}'"}, {}, "{}::text[]"},
        {"money[]", {"'{\"$1,234.50\"}'"}},
        {"inet[]", {"'{::1,10.0.0.1/8}'"}},
    };
}

/// "SELECT the id, the JSON", as PostgresServer::query() wants it.
std::string question(const TestTable& table) {
    std::string columns = "id";
    for (const auto& [name, type] : table.columns) {
        columns += ", " + type.shown_of(name) + " AS " + name;
    }
    return "SELECT id, row_to_json(r) FROM (SELECT " + columns + " FROM " + table.name + ") r";
}

std::vector<Dump> dumps_of(const PostgresServer& postgres) {
    std::vector<Dump> dumps;
    for (const Texts& options :
         {Texts{}, Texts{"--inserts"}, Texts{"--column-inserts"}, Texts{"--rows-per-insert=7"},
          Texts{"--clean", "--if-exists", "--create", "--quote-all-identifiers",
                "--rows-per-insert=3", "--column-inserts", "--on-conflict-do-nothing"}}) {
        Texts argv = {"pg_dump"};
        argv.insert(argv.end(), options.begin(), options.end());
        std::string how;
        for (const std::string& word : argv) {
            how += word + " ";
        }
        dumps.push_back({how, postgres.tool(argv), {}});
    }
    dumps.push_back({"pg_dumpall", postgres.tool({"pg_dumpall"}), {}});
    return dumps;
}

void check_tables(const std::vector<TestTable>& tables, Modes modes) {
    const PostgresServer& postgres = PostgresServer::emptied();
    const RedisServer redis;
    postgres.run(k_definitions);
    for (const TestTable& table : tables) {
        postgres.run(table.sql());
    }
    const std::vector<Dump> dumps = dumps_of(postgres);
    std::size_t turn = 0;
    for (const TestTable& table : tables) {
        const Rows expected = rows_of_query(postgres.query(question(table)), '|', '\0');
        REQUIRE(expected.size() == table.rows.size());
        CHECK(differences(redis, dumps, table.name, expected, modes, turn++) == "");
    }
}

std::vector<ColumnType> all_types() {
    std::vector<ColumnType> all;
    for (const auto& some : {numbers(), words(), times(), nested()}) {
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

}  // namespace

TEST_CASE("every type of PostgreSQL, in every mode of its tools") {
    check_tables({table_of_all("numbers", numbers()), table_of_all("words", words()),
                  table_of_all("times", times()), table_of_all("nested", nested())},
                 Modes::all);
}

TEST_CASE("random tables of PostgreSQL, in the modes of its tools by turns") {
    RandomData random(20240229);
    std::vector<TestTable> tables;
    for (int i = 0; i < 16; ++i) {
        tables.push_back(random_table(random, all_types(), '"', 25));
    }
    check_tables(tables, Modes::every_third);
}
