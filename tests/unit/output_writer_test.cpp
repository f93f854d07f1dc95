#include "output/writer.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "util/error.hpp"

using namespace cachectl;

TEST_CASE("a full disk is a local I/O error at the flush") {
    const int fd = ::open("/dev/full", O_WRONLY);
    REQUIRE(fd >= 0);
    Writer out(fd);
    out.write("x\n");
    try {
        out.flush();
        FAIL("flush() took bytes that /dev/full refuses");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::local_io);
        CHECK(std::string(error.what()) == "cannot write the output: No space left on device");
    }
    ::close(fd);
}

TEST_CASE("a pipe without a reader is ClosedPipe") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    ::close(ends[0]);
    auto* before = std::signal(SIGPIPE, SIG_IGN);
    Writer out(ends[1]);
    out.write("x\n");
    CHECK_THROWS_AS(out.flush(), ClosedPipe);
    std::signal(SIGPIPE, before);
    ::close(ends[1]);
}

TEST_CASE("a reader who is slow on a non-blocking pipe is waited for, and gets every byte") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_NONBLOCK) == 0);
    std::string sent;
    for (int i = 0; sent.size() < 400'000; ++i) {
        sent += std::to_string(i) + '\n';
    }
    std::string received;
    std::thread reader([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        char buffer[4096];
        ssize_t n = 0;
        while ((n = ::read(ends[0], buffer, sizeof buffer)) != 0) {
            if (n > 0) {
                received.append(buffer, static_cast<std::size_t>(n));
            }
        }
    });
    CHECK_NOTHROW([&] {
        Writer out(ends[1]);
        out.write(std::string_view(sent).substr(0, 10));
        out.write(std::string_view(sent).substr(10, 300'000));  // more than the buffer holds
        for (std::size_t i = 300'010; i < sent.size(); ++i) {
            out.write({&sent[i], 1});
        }
        out.flush();
    }());
    ::close(ends[1]);
    reader.join();
    ::close(ends[0]);
    CHECK(received.size() == sent.size());
    CHECK((received == sent));  // not both of them in the message
}

TEST_CASE("what was not flushed is written at the end") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    {
        Writer out(ends[1]);
        out.write("held");
    }
    char buffer[16];
    CHECK(::read(ends[0], buffer, sizeof buffer) == 4);
    CHECK(std::string(buffer, 4) == "held");
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST_CASE("the destructor keeps silent about a failure") {
    const int fd = ::open("/dev/full", O_WRONLY);
    REQUIRE(fd >= 0);
    CHECK_NOTHROW([&] {
        Writer out(fd);
        out.write("x\n");
    }());
    ::close(fd);
}

TEST_CASE("after a failure nothing is written a second time") {
    const int fd = ::open("/dev/full", O_WRONLY);
    REQUIRE(fd >= 0);
    Writer out(fd);
    out.write("x\n");
    CHECK_THROWS_AS(out.flush(), Error);
    CHECK_NOTHROW(out.flush());
    ::close(fd);
}

TEST_CASE("a writer to a string holds nothing back") {
    std::string text;
    Writer out(text);
    out.write("a");
    CHECK(text == "a");
    out.flush();
    CHECK(text == "a");
}
