#include "util/terminal.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace cachectl;

namespace {

/// Sets variables (nullptr: takes them away) and puts back what was.
class Environment {
public:
    Environment(std::initializer_list<std::pair<const char*, const char*>> variables) {
        for (const auto& [name, value] : variables) {
            const char* before = std::getenv(name);
            m_before.emplace_back(name, before ? std::optional<std::string>(before) : std::nullopt);
            set(name, value);
        }
    }
    ~Environment() {
        for (const auto& [name, value] : m_before) {
            set(name, value ? value->c_str() : nullptr);
        }
    }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

private:
    static void set(const char* name, const char* value) {
        value ? ::setenv(name, value, 1) : ::unsetenv(name);
    }
    std::vector<std::pair<const char*, std::optional<std::string>>> m_before;
};

struct Pty {
    explicit Pty(unsigned short columns) {
        const winsize size{24, columns, 0, 0};
        REQUIRE(::openpty(&master, &slave, nullptr, nullptr, &size) == 0);
    }
    ~Pty() {
        ::close(slave);
        ::close(master);
    }
    int master = -1;
    int slave = -1;
};

struct DevNull {
    ~DevNull() { ::close(fd); }
    int fd = ::open("/dev/null", O_WRONLY);
};

bool utf8_under(const char* all, const char* ctype, const char* lang) {
    const Environment environment{{"LC_ALL", all}, {"LC_CTYPE", ctype}, {"LANG", lang}};
    return examine_terminal(-1).utf8;
}

bool dumb_under(const char* term) {
    const Environment environment{{"TERM", term}};
    return examine_terminal(-1).dumb;
}

bool no_color_under(const char* value) {
    const Environment environment{{"NO_COLOR", value}};
    return examine_terminal(-1).no_color;
}

std::size_t columns_under(const char* columns, int fd) {
    const Environment environment{{"COLUMNS", columns}};
    return examine_terminal(fd).columns;
}

}  // namespace

TEST_CASE("a terminal is told from a file and from nothing") {
    const Pty pty(132);
    const DevNull null;
    CHECK(examine_terminal(pty.slave).attached);
    CHECK_FALSE(examine_terminal(null.fd).attached);
    CHECK_FALSE(examine_terminal(-1).attached);
}

TEST_CASE("the width is the terminal's own, whatever COLUMNS says") {
    const Pty pty(132);
    CHECK(columns_under("40", pty.slave) == 132);
}

TEST_CASE("a terminal that does not know its width has that of COLUMNS, or 80") {
    const Pty pty(0);
    CHECK(columns_under("100", pty.slave) == 100);
    CHECK(columns_under(nullptr, pty.slave) == 80);
    CHECK(columns_under("", pty.slave) == 80);
    CHECK(columns_under("0", pty.slave) == 80);
    CHECK(columns_under("-5", pty.slave) == 80);
    CHECK(columns_under("100x", pty.slave) == 80);
    CHECK(columns_under("99999999", pty.slave) == 80);
    CHECK(columns_under(nullptr, -1) == 80);
}

TEST_CASE("a terminal without a name is a dumb one") {
    CHECK_FALSE(dumb_under("xterm-256color"));
    CHECK(dumb_under("dumb"));
    CHECK(dumb_under(""));
    CHECK(dumb_under(nullptr));
}

TEST_CASE("NO_COLOR counts when it is not empty") {
    CHECK(no_color_under("1"));
    CHECK(no_color_under("0"));
    CHECK_FALSE(no_color_under(""));
    CHECK_FALSE(no_color_under(nullptr));
}

TEST_CASE("the character set is that of LC_ALL, then LC_CTYPE, then LANG") {
    CHECK(utf8_under(nullptr, nullptr, "en_US.UTF-8"));
    CHECK(utf8_under(nullptr, nullptr, "de_DE.utf8"));
    CHECK_FALSE(utf8_under(nullptr, nullptr, "de_DE.ISO-8859-1"));
    CHECK_FALSE(utf8_under(nullptr, nullptr, "C"));
    CHECK_FALSE(utf8_under("C", "en_US.UTF-8", "en_US.UTF-8"));
    CHECK(utf8_under("C.UTF-8", "C", "C"));
    CHECK_FALSE(utf8_under("", "POSIX", "en_US.UTF-8"));
}

TEST_CASE("without any locale the terminal is taken for a UTF-8 one") {
    CHECK(utf8_under(nullptr, nullptr, nullptr));
    CHECK(utf8_under("", "", ""));
}
