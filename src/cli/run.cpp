// The real world around run_app(): streams, terminal, signals, servers, and argv without secrets.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <string_view>

#include "cli/app.hpp"
#include "cli/scrub.hpp"
#include "output/escape.hpp"
#include "redis/cluster/client.hpp"
#include "redis/session.hpp"
#include "util/error.hpp"
#include "util/signals.hpp"
#include "util/standard_streams.hpp"

namespace cachectl {

namespace {

/// The terminal behind the process, whatever stdin and stdout are; closed at the end of scope.
class ControllingTerminal {
public:
    ControllingTerminal() : m_fd(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {}
    ~ControllingTerminal() {
        if (m_fd >= 0) {
            ::close(m_fd);
        }
    }
    ControllingTerminal(const ControllingTerminal&) = delete;
    ControllingTerminal& operator=(const ControllingTerminal&) = delete;

    [[nodiscard]] int fd() const { return m_fd; }

    /// What was typed before the question could be read does not answer it.
    std::optional<std::string> ask(std::string_view question) {
        ::tcflush(m_fd, TCIFLUSH);
        if (::write(m_fd, question.data(), question.size()) < 0) {
            return std::nullopt;
        }
        std::string line;
        char c = 0;
        while (wait_for_key()) {
            const ssize_t n = ::read(m_fd, &c, 1);
            if (n == 1 && c == '\n') {
                return line;
            }
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
            if (::poll(fds, 2, -1) < 0 && errno != EINTR) {
                return false;
            }
            if (fds[0].revents != 0 && stop_signal() == 0) {
                return true;
            }
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
    if (stop_signal() != 0) {
        throw Error(stopped_exit_code(), "interrupted; nothing was sent");
    }
    if (!password) {
        throw Error(ExitCode::usage, "no password was typed");
    }
    return *password;
}

bool someone_is_there(const Context& ctx) {
    return ctx.err_terminal.attached && (ctx.in_terminal.attached || ctx.out_terminal.attached);
}

/// The first of the hosts that can be reached decides. Each but the first is a node of a cluster,
/// so that it does not matter which one is asked: a single server is another one than was named.
std::unique_ptr<Client> open_client(Loop& loop, Context& ctx) {
    const Settings& settings = ctx.settings;
    const auto tls =
        settings.address.uses_tls() ? std::make_shared<TlsContext>(settings.tls) : nullptr;
    const SessionOptions options{settings.connect_timeout, settings.timeout, settings.wait, tls,
                                 [&ctx](const std::string& text) { ctx.note(text); }};
    ServerAddress address = settings.address;
    std::unique_ptr<Session> session;
    for (std::size_t next = 0; !session; ++next) {
        try {
            session = std::make_unique<Session>(loop, address, options);
        } catch (const Error& error) {
            if (error.code() != ExitCode::unreachable || next == settings.other_hosts.size()) {
                throw;
            }
            const HostPort& other = settings.other_hosts[next];
            address.host = other.host;
            address.port = other.port != 0 ? other.port : settings.address.port;
            ctx.note(std::string(error.what()) + "; next is " + address.name());
        }
    }
    for (const std::string& warning : session->warnings()) {
        ctx.warn(warning);
    }
    auto client = client_of(loop, address, std::move(session),
                            {settings.cluster, settings.node_map, options});
    if (client->masters() == 0 && address.name() != settings.address.name()) {
        throw Error(ExitCode::unreachable,
                    fmt::format("{} cannot be reached, and {} is a single server: nodes of a "
                                "cluster alone stand in for each other",
                                settings.address.name(), address.name()),
                    "name the server that is meant");
    }
    return client;
}

int set_up_and_run(int argc, char** argv, std::span<const Command> table) {
    open_standard_streams();
    install_signal_handlers();
    const std::vector<std::string> args(argv + 1, argv + argc);
    scrub_arguments(argc, argv);

    Writer out(STDOUT_FILENO);
    Writer err(STDERR_FILENO);
    Context ctx(out, err);
    ctx.in_terminal = examine_terminal(STDIN_FILENO);
    ctx.out_terminal = examine_terminal(STDOUT_FILENO);
    ctx.err_terminal = examine_terminal(STDERR_FILENO);
    for (const Terminal& terminal : {ctx.out_terminal, ctx.err_terminal}) {
        if (terminal.attached && !terminal.utf8) {
            set_terminal_charset(Charset::ascii);
        }
    }
    ctx.ask_password = ask_password;
    if (someone_is_there(ctx)) {
        ctx.ask = [](std::string_view question) { return ControllingTerminal().ask(question); };
    }
    Loop loop;
    loop.on_slow_stop = [&ctx] {
        // Over the progress line, if there is one.
        if (ctx.err_terminal.attached && !ctx.err_terminal.dumb) {
            ctx.err.write("\r\x1b[K");
        }
        ctx.note(
            "stopping, when the replies that are on their way have come; a second signal ends "
            "it at once");
    };
    ctx.err_columns = [] { return examine_terminal(STDERR_FILENO).columns; };
    ctx.open_client = [&] { return open_client(loop, ctx); };
    return static_cast<int>(run_app(args, table, ctx, process_environment()));
}

}  // namespace

int run(int argc, char** argv, std::span<const Command> table) {
    try {
        return set_up_and_run(argc, argv, table);
    } catch (const std::bad_alloc&) {
        // Before run_app() could, or while it told of another error: without any more memory.
        constexpr std::string_view k_words = "cachectl: error: out of memory\n";
        [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, k_words.data(), k_words.size());
        return static_cast<int>(ExitCode::local_io);
    }
}

}  // namespace cachectl
