#include "dump/sql/reader.hpp"

#include <doctest/doctest.h>

#include "support/dump_input.hpp"

using namespace cachectl;
using namespace std::string_literals;

namespace {

ReaderOptions options(SqlDialect dialect, std::vector<std::string> tables = {}) {
    return {.format = DumpFormat::sql, .sql = {.tables = std::move(tables), .dialect = dialect}};
}

DumpReading read(SqlDialect dialect, std::string_view text, std::vector<std::string> tables = {}) {
    return read_all(text, options(dialect, std::move(tables)));
}

std::string postgres(std::string_view text) { return read(SqlDialect::postgres, text).rows; }
std::string mysql(std::string_view text) { return read(SqlDialect::mysql, text).rows; }
std::string sqlite(std::string_view text) { return read(SqlDialect::sqlite, text).rows; }

/// One value of one column, without the rest of the row.
std::string value(SqlDialect dialect, const std::string& type, const std::string& literal,
                  BinaryAs binary = BinaryAs::base64) {
    ReaderOptions all = options(dialect);
    all.sql.binary = binary;
    const std::string rows =
        read_all("CREATE TABLE t (v " + type + "); INSERT INTO t VALUES (" + literal + ");", all)
            .rows;
    const std::size_t begin = rows.find("v=");
    return begin == std::string::npos ? rows : rows.substr(begin + 2, rows.size() - begin - 3);
}

std::string pg(const std::string& type, const std::string& literal) {
    return value(SqlDialect::postgres, type, literal);
}
std::string my(const std::string& type, const std::string& literal) {
    return value(SqlDialect::mysql, type, literal);
}
std::string lite(const std::string& type, const std::string& literal) {
    return value(SqlDialect::sqlite, type, literal);
}

const std::string k_two = "CREATE TABLE a (x int, y text);\nCREATE TABLE b (z text);\n";

}  // namespace

TEST_CASE("numbers are exact, and valid JSON") {
    CHECK(pg("integer", "12345678901234567890") == "number 12345678901234567890");
    CHECK(pg("numeric", "1.50") == "number 1.50");
    CHECK(pg("numeric", "'-0.000000000000000000001'") == "number -0.000000000000000000001");
    CHECK(pg("integer", "+7") == "number 7");
    CHECK(my("int(5) zerofill", "00042") == "number 42");
    CHECK(my("decimal(5,2)", "'-.5'") == "number -0.5");
    CHECK(my("double", "5.") == "number 5");
    CHECK(my("double", "1E+5") == "number 1E+5");
    CHECK(my("int", "'abc'") == "text abc");
    CHECK(my("int", "''") == "text");
    CHECK(pg("double precision", "'NaN'") == "text NaN");
    CHECK(pg("double precision", "'-Infinity'") == "text -Infinity");
    CHECK(pg("text", "5") == "text 5");
}

TEST_CASE("booleans") {
    CHECK(pg("boolean", "true") == "boolean true");
    CHECK(pg("boolean", "'f'") == "boolean false");
    CHECK(pg("boolean", "'maybe'") == "text maybe");
    CHECK(my("tinyint(1)", "1") == "number 1");
    CHECK(my("bit(1)", "b'1'") == "boolean true");
    CHECK(my("bit(1)", "0x00") == "boolean false");
    CHECK(my("bit(1)", "'\\0'") == "boolean false");
    CHECK(my("bit(10)", "b'1000000001'") == "number 513");
    CHECK(my("bit(64)", "0xFFFFFFFFFFFFFFFF") == "number 18446744073709551615");
    CHECK(pg("bit(3)", "B'101'") == "text 101");
    CHECK(lite("boolean", "TRUE") == "number 1");
    CHECK(value(SqlDialect::generic, "bit", "1") == "boolean true");
}

TEST_CASE("JSON is nested if it is valid, whatever it is") {
    CHECK(pg("jsonb", "'{\"a\": [1, 2.50], \"b\": \"x y\"}'") ==
          "json {\"a\":[1,2.50],\"b\":\"x y\"}");
    CHECK(pg("json", "'\"text\\n\"'") == "text text\n");
    CHECK(pg("json", "'null'") == "null");
    CHECK(pg("json", "' true '") == "boolean true");
    CHECK(pg("json", "'1e400'") == "number 1e400");
    CHECK(pg("json", "'{\"a\":'") == "text {\"a\":");
    CHECK(pg("json", "'1,2'") == "text 1,2");
    CHECK(pg("json", "'1],[2'") == "text 1],[2");
    CHECK(pg("json", "''") == "text");
    CHECK(my("json", "'{\\\"a\\\": \\\"\\\\n\\\"}'") == "json {\"a\":\"\\n\"}");
    CHECK(my("json", "CAST('[1, 2]' AS JSON)") == "json [1,2]");
    CHECK(lite("json", "'[1, 2]'") == "json [1,2]");
}

