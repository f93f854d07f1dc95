// What stands between cachectl and a Redis server that talks to it: names, ports, firewalls, other
// protocols, TLS, passwords. Each ends in bounded time, with its own message and exit code 3.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/deaf_port.hpp"
#include "support/fake_server.hpp"
#include "support/observed_run.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;
using namespace std::string_view_literals;

namespace {

/// Far more than any of these runs needs, far less than the operating system's own patience.
constexpr Millis k_bound = 15s;

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::vector<std::string> keys_on(std::uint16_t port, std::vector<std::string> extra = {}) {
    std::vector<std::string> args{"keys", "-p", std::to_string(port), "--connect-timeout", "2s"};
    args.insert(args.end(), extra.begin(), extra.end());
    return args;
}

}  // namespace

TEST_CASE("a name that does not resolve is told with the resolver's reason") {
    const auto run = observe_cachectl(
        {"keys", "-h", "no-such-host.invalid", "--connect-timeout", "3s", "-a", "s3cr3t"});
    CHECK(run.exit_code == 3);
    CHECK(run.out.empty());
    CHECK(run.err.starts_with("cachectl: error: cannot resolve 'no-such-host.invalid': "));
    CHECK_FALSE(has(run.err, "s3cr3t"));
    CHECK(run.took < k_bound);
}

TEST_CASE("a refused connection names the address and what to give instead, without a retry") {
    const DeafPort nobody(DeafPort::State::refuses);
    const auto run = observe_cachectl(keys_on(nobody.port()));
    CHECK(run.exit_code == 3);
    CHECK(run.err ==
          "cachectl: error: cannot connect to 127.0.0.1:" + std::to_string(nobody.port()) +
              ": Connection refused\n"
              "cachectl: is the server running there? -h HOST -p PORT, -s SOCKET or -u URL name "
              "another\n");
}

TEST_CASE("a firewall that drops packets is given up on after --connect-timeout") {
    const DeafPort hole(DeafPort::State::swallows_syns);
    const auto run =
        observe_cachectl({"keys", "-p", std::to_string(hole.port()), "--connect-timeout", "300ms"});
    CHECK(run.exit_code == 3);
    CHECK(has(run.err, ": no answer in 300 ms\n"));
    CHECK(has(run.err, "--connect-timeout waits longer"));
    CHECK(run.took >= 250ms);
    CHECK(run.took < k_bound);
}

TEST_CASE("a server that accepts and never answers is given up on") {
    FakeServer server(silent());
    const auto run = observe_cachectl(
        {"keys", "-p", std::to_string(server.port()), "--connect-timeout", "300ms"});
    CHECK(run.exit_code == 3);
    CHECK(has(run.err, ": no reply to HELLO in 0.3 s\n"));
    CHECK(run.took < k_bound);
    CHECK(server.connections() == 1);
}

TEST_CASE("other protocols are named by what they said") {
    struct Peer {
        std::string_view says;
        std::string shown;
    };
    const Peer peers[] = {
        {"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n"sv, "(got 'HTTP/1.1 400 Bad Request')"},
        {"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"sv, "(got 'SSH-2.0-OpenSSH_9.2p1 Debian-2')"},
        {"J\0\0\0\x1b[31m\n8.0.36\0"sv, "(got 'J...\\x1b[31m')"},
    };
    for (const Peer& peer : peers) {
        CAPTURE(peer.shown);
        FakeServer server(say_and_close(std::string(peer.says)));
        const auto run = observe_cachectl(keys_on(server.port()));
        CHECK(run.exit_code == 3);
        CHECK(has(run.err, "not a Redis server " + peer.shown));
        CHECK_FALSE(has(run.err, "\x1b"));
        CHECK(run.took < k_bound);
    }
}

