#include "support/mariadb_server.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "support/differential.hpp"

namespace cachectl::test {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto k_patience = std::chrono::seconds(60);

/// As little as InnoDB can be told to take, and no waiting for disks.
const std::vector<std::string> k_small = {"--innodb-log-file-size=4M",
                                          "--innodb-buffer-pool-size=16M",
                                          "--innodb-fast-shutdown=2",
                                          "--innodb-doublewrite=0",
                                          "--innodb-flush-log-at-trx-commit=0",
                                          "--innodb-flush-method=nosync",
                                          "--innodb-buffer-pool-load-at-startup=0",
                                          "--innodb-buffer-pool-dump-at-shutdown=0",
                                          "--aria-pagecache-buffer-size=1M",
                                          "--key-buffer-size=1M"};

void append(std::vector<std::string>& argv, const std::vector<std::string>& more) {
    argv.insert(argv.end(), more.begin(), more.end());
}

}  // namespace

MariadbServer::MariadbServer() {
    const std::string server =
        find_program("mariadbd", {"/usr/sbin", "/usr/libexec"}, "mariadb-server-core");
    const std::string installer =
        find_program("mariadb-install-db", {"/usr/bin"}, "mariadb-server-core");
    find_program("mariadb-dump", {}, "mariadb-client");
    const std::string dir = m_dir.path();
    // In a shared folder for temporary files each of them clears away those of the others.
    std::filesystem::create_directory(dir + "/tmp");
    std::vector<std::string> common = {"--no-defaults", "--datadir=" + dir + "/data",
                                       "--tmpdir=" + dir + "/tmp"};
    if (::geteuid() == 0) {
        common.push_back("--user=root");
    }
    std::vector<std::string> argv = {installer};
    append(argv, common);
    append(argv, {"--auth-root-authentication-method=normal", "--skip-test-db",
                  "--skip-name-resolve", "--skip-log-bin"});
    append(argv, k_small);
    output_of(argv, {});
    argv = {server};
    append(argv, common);
    append(argv,
           {"--skip-networking", "--socket=" + dir + "/mariadb.sock", "--pid-file=" + dir + "/pid",
            "--log-error=" + dir + "/mariadb.err", "--character-set-server=utf8mb4",
            "--max-connections=20", "--default-time-zone=+05:30", "--secure-file-priv="});
    append(argv, k_small);
    m_process = std::make_unique<Process>(argv);
    const auto deadline = Clock::now() + k_patience;
    while (log().find("ready for connections") == std::string::npos) {
        if (!m_process->running() || Clock::now() >= deadline) {
            throw std::runtime_error("mariadbd did not start: " + log());
        }
        std::this_thread::sleep_for(Millis(10));
    }
}

const MariadbServer& MariadbServer::emptied() {
    // To start one takes as long as to test it.
    static const MariadbServer server;
    output_of({"mariadb", "--no-defaults", "-u", "root", "-e",
               "SET GLOBAL sql_mode = DEFAULT; DROP DATABASE IF EXISTS d; CREATE DATABASE d"},
              server.environment());
    return server;
}

MariadbServer::~MariadbServer() {
    m_process->send_signal(SIGTERM);
    m_process->wait();
}

std::string MariadbServer::log() const { return read_file(m_dir.path() / "mariadb.err"); }

void MariadbServer::run(const std::string& sql) const {
    ProcessOptions options = environment();
    options.stdin_bytes = sql;
    output_of({"mariadb", "--no-defaults", "-u", "root", "--default-character-set=utf8mb4",
               "--binary-mode", "d"},
              options);
}

std::string MariadbServer::query(const std::string& sql) const {
    ProcessOptions options = environment();
    options.stdin_bytes = sql;
    return output_of({"mariadb", "--no-defaults", "-u", "root", "--default-character-set=utf8mb4",
                      "--binary-mode", "--batch", "--raw", "--skip-column-names", "d"},
                     options);
}

std::string MariadbServer::dump(const std::vector<std::string>& options) const {
    std::vector<std::string> argv = {"mariadb-dump", "--no-defaults", "-u", "root"};
    append(argv, options);
    argv.push_back("d");
    return output_of(argv, environment());
}

ProcessOptions MariadbServer::environment() const {
    ProcessOptions options;
    options.env = {{"MYSQL_UNIX_PORT", m_dir.path() / "mariadb.sock"}};
    return options;
}

}  // namespace cachectl::test
