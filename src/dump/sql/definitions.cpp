#include "dump/sql/definitions.hpp"

#include <memory>

#include "dump/sql/table_list.hpp"

namespace cachectl {

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
