#include "redis/loop.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <string>
#include <utility>

#include "util/signals.hpp"

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

/// Reads a pipe that has a byte for it, or waits for a deadline that has passed.
class Reader : public Pollable {
public:
    Reader(Loop& loop, bool readable) : m_loop(loop) {
        REQUIRE(::pipe(m_fds) == 0);
        if (readable) {
            REQUIRE(::write(m_fds[1], "x", 1) == 1);
        }
        m_loop.add(*this);
    }
    ~Reader() override {
        m_loop.remove(*this);
        for (const int fd : m_fds) {
            ::close(fd);
        }
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    std::function<void()> on_read, on_late;

    [[nodiscard]] int poll_fd() const override { return m_fds[0]; }
    [[nodiscard]] short poll_events() const override { return POLLIN; }
    [[nodiscard]] std::optional<SteadyTime> deadline() const override {
        return on_late ? SteadyTime{} : std::chrono::steady_clock::now() + 10s;
    }
    void on_ready(short) override {
        char byte = 0;
        REQUIRE(::read(m_fds[0], &byte, 1) == 1);
        on_read();
    }
    void on_deadline() override { std::exchange(on_late, nullptr)(); }

private:
    Loop& m_loop;
    int m_fds[2] = {};
};

}  // namespace

TEST_CASE("it is not run from within a reply, whose connection could be gone when it returns") {
    Loop loop;
    const auto again = [&] { loop.run_until([] { return true; }); };
    Reader ready(loop, true);
    ready.on_read = again;
    CHECK_THROWS_AS(loop.run_until([] { return false; }), std::logic_error);
    Reader late(loop, false);
    late.on_late = again;
    CHECK_THROWS_AS(loop.run_until([] { return false; }), std::logic_error);
    CHECK_NOTHROW(again());  // an exception has not left it as if it were in a reply
}

TEST_CASE("a timer may run it, and replies come in there as well") {
    Loop loop;
    Reader reader(loop, false);
    bool inner = false, outer = false;
    loop.after(1ms, [&] {
        loop.after(1ms, [&] { inner = true; });
        loop.run_until([&] { return inner; });
        outer = true;
    });
    loop.run_until([&] { return outer; });
    CHECK(inner);
}

TEST_CASE("timers in their order, and the end when there is nothing to wait for") {
    Loop loop;
    std::string order;
    loop.after(3ms, [&] { order += "b"; });
    loop.after(1ms, [&] { order += "a"; });
    loop.after(3ms, [&] { order += "c"; });
    loop.run_until([] { return false; });
    CHECK(order == "abc");
}

TEST_CASE("a sleep lets all else go on, and a signal ends it") {
    Loop loop;
    bool timer = false;
    loop.after(1ms, [&] { timer = true; });
    loop.sleep(2ms);
    CHECK(timer);
    loop.after(1ms, [] { set_stop_signal(SIGTERM); });
    loop.sleep(300s);
    CHECK(stop_signal() == SIGTERM);
    set_stop_signal(0);
}
