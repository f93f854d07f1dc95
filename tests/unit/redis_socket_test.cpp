#include "redis/socket.hpp"

#include <doctest/doctest.h>

#include <csignal>

#include "util/error.hpp"
#include "util/signals.hpp"

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

/// The error that a connect ends with before its resolver can answer.
Error error_of_connect(std::chrono::milliseconds timeout) {
    ServerAddress address;
    address.host = "localhost";
    address.port = 1;
    try {
        connect_stream(address, timeout, nullptr);
    } catch (const Error& error) {
        return error;
    }
    return {ExitCode::ok, "connected"};
}

}  // namespace

// Many times, because the resolver is sometimes the faster one.
TEST_CASE("a signal while a name is resolved is an interruption, and no wrong name") {
    set_stop_signal(SIGINT);
    for (int i = 0; i < 200; ++i) REQUIRE(error_of_connect(1s).code() == ExitCode::interrupted);
    set_stop_signal(SIGTERM);
    CHECK(error_of_connect(1s).code() == ExitCode::terminated);
    set_stop_signal(0);
}

TEST_CASE("a resolver that takes too long is named as such") {
    for (int i = 0; i < 200; ++i) {
        const std::string what = error_of_connect(0ms).what();
        const bool in_time = what.starts_with("cannot connect to ");
        REQUIRE(
            (in_time || what == "cannot resolve 'localhost': no answer from the resolver in time"));
    }
}
