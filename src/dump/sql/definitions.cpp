#include "dump/sql/definitions.hpp"

#include <fmt/format.h>

#include <memory>

#include "dump/sql/table_list.hpp"
#include "util/error.hpp"

namespace cachectl {

SqlGuess SqlDefinitions::dialect_of(Source& source, SqlDialect asked) const {
    if (asked != SqlDialect::automatic) {
        return {asked, true, {}};
    }
    while (source.window().size() < k_sql_guess_bytes && source.fill()) {
    }
    const SqlGuess guess = guess_sql(source.window());
    if (!guess.foreign.empty()) {
        throw Error(ExitCode::bad_input,
                    fmt::format("cannot read {}: it is a script for {}, and no dump of PostgreSQL, "
                                "MySQL, MariaDB or SQLite",
                                source.name(), guess.foreign),
                    "export its tables as CSV; what it has in plain INSERTs, --dialect generic "
                    "reads");
    }
    return guess.recognised || !m_dialect ? guess : SqlGuess{*m_dialect, true, {}};
}

SqlCatalog& SqlDefinitions::begin_file(const SqlGuess& guess) {
    if (guess.recognised) {
        m_dialect = guess.dialect;
    }
    SqlCatalog& catalog =
        m_catalogs.try_emplace(guess.dialect, rules_of(guess.dialect)).first->second;
    for (SqlTable& table : catalog.tables()) {
        table.filled = false;
        table.rows = 0;
    }
    return catalog;
}

SqlDefinitions read_definitions(const std::string& file, const ReaderOptions& options) {
    Source source = Source::open(file);
    ReaderOptions reading = options;
    reading.sql.tables.clear();
    reading.sql.definitions = std::make_shared<SqlDefinitions>();
    list_tables_of(source, reading);
    return *reading.sql.definitions;
}

}  // namespace cachectl
