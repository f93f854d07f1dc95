#include "support/postgres_server.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "support/differential.hpp"

namespace cachectl::test {

namespace {

constexpr Millis k_patience{60'000};

/// Debian keeps the server's programs out of PATH, in a folder for each version.
std::vector<std::string> debian_folders() {
    std::vector<std::string> folders;
    std::error_code none;
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
        folders.push_back(version.path() / "bin");
    }
    std::sort(folders.rbegin(), folders.rend());
    return folders;
}

std::optional<Account> account() {
    if (::geteuid() != 0) {
        return std::nullopt;
    }
    const passwd* const nobody = ::getpwnam("nobody");
    if (nobody == nullptr) {
        throw std::runtime_error(
            "PostgreSQL does not run as root, and there is no user nobody to run it as");
    }
    return Account{nobody->pw_uid, nobody->pw_gid};
}

}  // namespace

PostgresServer::PostgresServer() {
    const std::string server = find_program("postgres", debian_folders(), "postgresql");
    // A link to it stands in no folder of PostgreSQL's.
    m_programs = std::filesystem::canonical(server).parent_path();
    const std::string dir = m_dir.path();
    ProcessOptions options = environment();
    options.account = account();
    options.cwd = dir;
    if (options.account &&
        ::chown(dir.c_str(), options.account->user, options.account->group) != 0) {
        throw std::runtime_error("cannot give " + dir + " to nobody");
    }
    output_of({m_programs + "/initdb", "--pgdata", dir + "/data", "--username=postgres",
               "--auth=trust", "--no-sync", "--locale=C.UTF-8", "--encoding=UTF8"},
              options);
    m_process = std::make_unique<Process>(std::vector<std::string>{m_programs + "/postgres",
                                                                   "-D",
                                                                   dir + "/data",
                                                                   "-k",
                                                                   dir,
                                                                   "-c",
                                                                   "listen_addresses=",
                                                                   "-c",
                                                                   "fsync=off",
                                                                   "-c",
                                                                   "shared_buffers=16MB",
                                                                   "-c",
                                                                   "max_connections=10",
                                                                   "-c",
                                                                   "timezone=Asia/Kolkata",
                                                                   "-c",
                                                                   "log_min_messages=log",
                                                                   "-c",
                                                                   "jit=off",
                                                                   "-c",
                                                                   "autovacuum=off"},
                                          options);
    if (!m_process->wait_for_err("ready to accept connections", k_patience)) {
        throw std::runtime_error("postgres did not start: " + m_process->err());
    }
}

const PostgresServer& PostgresServer::emptied() {
    static const PostgresServer server;
    for (const std::string sql : {"DROP DATABASE IF EXISTS d", "CREATE DATABASE d"}) {
        server.tool({"psql", "-Xq", "-d", "postgres", "-c", sql});
    }
    return server;
}

PostgresServer::~PostgresServer() {
    // Its children are in groups of their own, so let it end them: this is its immediate shutdown.
    m_process->send_signal(SIGQUIT);
    m_process->wait();
}

void PostgresServer::run(const std::string& sql) const {
    ProcessOptions options = environment();
    options.stdin_bytes = sql;
    output_of({m_programs + "/psql", "-Xq", "-v", "ON_ERROR_STOP=1"}, options);
}

std::string PostgresServer::query(const std::string& sql) const {
    ProcessOptions options = environment();
    options.stdin_bytes = sql;
    return output_of({m_programs + "/psql", "-XqAt0", "-v", "ON_ERROR_STOP=1"}, options);
}

std::string PostgresServer::tool(std::vector<std::string> argv) const {
    argv.front() = m_programs + "/" + argv.front();
    return output_of(std::move(argv), environment());
}

ProcessOptions PostgresServer::environment() const {
    ProcessOptions options;
    const char* const path = std::getenv("PATH");
    options.env = {{"PATH", m_programs + ":" + (path == nullptr ? "/usr/bin:/bin" : path)},
                   {"PGHOST", m_dir.path()},
                   {"PGUSER", "postgres"},
                   {"PGDATABASE", "d"}};
    return options;
}

}  // namespace cachectl::test