TEST_CASE("arrays of PostgreSQL, by their elements' type") {
    CHECK(pg("integer[]", "'{1,NULL,-3}'") == "json [1,null,-3]");
    CHECK(pg("numeric(5,2)[]", "'{{1.50,NaN},{0,2}}'") == "json [[1.50,\"NaN\"],[0,2]]");
    CHECK(pg("boolean[]", "'{t,f}'") == "json [true,false]");
    CHECK(pg("jsonb[]", "'{\"{\\\"a\\\": 1}\",null}'") == "json [{\"a\":1},null]");
    CHECK(pg("bytea[]", "'{\"\\\\x4142\"}'") == "json [\"QUI=\"]");
    CHECK(pg("text[]", "'[2:3]={a,b}'") == "json [\"a\",\"b\"]");
    CHECK(pg("text[]", "'{a'") == "text {a");
    CHECK(pg("box[]", "'{(1,2),(0,0);(3,4),(1,1)}'") == "json [\"(1,2),(0,0)\",\"(3,4),(1,1)\"]");
}

TEST_CASE("binary values as base64, hex or raw") {
    CHECK(pg("bytea", "'\\x00ff5c0a'") == "text AP9cCg==");
    CHECK(pg("bytea", "'a\\000\\\\b\\377'") == "text YQBcYv8=");
    CHECK(pg("bytea", "'\\x0'") == "text \\x0");
    CHECK(value(SqlDialect::postgres, "bytea", "'\\x00FF'", BinaryAs::hex) == "text 00ff");
    CHECK(value(SqlDialect::mysql, "blob", "0x4142", BinaryAs::raw) == "text AB");
    CHECK(my("blob", "_binary 'a\\0'") == "text YQA=");
    CHECK(my("varbinary(5)", "''") == "text");
    CHECK(my("varchar(5)", "0x4142") == "text AB");
    CHECK(my("int", "0x41") == "number 65");
    CHECK(lite("text", "X'4142'") == "text QUI=");
    CHECK(parse_binary_as("hex") == BinaryAs::hex);
    CHECK(parse_binary_as("octal") == std::nullopt);
}

TEST_CASE("SQLite's columns take any value") {
    CHECK(lite("integer", "'abc'") == "text abc");
    CHECK(lite("integer", "'12'") == "number 12");
    CHECK(lite("text", "'12'") == "text 12");
    CHECK(lite("", "'12'") == "text 12");
    CHECK(lite("", "12") == "number 12");
    CHECK(lite("blob", "'text'") == "text text");
    CHECK(lite("datetime", "'2024-02-29'") == "text 2024-02-29");
    CHECK(lite("real", "1e999") == "text Infinity");
    CHECK(lite("real", "-9.0e+999") == "text -Infinity");
    CHECK(lite("real", "1e-999") == "number 1e-999");
    CHECK(pg("numeric", "1e999") == "number 1e999");
}

TEST_CASE("INSERT in all its forms") {
    CHECK(mysql(k_two +
                "INSERT INTO a VALUES (1,'x'),(2,NULL);\n"
                "INSERT IGNORE INTO `a` (`y`, `x`) VALUES ('p', 3) ON DUPLICATE KEY UPDATE x = 1;\n"
                "insert into a (x) value (4);\nREPLACE a VALUES ROW(5,'r'), ROW(6,'s');\n"
                "INSERT LOW_PRIORITY INTO a PARTITION (p0, p1) (x) VALUES (7)\n;") ==
          "3: x=number 1, y=text x\n3: x=number 2, y=null\n4: y=text p, x=number 3\n"
          "5: x=number 4\n6: x=number 5, y=text r\n6: x=number 6, y=text s\n7: x=number 7\n");
    CHECK(postgres("CREATE TABLE s.t (id int, \"Id\" int);\n"
                   "INSERT INTO s.t AS u (id, \"Id\") OVERRIDING SYSTEM VALUE VALUES\n\t(1, 2),\n"
                   "\t(3, 4) ON CONFLICT (id) DO UPDATE SET id = (1), x = 'VALUES (9,9)';\n") ==
          "3: id=number 1, Id=number 2\n4: id=number 3, Id=number 4\n");
    CHECK(sqlite("CREATE TABLE t(a,b);\nINSERT OR REPLACE INTO \"t\"(b) VALUES(1);") ==
          "2: b=number 1\n");
}

