// A child process of a test: bytes in, bytes out, a deadline, and never left behind.
// The environment is clean: PATH, a HOME of its own, LANG, TERM and the sanitizers' options; none
// of the caller's REDIS_* or CACHECTL_* variables.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/temp_dir.hpp"

namespace cachectl::test {

using Millis = std::chrono::milliseconds;

/// Whom a process runs as.
struct Account {
    uid_t user;
    gid_t group;
};

struct ProcessOptions {
    std::string stdin_bytes;                 // written to stdin, which is then closed
    bool keep_stdin_open = false;            // until close_stdin()
    std::map<std::string, std::string> env;  // on top of the clean environment
    std::string cwd;                         // empty: the caller's
    std::optional<Account> account;          // whom root lets it run as; nothing: as the caller
    std::string stdout_path;                 // not empty: stdout is this file (e.g. /dev/full)
    Millis timeout{300'000};                 // wait() kills the process after this
    // Set by PtyProcess: the terminal's end for the child, and which streams are on it.
    int terminal_fd = -1;
    bool terminal_stdin = false, terminal_stdout = false, terminal_stderr = false;
};

struct ProcessResult {
    int exit_code = -1;  // -1 when a signal ended it
    int signal = 0;      // the signal that ended it, else 0
    bool timed_out = false;
    std::string out;
    std::string err;
};

class Process {
public:
    /// Starts it; argv[0] is looked up in PATH. Throws std::runtime_error when it cannot be run.
    explicit Process(std::vector<std::string> argv, ProcessOptions options = {});
    /// Kills it if it still runs.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    [[nodiscard]] pid_t pid() const { return m_pid; }
    [[nodiscard]] const std::filesystem::path& home() const { return m_home.path(); }
    bool running();
    void send_signal(int number);
    void write_stdin(std::string_view bytes);
    void close_stdin();
    /// The reader of its stdout goes away, as `head` does.
    void close_stdout();

    /// What it has written until now; pump() reads more.
    [[nodiscard]] const std::string& out() const { return m_out; }
    [[nodiscard]] const std::string& err() const { return m_err; }
    /// Moves bytes in and out for at most this long, or until something moved.
    void pump(Millis longest);
    /// Pumps until the text is in stdout (stderr); false if it did not come within `timeout`.
    bool wait_for_out(std::string_view text, Millis timeout = Millis(60'000));
    bool wait_for_err(std::string_view text, Millis timeout = Millis(60'000));

    /// Waits for its end, kills it at the timeout, and returns all that it wrote.
    ProcessResult wait();

private:
    bool wait_for(const std::string& buffer, std::string_view text, Millis timeout);
    void reap();
    void drain();

    TempDir m_home;
    std::vector<std::string> m_argv;
    Millis m_timeout;
    pid_t m_pid = -1;
    int m_in = -1, m_stdout = -1, m_stderr = -1;
    bool m_close_when_written = false;
    bool m_exited = false;
    int m_status = 0;
    std::string m_pending_in, m_out, m_err;
};

/// Runs it to its end.
ProcessResult run_process(std::vector<std::string> argv, ProcessOptions options = {});
/// The program under test: $CACHECTL_BINARY (the sanitized one, or an older one), or else the
/// release.
std::string cachectl_binary();
/// Runs it to its end.
ProcessResult run_cachectl(std::vector<std::string> args, ProcessOptions options = {});
/// The argv for it: the program's path before the arguments.
std::vector<std::string> cachectl_argv(std::vector<std::string> args);

}  // namespace cachectl::test