TEST_CASE("a server that wants TLS is recognised by its alert, or guessed from its silence") {
    SUBCASE("an alert record") {
        FakeServer server(say_and_close(std::string("\x15\x03\x01\x00\x02\x02\x46", 7)));
        const auto run = observe_cachectl(keys_on(server.port(), {"-a", "s3cr3t"}));
        CHECK(run.exit_code == 3);
        CHECK(has(run.err, "the server speaks TLS: --tls, or rediss:// in the URL"));
        CHECK_FALSE(has(run.err, "s3cr3t"));
    }
    // What redis-server's TLS port does with a client that is not encrypted.
    SUBCASE("a reset") {
        FakeServer server(reset_after(0, polite_redis()));
        const auto run = observe_cachectl(keys_on(server.port()));
        CHECK(run.exit_code == 3);
        CHECK(has(run.err, "if it wants TLS: --tls, or rediss:// in the URL"));
    }
    SUBCASE("a close") {
        FakeServer server(close_after(0, polite_redis()));
        const auto run = observe_cachectl(keys_on(server.port()));
        CHECK(run.exit_code == 3);
        CHECK(has(run.err, "connection closed by the server\n"));
        CHECK(has(run.err, "if it wants TLS: --tls, or rediss:// in the URL"));
    }
}

TEST_CASE("the server's last words are shown when it hangs up on arrival") {
    SUBCASE("protected mode") {
        FakeServer server(
            say_and_close("-DENIED Redis is running in protected mode because no password\r\n"));
        const auto run = observe_cachectl(keys_on(server.port()));
        CHECK(run.exit_code == 3);
        CHECK(has(run.err, "DENIED Redis is running in protected mode"));
    }
    SUBCASE("a full server is tried three times") {
        RedisServer server({"--maxclients", "1"}, Listen::tcp_too);
        RespClient occupant = server.client();
        REQUIRE(occupant.text({"PING"}) == "PONG");
        const auto run = observe_cachectl(keys_on(server.port()));
        CHECK(run.exit_code == 3);
        CHECK(has(run.err, "ERR max number of clients reached"));
        CHECK(occupant.text({"INFO", "stats"}).find("rejected_connections:3\r\n") !=
              std::string::npos);
        CHECK(run.took < k_bound);
    }
    SUBCASE("a place that comes free in time is taken") {
        FakeServer server({say_and_close("-ERR max number of clients reached\r\n"),
                           answer(polite_redis({{"SCAN", resp::scan_page("0", {"a"})}}))});
        const auto run = observe_cachectl(keys_on(server.port()));
        CHECK(run.exit_code == 0);
        CHECK(run.out == "a\n");
        CHECK(server.connections() == 2);
    }
}

TEST_CASE("a missing or wrong password is asked for once and never shown") {
    RedisServer server({"--requirepass", "r1ght-pw"});
    const std::string socket = server.socket_path();
    SUBCASE("none") {
        const auto run = observe_cachectl({"keys", "-s", socket});
        CHECK(run.exit_code == 3);
        CHECK(has(run.err, "NOAUTH"));
        CHECK(has(run.err, "-a, --password-file, --askpass, REDISCLI_AUTH or the URL"));
    }
    SUBCASE("wrong") {
        const auto run = observe_cachectl({"keys", "-s", socket, "-a", "wr0ng-pw"});
        CHECK(run.exit_code == 3);
        CHECK(has(run.err, "WRONGPASS"));
        CHECK_FALSE(has(run.err + run.out, "wr0ng-pw"));
        ProcessOptions options;
        options.env = {{"REDISCLI_AUTH", "r1ght-pw"}};
        CHECK(run_cachectl({"keys", "-s", socket}, options).exit_code == 0);
        RespClient redis = server.client();
        redis.run({"AUTH", "r1ght-pw"});
        CHECK(redis.command({"ACL", "LOG"}).elements.size() == 1);
    }
    SUBCASE("changed on the way") {
        const auto handler = polite_redis({{"SCAN", resp::scan_page("17", {"a"})}});
        const auto refusing =
            polite_redis({{"AUTH", resp::error("WRONGPASS invalid username-password pair")}});
        FakeServer fake({reset_at("SCAN", 1, handler), answer(refusing)});
        const auto run = observe_cachectl(keys_on(fake.port(), {"-a", "0ld-pw"}));
        CHECK(run.exit_code == 5);
        CHECK(run.out == "a\n");
        CHECK(has(run.err, "WRONGPASS"));
        CHECK_FALSE(has(run.err, "0ld-pw"));
        CHECK(fake.count("AUTH") == 2);
    }
}

