// Literals as other tools and newer versions write them; the values are what the databases make of
// these.
#include <doctest/doctest.h>

#include "dump/sql/reader.hpp"
#include "support/dump_input.hpp"

using namespace cachectl;
using namespace std::string_literals;

namespace {

DumpReading read(SqlDialect dialect, std::string_view text) {
    return read_all(text, {.format = DumpFormat::sql, .sql = {.dialect = dialect}});
}

/// One value of a column of that type, or why it is none.
std::string value(SqlDialect dialect, const std::string& type, const std::string& literal) {
    const std::string rows =
        read(dialect, "CREATE TABLE t (v " + type + "); INSERT INTO t VALUES (" + literal + ");")
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
bool refused(const std::string& value) {
    return value.find("is not a value that can be read") != std::string::npos;
}

}  // namespace

TEST_CASE("integers with a base and with _ between their digits") {
    CHECK(pg("integer", "0x1F") == "number 31");
    CHECK(pg("integer", "-0X1f") == "number -31");
    CHECK(pg("integer", "0b11") == "number 3");
    CHECK(pg("integer", "0o17") == "number 15");
    CHECK(pg("integer", "1_000_000") == "number 1000000");
    CHECK(pg("numeric", "1_000.000_5e1_0") == "number 1000.0005e10");
    CHECK(pg("bigint", "0xFFFF_FFFF") == "number 4294967295");
    CHECK(pg("numeric", "0xFFFFFFFFFFFFFFFFFFFFFFFF") == "number 79228162514264337593543950335");
    CHECK(pg("text", "0x10") == "text 16");
    CHECK(refused(pg("integer", "0b12")));
    CHECK(refused(pg("integer", "1__0")));
    CHECK(refused(pg("integer", "0x")));
    CHECK(pg("bit(8)", "X'1F'") == "text 00011111");
    CHECK(lite("integer", "0x1F") == "number 31");
    CHECK(lite("integer", "0xFFFFFFFFFFFFFFFF") == "number -1");
    CHECK(lite("integer", "-0x8000000000000000") == "number -9223372036854775808");
    CHECK(refused(lite("integer", "0x10000000000000000")));
    CHECK(my("int", "0x1F") == "number 31");
    CHECK(my("varchar(5)", "0x4142") == "text AB");
    CHECK(refused(my("int", "1_000")));
    const std::string whole =
        "CREATE TABLE t (a int, b int);\nINSERT INTO t VALUES (0x1_F,-1_0);\n";
    const ReaderOptions options{.format = DumpFormat::sql,
                                .sql = {.dialect = SqlDialect::postgres}};
    for (std::size_t bytes = 1; bytes < whole.size(); ++bytes) {
        CHECK(read_all(whole, options, bytes).rows == "2: a=number 31, b=number -10\n");
    }
}

TEST_CASE("a cast to what the column is, or that changes nothing, leaves the value") {
    CHECK(pg("real", "'15'::real") == "number 15");
    CHECK(pg("text", "'Milk'::character varying") == "text Milk");
    CHECK(pg("jsonb", "'{\"x\": 1}'::jsonb") == "json {\"x\":1}");
    CHECK(pg("boolean", "'t'::pg_catalog.bool") == "boolean true");
    CHECK(pg("timestamp(3) with time zone",
             "'2020-01-01 10:00:00+00'::timestamp(3) with time zone") ==
          "text 2020-01-01 10:00:00+00");
    CHECK(pg("timestamptz", "TIMESTAMP WITH TIME ZONE '2020-01-01 10:00:00+00'") ==
          "text 2020-01-01 10:00:00+00");
    CHECK(pg("date", "DATE '2020-01-01'") == "text 2020-01-01");
    CHECK(pg("public.mood", "'sad'::public.mood") == "text sad");
    CHECK(pg("bigint", "5::int") == "number 5");
    CHECK(pg("bigint", "('-5'::text)::bigint") == "number -5");
    CHECK(pg("numeric(5,2)", "CAST('1.50' AS numeric(5, 2))") == "number 1.50");
    CHECK(pg("integer", "NULL::integer") == "null");
    CHECK(pg("integer", "NULL::text") == "null");
    CHECK(pg("character varying(9)", "'ab'::varchar(3)") == "text ab");
    CHECK(my("date", "DATE'2020-01-01'") == "text 2020-01-01");
    CHECK(my("bigint", "CAST('7' AS UNSIGNED)") == "number 7");
    CHECK(read(SqlDialect::postgres, "INSERT INTO t (v) VALUES ('t'::boolean);").rows ==
          "1: v=boolean true\n");
}

TEST_CASE("a cast that may change the value is a bad row") {
    CHECK(refused(pg("text", "'abcd'::varchar(3)")));
    CHECK(refused(pg("text", "'abcd'::char")));
    CHECK(refused(pg("numeric", "1.5::int")));
    CHECK(refused(pg("numeric", "1.55::numeric(3,1)")));
    CHECK(refused(pg("timestamp", "'2020-01-01 10:00'::date")));
    CHECK(refused(pg("text", "'2020-01-01 10:00'::date")));
    CHECK(refused(pg("integer", "'1.7'::real::integer")));
    CHECK(refused(pg("integer", "'x'::text || 'y'")));
    CHECK(refused(pg("integer", "5:int")));
    CHECK(refused(pg("integer", "NULL 'x'")));
    CHECK(refused(my("int", "CAST('7' AS)")));
}

TEST_CASE("ARRAY[…] of PostgreSQL, and its own names of arrays") {
    CHECK(pg("text[]", "ARRAY['x','y']") == "json [\"x\",\"y\"]");
    CHECK(pg("integer[]", "ARRAY[1,2,NULL]::integer[]") == "json [1,2,null]");
    CHECK(pg("text[]", "ARRAY['a,b', 'c\"d', E'e\\\\f', 'NULL', '']::text[]") ==
          "json [\"a,b\",\"c\\\"d\",\"e\\\\f\",\"NULL\",\"\"]");
    CHECK(pg("integer[]", "ARRAY[ARRAY[1,2],[3,4]]") == "json [[1,2],[3,4]]");
    CHECK(pg("boolean[]", "ARRAY[true, false]") == "json [true,false]");
    CHECK(pg("character varying(9)[]", "ARRAY['a'::character varying, 'b'::character varying]") ==
          "json [\"a\",\"b\"]");
    CHECK(pg("integer[]", "ARRAY[]::integer[]") == "json []");
    CHECK(read(SqlDialect::postgres, "INSERT INTO t (v, w) VALUES (ARRAY['a'::text], 1);").rows ==
          "1: v=json [\"a\"], w=number 1\n");
    CHECK(refused(pg("integer", "ARRAY[1]")));
    CHECK(pg("integer[]", "ARRAY[1").starts_with("1: BAD the statement ends in the middle of it"));
    CHECK(pg("_text", "'{a,b}'") == "json [\"a\",\"b\"]");
    CHECK(pg("_int4", "'{1,2}'") == "json [1,2]");
    CHECK(pg("_mine", "'{1,2}'") == "text {1,2}");
}

TEST_CASE("strings one behind the other are one, as far as the database has it so") {
    CHECK(pg("text", "'a'\n  'b'\n'c''d'") == "text abc'd");
    CHECK(pg("text", "E'a\\n'\n'b'") == "text a\nb");
    CHECK(refused(pg("text", "E'a'\n'b\\n'")));
    CHECK(refused(pg("text", "'a' 'b'")));
    CHECK(my("text", "'a' 'b' \"c\"") == "text abc");
    CHECK(refused(lite("text", "'a' 'b'")));
}

TEST_CASE("U&'…' with an escape of its own") {
    CHECK(pg("text", "U&'d\\0061t\\+000061'") == "text data");
    CHECK(pg("text", "U&'d!0061t!+000061!!''\\' UESCAPE '!'") == "text data!'\\");
    CHECK(refused(pg("text", "U&'d!00' UESCAPE '!'")));
    CHECK(refused(pg("text", "U&'d' UESCAPE '!!'")));
}

TEST_CASE("mydumper's CONVERT") {
    CHECK(
        my("json", "CONVERT(\"{\\\"a\\\": \\\"q\\\\\\\"x\\\", \\\"n\\\": 1.10}\" USING UTF8MB4)") ==
        "json {\"a\":\"q\\\"x\",\"n\":1.10}");
    CHECK(my("varchar(9)", "CONVERT('x' USING utf8mb4)") == "text x");
    CHECK(my("varbinary(9)", "_binary \"a\\0\"") == "text YQA=");
    CHECK(refused(my("varchar(9)", "CONVERT('x' USING latin1)")));
    CHECK(refused(my("varchar(9)", "CONVERT('x', CHAR)")));
}

TEST_CASE("INSERT … SET, and rows of nothing but defaults") {
    CHECK(read(SqlDialect::mysql,
               "CREATE TABLE t (id int, n varchar(9));\n"
               "INSERT INTO t SET id = 1, t.`n` = CONCAT('a', ',');\n"
               "INSERT INTO t SET n='b,c', id=2 ON DUPLICATE KEY UPDATE n = 'x';\n"
               "INSERT INTO t SET n=DEFAULT; INSERT INTO t SET n; INSERT INTO t SET x=1 y;\n"
               "INSERT INTO t () VALUES ();\nINSERT INTO t VALUES ();\nINSERT INTO t VALUES "
               "(3,'d');\n")
              .rows ==
          "2: BAD column n: 'CONCAT('a', ',')' is not a value that can be read\n"
          "3: n=text b,c, id=number 2\n"
          "4: BAD column n: DEFAULT, which the dump does not tell\n"
          "4: BAD it is no list of names and values\n"
          "4: BAD column x: '1 y' is not a value that can be read\n"
          "5: BAD all its values are DEFAULT, which the dump does not tell\n"
          "6: BAD all its values are DEFAULT, which the dump does not tell\n"
          "7: id=number 3, n=text d\n");
}

TEST_CASE("COPY with options, and its CSV") {
    const auto copy = [](const std::string& options, const std::string& data) {
        return read(SqlDialect::postgres,
                    "CREATE TABLE t (id integer, n text);\nCOPY t FROM stdin " + options + ";\n" +
                        data + "\\.\nSELECT 1;\n");
    };
    for (const char* options :
         {"", "WITH (FORMAT text)", "(FREEZE)", "WITH (NULL '\\N', ENCODING 'UTF8')"}) {
        CAPTURE(options);
        CHECK(copy(options, "1\ta\\tb\n2\t\\N\n").rows ==
              "3: id=number 1, n=text a\tb\n4: id=number 2, n=null\n");
    }
    CHECK(copy("DELIMITER '|'", "1|a\\|b\\\\\n").rows == "3: id=number 1, n=text a|b\\\n");
    CHECK(copy("WITH DELIMITER AS E'\\t' NULL AS ''", "1\t\n2\t\\\\N\n").rows ==
          "3: id=number 1, n=null\n4: id=number 2, n=text \\N\n");
    const std::string csv = "id,n\n1,\"a,\"\"b\"\"\nc\"\n2,\n3,\"\"\n4,x\"y,z\"w\n5,\\N\r\n";
    const std::string rows =
        "4: id=number 1, n=text a,\"b\"\nc\n6: id=number 2, n=null\n7: id=number 3, n=text\n"
        "8: id=number 4, n=text xy,zw\n9: id=number 5, n=text \\N\n";
    CHECK(copy("WITH (FORMAT csv, HEADER)", csv).rows == rows);
    CHECK(copy("CSV HEADER", csv).rows == rows);
    CHECK(copy("(FORMAT 'csv', DELIMITER ';', QUOTE '''', ESCAPE '\\', NULL 'nil', HEADER false)",
               "1;'a\\'b\\\\;'\n2;nil\n3;'nil'\n")
              .rows ==
          "3: id=number 1, n=text a'b\\;\n4: id=number 2, n=null\n5: id=number 3, n=text nil\n");
    for (const char* options : {"WITH BINARY", "(FORMAT binary)", "(FORMAT csv, FORCE_NULL (n))",
                                "(DELIMITER 'ab')", "(ENCODING 'LATIN1')", "(FORMAT csv"}) {
        CAPTURE(options);
        const DumpReading reading = copy(options, "1\n");
        CHECK(reading.rows == "");
        CHECK(reading.error.starts_with("in:2: COPY with these options ("));
    }
    CHECK(read(SqlDialect::postgres,
               "CREATE TABLE t (id int);\nCOPY t FROM '/x.csv';\nINSERT INTO t VALUES (1);\n")
              .rows == "2: BAD its values come from a file, not from VALUES\n3: id=number 1\n");
}

TEST_CASE("text in another encoding is converted, binary values are not") {
    const DumpReading latin =
        read(SqlDialect::postgres,
             "SET client_encoding = 'LATIN1';\nCREATE TABLE t (id integer, \"n\xe9\" text);\n"
             "INSERT INTO t VALUES (1,'caf\xe9');\nCOPY t FROM stdin;\n2\t\xe9\\t\xfc\n\\.\n");
    CHECK(latin.rows == "3: id=number 1, né=text café\n5: id=number 2, né=text é\tü\n");
    CHECK(latin.warning == "in: its text was converted from LATIN1 to UTF-8");
    const DumpReading windows = read(
        SqlDialect::mysql,
        "/*!40101 SET NAMES latin1 */;\n/*!40101 SET @saved_cs_client = @@character_set_client "
        "*/;\n"
        "/*!40101 SET character_set_client = utf8 */;\nCREATE TABLE `t` (`é` varchar(9), b blob);\n"
        "/*!40101 SET character_set_client = @saved_cs_client */;\n"
        "INSERT INTO `t` VALUES ('\x80\x81\xe9',_binary '\xe9');\n");
    CHECK(windows.rows == "6: é=text €\xc2\x81é, b=text 6Q==\n");
    CHECK(windows.warning == "in: its text was converted from latin1 to UTF-8");
    CHECK(read(SqlDialect::mysql,
               "SET NAMES ujis;\nCREATE TABLE t (n text);\nINSERT INTO t VALUES "
               "('\xa4\xa2'),('\xa4');\n")
              .rows ==
          "3: n=text あ\n3: BAD column n: its bytes are no text in ujis, which the dump says "
          "it is in\n");
    CHECK(read(SqlDialect::mysql,
               "SET NAMES utf8mb4;\nCREATE TABLE t (n text);\nINSERT INTO t VALUES ('é');\n")
              .warning == "");
    for (const char* name : {"gbk", "sjis", "nonsense"}) {
        CAPTURE(name);
        const DumpReading reading = read(SqlDialect::mysql, "SET NAMES "s + name + ";\n");
        CHECK(reading.error == "in:1: the dump is in "s + name +
                                   ", which cannot be converted to UTF-8 (byte 0 of the input)");
        CHECK(reading.hint == "dump with --default-character-set=utf8mb4");
    }
}