TEST_CASE("rows whose INSERT is the same again") {
    std::string text = k_two;
    std::string expected;
    for (int i = 0; i < 3; ++i) {
        text +=
            fmt::format("INSERT INTO a (x) VALUES ({});\nINSERT INTO a (x) VALUES\n({});", i, i);
        text += "INSERT INTO a (x) VALUESX (7);";
        text += "SET x = 1;INSERT INTO b VALUES ('q');INSERT INTO b VALUES ('q'),('r');\n";
        expected += fmt::format("{}: x=number {}\n{}: x=number {}\n", 3 + 3 * i, i, 5 + 3 * i, i);
        expected +=
            fmt::format("{}: BAD its values come from nothing, not from VALUES\n", 5 + 3 * i);
        expected += fmt::format("{0}: z=text q\n{0}: z=text q\n{0}: z=text r\n", 5 + 3 * i);
    }
    const DumpReading whole = read(SqlDialect::mysql, text);
    CHECK(whole.rows == expected);
    for (std::size_t bytes = 1; bytes < 200; ++bytes) {
        CHECK(read_all(text, options(SqlDialect::mysql), bytes).rows == whole.rows);
    }
}

TEST_CASE("a count that does not fit is a bad row, never shifted") {
    CHECK(mysql(k_two + "INSERT INTO a VALUES (1,'x'),\n(2),\n(3,'x',4),\n(),\n(4,'y'),\n(5,);\n"
                        "INSERT INTO a (x,y) VALUES (1);\nINSERT INTO b VALUES ('ok');") ==
          "3: x=number 1, y=text x\n"
          "4: BAD it has 1 value, a has 2 columns\n"
          "5: BAD it has 3 values, a has 2 columns\n"
          "6: BAD all its values are DEFAULT, which the dump does not tell\n"
          "7: x=number 4, y=text y\n"
          "8: BAD column y: '' is not a value that can be read\n"
          "9: BAD it has 1 value, the statement has 2 columns\n"
          "10: z=text ok\n");
}

TEST_CASE("generated columns: left out, DEFAULT, or with their values") {
    const std::string table = "CREATE TABLE t (a int, g int AS (a + 1) STORED, b text);\n";
    CHECK(mysql(table + "INSERT INTO t VALUES (1,2,'x'),(3,DEFAULT,'y'),(5,'z');"
                        "INSERT INTO t (g, a) VALUES (7, 6), (DEFAULT, 8);") ==
          "2: a=number 1, g=number 2, b=text x\n2: a=number 3, b=text y\n2: a=number 5, b=text z\n"
          "2: g=number 7, a=number 6\n2: a=number 8\n");
    CHECK(mysql(table + "INSERT INTO t VALUES (DEFAULT,2,'x');") ==
          "2: BAD column a: DEFAULT, which the dump does not tell\n");
    CHECK(postgres("CREATE TABLE t (a int, g int GENERATED ALWAYS AS (a) STORED, b text);\n"
                   "COPY t FROM stdin;\n1\tx\n1\t2\tx\n\\.\n") ==
          "3: a=number 1, b=text x\n4: BAD it has 3 values, t has 3 columns\n");
}

TEST_CASE("expressions that have no value are bad rows that name them") {
    CHECK(mysql(k_two + "INSERT INTO a VALUES (NOW(),'x'),(1,CONCAT('a,', ')', \"b\")),(2,'z');\n"
                        "INSERT INTO b VALUES ('a' 'b'), (y), (-'1'), ((SELECT 1)), (1;\n"
                        "INSERT INTO b VALUES ('next');") ==
          "3: BAD column x: 'NOW()' is not a value that can be read\n"
          "3: BAD column y: 'CONCAT('a,', ')', \"b\")' is not a value that can be read\n"
          "3: x=number 2, y=text z\n"
          "4: z=text ab\n"
          "4: BAD column z: 'y' is not a value that can be read\n"
          "4: BAD column z: '-'1'' is not a value that can be read\n"
          "4: BAD column z: '(SELECT 1)' is not a value that can be read\n"
          "4: BAD the statement ends in the middle of it\n"
          "5: z=text next\n");
}