TEST_CASE("a server that repeats AUTH does not bring the password to light") {
    const auto echo = polite_redis(
        {{"AUTH",
          resp::error("ERR unknown command 'AUTH', with args beginning with: 's3cr3t-pw' ")}});
    FakeServer fake({answer(echo), answer(echo), answer(echo)});
    ProcessOptions variable;
    variable.env = {{"REDISCLI_AUTH", "s3cr3t-pw"}};
    for (const auto& run : {run_cachectl(keys_on(fake.port(), {"-a", "s3cr3t-pw"})),
                            run_cachectl(keys_on(fake.port(), {"--user", "b", "-a", "s3cr3t-pw"})),
                            run_cachectl(keys_on(fake.port(), {}), variable)}) {
        CHECK(run.exit_code == 3);
        CHECK(has(run.err, "ERR unknown command 'AUTH'"));
        CHECK_FALSE(has(run.err + run.out, "s3cr3t-pw"));
    }
}

TEST_CASE("who is named is logged in as, with an empty password too, and nobody else") {
    RedisServer server;
    RespClient redis = server.client();
    redis.run({"ACL", "SETUSER", "bob", "on", "nopass", "~bob:*", "+@all", "-@dangerous"});
    redis.run({"MSET", "bob:1", "x", "alice:1", "y"});
    const std::string socket = server.socket_path();
    const std::vector<std::vector<std::string>> ways = {
        {"-u", "unix://bob:@" + socket},
        {"-s", socket, "--user", "bob"},
        {"-s", socket, "--user", "bob", "-a", ""},
        {"-s", socket, "--user", "nosuch"},
    };
    for (const auto& way : ways) {
        CAPTURE(way.back());
        std::vector<std::string> args{"invalidate", "alice:*", "--yes"};
        args.insert(args.end(), way.begin(), way.end());
        CHECK(run_cachectl(args).exit_code != 0);
        CHECK(redis.command({"EXISTS", "alice:1"}).integer == 1);
    }
    CHECK(run_cachectl({"invalidate", "bob:*", "--yes", "-s", socket, "--user", "bob"}).exit_code ==
          0);
}

TEST_CASE("a proxy that hangs up at HELLO is spoken to without, and named") {
    const auto twemproxy = [](FakeServer::Connection& client) {
        while (auto command = client.read_command()) {
            const std::string& name = command->at(0);
            if (name == "PING") {
                client.send("+PONG\r\n");
            } else if (name == "UNLINK") {
                client.send(":1\r\n");
            } else {
                return;
            }
        }
    };
    FakeServer fake({twemproxy, twemproxy});
    const ProcessResult run =
        run_cachectl({"invalidate", "--keys-from", "-", "--yes", "-p", std::to_string(fake.port())},
                     {.stdin_bytes = "a\n"});
    CHECK(run.exit_code == 0);
    CHECK(fake.count("UNLINK") == 1);
    CHECK(has(run.err, "hangs up at HELLO and INFO, as twemproxy does"));
}

TEST_CASE("a connection that is lost at HELLO once does not make a proxy of the server") {
    const RedisServer server({}, Listen::tcp_too);
    server.client().run({"SET", "k", "v"});
    const FakeServer fake({close_after(0, polite_redis()), pass_on(server.port())});
    const ProcessResult run =
        run_cachectl({"invalidate", "k*", "--yes", "-p", std::to_string(fake.port())});
    CHECK(run.exit_code == 0);
    CHECK(run.err == "");
    CHECK(fake.connections() == 3);
    CHECK(server.client().integer({"DBSIZE"}) == 0);
}

TEST_CASE("a password for a server that has none is a warning") {
    RedisServer server;
    const auto run = observe_cachectl({"keys", "-s", server.socket_path(), "-a", "s3cr3t"});
    CHECK(run.exit_code == 0);
    CHECK(has(run.err, "cachectl: warning: "));
    CHECK(has(run.err, "has no password, but one was given"));
    CHECK_FALSE(has(run.err, "s3cr3t"));
}

