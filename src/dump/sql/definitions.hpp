// What the files of a run say of tables: what one has defined holds for those behind it, so that
// definitions and data may be in different files.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "dump/reader.hpp"
#include "dump/sql/guess.hpp"
#include "dump/sql/schema.hpp"

namespace cachectl {

class SqlDefinitions {
public:
    /// The dialect of a file that begins: `asked` unless it is automatic, else what its beginning
    /// shows, which is read ahead. A file of rows alone may show nothing; then it is that of the
    /// definitions so far. Throws Error(bad_input) for a database whose scripts cannot be read.
    [[nodiscard]] SqlGuess dialect_of(Source& source, SqlDialect asked) const;
    /// The catalog of the dialect, for a file that begins: none of its tables has rows yet.
    SqlCatalog& begin_file(const SqlGuess& guess);

    /// Takes note of names of tables that were asked for and found in a file.
    void add_found(const std::string& name) { m_found.insert(name); }
    [[nodiscard]] bool was_found(const std::string& name) const { return m_found.contains(name); }

private:
    std::map<SqlDialect, SqlCatalog> m_catalogs;
    std::optional<SqlDialect> m_dialect;  // of the last file whose dialect was recognised
    std::set<std::string> m_found;
};

/// The definitions in a file, whose rows are not read. Throws Error(bad_input) if it cannot be read
/// or is no SQL dump.
SqlDefinitions read_definitions(const std::string& file, const ReaderOptions& options);

}  // namespace cachectl