TEST_CASE("rows that come from elsewhere are bad rows") {
    CHECK(mysql(k_two + "INSERT INTO a SELECT * FROM b;\nINSERT INTO b SET z = 'x';\n"
                        "INSERT INTO b VALUES ('y'), x;") ==
          "3: BAD its values come from SELECT, not from VALUES\n"
          "4: z=text x\n"
          "5: z=text y\n5: BAD it does not begin with '('\n");
    CHECK(sqlite("CREATE TABLE t(a);\nINSERT INTO t DEFAULT VALUES;\nINSERT INTO t VALUES(1);") ==
          "2: BAD its values come from DEFAULT, not from VALUES\n3: a=number 1\n");
}

TEST_CASE("COPY: nulls, escapes, line ends, misfits") {
    CHECK(postgres("CREATE TABLE t (a int, b text);\nCOPY t (b, a) FROM stdin;\n\\N\t1\n\t2\n"
                   "x\\ty\\\\\\n\t\\N\nraw\\\nbreak\t3\n1\n1\t2\t3\n\\\\.\t4\n\\.\nSELECT 1;\n"
                   "COPY t FROM stdin;\r\n5\tcr\\r\r\n\\.\r\n") ==
          "3: b=null, a=number 1\n4: b=text, a=number 2\n5: b=text x\ty\\\n, a=null\n"
          "6: b=text raw\nbreak, a=number 3\n8: BAD it has 1 value, the statement has 2 columns\n"
          "9: BAD it has 3 values, the statement has 2 columns\n10: b=text \\., a=number 4\n"
          "14: a=number 5, b=text cr\r\n");
    CHECK(read(SqlDialect::postgres, "CREATE TABLE t (a int);\nCOPY t FROM stdin;\n").error ==
          "in:3: the input ends in the middle of COPY data: was the dump cut? "
          "(byte 43 of the input)");
    CHECK(read(SqlDialect::postgres,
               "CREATE TABLE t (a int);\nCOPY t FROM stdin WITH (FORMAT binary);\n1\n\\.\n")
              .error ==
          "in:2: COPY with these options (WITH …) cannot be read (byte 24 of the input)");
    CHECK(postgres("CREATE TABLE t (a int);\nCOPY t TO stdout;COPY (SELECT 1) TO '/x';\n") == "");
}

TEST_CASE("escapes as the dump sets them, or as told") {
    const std::string table = "CREATE TABLE t (a text);\n";
    CHECK(postgres(table +
                   "INSERT INTO t VALUES ('\\\\');\n"
                   "SET standard_conforming_strings = off;\nINSERT INTO t VALUES ('\\\\');\n"
                   "SET standard_conforming_strings TO 'on';\n"
                   "INSERT INTO t VALUES ('\\\\');\nset standard_conforming_strings=OFF;\n"
                   "\\connect x\nCREATE TABLE t (a text);INSERT INTO t VALUES ('\\\\');\n") ==
          "2: a=text \\\\\n4: a=text \\\n6: a=text \\\\\n9: a=text \\\\\n");
    const std::string modes =
        table +
        "/*!40101 SET @OLD=@@SQL_MODE, SQL_MODE='STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES' */;\n"
        "INSERT INTO t VALUES ('\\\\');\nSET SQL_MODE=@OLD;\nINSERT INTO t VALUES ('\\\\');\n"
        "SET sql_mode = 'ANSI_QUOTES';\nINSERT INTO \"t\" (\"a\") VALUES (\"a\");\n";
    CHECK(mysql(modes) ==
          "3: a=text \\\\\n5: a=text \\\n"
          "7: BAD column a: '\"a\"' is not a value that can be read\n");
    ReaderOptions told = options(SqlDialect::mysql);
    told.sql.escapes = SqlEscapes::none;
    CHECK(read_all(table + "INSERT INTO t VALUES ('\\');", told).rows == "2: a=text \\\n");
    told.sql.escapes = SqlEscapes::backslash;
    CHECK(read_all(modes, told).rows.starts_with("3: a=text \\\n5: a=text \\\n"));
}

