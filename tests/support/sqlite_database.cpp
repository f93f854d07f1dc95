#include "support/sqlite_database.hpp"

#include "support/differential.hpp"

namespace cachectl::test {

SqliteDatabase::SqliteDatabase() { find_program("sqlite3", {}, "sqlite3"); }

std::string SqliteDatabase::run(const std::string& script) const {
    ProcessOptions options;
    options.stdin_bytes = "PRAGMA synchronous = OFF;\n" + script;
    return output_of({"sqlite3", "-batch", "-bail", "-init", "/dev/null", path()}, options);
}

}  // namespace cachectl::test
