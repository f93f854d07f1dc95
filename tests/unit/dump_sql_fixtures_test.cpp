// Dumps as pg_dump 15.18, MariaDB 10.11.19 and sqlite3 3.40.1 wrote them, of tables made to hold
// what goes wrong: every row of every file, literally; and every cut of every file.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "dump/sql/guess.hpp"
#include "dump/sql/reader.hpp"
#include "support/dump_input.hpp"

using namespace cachectl;
using namespace std::string_literals;

namespace {

std::string read_dump(const std::string& name) {
    std::ifstream file(std::string(CACHECTL_SOURCE_DIR) + "/tests/data/dumps/" + name,
                       std::ios::binary);
    REQUIRE(file.good());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

const std::string k_files[] = {
    "mariadb_ansi.sql",
    "mariadb_default.sql",
    "mariadb_hex_complete.sql",
    "mariadb_nobackslash.sql",
    "mariadb_replace.sql",
    "pg_colinserts_multi.sql",
    "pg_copy.sql",
    "pg_dumpall.sql",
    "pg_inserts.sql",
    "pg_inserts_scs_off.sql",
    "sqlite_dump.sql",
};

/// The rows alone, without the lines on which they stand.
std::string rows_of(const std::string& text, const ReaderOptions& options = {}) {
    const TextFile file(text);
    Source source(file.fd(), "in");
    const auto reader = open_reader(source, options);
    std::string rows;
    while (true) {
        const auto next = reader->next();
        if (next == Next::end) {
            return rows;
        }
        REQUIRE(next == Next::record);
        const std::string row = describe(reader->record());
        rows += reader->table()->full_name() + row.substr(row.find(':'));
    }
}

const std::string k_first =
    "q'uote \"dq\" nl\nnl cr\rcr tab\ttab bs\\bs nul\0nul ctrlZ\x1A escx1b[31m"s;
const std::string k_first_upper =
    "Q'UOTE \"DQ\" NL\nNL CR\rCR TAB\tTAB BS\\BS NUL\0NUL CTRLZ\x1A ESCX1B[31M"s;

/// The four rows of MariaDB's table, by what é and 😀 became.
std::string mariadb_rows(const std::string& lower, const std::string& upper) {
    return "we`ird: id=number 1, s=text " + k_first +
           ", b=text AP9cJwoa, bt=number 513, j=json {\"a\":\"x\\n\"}, e=text a, "
           "ts=text 2024-02-29 23:59:59, dec1=number 1.50000, fl=number 1e300, g=text " +
           k_first_upper +
           ", bin=text YWIAAA==\n"
           "we`ird: id=number 2, s=null, b=null, bt=null, j=null, e=null, ts=null, dec1=null, "
           "fl=null, g=null, bin=null\n"
           "we`ird: id=number 3, s=text /*!50000 not a comment */ -- nor this; DELIMITER //, "
           "b=text, bt=number 0, j=json [], e=text b, ts=null, dec1=number 0.00000, "
           "fl=number -1e-300, g=text /*!50000 NOT A COMMENT */ -- NOR THIS; DELIMITER //, "
           "bin=text AQIDBA==\n"
           "we`ird: id=number 4, s=text " +
           lower +
           "),(2,'x, b=text cGxhaW4=, bt=number 1, j=number 1, e=text a, ts=null, "
           "dec1=number 12345.60000, fl=number 3.14, g=text " +
           upper + "),(2,'X, bin=text enp6eg==\n";
}

/// The three rows of PostgreSQL's table.
std::string postgres_rows(const std::string& table) {
    return table +
           ": id=number 1, Name=text tab\there nl\nhere cr\rhere bs\\here bella bksp\b vt\v ff\f "
           "q'uote esc\x1B[31m, b=text AP9cCg==, "
           "arr=json [\"a,b\",\"c\\\"d\",\"e\\\\f\",null,\"NULL\",\"\"], "
           "j=json {\"k\":\"v\\n\\\\\",\"n\":12345678901234567890.123,\"u\":\"\xC3\xA9\"}, "
           "t=text 2024-02-29 18:29:59.123456+00, f=text NaN, "
           "n=number 1000000000000000000000000000000, bo=boolean true, e=text\n" +
           table +
           ": id=number 2, Name=null, b=null, arr=null, j=null, t=text infinity, "
           "f=text -Infinity, n=text NaN, bo=boolean false, e=text \\.\n" +
           table +
           ": id=number 3, Name=text \\N, b=text, arr=json [], j=json [], t=null, "
           "f=number 1e-300, n=number 0, bo=null, e=text line1\n\\.\nline3\n";
}

/// The definition of that table, for the dumps that hold data alone.
const std::string k_postgres_table =
    "CREATE TABLE public.\"Weird \"\"Tbl\" (id integer, \"Name\" text, b bytea, arr text[], "
    "j jsonb, t timestamp with time zone, f double precision, n numeric, bo boolean, "
    "g text GENERATED ALWAYS AS (upper(\"Name\")) STORED, e text);\n";

const std::string k_mariadb_table =
    "CREATE TABLE `we``ird` (`id` int(11), `s` varchar(200), `b` blob, `bt` bit(10), "
    "`j` longtext CHECK (json_valid(`j`)), `e` enum('a','b'), `ts` timestamp, "
    "`dec1` decimal(20,5), `fl` double, `g` varchar(210) AS (ucase(`s`)), `bin` binary(4));\n";

ReaderOptions of_dialect(SqlDialect dialect) {
    return {.format = DumpFormat::sql, .sql = {.dialect = dialect}};
}

}  // namespace

TEST_CASE("MariaDB's dumps, row by row") {
    const std::string whole = mariadb_rows("\xC3\xA9\xF0\x9F\x98\x80", "\xC3\x89\xF0\x9F\x98\x80");
    CHECK(rows_of(read_dump("mariadb_default.sql")) == whole);
    CHECK(rows_of(read_dump("mariadb_nobackslash.sql")) == whole);
    CHECK(rows_of(read_dump("mariadb_hex_complete.sql")) == whole);
    // In ANSI mode mariadb-dump talked latin1 to the server: the dump itself holds no é.
    CHECK(rows_of(read_dump("mariadb_ansi.sql")) == mariadb_rows("\xE9?", "\xC9?"));
    CHECK(rows_of(k_mariadb_table + read_dump("mariadb_replace.sql")) == whole);
}

TEST_CASE("pg_dump's dumps, row by row") {
    const std::string table = "public.Weird \"Tbl";
    CHECK(rows_of(read_dump("pg_copy.sql")) == postgres_rows(table));
    CHECK(rows_of(read_dump("pg_inserts.sql")) == postgres_rows(table));
    CHECK(rows_of(read_dump("pg_dumpall.sql")) == postgres_rows("postgres." + table));
    CHECK(rows_of(k_postgres_table + read_dump("pg_colinserts_multi.sql"),
                  of_dialect(SqlDialect::postgres)) == postgres_rows(table));
    CHECK(rows_of(k_postgres_table + read_dump("pg_inserts_scs_off.sql"),
                  of_dialect(SqlDialect::postgres)) == postgres_rows(table));
}

TEST_CASE("pg_dump's data alone: values are what they look like") {
    CHECK(rows_of(read_dump("pg_colinserts_multi.sql")) ==
          "public.Weird \"Tbl: id=number 1, Name=text tab\there nl\nhere cr\rhere bs\\here bella "
          "bksp\b vt\v ff\f q'uote esc\x1B[31m, b=text \\x00ff5c0a, "
          "arr=text {\"a,b\",\"c\\\"d\",\"e\\\\f\",NULL,\"NULL\",\"\"}, "
          "j=text {\"k\": \"v\\n\\\\\", \"n\": 12345678901234567890.123, \"u\": \"\xC3\xA9\"}, "
          "t=text 2024-02-29 18:29:59.123456+00, f=text NaN, "
          "n=number 1000000000000000000000000000000, bo=boolean true, e=text\n"
          "public.Weird \"Tbl: id=number 2, Name=null, b=null, arr=null, j=null, t=text infinity, "
          "f=text -Infinity, n=text NaN, bo=boolean false, e=text \\.\n"
          "public.Weird \"Tbl: id=number 3, Name=text \\N, b=text \\x, arr=text {}, j=text [], "
          "t=null, f=number 1e-300, n=number 0, bo=null, e=text line1\n\\.\nline3\n");
}

TEST_CASE("rows without column names and without a CREATE TABLE are refused, with the remedy") {
    const DumpReading mariadb = read_all(read_dump("mariadb_replace.sql"));
    CHECK(mariadb.error ==
          "in:24: the columns of we`ird have no names: the dump holds no CREATE TABLE for it "
          "(byte 910 of the input)");
    CHECK(mariadb.hint ==
          "dump the table's definition too, or give the file that has it before this one, or name "
          "the columns: pg_dump --column-inserts, mysqldump --complete-insert");
    CHECK(read_all(read_dump("pg_inserts_scs_off.sql")).error ==
          "in:26: the columns of public.Weird \"Tbl have no names: the dump holds no CREATE TABLE "
          "for it (byte 687 of the input)");
}

TEST_CASE("sqlite3's dump, row by row") {
    CHECK(rows_of(read_dump("sqlite_dump.sql")) ==
          "t: id=number 1, a=text it's\nline2\rx, b=text AP8=, r=text Infinity, n=text -Infinity\n"
          "t: id=number 2, a=text tab\tesc\x1B[31m, b=text AAAA, "
          "r=number 0.10000000000000000555, n=number 9223372036854775807\n"
          "t: id=number 3, a=text nul, b=null, r=number 1.0, n=number 3.0\n"
          "t: id=number 4, a=text lit \\n backslash\n, b=text, r=number 0.0, n=text txt\n"
          "we ird: a=number 1\n");
    // What a full-text index keeps is there for who asks for it.
    CHECK(rows_of(read_dump("sqlite_dump.sql"),
                  {.sql = {.tables = {"ft_data", "ft_content"}, .binary = BinaryAs::hex}}) ==
          "ft_data: id=number 1, block=text 0101\n"
          "ft_data: id=number 10, block=text 000000000101010001010101\n"
          "ft_data: id=number 137438953473, block=text 0000000e063068656c6c6f01020204\n"
          "ft_content: id=number 1, c0=text hello\n");
}

TEST_CASE("pg_dump's other formats are refused, with the remedy") {
    for (const auto& [file, what] :
         {std::pair{"pg_custom.dump", "it is in pg_dump's custom format"},
          std::pair{"pg_tar.tar", "it is a tar archive made by pg_dump"}}) {
        const DumpReading reading = read_all(read_dump(file));
        CHECK(reading.error == std::string("cannot read in: ") + what);
        CHECK(reading.hint == "pg_restore -f - in | cachectl warm -");
    }
}

TEST_CASE(
    "the beginning of a dump in another format is refused, however short, or at least no row") {
    for (const std::string file : {"pg_custom.dump", "pg_tar.tar"}) {
        CAPTURE(file);
        const std::string text = read_dump(file);
        for (std::size_t cut = 0; cut < text.size(); ++cut) {
            CAPTURE(cut);
            // Throws at any other error than bad input.
            const DumpReading reading = read_all(text.substr(0, cut), {}, 512);
            REQUIRE(reading.rows == "");
            REQUIRE((cut < 8 || reading.hint == "pg_restore -f - in | cachectl warm -"));
        }
    }
}

TEST_CASE("where the reads end makes no difference to a dump") {
    for (const std::string& file : k_files) {
        CAPTURE(file);
        const std::string text = read_dump(file);
        const DumpReading whole = read_all(text);
        for (std::size_t bytes = 1; bytes < text.size(); bytes += bytes < 300 ? 1 : 13) {
            CAPTURE(bytes);
            const DumpReading pieces = read_all(text, {}, bytes);
            REQUIRE(pieces.rows == whole.rows);
            REQUIRE(pieces.error == whole.error);
            REQUIRE(pieces.format == whole.format);
        }
    }
}

// Tens of thousands of readings: a window of 256 KiB for each would be most of the work.
constexpr std::size_t k_small_reads = 4096;

TEST_CASE("a cut dump never makes a row that was not there, and is never taken for whole") {
    for (const std::string& file : k_files) {
        CAPTURE(file);
        const std::string text = read_dump(file);
        const std::string whole = read_all(text).rows;
        const auto dialect = guess_sql(text).dialect;
        for (std::size_t cut = 0; cut < text.size(); ++cut) {
            CAPTURE(cut);
            // Throws at any other error than bad input.
            const DumpReading reading = read_all(text.substr(0, cut), {}, k_small_reads);
            REQUIRE(whole.starts_with(reading.rows));
            const DumpReading told =
                read_all(text.substr(0, cut), of_dialect(dialect), k_small_reads);
            REQUIRE(whole.starts_with(told.rows));
            // Up to the line that ends a dump, it is cut.
            const bool begun = cut > 300 || (dialect == SqlDialect::sqlite && cut > 50);
            const bool ended =
                cut > text.rfind(dialect == SqlDialect::sqlite ? "COMMIT" : "omplete");
            REQUIRE((!begun || ended || !told.error.empty()));
        }
    }
}
