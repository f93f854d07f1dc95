// A private MariaDB for the tests of one program: data and Unix socket in a folder of its own, no
// TCP, nothing synced, no configuration of the machine's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace cachectl::test {

class MariadbServer {
public:
    /// The one of this program, which its first use starts; root needs no password, the database is
    /// d, in utf8mb4 and now empty. Throws std::runtime_error, with its log, when it does not start
    /// in a minute, or if there is no MariaDB.
    static const MariadbServer& emptied();
    /// Ends it.
    ~MariadbServer();
    MariadbServer(const MariadbServer&) = delete;
    MariadbServer& operator=(const MariadbServer&) = delete;

    /// Runs SQL in d; throws std::runtime_error at the first error.
    void run(const std::string& sql) const;
    /// What a query returns, in UTF-8: fields end with a TAB, rows with a line end.
    [[nodiscard]] std::string query(const std::string& sql) const;
    /// What mariadb-dump prints for the database d with these options.
    [[nodiscard]] std::string dump(const std::vector<std::string>& options) const;
    /// The environment in which the clients find it: with it, `mariadb-dump --no-defaults d` does.
    [[nodiscard]] ProcessOptions environment() const;

private:
    MariadbServer();
    [[nodiscard]] std::string log() const;

    TempDir m_dir;
    std::unique_ptr<Process> m_process;
};

}  // namespace cachectl::test