TEST_CASE("encodings in which a backslash may be half of a character are refused") {
    const DumpReading reading = read(SqlDialect::mysql, "/*!40101 SET NAMES gbk */;\nSELECT 1;\n");
    CHECK(reading.error ==
          "in:1: the dump is in gbk, which cannot be converted to UTF-8 (byte 0 of the input)");
    CHECK(reading.hint == "dump with --default-character-set=utf8mb4");
    CHECK(read(SqlDialect::postgres, "SET client_encoding = 'SJIS';").hint ==
          "dump with pg_dump -E UTF8");
    CHECK(read(SqlDialect::mysql, "SET NAMES utf8mb4;").error == "");
}

TEST_CASE("only the tables asked for") {
    const std::string text =
        k_two +
        "INSERT INTO a VALUES (1,'x'),(NOW(),1);\nINSERT INTO b VALUES ('q');\n"
        "INSERT INTO unknown VALUES (1);\nINSERT INTO b VALUES ('r');\n";
    CHECK(read(SqlDialect::mysql, text, {"b"}).rows == "4: z=text q\n6: z=text r\n");
    CHECK(read(SqlDialect::mysql, text, {"B", "a"}).rows ==
          "3: x=number 1, y=text x\n3: BAD column x: 'NOW()' is not a value that can be read\n"
          "4: z=text q\n6: z=text r\n");
    CHECK(read(SqlDialect::mysql, text, {"`B`"}).error == "in has no table '`B`'");
    CHECK(read(SqlDialect::mysql, text, {"b", "c"}).rows == "4: z=text q\n6: z=text r\n");
    CHECK(read(SqlDialect::mysql, text, {"b", "c"}).error == "in has no table 'c'");
    CHECK(read(SqlDialect::mysql, text, {"c"}).hint == "its tables: a, b, unknown");
    CHECK(read(SqlDialect::mysql, "SELECT 1;", {"c"}).hint == "it has no tables");
    CHECK(read(SqlDialect::mysql, text).error ==
          "in:5: the columns of unknown have no names: the dump holds no CREATE TABLE for it "
          "(byte 125 of the input)");
    CHECK(read(SqlDialect::mysql, k_two, {"a"}).error == "");
}

TEST_CASE("a name that means two tables is an error before its first row") {
    const std::string text =
        "CREATE TABLE one.t (a int);\nCREATE TABLE two.t (a int);\n"
        "COPY one.t (a) FROM stdin;\n1\n\\.\nCOPY two.t (a) FROM stdin;\n2\n\\.\n";
    CHECK(read(SqlDialect::postgres, text, {"two.t"}).rows == "7: a=number 2\n");
    CHECK(read(SqlDialect::postgres, text).records == 2);
    try {
        read(SqlDialect::postgres, text, {"t"});
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        CHECK(std::string(error.what()) == "in has two tables 't': one.t and two.t");
        CHECK(std::string(error.hint()) == "name one by all its parts: one.t or two.t");
    }
    const auto hint = [](const std::string& script) {
        try {
            read(SqlDialect::postgres, script, {"s.t"});
        } catch (const Error& error) {
            return std::string(error.hint());
        }
        return std::string();
    };
    CHECK(hint("\\connect a\nCREATE TABLE s.t (i int);\n\\connect \"b \\\"c\"\n"
               "CREATE TABLE s.t (i int);\n")
              .starts_with("name one by all its parts: a.s.t or \"b "));
    CHECK(hint("CREATE TABLE s.t (i int);\nCREATE TABLE s.\"T\" (i int);\n") ==
          "name one by all its parts: \"s\".\"t\" or \"s\".\"T\"");
    CHECK(hint("CREATE TABLE s.t (i int);\n\\connect a\nCREATE TABLE s.t (i int);\n") ==
          "name one by all its parts: a.s.t");
}

