#include "redis/sentinel.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "support/fake_server.hpp"
#include "util/error.hpp"
#include "util/signals.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

/// Asks one Sentinel for the master "cache"; what it says, or how that ends.
struct Asking {
    explicit Asking(const FakeServer& sentinel) {
        address.sentinels.nodes = {{"127.0.0.1", sentinel.port()}};
        address.sentinels.master_name = "cache";
    }
    std::string ask() {
        Loop loop;
        Sentinels sentinels(loop, address, 2s, nullptr);
        try {
            return sentinels.masters().front().name();
        } catch (const Error& error) {
            return error.what() + (error.hint().empty() ? "" : " | " + error.hint());
        }
    }

    ServerAddress address;
};

/// Answers GET-MASTER-ADDR-BY-NAME and MASTERS.
FakeServer::Script sentinel(const std::string& address, const std::string& masters,
                            const std::string& auth = "+OK\r\n") {
    return answer([=](const FakeServer::Command& command) {
        if (command[0] == "AUTH") {
            return auth;
        }
        return command.at(1) == "MASTERS" ? masters : address;
    });
}

std::string some_address() { return resp::array({resp::bulk("10.0.0.1"), resp::bulk("7000")}); }

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the login is the Sentinels' own, with a user if one is named") {
    const FakeServer server(sentinel(some_address(), resp::array({})));
    Asking asking(server);
    CHECK(asking.ask() == "10.0.0.1:7000");
    CHECK(server.count("AUTH") == 0);
    asking.address.sentinels.password = "p";
    CHECK(asking.ask() == "10.0.0.1:7000");
    asking.address.sentinels.user = "u";
    CHECK(asking.ask() == "10.0.0.1:7000");
    std::vector<FakeServer::Command> logins;
    for (const FakeServer::Command& command : server.commands()) {
        if (command[0] == "AUTH") {
            logins.push_back(command);
        }
    }
    CHECK(logins == std::vector<FakeServer::Command>{{"AUTH", "p"}, {"AUTH", "u", "p"}});
}

TEST_CASE("a login that a Sentinel refuses has its remedy") {
    for (const char* error :
         {"NOAUTH Authentication required.", "WRONGPASS invalid username-password pair",
          "NOPERM this user has no permissions", "ERR Client sent AUTH, but no password is set"}) {
        CAPTURE(error);
        const FakeServer server(
            sentinel(resp::error("NOAUTH no"), resp::array({}), resp::error(error)));
        Asking asking(server);
        asking.address.sentinels.password = "p";
        const std::string said = asking.ask();
        CHECK(says(said, error));
        CHECK(says(said, "--sentinel-password-file"));
    }
}

TEST_CASE("a name that is not known, with those that are") {
    const std::string nil = "*-1\r\n";
    const FakeServer empty(sentinel(nil, resp::array({})));
    CHECK(Asking(empty).ask() == "the Sentinels know no master 'cache' | they know none at all");
    const FakeServer others(
        sentinel(nil, resp::array({resp::array({resp::bulk("name"), resp::bulk("b")}),
                                   resp::array({resp::bulk("port"), resp::bulk("1")}),
                                   resp::array({resp::bulk("name"), resp::bulk("a")})})));
    CHECK(Asking(others).ask() == "the Sentinels know no master 'cache' | they know: a, b");
}

TEST_CASE("what answers otherwise is no Sentinel, or goes away") {
    const FakeServer odd(sentinel("+PONG\r\n", "+PONG\r\n"));
    CHECK(says(Asking(odd).ask(), ": it is no Sentinel"));
    const FakeServer unknown(sentinel(resp::error("ERR unknown command"), resp::array({})));
    CHECK(says(Asking(unknown).ask(), ": ERR unknown command"));
    const FakeServer closing(say_and_close(""));
    CHECK(says(Asking(closing).ask(), "no Sentinel answers"));
    Asking over_tls(closing);
    over_tls.address.tls = true;
    over_tls.address.sentinels.tls = SentinelTls::off;
    CHECK(says(over_tls.ask(), "Sentinels that want TLS: --sentinel-tls on"));
}

TEST_CASE("a signal ends the waiting for Sentinels") {
    const FakeServer mute(silent());
    set_stop_signal(SIGINT);
    CHECK(says(Asking(mute).ask(), "interrupted while waiting for the Sentinels of"));
    set_stop_signal(0);
}
