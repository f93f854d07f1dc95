#include "output/writer.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <csignal>

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
