// TLS that does not come about: files that are none, the wrong protocol on either side, servers
// that stop in the middle. Bounded in time, with a message, and never without encryption.
#include <doctest/doctest.h>

#include <set>

#include "support/fake_server.hpp"
#include "support/observed_run.hpp"
#include "support/text.hpp"
#include "support/tls_server.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

constexpr Millis k_bound = 15s;

struct Fixture {
    CertificateAuthority authority;
    CertificateFiles files = authority.issue({"localhost", {"DNS:localhost"}});

    ObservedRun keys_on(std::uint16_t port, std::vector<std::string> more = {},
                        const std::string& patience = "1s") {
        std::vector<std::string> args{"keys",
                                      "-u",
                                      "rediss://localhost:" + std::to_string(port),
                                      "--cacert",
                                      authority.file(),
                                      "--connect-timeout",
                                      patience};
        args.insert(args.end(), more.begin(), more.end());
        return observe_cachectl(args);
    }
    /// The message of a run that may send nothing.
    std::string usage_error(const std::vector<std::string>& more) {
        FakeServer server(silent());
        std::vector<std::string> args{"keys", "-h", "localhost", "-p",
                                      std::to_string(server.port())};
        args.insert(args.end(), more.begin(), more.end());
        const ProcessResult run = run_cachectl(args);
        CHECK(run.exit_code == 2);
        CHECK(server.connections() == 0);
        return run.err;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a file that cannot be used is a usage error, before anything is sent") {
    const std::string text = authority.dir().file("text", "no certificate\n");
    const std::string missing = (authority.dir().path() / "missing.pem").string();
    CHECK(usage_error({"--tls", "--cacert", missing}) ==
          "cachectl: error: --cacert: cannot use " + missing + ": No such file or directory\n");
    CHECK(has(usage_error({"--tls", "--cacert", text}),
              "--cacert: cannot use " + text + ": it holds no certificate in PEM format\n"));
    CHECK(has(usage_error({"--tls", "--cert", text, "--cert-key", files.key}),
              "--cert: cannot use " + text + ": it holds no certificate in PEM format\n"));
    CHECK(has(usage_error({"--tls", "--cert", files.certificate, "--cert-key", text}),
              "--cert-key: cannot use " + text + ": it holds no private key in PEM format\n"));
    CHECK(has(usage_error({"--tls", "--cert", files.certificate}),
              "--cert: cannot use " + files.certificate +
                  ": it holds a certificate, but not its private key\n"));
    const CertificateFiles other = authority.issue({"other", {}});
    CHECK(has(usage_error({"--tls", "--cert", files.certificate, "--cert-key", other.key}),
              "it is the key of another certificate than --cert's\n"));
    const std::string folder = authority.dir().path().string();
    CHECK(has(
        usage_error({"--tls", "--cacertdir", folder}),
        "--cacertdir: cannot use " + folder + ": it has no certificate under its hashed name\n"));
    CHECK(has(usage_error({"--tls", "--cacertdir", text}), "Not a directory\n"));
}

TEST_CASE_FIXTURE(Fixture, "an encrypted key is an error and no question") {
    const std::string key = authority.encrypted_key(files);
    const std::string err = usage_error({"--tls", "--cert", files.certificate, "--cert-key", key});
    CHECK(has(err, "--cert-key: cannot use " + key + ": the key is encrypted with a passphrase\n"));
    CHECK_FALSE(has(err, "Enter PEM"));
}

TEST_CASE_FIXTURE(Fixture, "flags that believe in TLS are refused without it") {
    CHECK(has(usage_error({"--cacert", authority.file()}), "--cacert means nothing without TLS"));
    CHECK(has(usage_error({"--insecure"}), "--insecure means nothing without TLS"));
    CHECK(has(usage_error({"--tls", "--cert-key", files.key}),
              "--cert-key is the key of a certificate"));
    CHECK(has(usage_error({"--tls", "--sni", ""}), "--sni: the value is empty"));
    const ProcessResult run = run_cachectl({"keys", "-s", "/run/redis.sock", "--tls"});
    CHECK(run.exit_code == 2);
    CHECK(has(run.err, "--tls: a Unix socket is not encrypted"));
}

TEST_CASE_FIXTURE(Fixture, "without TLS on a TLS port, and the other way round") {
    RedisServer server(tls_arguments(files, authority, {"--requirepass", "s3cr3t"}),
                       Listen::tls_too);
    const auto with_password = [](const RedisServer& at) {
        RespClient client = at.client();
        client.run({"AUTH", "s3cr3t"});
        return client;
    };
    with_password(server).run({"SET", "k", "v"});
    for (const std::vector<std::string>& args :
         {std::vector<std::string>{"keys"}, {"invalidate", "k", "--yes"}}) {
        std::vector<std::string> all = args;
        all.insert(all.end(), {"-p", std::to_string(server.port()), "-a", "s3cr3t"});
        const ProcessResult plain = run_cachectl(all);
        CHECK(plain.exit_code == 3);
        CHECK(plain.out.empty());
        CHECK(has(plain.err, "TLS: --tls, or rediss:// in the URL"));
        CHECK_FALSE(has(plain.err, "s3cr3t"));
    }
    CHECK(with_password(server).text({"GET", "k"}) == "v");

    // A plain server takes the greeting for half a command and waits, or calls it an error.
    RedisServer without({"--requirepass", "s3cr3t"}, Listen::tcp_too);
    const auto run = keys_on(without.port(), {"-a", "s3cr3t"});
    CHECK(run.exit_code == 3);
    CHECK(run.out.empty());
    CHECK(has(run.err,
              "cannot connect to localhost:" + std::to_string(without.port()) + " with TLS: "));
    CHECK(run.took < k_bound);
    // Nothing but our own login.
    const std::string said = with_password(without).text({"INFO", "commandstats"});
    CHECK(has(said, "cmdstat_auth:calls=1,"));
    CHECK_FALSE(has(said, "cmdstat_hello"));
    CHECK_FALSE(has(said, "cmdstat_scan"));

    FakeServer error(say_and_close("-ERR unknown command\r\n"));
    const auto answered = keys_on(error.port());
    CHECK(answered.exit_code == 3);
    CHECK(has(answered.err, "with TLS: the server answered, but not in TLS\n"));
    CHECK(has(answered.err, "redis:// instead of rediss://"));
    CHECK(error.commands().empty());
}

TEST_CASE_FIXTURE(Fixture, "a handshake that does not end is bounded by the connect timeout") {
    FakeServer mute(silent());
    const auto run = keys_on(mute.port());
    CHECK(run.exit_code == 3);
    CHECK(has(run.err, "with TLS: the handshake did not end in time\n"));
    CHECK(has(run.err, "does not speak TLS stays silent"));
    CHECK(run.took >= 900ms);
    CHECK(run.took < k_bound);

    RedisServer server(tls_arguments(files, authority), Listen::tls_too);
    FakeServer slow(pass_on(server.port(), {.chunk = 1, .pause = 20ms}));
    const auto dribbled = keys_on(slow.port());
    CHECK(dribbled.exit_code == 3);
    CHECK(has(dribbled.err, "the handshake did not end in time\n"));
    CHECK(dribbled.took < k_bound);
}

TEST_CASE_FIXTURE(Fixture, "a server that ends in mid-handshake is told from one that refuses") {
    RedisServer server(tls_arguments(files, authority), Listen::tls_too);
    for (const std::size_t bytes : {1, 100, 500}) {
        CAPTURE(bytes);
        FakeServer cut(pass_on(server.port(), {.cut_after = bytes}));
        const auto run = keys_on(cut.port());
        CHECK(run.exit_code == 3);
        CHECK(has(run.err, "connection closed by the server, in the middle of the handshake\n"));
        CHECK(has(run.err, "maxclients"));
        CHECK(run.took < k_bound);
    }
    FakeServer reset([](FakeServer::Connection& connection) {
        connection.sleep(200ms);  // the greeting comes meanwhile
        connection.reset();
    });
    const auto run = keys_on(reset.port());
    CHECK(run.exit_code == 3);
    CHECK(has(run.err, "Connection reset by peer"));
}

TEST_CASE_FIXTURE(Fixture, "bytes that come one by one are as good as records") {
    RedisServer server(tls_arguments(files, authority), Listen::tls_too);
    server.client().run({"SET", "k", "v"});
    std::string greeting;
    {
        FakeServer relay(pass_on(server.port(), {.chunk = 1, .from_client = &greeting}));
        CHECK(keys_on(relay.port(), {}, "20s").out == "k\n");
    }
    // The name that was asked for goes ahead, for servers that have several certificates.
    CHECK(has(greeting, "localhost"));
    CHECK_FALSE(has(greeting, "SCAN"));
}

TEST_CASE_FIXTURE(Fixture,
                  "a connection that is cut in mid-walk is made anew, and nothing is missed") {
    RedisServer server(tls_arguments(files, authority), Listen::tls_too);
    server.client().pipeline(20'000, [](std::size_t i) {
        return RespClient::Args{"SET", "key:" + std::to_string(i), ""};
    });
    FakeServer relay({pass_on(server.port(), {.cut_after = 60'000}), pass_on(server.port())});
    const auto run = keys_on(relay.port(), {"-0"}, "10s");
    CHECK(run.exit_code == 0);
    CHECK(relay.connections() == 2);
    std::set<std::string> seen;
    for (std::size_t at = 0; at < run.out.size();) {
        const std::size_t end = run.out.find('\0', at);
        seen.insert(run.out.substr(at, end - at));
        at = end + 1;
    }
    CHECK(seen.size() == 20'000);
}
