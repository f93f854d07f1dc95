#include "dump/sql/row_maker.hpp"

#include <doctest/doctest.h>

#include "support/dump_input.hpp"

using namespace cachectl;

namespace {

std::string rows(SqlDialect dialect, std::string_view text) {
    return read_all(text, {.format = DumpFormat::sql, .sql = {.dialect = dialect}}).rows;
}

}  // namespace

TEST_CASE("two columns of one name are a bad row: which of them is meant?") {
    CHECK(rows(SqlDialect::mysql, "INSERT INTO t (a,b,a) VALUES (1,2,3);") ==
          "1: BAD two columns are named 'a'\n");
    CHECK(rows(SqlDialect::sqlite, "CREATE TABLE t (x, y, x);\nINSERT INTO t VALUES (1,2,3);") ==
          "2: BAD two columns are named 'x'\n");
    CHECK(rows(SqlDialect::postgres, "COPY t (a, b, a) FROM stdin;\n1\t2\t3\n\\.\n") ==
          "2: BAD two columns are named 'a'\n");
}
