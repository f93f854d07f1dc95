// A database of SQLite for one test, in a folder of its own, and the shell that works on it.
#pragma once

#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace cachectl::test {

class SqliteDatabase {
public:
    /// Throws std::runtime_error if there is no sqlite3.
    SqliteDatabase();

    /// Runs SQL and the shell's dot commands, and returns what they print; throws
    /// std::runtime_error at the first error. Of a query: fields end with '|', rows with a line
    /// end.
    std::string run(const std::string& script) const;
    [[nodiscard]] std::string path() const { return m_dir.path() / "db"; }

private:
    TempDir m_dir;
};

}  // namespace cachectl::test
