// A whole SQL dump: what read_twice() checks, and that counting its rows comes to the same number.
#include "dump/sql/reader.hpp"

#include <fmt/format.h>

#include <numeric>

#include "fuzz/reading.hpp"
#include "fuzz/target.hpp"
#include "util/error.hpp"

namespace cachectl {

void fuzz_sql_reader(std::string_view input) {
    const ReaderOptions options{.format = DumpFormat::sql};
    const FuzzReading rows = read_twice(input, options);
    if (!rows.error.empty()) {
        return;
    }
    Source source(fuzz_file(input), "in", k_one_read);
    const std::vector<SqlTable> tables = list_tables(source, options).tables;
    const auto counted =
        std::accumulate(tables.begin(), tables.end(), std::uint64_t{0},
                        [](std::uint64_t sum, const SqlTable& table) { return sum + table.rows; });
    expect(counted <= rows.records + rows.bad_rows, "no row is counted that is not delivered");
}

}  // namespace cachectl
