#include "redis/connect.hpp"

#include <doctest/doctest.h>

#include <csignal>

#include "redis/login.hpp"
#include "redis/server_away.hpp"
#include "support/deaf_port.hpp"
#include "support/fake_server.hpp"
#include "util/error.hpp"
#include "util/signals.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

ServerAddress address_of(std::string host, std::uint16_t port) {
    ServerAddress address;
    address.host = std::move(host);
    address.port = port;
    return address;
}

/// How it ends.
Error error_of(StreamConnect& ended) {
    try {
        (void)ended.take();
    } catch (const Error& error) {
        return error;
    }
    return {ExitCode::ok, "connected"};
}

}  // namespace

// Many times, because the resolver is sometimes the faster one.
TEST_CASE("a signal while a name is resolved is an interruption, and no wrong name") {
    Loop loop;
    const auto code_of_wait = [&] {
        Login login(loop, address_of("localhost", 1), {});
        try {
            login.wait();
        } catch (const Error& error) {
            return error.code();
        }
        return ExitCode::ok;
    };
    set_stop_signal(SIGINT);
    for (int i = 0; i < 200; ++i) {
        REQUIRE(code_of_wait() == ExitCode::interrupted);
    }
    set_stop_signal(SIGTERM);
    CHECK(code_of_wait() == ExitCode::terminated);
    set_stop_signal(0);
}

TEST_CASE("a resolver that takes too long is named as such") {
    Loop loop;
    for (int i = 0; i < 200; ++i) {
        StreamConnect connect(loop, address_of("localhost", 1), 0ms, nullptr, [] {});
        loop.run_until([&] { return connect.ended(); });
        const std::string what = error_of(connect).what();
        const bool in_time = what.starts_with("cannot connect to ");
        REQUIRE(
            (in_time || what == "cannot resolve 'localhost': no answer from the resolver in time"));
    }
}

TEST_CASE("several connects and the timers go on side by side") {
    FakeServer server(silent());
    const DeafPort hole(DeafPort::State::swallows_syns);
    const DeafPort nobody(DeafPort::State::refuses);
    const TlsContext tls({.verify = VerifyServer::no});
    ServerAddress wants_tls = address_of("127.0.0.1", server.port());
    wants_tls.tls = true;
    Loop loop;
    int ends = 0;
    const auto on_end = [&] { ++ends; };
    StreamConnect dropped(loop, address_of("127.0.0.1", hole.port()), 300s, nullptr, on_end);
    StreamConnect no_handshake(loop, wants_tls, 300s, &tls, on_end);
    StreamConnect refused(loop, address_of("127.0.0.1", nobody.port()), 300s, nullptr, on_end);
    StreamConnect by_name(loop, address_of("localhost", server.port()), 300s, nullptr, on_end);
    bool timer = false;
    loop.after(1ms, [&] { timer = true; });
    CHECK(ends == 0);  // only from within the loop
    loop.run_until([&] { return ends == 2 && timer; });
    CHECK_FALSE(dropped.ended());
    CHECK_FALSE(no_handshake.ended());
    CHECK(std::string(error_of(refused).what()).ends_with("Connection refused"));
    CHECK(error_of(by_name).code() == ExitCode::ok);
}

TEST_CASE("each deadline is its own, and says what was waited for") {
    FakeServer server(silent());
    const DeafPort hole(DeafPort::State::swallows_syns);
    const TlsContext tls({.verify = VerifyServer::no});
    ServerAddress wants_tls = address_of("127.0.0.1", server.port());
    wants_tls.tls = true;
    Loop loop;
    StreamConnect dropped(loop, address_of("127.0.0.1", hole.port()), 60ms, nullptr, [] {});
    StreamConnect no_handshake(loop, wants_tls, 30ms, &tls, [] {});
    loop.run_until([&] { return no_handshake.ended(); });
    CHECK(
        std::string(error_of(no_handshake).what()).ends_with("the handshake did not end in time"));
    loop.run_until([&] { return dropped.ended(); });
    CHECK(std::string(error_of(dropped).what()).ends_with("no answer in 60 ms"));
}

TEST_CASE("whoever is told of the end may destroy it, and is told nothing after giving up") {
    const DeafPort nobody(DeafPort::State::refuses);
    Loop loop;
    std::unique_ptr<StreamConnect> connect;
    bool told = false;
    connect = std::make_unique<StreamConnect>(loop, address_of("127.0.0.1", nobody.port()), 1s,
                                              nullptr, [&] {
                                                  connect.reset();
                                                  told = true;
                                              });
    loop.run_until([&] { return told; });
    told = false;
    connect = std::make_unique<StreamConnect>(loop, address_of("127.0.0.1", nobody.port()), 1s,
                                              nullptr, [&] { told = true; });
    connect.reset();
    loop.run_until([] { return false; });  // until there is nothing to wait for
    CHECK_FALSE(told);
}
