// Every type of MariaDB, dumped by its own tool in every mode and warmed, beside what JSON_OBJECT()
// says. Where the two are meant to differ, a column's `shown` says how:
//  - dates and times are the text that the dump has, TIMESTAMP in UTC;
//  - binary values are base64, and so is geometry, in MariaDB's own form;
//  - BIT(1) is a boolean, longer ones are numbers; ZEROFILL leaves no zeros.
#include <doctest/doctest.h>

#include "support/differential.hpp"
#include "support/mariadb_server.hpp"
#include "support/random_table.hpp"

using namespace cachectl::test;

namespace {

using Texts = std::vector<std::string>;

const std::string k_base64 = "REPLACE(TO_BASE64({}), '\n', '')";
const std::string k_text = "CONCAT('', {})";
const std::string k_number = "JSON_COMPACT(CONCAT('', {} + 0))";

std::string literal(const std::string& text) {
    return "CONVERT(X'" + to_hex(text) + "' USING utf8mb4)";
}

std::string bytes(const std::string& text) { return "X'" + to_hex(text) + "'"; }

Texts all_of(const Texts& values, const std::string& before, const std::string& after) {
    Texts result;
    for (const std::string& value : values) {
        result.push_back(before + value + after);
    }
    return result;
}

Texts texts() {
    Texts result = {literal(std::string("nul\0 here\0", 10))};
    for (const std::string& text : nasty_texts()) {
        result.push_back(literal(text));
    }
    return result;
}

Texts shortened(std::size_t characters) {
    return all_of(texts(), "LEFT(", ", " + std::to_string(characters) + ")");
}

Texts binaries(std::size_t most) {
    Texts result = {"X'00'", "X'5c'", "X'27'", "X'1a'", "X'ff00fe'", "X'5c27220a0d09001a5c5c'"};
    for (const std::string& text : nasty_texts()) {
        result.push_back(bytes(text.substr(0, most)));
    }
    return result;
}

std::vector<ColumnType> numbers() {
    const auto digits = [](std::size_t most) {
        return [most](RandomData& r) { return r.integer(most); };
    };
    const auto bits = [](std::size_t most) {
        return [most](RandomData& r) { return std::to_string(r.below(std::size_t{1} << most)); };
    };
    return {
        {"tinyint", {"-128", "127"}, digits(2)},
        {"tinyint unsigned", {"0", "255"}},
        {"tinyint(1)", {"0", "1", "7"}},
        {"boolean", {"TRUE", "FALSE"}},
        {"smallint", {"-32768", "32767"}, digits(4)},
        {"mediumint", {"-8388608", "8388607"}, digits(6)},
        {"int", {"-2147483648", "2147483647"}, digits(9)},
        {"int(7) unsigned zerofill", {"0", "42", "4294967295"}, {}, k_number},
        {"bigint", {"-9223372036854775808", "9223372036854775807"}, digits(18)},
        {"bigint unsigned", {"18446744073709551615", "9007199254740993"}},
        {"decimal(65,30)",
         {"0", "-0.000000000000000000000000000001",
          "99999999999999999999999999999999999.999999999999999999999999999999"},
         [](RandomData& r) { return r.decimal(35, 30); }},
        {"decimal(10,0)", {"1", "-9999999999"}, digits(9)},
        {"numeric(8,3) unsigned zerofill", {"1.5", "99999.999"}, {}, k_number},
        {"float",
         {"0.1", "-1e-30", "3.4e38", "16777216", "1234567.8", "-0e0"},
         [](RandomData& r) { return r.decimal(7, 7); }},
        {"float(10,2)", {"0.1", "1234567.89"}},
        {"double",
         {"0.1", "1e300", "-1e-300", "2.2250738585072014e-308", "1e15", "1e16", "1e17",
          "123456789012345680", "-0e0", "1.7976931348623157e308"},
         [](RandomData& r) { return r.floating(); }},
        {"double(20,4) unsigned", {"0", "1234567890.1234"}},
        {"bit(1)",
         {"b'0'", "b'1'"},
         {},
         "JSON_COMPACT(IF({}, 'true', IF({} IS NULL, NULL, 'false')))"},
        {"bit(10)", {"0", "b'1000000001'", "39", "92", "10"}, bits(10), k_number},
        {"bit(64)", {"0", "~0", "0x275C0A0D1A002722"}, bits(62), k_number},
        {"year", {"1901", "2155", "0"}, {}, k_number},
    };
}

std::vector<ColumnType> words() {
    const auto any_text = [](RandomData& r) { return literal(r.text()); };
    std::vector<ColumnType> types = {
        {"longtext", texts(), any_text},
        {"mediumtext COLLATE utf8mb4_bin COMMENT 'it''s, \\\\ (\\n'", texts(), any_text},
        {"text", shortened(15'000), any_text},
        {"tinytext", shortened(60), any_text},
        {"varchar(30) DEFAULT '),(\\''", shortened(30),
         [](RandomData& r) { return literal(r.text(30)); }},
        {"char(20)", shortened(20), [](RandomData& r) { return literal(r.text(20)); }},
        {"varchar(20) CHARACTER SET latin1", all_of(shortened(20), "CONVERT(", " USING latin1)"),
         [](RandomData& r) { return "CONVERT(" + literal(r.text(20)) + " USING latin1)"; }},
        {"varchar(20) CHARACTER SET ucs2", all_of(shortened(20), "CONVERT(", " USING ucs2)")},
        {"varchar(20) CHARACTER SET gbk", all_of(shortened(20), "CONVERT(", " USING gbk)")},
        {"longtext COMPRESSED", texts(), any_text},
        {"enum('a','it''s','b,c','\\\\','(',')','\\n','é','')",
         {"'a'", "'it''s'", "'b,c'", "'\\\\'", "'('", "')'", "'\\n'", "'é'", "''"}},
        {"set('a','it''s','b)')", {"''", "'a'", "'a,b)'", "'a,it''s,b)'"}},
        {"uuid", {"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"}},
        {"inet6", {"'::1'", "'2001:db8::ff00:42:8329'"}},
        {"inet4", {"'10.0.0.1'"}},
    };
    for (ColumnType& type : types) {
        type.shown = "CONVERT({} USING utf8mb4) COLLATE utf8mb4_bin";
    }
    return types;
}

std::vector<ColumnType> others() {
    const auto any_bytes = [](RandomData& r) { return bytes(r.bytes()); };
    Texts documents;
    for (const std::string& text : nasty_texts()) {
        documents.push_back("JSON_OBJECT('k', " + literal(text) + ", 'l', JSON_ARRAY(" +
                            literal(text) + ", 1.50))");
    }
    for (const std::string text :
         {"null", "true", "\"text\"", "\"\"", "1", "-0", "0.10", "1e400", "[]", "{}",
          "12345678901234567890.1234567890123456789", " [ 1 , { \"a\" : [ ] } ] ",
          R"({"\u00e9\ud83d\ude00": "\\ \" \/ \b \f \n \r \t \u001f"})",
          "\n{\n\t\"multi\" : \"line\"\r\n}\n"}) {
        documents.push_back(literal(text));
    }
    const auto moment = [](RandomData& r) { return "'" + r.date() + " " + r.time() + "'"; };
    return {
        {"longblob", binaries(200'000), any_bytes, k_base64},
        {"blob", binaries(1'000), any_bytes, k_base64},
        {"tinyblob", binaries(200), any_bytes, k_base64},
        {"mediumblob COMPRESSED", binaries(200'000), any_bytes, k_base64},
        {"varbinary(50)", binaries(50), any_bytes, k_base64},
        {"binary(10)", binaries(10), [](RandomData& r) { return bytes(r.bytes(10)); }, k_base64},
        {"json", documents, [](RandomData& r) { return literal(r.json()); }, "JSON_COMPACT({})"},
        {"date",
         {"'0000-00-00'", "'1000-01-01'", "'9999-12-31'"},
         [](RandomData& r) { return "'" + r.date() + "'"; },
         k_text},
        {"datetime", {"'0000-00-00 00:00:00'", "'2024-02-29 23:59:59'"}, moment, k_text},
        {"datetime(6)", {"'2024-02-29 23:59:59.123456'"}, moment, k_text},
        {"timestamp NULL", {"'1970-01-02'", "'2038-01-18 23:59:59'"}, {}, k_text},
        {"timestamp(3) NULL DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3)",
         {"'2024-02-29 23:59:59.123'"},
         {},
         k_text},
        {"time", {"'-838:59:59'", "'838:59:59'", "'00:00:00'"}, {}, k_text},
        {"time(6)",
         {"'-00:00:00.000001'", "'23:59:59.999999'"},
         [](RandomData& r) { return "'" + r.time() + "'"; },
         k_text},
        {"geometry",
         {"ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('LINESTRING(0 0,39 92)')"},
         {},
         k_base64},
        {"point", {"ST_GeomFromText('POINT(1.5 -2)')"}, {}, k_base64},
        {"polygon", {"ST_GeomFromText('POLYGON((0 0,0 3,3 0,0 0))')"}, {}, k_base64},
    };
}

/// "SELECT the id, the JSON", as MariadbServer::query() wants it.
std::string question(const TestTable& table) {
    std::string members = "'id', id";
    for (const auto& [name, type] : table.columns) {
        const std::string plain = name.front() == '`' ? unquoted(name) : name;
        members += ", " + literal(plain) + " COLLATE utf8mb4_bin, " + type.shown_of(name);
    }
    // JSON_COMPACT() leaves line ends; within strings there are none. The time zone is that in
    // which mariadb-dump asks for timestamps.
    return "SET time_zone = '+00:00'; SELECT id, REPLACE(JSON_OBJECT(" + members +
           "), '\n', ' ') FROM " + table.name;
}

std::vector<Dump> dumps_of(const MariadbServer& mariadb) {
    std::vector<Dump> dumps;
    for (const Texts& options :
         {Texts{}, Texts{"--skip-extended-insert"}, Texts{"--hex-blob"},
          Texts{"--complete-insert", "--net-buffer-length=4096"}, Texts{"--replace", "--hex-blob"},
          Texts{"--insert-ignore", "--skip-comments", "--skip-quote-names", "--complete-insert"},
          Texts{"--compact"}, Texts{"--databases", "--single-transaction", "--skip-opt"},
          Texts{"--compatible=ansi", "--default-character-set=utf8mb4"}}) {
        std::string how = "mariadb-dump";
        for (const std::string& word : options) {
            how += " " + word;
        }
        dumps.push_back({how, mariadb.dump(options), {}});
    }
    return dumps;
}

void check_tables(const std::vector<TestTable>& tables, Modes modes) {
    const MariadbServer& mariadb = MariadbServer::emptied();
    const RedisServer redis;
    // Values that do not fit are cut: what counts is what is then stored.
    for (const TestTable& table : tables) {
        mariadb.run("SET sql_mode = '';" + table.sql());
    }
    const std::vector<Dump> dumps = dumps_of(mariadb);
    std::size_t turn = 0;
    for (const TestTable& table : tables) {
        const Rows expected = rows_of_query(mariadb.query(question(table)), '\t', '\n');
        REQUIRE(expected.size() == table.rows.size());
        CHECK(differences(redis, dumps, table.name, expected, modes, turn++) == "");
    }
}

std::vector<ColumnType> all_types() {
    std::vector<ColumnType> all;
    for (const auto& some : {numbers(), words(), others()}) {
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

}  // namespace

TEST_CASE("every type of MariaDB, in every mode of its tool") {
    check_tables({table_of_all("numbers", numbers()), table_of_all("words", words()),
                  table_of_all("others", others())},
                 Modes::all);
}

TEST_CASE("random tables of MariaDB, in the modes of its tool by turns") {
    RandomData random(20240229);
    std::vector<TestTable> tables;
    for (int i = 0; i < 16; ++i) {
        tables.push_back(random_table(random, all_types(), '`', 25));
    }
    check_tables(tables, Modes::every_third);
}