TEST_CASE("a word before the @ of a URL is a password, and never ignored as a user's name") {
    RedisServer server({}, Listen::tcp_too);
    server.client().run({"ACL", "SETUSER", "bob", "on", "nopass", "~*", "+@all"});
    server.client().run({"SET", "k", "v"});
    const std::string at_server = "@127.0.0.1:" + std::to_string(server.port());
    const auto refused =
        observe_cachectl({"invalidate", "k*", "--yes", "-u", "redis://bob" + at_server});
    CHECK(refused.exit_code == 3);
    CHECK(has(refused.err,
              "has no password, and the URL has a word before its '@' that was taken for one"));
    CHECK(has(refused.err, "redis://USER:@HOST logs in as that user"));
    CHECK_FALSE(has(refused.err, "bob"));
    CHECK(server.client().integer({"EXISTS", "k"}) == 1);
    CHECK(observe_cachectl({"keys", "-u", "redis://bob:" + at_server}).exit_code == 0);
    const auto replaced =
        observe_cachectl({"keys", "-u", "redis://bob" + at_server, "-a", "s3cr3t"});
    CHECK(replaced.exit_code == 0);
    CHECK(has(replaced.err, "has no password, but one was given"));
}

TEST_CASE("a Unix socket works, and says what is wrong when it does not") {
    RedisServer server;
    server.client().run({"SET", "k", "v"});
    CHECK(run_cachectl({"keys", "-s", server.socket_path()}).out == "k\n");
    CHECK(run_cachectl({"keys", "-u", "unix://" + server.socket_path() + "?db=0"}).out == "k\n");

    const std::string missing = server.socket_path() + ".not";
    const auto run = run_cachectl({"keys", "-s", missing});
    CHECK(run.exit_code == 3);
    CHECK(run.err.starts_with("cachectl: error: cannot connect to " + missing +
                              ": No such file or directory\n"));
    const auto folder = run_cachectl({"keys", "-s", "/tmp"});
    CHECK(folder.exit_code == 3);
    CHECK(has(folder.err, "cannot connect to /tmp: "));
    const auto long_path = run_cachectl({"keys", "-s", "/" + std::string(200, 'x')});
    CHECK(long_path.exit_code == 3);
    CHECK(has(long_path.err, ": File name too long\n"));
}

TEST_CASE("IPv6 addresses work bare, in brackets, in URLs and with a scope id") {
    const int probe = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in6 loopback{};
    loopback.sin6_family = AF_INET6;
    loopback.sin6_addr = in6addr_loopback;
    const bool has_ipv6 =
        ::bind(probe, reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback) == 0;
    ::close(probe);
    if (!has_ipv6) {
        MESSAGE("this machine has no ::1, so there is nothing to connect to");
        return;
    }
    RedisServer server({"--bind", "127.0.0.1", "::1"}, Listen::tcp_too);
    server.client().run({"SET", "k", "v"});
    const std::string port = std::to_string(server.port());
    for (const std::string host : {"::1", "[::1]", "::1%1"}) {
        CAPTURE(host);
        CHECK(run_cachectl({"keys", "-h", host, "-p", port}).out == "k\n");
    }
    for (const std::string host : {"[::1]", "[::1%251]"}) {
        CAPTURE(host);
        CHECK(run_cachectl({"keys", "-u", "redis://" + host + ":" + port}).out == "k\n");
    }
    server.kill();
    const auto run = run_cachectl({"keys", "-h", "::1", "-p", port});
    CHECK(run.exit_code == 3);
    CHECK(has(run.err, "cannot connect to [::1]:" + port + ": Connection refused\n"));
}

TEST_CASE("of a name's several addresses a dead one hides no live one") {
    RedisServer server({}, Listen::tcp_too);
    server.client().run({"SET", "k", "v"});
    const TempDir dir;
    const std::string hosts = dir.file("hosts", "::1 cache.test\n127.0.0.1 cache.test\n");
    // A hosts file of our own, where the kernel lets us have a mount namespace for it.
    const bool may_mount = run_process({"unshare", "-rm", "true"}).exit_code == 0;
    const std::string host = may_mount ? "cache.test" : "localhost";
    std::vector<std::string> argv =
        cachectl_argv({"keys", "-h", host, "-p", std::to_string(server.port())});
    if (may_mount) {
        const std::vector<std::string> wrapper = {
            "unshare", "-rm", "sh", "-c", "mount --bind \"$0\" /etc/hosts && exec \"$@\"", hosts};
        argv.insert(argv.begin(), wrapper.begin(), wrapper.end());
    }
    const auto run = run_process(argv);
    CHECK(run.exit_code == 0);
    CHECK(run.out == "k\n");
    CHECK(run.err.empty());
}
