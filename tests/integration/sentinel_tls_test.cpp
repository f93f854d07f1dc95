// Sentinels and the servers that they know, all with TLS: each has to prove who it is before it is
// told anything.
#include <doctest/doctest.h>

#include "support/observed_run.hpp"
#include "support/sentinel_group.hpp"
#include "support/tcp_port.hpp"
#include "support/text.hpp"
#include "support/tls_server.hpp"

using namespace cachectl::test;
using Strings = std::vector<std::string>;

namespace {

struct Fixture {
    CertificateAuthority authority;
    CertificateFiles files = authority.issue({"localhost", {"DNS:localhost", "IP:127.0.0.1"}});
    RedisServer server{tls_arguments(files, authority, {"--requirepass", "s3cr3t"}),
                       Listen::tls_too};
    std::uint16_t tls_port = free_tcp_port();
    // It listens without TLS too, for the test's own questions.
    RedisSentinel sentinel{
        "cache",
        server.port(),
        0,
        {"tls-port " + std::to_string(tls_port), "tls-cert-file " + files.certificate,
         "tls-key-file " + files.key, "tls-ca-cert-file " + authority.file(), "tls-auth-clients no",
         "tls-replication yes", "sentinel auth-pass cache s3cr3t"}};

    Fixture() {
        RespClient redis = server.client();
        redis.run({"AUTH", "s3cr3t"});
        redis.run({"SET", "k", "v"});
    }
    [[nodiscard]] ObservedRun run(Strings args, std::uint16_t at) const {
        args.insert(args.end(), {"-a", "s3cr3t", "--tls", "--connect-timeout", "2s"});
        return observe_cachectl(by_sentinels(std::move(args), endpoint(at)));
    }
    [[nodiscard]] std::string value() const {
        RespClient redis = server.client();
        redis.run({"AUTH", "s3cr3t"});
        return redis.text({"GET", "k"});
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the Sentinel and its master are reached with TLS") {
    const ObservedRun flags = run({"keys", "--cacert", authority.file()}, tls_port);
    CHECK(flags.exit_code == 0);
    CHECK(flags.out == "k\n");
    CHECK(flags.err == "cachectl: the master of cache is " + endpoint(server.port()) + "\n");
    const ProcessResult url =
        run_cachectl({"invalidate", "k", "--yes", "--cacert", authority.file(), "-u",
                      "rediss+sentinel://:s3cr3t@" + endpoint(tls_port) + "/cache"});
    CHECK(url.exit_code == 0);
    CHECK(url.out.starts_with("deleted 1 of 1 key on cache"));
}

TEST_CASE_FIXTURE(Fixture, "Sentinels and server may differ in TLS") {
    const ObservedRun mixed =
        run({"keys", "--cacert", authority.file(), "--sentinel-tls", "off"}, sentinel.port());
    CHECK(mixed.exit_code == 0);
    CHECK(mixed.out == "k\n");
    const ObservedRun alike = run({"keys", "--cacert", authority.file()}, sentinel.port());
    CHECK(alike.exit_code == 3);
    CHECK(has(alike.err, "cachectl: Sentinels that speak without TLS: --sentinel-tls off\n"));
}

TEST_CASE_FIXTURE(Fixture, "a Sentinel that nobody vouches for is not believed") {
    const CertificateAuthority other("Other Authority");
    const ObservedRun unknown =
        run({"invalidate", "k", "--yes", "--cacert", other.file()}, tls_port);
    CHECK(unknown.exit_code == 3);
    CHECK(unknown.out.empty());
    CHECK(has(unknown.err, "cannot connect to " + endpoint(tls_port) +
                               " with TLS: its certificate is signed by 'Test Authority', which "
                               "is not trusted here"));
    CHECK(value() == "v");
}

TEST_CASE_FIXTURE(Fixture, "a Sentinel without TLS is told nothing") {
    std::string said;
    {
        FakeServer between(pass_on(sentinel.port(), {.from_client = &said}));
        const ObservedRun run_there =
            run({"invalidate", "k", "--yes", "--cacert", authority.file()}, between.port());
        CHECK(run_there.exit_code == 3);
        CHECK(run_there.out.empty());
        CHECK(has(run_there.err, "with TLS: "));
    }
    CHECK(said.starts_with("\x16\x03"));  // a handshake: RFC 8446, section 5.1
    for (const char* plain : {"SENTINEL", "cache", "AUTH", "s3cr3t"}) {
        CHECK_FALSE(has(said, plain));
    }
    CHECK(value() == "v");
}
