// A private PostgreSQL for the tests of one program: data and Unix socket in a folder of its own,
// no TCP, nothing synced. PostgreSQL refuses to run as root; then it runs as nobody.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace cachectl::test {

class PostgresServer {
public:
    /// The one of this program, which its first use starts; its user is postgres, its database d,
    /// in UTF-8 and now empty. Throws std::runtime_error, with what it said, when it does not start
    /// in a minute, or if there is no PostgreSQL.
    static const PostgresServer& emptied();
    /// Ends it, at once.
    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    /// Runs SQL in d; throws std::runtime_error at the first error.
    void run(const std::string& sql) const;
    /// What a query returns: fields end with '|', rows with NUL.
    [[nodiscard]] std::string query(const std::string& sql) const;
    /// What one of its tools (psql, pg_dump …) prints.
    std::string tool(std::vector<std::string> argv) const;
    /// The environment in which its tools are found and find d.
    [[nodiscard]] ProcessOptions environment() const;

private:
    PostgresServer();

    TempDir m_dir;
    std::string m_programs;  // the folder with postgres, psql, pg_dump …
    std::unique_ptr<Process> m_process;
};

}  // namespace cachectl::test
