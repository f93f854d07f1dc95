// The real world around run_app(): streams, terminal, signals, servers, and argv without secrets.
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/app.hpp"
#include "cli/scrub.hpp"
#include "redis/session.hpp"
#include "util/error.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

/// The terminal behind the process, whatever stdin and stdout are; closed at the end of scope.
class ControllingTerminal {
public:
    ControllingTerminal() : m_fd(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {}
    ~ControllingTerminal() {
        if (m_fd >= 0) ::close(m_fd);
    }
    ControllingTerminal(const ControllingTerminal&) = delete;
    ControllingTerminal& operator=(const ControllingTerminal&) = delete;

    [[nodiscard]] int fd() const { return m_fd; }

    std::optional<std::string> ask(std::string_view question) {
        if (::write(m_fd, question.data(), question.size()) < 0) return std::nullopt;
        std::string line;
        char c = 0;
        while (wait_for_key()) {
            const ssize_t n = ::read(m_fd, &c, 1);
            if (n == 1 && c == '\n') return line;
            if (n == 1) {
                line += c;
            } else if (n == 0 || errno != EINTR) {
                return std::nullopt;
            }
        }
        return std::nullopt;
    }

private:
    /// False when a signal asks us to stop: also one that came a moment before the wait, which
    /// read(2) by itself would sleep through.
    [[nodiscard]] bool wait_for_key() const {
        while (stop_signal() == 0) {
            pollfd fds[] = {{m_fd, POLLIN, 0}, {signal_wake_fd(), POLLIN, 0}};
            if (::poll(fds, 2, -1) < 0 && errno != EINTR) return false;
            if (fds[0].revents != 0 && stop_signal() == 0) return true;
        }
        return false;
    }

    int m_fd;
};

std::string ask_password() {
    ControllingTerminal terminal;
    termios before{};
    if (terminal.fd() < 0 || ::tcgetattr(terminal.fd(), &before) != 0) {
        throw Error(ExitCode::usage, "--askpass needs a terminal",
                    "--password-file works without one");
    }
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(terminal.fd(), TCSAFLUSH, &silent);
    const auto password = terminal.ask("Password: ");
    ::tcsetattr(terminal.fd(), TCSAFLUSH, &before);
    [[maybe_unused]] const ssize_t n = ::write(terminal.fd(), "\n", 1);
    if (stop_signal() != 0) throw Error(stopped_exit_code(), "interrupted; nothing was sent");
    if (!password) throw Error(ExitCode::usage, "no password was typed");
    return *password;
}

bool someone_is_there(const Context& ctx) {
    return ctx.err_terminal.attached && (ctx.in_terminal.attached || ctx.out_terminal.attached);
}

}  // namespace

int run(int argc, char** argv, std::span<const Command> table) {
    install_signal_handlers();
    std::vector<std::string> args(argv + 1, argv + argc);
    scrub_arguments(argc, argv);

    Writer out(STDOUT_FILENO);
    Writer err(STDERR_FILENO);
    Context ctx(out, err);
    ctx.in_terminal = examine_terminal(STDIN_FILENO);
    ctx.out_terminal = examine_terminal(STDOUT_FILENO);
    ctx.err_terminal = examine_terminal(STDERR_FILENO);
    ctx.ask_password = ask_password;
    if (someone_is_there(ctx)) {
        ctx.ask = [](std::string_view question) { return ControllingTerminal().ask(question); };
    }
    Loop loop;
    ctx.open_client = [&] {
        auto session = std::make_unique<Session>(
            loop, ctx.settings.address,
            SessionOptions{ctx.settings.connect_timeout, ctx.settings.timeout, ctx.settings.wait,
                           ctx.settings.tls, [&ctx](const std::string& text) { ctx.note(text); }});
        for (const std::string& warning : session->warnings()) ctx.warn(warning);
        return session;
    };
    return static_cast<int>(run_app(std::move(args), table, ctx, process_environment()));
}

}  // namespace cachectl
