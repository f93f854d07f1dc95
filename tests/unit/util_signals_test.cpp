#include "util/signals.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

using namespace cachectl;

namespace {

int g_written_to = -1;

void restore() { [[maybe_unused]] const ssize_t n = ::write(g_written_to, "restored", 8); }

}  // namespace

TEST_CASE("before the second signal ends the process, what was changed is given back") {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        g_written_to = ends[1];
        install_signal_handlers();
        before_hard_stop(restore);
        ::raise(SIGTERM);
        ::raise(SIGINT);
        ::_exit(1);
    }
    ::close(ends[1]);
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 130);
    std::array<char, 16> bytes{};
    CHECK(::read(ends[0], bytes.data(), bytes.size()) == 8);
    ::close(ends[0]);
}
