// Definitions and data in different files of a run.
#include "dump/sql/definitions.hpp"

#include <doctest/doctest.h>

#include "dump/sql/reader.hpp"
#include "support/dump_input.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl;

namespace {

const std::string k_schema =
    "SET client_encoding = 'UTF8';\n"
    "CREATE TABLE public.t (id integer, ok boolean, tags text[]);\n"
    "CREATE TABLE public.u (id integer);\n";
const std::string k_data = "COPY public.t (id, ok, tags) FROM stdin;\n1\tt\t{a,b}\n\\.\n";
const std::string k_typed = "2: id=number 1, ok=boolean true, tags=json [\"a\",\"b\"]\n";
const std::string k_untyped = "2: id=text 1, ok=text t, tags=text {a,b}\n";

/// Files of one run.
struct Run {
    ReaderOptions options;
    explicit Run(std::vector<std::string> tables = {}) {
        options.format = DumpFormat::sql;
        options.sql.tables = std::move(tables);
        options.sql.definitions = std::make_shared<SqlDefinitions>();
    }
    DumpReading read(std::string_view text, bool more_files) {
        options.sql.more_files = more_files;
        return read_all(text, options);
    }
};

}  // namespace

TEST_CASE("what one file defines holds for the rows of the next") {
    Run run;
    CHECK(run.read(k_schema, true).rows == "");
    const DumpReading data = run.read(k_data, false);
    CHECK(data.rows == k_typed);
    CHECK(data.warning == "");
    CHECK(data.format == "PostgreSQL dump");

    // A dump with rows alone may show no mark of its dialect.
    Run mysql;
    mysql.read("CREATE TABLE `t` (`id` int, `v` text) ENGINE=InnoDB;\n", true);
    CHECK(mysql.read("INSERT INTO t VALUES (1,'a\\nb');\n", false).rows ==
          "1: id=number 1, v=text a\nb\n");

    // The same table in several whole dumps is no table that starts again.
    Run shards;
    const std::string shard = "DROP TABLE IF EXISTS public.t;\n" + k_schema + k_data;
    CHECK(shards.read(shard, true).error == "");
    CHECK(shards.read(shard, false).error == "");
}

TEST_CASE("a table that is asked for has to be in one of the files") {
    Run run({"t"});
    CHECK(run.read("SET client_encoding = 'UTF8';\n", true).error == "");
    CHECK(run.read(k_schema, true).error == "");
    CHECK(run.read("SET client_encoding = 'UTF8';\n", false).error == "");
    Run none({"x"});
    none.read(k_schema, true);
    CHECK(none.read(k_data, false).error == "in has no table 'x'");
}

TEST_CASE("rows whose table is defined nowhere are text, which is told once") {
    const DumpReading copied = read_all("SET client_encoding = 'UTF8';\n" + k_data + k_data);
    CHECK(copied.rows ==
          "3: id=text 1, ok=text t, tags=text {a,b}\n6: id=text 1, ok=text t, tags=text {a,b}\n");
    CHECK(copied.warning ==
          "in:2: no CREATE TABLE tells of public.t, so all its values are text, but for numbers "
          "and the "
          "like without quotes; give the file with the definitions too, before this one");
    CHECK(read_all("INSERT INTO `t` (`id`) VALUES (1);\n")
              .warning.starts_with("in:1: no CREATE TABLE"));
    CHECK(read_all("PRAGMA x;\nINSERT INTO t(a) VALUES(1);\n").warning == "");
    CHECK(read_all("INSERT INTO `t` VALUES (1);\n").hint.find("the file that has it before") !=
          std::string::npos);
}

TEST_CASE("definitions are copied with their partitions, and read from a file") {
    const test::TempDir dir;
    const std::string file = dir.file(
        "schema.sql",
        "CREATE TABLE public.p (id integer) PARTITION BY RANGE (id);\n"
        "CREATE TABLE public.p1 (id integer);\n"
        "ALTER TABLE ONLY public.p ATTACH PARTITION public.p1 FOR VALUES FROM (1) TO (9);\n");
    Run run({"p"});
    run.options.sql.definitions =
        std::make_shared<SqlDefinitions>(SqlDefinitions(read_definitions(file, {})));
    CHECK(run.read("COPY public.p1 (id) FROM stdin;\n1\n\\.\n", false).rows == "2: id=number 1\n");
    CHECK_THROWS_AS(read_definitions(dir.file("a.csv", "id,n\n1,2\n"), {}), Error);
    CHECK_THROWS_AS(read_definitions((dir.path() / "none.sql").string(), {}), Error);
}

TEST_CASE("the parents in a copy are its own tables") {
    SqlCatalog catalog(rules_of(SqlDialect::postgres));
    SqlTable& heir = catalog.get({"c"});
    add_parent(&heir, &catalog.get({"a"}));
    add_parent(&heir, &catalog.get({"b"}));
    add_parent(&catalog.get({"a"}), &heir);  // would go round in a circle
    SqlCatalog copy(catalog);
    CHECK(copy.get({"c"}).lineage() ==
          std::vector<const SqlTable*>{&copy.get({"c"}), &copy.get({"a"}), &copy.get({"b"})});
    CHECK(copy.get({"a"}).parents.empty());
}
