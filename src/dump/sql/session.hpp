// What a dump sets for those statements that follow: how strings are escaped, which schema names
// are in. Nothing of it is obeyed but what decides how the text is to be read.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dump/sql/encoding.hpp"
#include "dump/sql/input.hpp"
#include "dump/sql/options.hpp"
#include "dump/sql/schema.hpp"
#include "dump/sql/statement.hpp"

namespace cachectl {

class SqlSession {
public:
    SqlSession(SqlInput& input, SqlEscapes escapes);

    /// A statement behind its SET. Throws Error(bad_input) if the dump is in an encoding that
    /// cannot be converted.
    void set(SqlStatement& statement);
    /// USE: the database of names without one.
    void use(const std::string& database);
    /// BEGIN, COMMIT, ROLLBACK …: a statement that is not read otherwise.
    void see_statement(std::string_view word);
    /// A comment line or a line for psql.
    void see_aside(std::string_view line);

    /// The whole path of a table that a CREATE calls so.
    [[nodiscard]] std::vector<std::string> qualify(std::vector<std::string> path) const;
    /// The whole path of a table that another statement calls so: the first of the search path that
    /// the catalog has, or else as qualify().
    [[nodiscard]] std::vector<std::string> resolve(std::vector<std::string> path,
                                                   SqlCatalog& catalog) const;
    /// The table that a statement calls so; nullptr if there is none, or if the path is empty.
    SqlTable* find(std::vector<std::string> path, SqlCatalog& catalog) const;
    /// The same; if there is none, it is added as one that is only named.
    SqlTable* find_or_add(std::vector<std::string> path, SqlCatalog& catalog) const;
    /// Gives a table another name; without a schema it stays in its own. Not if it is empty.
    void rename(SqlTable& table, std::vector<std::string> path) const;
    /// Of the text in statements.
    [[nodiscard]] SqlEncoding& encoding() noexcept { return m_encoding; }
    /// Has the dump a beginning that pg_dump, mysqldump or sqlite3 wrote, but not the last line
    /// that goes with it? (sqlite3's COMMIT is a ROLLBACK when it met errors.)
    [[nodiscard]] bool lacks_end() const noexcept { return m_awaited_ends > 0 || m_in_transaction; }
    /// Is ROLLBACK the end of SQLite's transaction?
    [[nodiscard]] bool rolled_back() const noexcept { return m_rolled_back; }
    /// That last line.
    [[nodiscard]] std::string_view end() const noexcept;

private:
    void set_one(SqlStatement& statement);
    void set_sql_mode(std::string_view mode);
    void set_encoding(std::string_view name);
    void connect(std::string_view target);
    void set_search_path(std::string first, SqlStatement& statement);
    [[nodiscard]] std::vector<std::string> within(const std::string& schema,
                                                  const std::string& name) const;

    SqlInput& m_input;
    SqlEscapes m_escapes;
    std::string m_database;              // of \connect
    std::vector<std::string> m_schemas;  // the search path, or the database of USE
    bool m_any_user = false;             // "$user" is on the search path, whoever that is
    bool m_default_schema = true;        // nothing was said of it
    std::string m_sql_mode;
    SqlEncoding m_encoding;
    std::map<std::string, std::string, std::less<>> m_saved;  // @variable → sql_mode or encoding
    int m_awaited_ends = 0;
    bool m_in_transaction = false;  // SQLite's
    bool m_rolled_back = false;
};

}  // namespace cachectl