TEST_CASE("the rows of a partition are those of the table that is asked for") {
    const std::string text =
        "CREATE TABLE s.t (a int);\nCREATE TABLE s.t1 (a int);\nCREATE TABLE s.t2 (a int);\n"
        "ALTER TABLE ONLY s.t ATTACH PARTITION s.t1 FOR VALUES IN (1);\n"
        "ALTER TABLE ONLY s.t1 ATTACH PARTITION s.t2 FOR VALUES IN (1);\n"
        "ALTER TABLE s.t2 ATTACH PARTITION s.t DEFAULT;\n"
        "CREATE TABLE s.t3 PARTITION OF s.t FOR VALUES IN (3);\n"
        "COPY s.t1 (a) FROM stdin;\n1\n\\.\nCOPY s.t2 (a) FROM stdin;\n2\n\\.\n"
        "INSERT INTO s.t3 VALUES (3);\n";
    const auto tables = [&](std::vector<std::string> names) {
        const TextFile file(text);
        Source source(file.fd(), "in");
        SqlReader reader(source, options(SqlDialect::postgres, std::move(names)));
        std::string shown;
        while (reader.next() == Next::record) {
            shown += reader.table()->full_name() + "=" + std::string(reader.record().value(0).text);
            shown += ' ';
        }
        return shown;
    };
    CHECK(tables({"t"}) == "s.t1=1 s.t2=2 s.t3=3 ");
    CHECK(tables({"t1"}) == "s.t1=1 s.t2=2 ");
    CHECK(tables({"t", "t2"}) == "s.t1=1 s.t2=2 s.t3=3 ");
    CHECK(tables({}) == "s.t1=1 s.t2=2 s.t3=3 ");
}

TEST_CASE("a row's table") {
    const TextFile file(k_two + "INSERT INTO a VALUES (1,'x');INSERT INTO b VALUES (NOW());");
    Source source(file.fd(), "in");
    const auto reader = open_reader(source, options(SqlDialect::mysql));
    CHECK(reader->table() == nullptr);
    CHECK(reader->next() == Next::record);
    CHECK(reader->table()->full_name() == "a");
    CHECK(reader->table()->columns[0].declared == "int");
    CHECK_FALSE(reader->next());
    CHECK(reader->table()->full_name() == "b");
    CHECK(reader->next() == Next::end);
    CHECK(reader->next() == Next::end);
}

TEST_CASE("where a dump is cut") {
    const auto error = [](std::string_view text) {
        return read(SqlDialect::mysql, std::string(k_two) + std::string(text)).error;
    };
    CHECK(error("INSERT INTO a VALUES (1,'x") ==
          "in:3: the string that begins here has no end: was the dump cut? "
          "(byte 81 of the input)");
    CHECK(error("INSERT INTO a VALUES (1,\n") ==
          "in:4: the input ends in the middle of a row: was the dump cut? (byte 82 of the input)");
    CHECK(error("INSERT INTO a VALUES (1,'x')") ==
          "in:3: the input ends in the middle of a statement: was the dump cut? "
          "(byte 85 of the input)");
    CHECK(error("INSERT INTO a VALUES (1,'x'),") ==
          "in:3: the input ends in the middle of a statement: was the dump cut? "
          "(byte 86 of the input)");
    CHECK(error("-- MySQL dump 10.13\nINSERT INTO a VALUES (1,'x');\n") ==
          "in:5: the line with which such a dump ends is missing: was it cut? "
          "(byte 107 of the input)");
    CHECK(error("-- MySQL dump 10.13\n-- Dump completed on 2024-01-01\n") == "");
    CHECK(read(SqlDialect::sqlite, "BEGIN TRANSACTION;\nCREATE TABLE t(a);\nROLLBACK;").error ==
          "in:3: the dump ends with ROLLBACK, as sqlite3 writes it when it met errors in the "
          "database: rows are missing (byte 47 of the input)");
}

TEST_CASE("a row longer than allowed ends the reading; a long statement does not") {
    std::string text = "CREATE TABLE t (a text);\nINSERT INTO t VALUES ('x')";
    for (int i = 0; i < 3000; ++i) {
        text += ",('" + std::string(100, 'y') + "')";
    }
    ReaderOptions small = options(SqlDialect::mysql);
    small.max_record_bytes = 2000;
    const TextFile file(text + ";\n");
    Source source(file.fd(), "in", 1000);
    SqlReader reader(source, small);
    int records = 0;
    while (reader.next() == Next::record) {
        ++records;
    }
    CHECK(records == 3001);
    CHECK(source.capacity() <= 64 * 1024 * 2);
    CHECK(read_all(text + ",('" + std::string(5000, 'z') + "');", small, 1000)
              .error.starts_with("in:2: a row or a statement is longer than 2000 bytes"));
}
