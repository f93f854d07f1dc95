#include "output/screen.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

#include "util/signals.hpp"

namespace cachectl {

namespace {

// xterm's control sequences; https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
constexpr std::string_view k_enter = "\x1b[?1049h\x1b[?25l\x1b[2J";  // alternate screen, no cursor
constexpr std::string_view k_leave = "\x1b[0m\x1b[?25h\x1b[?1049l";
constexpr std::string_view k_home = "\x1b[H";
constexpr std::string_view k_clear_line = "\x1b[K";
constexpr std::string_view k_clear_below = "\x1b[J";

// What a signal handler has to undo: there is one screen at a time.
volatile std::sig_atomic_t g_entered = 0;
volatile std::sig_atomic_t g_keys_changed = 0;
volatile std::sig_atomic_t g_suspend = 0;
int g_screen_fd = -1;
int g_keys_fd = -1;
termios g_before{};

/// Async-signal-safe.
void give_back() noexcept {
    if (g_entered != 0) {
        g_entered = 0;
        [[maybe_unused]] const ssize_t n = ::write(g_screen_fd, k_leave.data(), k_leave.size());
    }
    if (g_keys_changed != 0) {
        g_keys_changed = 0;
        ::tcsetattr(g_keys_fd, TCSANOW, &g_before);
    }
}

void on_suspend(int /*signal*/) { g_suspend = 1; }

void catch_suspend(void (*handler)(int)) {
    struct sigaction action = {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    ::sigaction(SIGTSTP, &action, nullptr);
}

}  // namespace

Screen::Screen(Writer& out, int fd)
    : m_out(out), m_fd(fd), m_keys(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    g_screen_fd = fd;
    g_keys_fd = m_keys;
    before_hard_stop(give_back);
    enter();
}

Screen::~Screen() {
    leave();
    before_hard_stop(nullptr);
    if (m_keys >= 0) {
        ::close(m_keys);
    }
}

void Screen::enter() {
    catch_suspend(on_suspend);
    if (m_keys >= 0 && ::tcgetattr(m_keys, &g_before) == 0) {
        // Ctrl-C and Ctrl-Z stay signals; Ctrl-\ would end us without a chance to give it back.
        termios raw = g_before;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        raw.c_cc[VMIN] = 0;
        raw.c_cc[VTIME] = 0;
        raw.c_cc[VQUIT] = _POSIX_VDISABLE;
        g_keys_changed = 1;
        ::tcsetattr(m_keys, TCSANOW, &raw);
    }
    m_drawn = {0, 0};
    g_entered = 1;
    m_out.write(k_enter);
    m_out.flush();
}

void Screen::leave() noexcept {
    give_back();
    catch_suspend(SIG_DFL);
}

Screen::Size Screen::size() const {
    winsize size{};
    if (::ioctl(m_fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) {
        return {};
    }
    return {size.ws_row, size.ws_col};
}

void Screen::draw(std::span<const std::string> lines) {
    m_drawn = size();
    std::string frame(k_home);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        frame += lines[i];
        frame += k_clear_line;
        frame += i + 1 < lines.size() ? "\r\n" : "";
    }
    frame += k_clear_below;
    m_out.write(frame);
    m_out.flush();
}

std::optional<char> Screen::key() {
    pollfd typed{m_keys, POLLIN, 0};
    if (m_keys < 0 || ::poll(&typed, 1, 0) <= 0) {
        return std::nullopt;
    }
    // Of a function key, which begins with ESC, only that is taken; its letters are no keys.
    std::array<char, 64> bytes{};
    const ssize_t n = ::read(m_keys, bytes.data(), bytes.size());
    return n > 0 ? std::optional(bytes[0]) : std::nullopt;
}

bool Screen::needs_redraw() {
    if (g_suspend == 0) {
        return m_drawn != size();
    }
    g_suspend = 0;
    leave();
    ::raise(SIGTSTP);  // returns when the process goes on
    enter();
    return true;
}

}  // namespace cachectl
