#include "support/process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "support/failure_log.hpp"

namespace cachectl::test {

namespace {

using Clock = std::chrono::steady_clock;

void close_fd(int& fd) {
    if (fd >= 0) {
        ::close(fd);
    }
    fd = -1;
}

struct Pipe {
    int read = -1, write = -1;
    Pipe() {
        // A write end that another child inherited would keep this pipe from ending.
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) {
            throw std::runtime_error("pipe2 failed");
        }
        read = ends[0];
        write = ends[1];
    }
    ~Pipe() {
        close_fd(read);
        close_fd(write);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
};

int take(int& fd) {
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    return std::exchange(fd, -1);
}

std::vector<std::string> environment(const std::string& home,
                                     const std::map<std::string, std::string>& extra) {
    std::map<std::string, std::string> env{{"PATH", "/usr/local/bin:/usr/bin:/bin"},
                                           {"HOME", home},
                                           {"LANG", "C.UTF-8"},
                                           {"TERM", "xterm-256color"}};
    for (const char* name :
         {"PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "LLVM_PROFILE_FILE"}) {
        if (const char* value = std::getenv(name)) {
            env[name] = value;
        }
    }
    for (const auto& [name, value] : extra) {
        env[name] = value;
    }
    std::vector<std::string> lines;
    for (const auto& [name, value] : env) {
        lines.push_back(name + '=' + value);
    }
    return lines;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> result;
    for (std::string& text : strings) {
        result.push_back(text.data());
    }
    result.push_back(nullptr);
    return result;
}

/// Appends what can be read now; closes the end at its end. True if something came.
bool read_available(int& fd, std::string& into) {
    bool moved = false;
    std::array<char, 65536> chunk;
    while (fd >= 0) {
        const ssize_t n = ::read(fd, chunk.data(), chunk.size());
        if (n > 0) {
            into.append(chunk.data(), static_cast<std::size_t>(n));
            moved = true;
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else if (n < 0 && errno == EAGAIN) {
            break;
        } else {
            close_fd(fd);
        }
    }
    return moved;
}

std::string joined(const std::vector<std::string>& argv) {
    std::string line;
    for (const std::string& arg : argv) {
        line += (line.empty() ? "" : " ") + arg;
    }
    return line;
}

}  // namespace

Process::Process(std::vector<std::string> argv, ProcessOptions options)
    : m_argv(std::move(argv)), m_timeout(options.timeout) {
    // A child that has gone must be an EPIPE here, not the end of the test.
    std::signal(SIGPIPE, SIG_IGN);
    Pipe in, out, err, exec_error;
    int file = -1;
    if (!options.stdout_path.empty()) {
        file = ::open(options.stdout_path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (file < 0) {
            throw std::runtime_error("cannot open " + options.stdout_path);
        }
    }
    const int tty = options.terminal_fd;
    const std::array<int, 3> streams{options.terminal_stdin ? tty : in.read,
                                     file >= 0                 ? file
                                     : options.terminal_stdout ? tty
                                                               : out.write,
                                     options.terminal_stderr ? tty : err.write};
    // Between fork and exec only what is safe there: other threads may hold any lock.
    std::vector<std::string> env = environment(m_home.path().string(), options.env);
    const std::vector<char*> env_pointers = pointers(env);
    const std::vector<char*> arg_pointers = pointers(m_argv);
    const pid_t parent = ::getpid();
    m_pid = ::fork();
    if (m_pid < 0) {
        throw std::runtime_error("fork failed");
    }
    if (m_pid == 0) {
        const std::optional<Account>& account = options.account;
        const bool changed =
            !account || (::setgroups(0, nullptr) == 0 && ::setgid(account->group) == 0 &&
                         ::setuid(account->user) == 0);
        // Behind it, for a change of user takes this back.
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) {
            ::_exit(127);
        }
        if (tty >= 0) {
            ::setsid();
            ::ioctl(tty, TIOCSCTTY, 0);
        } else {
            ::setpgid(0, 0);
        }
        for (int i = 0; i < 3; ++i) {
            ::dup2(streams[static_cast<std::size_t>(i)], i);
        }
        std::signal(SIGPIPE, SIG_DFL);
        sigset_t none;
        sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        if (changed && (options.cwd.empty() || ::chdir(options.cwd.c_str()) == 0)) {
            ::execvpe(arg_pointers[0], arg_pointers.data(), env_pointers.data());
        }
        const int cause = errno;
        [[maybe_unused]] const ssize_t n = ::write(exec_error.write, &cause, sizeof cause);
        ::_exit(127);
    }
    close_fd(file);
    close_fd(exec_error.write);
    int cause = 0;
    if (::read(exec_error.read, &cause, sizeof cause) == sizeof cause) {
        ::waitpid(m_pid, nullptr, 0);
        m_exited = true;
        throw std::runtime_error("cannot run " + m_argv[0] + ": " + std::strerror(cause));
    }
    if (!options.terminal_stdin) {
        m_in = take(in.write);
    }
    if (!options.terminal_stdout) {
        m_stdout = take(out.read);
    }
    if (!options.terminal_stderr) {
        m_stderr = take(err.read);
    }
    m_pending_in = std::move(options.stdin_bytes);
    m_close_when_written = !options.keep_stdin_open;
    if (m_pending_in.empty() && m_close_when_written) {
        close_fd(m_in);
    }
}

Process::~Process() {
    if (running()) {
        // The whole group: a shell's children as well.
        ::kill(-m_pid, SIGKILL);
        ::waitpid(m_pid, &m_status, 0);
    }
    drain();
    keep_for_failure(joined(m_argv), "stdout: " + m_out + "\nstderr: " + m_err);
    close_fd(m_in);
    close_fd(m_stdout);
    close_fd(m_stderr);
}

bool Process::running() {
    reap();
    return !m_exited;
}

void Process::reap() {
    if (!m_exited && ::waitpid(m_pid, &m_status, WNOHANG) == m_pid) {
        m_exited = true;
    }
}

void Process::drain() {
    read_available(m_stdout, m_out);
    read_available(m_stderr, m_err);
}

void Process::send_signal(int number) {
    if (running()) {
        ::kill(m_pid, number);
    }
}

void Process::write_stdin(std::string_view bytes) {
    if (m_in < 0) {
        throw std::runtime_error("stdin is closed");
    }
    m_pending_in += bytes;
    pump(Millis(0));
}

void Process::close_stdin() {
    m_close_when_written = true;
    if (m_pending_in.empty()) {
        close_fd(m_in);
    }
}

void Process::close_stdout() { close_fd(m_stdout); }

void Process::pump(Millis longest) {
    std::array<pollfd, 3> ends{};
    ends[0] = {m_pending_in.empty() ? -1 : m_in, POLLOUT, 0};
    ends[1] = {m_stdout, POLLIN, 0};
    ends[2] = {m_stderr, POLLIN, 0};
    ::poll(ends.data(), ends.size(), static_cast<int>(longest.count()));
    drain();
    if (m_in < 0 || m_pending_in.empty()) {
        return;
    }
    const ssize_t n = ::write(m_in, m_pending_in.data(), m_pending_in.size());
    if (n > 0) {
        m_pending_in.erase(0, static_cast<std::size_t>(n));
    }
    if (n < 0 && errno == EPIPE) {
        m_pending_in.clear();
    }
    if (m_pending_in.empty() && m_close_when_written) {
        close_fd(m_in);
    }
}

bool Process::wait_for(const std::string& buffer, std::string_view text, Millis timeout) {
    const auto deadline = Clock::now() + timeout;
    for (;;) {
        const bool ended = !running();
        pump(Millis(5));
        if (buffer.find(text) != std::string::npos) {
            return true;
        }
        if (ended || Clock::now() >= deadline) {
            return false;
        }
    }
}

bool Process::wait_for_out(std::string_view text, Millis timeout) {
    return wait_for(m_out, text, timeout);
}

bool Process::wait_for_err(std::string_view text, Millis timeout) {
    return wait_for(m_err, text, timeout);
}

ProcessResult Process::wait() {
    ProcessResult result;
    const auto deadline = Clock::now() + m_timeout;
    while (running()) {
        if (Clock::now() >= deadline) {
            ::kill(-m_pid, SIGKILL);
            ::waitpid(m_pid, &m_status, 0);
            m_exited = true;
            result.timed_out = true;
            break;
        }
        pump(Millis(m_stdout < 0 && m_stderr < 0 ? 1 : 5));
    }
    drain();
    if (WIFEXITED(m_status)) {
        result.exit_code = WEXITSTATUS(m_status);
    }
    if (WIFSIGNALED(m_status)) {
        result.signal = WTERMSIG(m_status);
    }
    result.out = m_out;
    result.err = m_err;
    return result;
}

ProcessResult run_process(std::vector<std::string> argv, ProcessOptions options) {
    return Process(std::move(argv), std::move(options)).wait();
}

std::string cachectl_binary() {
    const char* other = std::getenv("CACHECTL_BINARY");
    return other != nullptr ? other : CACHECTL_BINARY;
}

std::vector<std::string> cachectl_argv(std::vector<std::string> args) {
    args.insert(args.begin(), cachectl_binary());
    return args;
}

ProcessResult run_cachectl(std::vector<std::string> args, ProcessOptions options) {
    return run_process(cachectl_argv(std::move(args)), std::move(options));
}

}  // namespace cachectl::test
