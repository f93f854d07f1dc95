#include "dump/source.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "support/dump_input.hpp"

using namespace cachectl;

namespace {

std::string open_error(const std::string& path, ExitCode& code) {
    try {
        Source::open(path);
        return "no error";
    } catch (const Error& error) {
        code = error.code();
        return error.what();
    }
}

}  // namespace

TEST_CASE("what cannot be opened is bad input") {
    ExitCode code{};
    CHECK(open_error("/nonexistent/dump.json", code) ==
          "cannot open /nonexistent/dump.json: No such file or directory");
    CHECK(code == ExitCode::bad_input);
    CHECK(open_error("/tmp", code) == "cannot read /tmp: it is a directory");
    CHECK(code == ExitCode::bad_input);
}

TEST_CASE("a file's size, progress and offset") {
    const TextFile file("0123456789");
    Source source(file.fd(), "digits", 4);
    CHECK(source.name() == "digits");
    CHECK(source.size() == 10);
    CHECK(source.bytes_read() == 0);
    CHECK(source.window().empty());
    REQUIRE(source.fill());
    CHECK(source.window() == "0123");
    source.consume(3);
    CHECK(source.offset() == 3);
    REQUIRE(source.fill());
    CHECK(source.window().starts_with("3456"));
    CHECK(source.offset() == 3);
    while (source.fill()) {
    }
    CHECK(source.window() == "3456789");
    CHECK(source.bytes_read() == 10);
    CHECK_FALSE(source.fill());
}

TEST_CASE("the bytes behind the window are zeros that may be read") {
    const TextFile file("abc");
    Source source(file.fd(), "in", 3);
    REQUIRE(source.fill());
    CHECK(std::string(source.window().data() + 3, Source::k_padding) ==
          std::string(Source::k_padding, '\0'));
}

TEST_CASE("memory does not grow with what has been consumed") {
    const TextFile file(std::string(1000 * 1000, 'x'));
    Source source(file.fd(), "in", 1000);
    std::uint64_t total = 0;
    while (source.fill()) {
        const std::size_t count =
            source.window().size() - std::min<std::size_t>(source.window().size(), 7);
        total += count;
        source.consume(count);
    }
    CHECK(total + source.window().size() == 1000 * 1000);
    CHECK(source.capacity() <= 2000);
}

TEST_CASE("a pipe has no size") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    REQUIRE(::write(ends[1], "a", 1) == 1);
    ::close(ends[1]);
    Source source(ends[0], "stdin");
    CHECK_FALSE(source.size().has_value());
    CHECK(source.fill());
    CHECK(source.window() == "a");
    CHECK_FALSE(source.fill());
    ::close(ends[0]);
}

TEST_CASE("reading that fails is a local I/O error") {
    const int fd = ::open("/tmp", O_RDONLY);
    REQUIRE(fd >= 0);
    Source source(fd, "tmp");
    try {
        source.fill();
        FAIL("a directory was read");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::local_io);
        CHECK(std::string(error.what()) == "cannot read tmp: Is a directory");
    }
    ::close(fd);
}

TEST_CASE("a signal while waiting for bytes calls the hook, which may stop the wait") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    struct sigaction before {};
    struct sigaction action {};
    action.sa_handler = [](int) {};
    REQUIRE(::sigaction(SIGALRM, &action, &before) == 0);
    const itimerval timer{{0, 20000}, {0, 20000}};
    REQUIRE(::setitimer(ITIMER_REAL, &timer, nullptr) == 0);
    Source source(ends[0], "stdin");
    int calls = 0;
    source.on_interrupt([&calls] {
        if (++calls == 2) {
            throw Error(ExitCode::interrupted, "stopped");
        }
    });
    CHECK_THROWS_AS(source.fill(), Error);
    const itimerval none{};
    ::setitimer(ITIMER_REAL, &none, nullptr);
    ::sigaction(SIGALRM, &before, nullptr);
    CHECK(calls == 2);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST_CASE("a source that moves keeps its bytes and closes its file once") {
    char path[] = "/tmp/cachectl_source_XXXXXX";
    const int fd = ::mkstemp(path);
    REQUIRE(fd >= 0);
    REQUIRE(::write(fd, "abc", 3) == 3);
    ::close(fd);
    Source first = Source::open(path);
    REQUIRE(first.fill());
    const int inner = first.fd();
    {
        Source second = std::move(first);
        CHECK(second.window() == "abc");
        CHECK(second.name() == path);
    }
    CHECK(::fcntl(inner, F_GETFD) == -1);
    std::filesystem::remove(path);
}

TEST_CASE("before a read that would wait, the caller may do something else") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    REQUIRE(::write(ends[1], "abc", 3) == 3);
    Source source(ends[0], "pipe");
    int waits = 0;
    source.on_wait([&] {
        ++waits;
        REQUIRE(::write(ends[1], "d", 1) == 1);
        ::close(ends[1]);
    });
    CHECK(source.fill());
    CHECK(waits == 0);
    CHECK(source.fill());
    CHECK(waits == 1);
    CHECK(source.window() == "abcd");
    CHECK_FALSE(source.fill());
    CHECK(waits == 1);
    ::close(ends[0]);
}
