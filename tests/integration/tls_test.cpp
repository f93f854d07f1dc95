// TLS against a real redis-server: what works, whose certificates are believed, and what is said
// of the others. Nothing may pass where the server has not proved who it is.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "support/observed_run.hpp"
#include "support/text.hpp"
#include "support/tls_server.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

const CertificateWish k_local{"localhost", {"DNS:localhost", "DNS:*.cache.test", "IP:127.0.0.1"}};

struct Fixture {
    CertificateAuthority authority;

    /// `keys` on that server, trusting the authority.
    ProcessResult keys(const RedisServer& server, std::vector<std::string> more = {},
                       const std::string& host = "localhost") {
        std::vector<std::string> args{"keys", "-u", tls_url(server, host), "--cacert",
                                      authority.file()};
        args.insert(args.end(), more.begin(), more.end());
        return run_cachectl(args);
    }
    /// What is said of a server with that certificate, which nothing may be read from.
    std::string refusal_of(const CertificateFiles& files, const std::string& host = "localhost") {
        RedisServer server(tls_arguments(files, authority), Listen::tls_too);
        server.client().run({"SET", "secret", "v"});
        const ProcessResult run = keys(server, {}, host);
        CHECK(run.exit_code == 3);
        CHECK(run.out.empty());
        CHECK(has(run.err,
                  "cannot connect to " + host + ":" + std::to_string(server.port()) + " with TLS"));
        CHECK(run_cachectl({"invalidate", "secret", "--yes", "-u", tls_url(server, host),
                            "--cacert", authority.file()})
                  .exit_code == 3);
        CHECK(server.client().text({"GET", "secret"}) == "v");
        CHECK(has(server.client().text({"INFO", "commandstats"}), "cmdstat_set"));
        CHECK_FALSE(has(server.client().text({"INFO", "commandstats"}), "cmdstat_hello"));
        return run.err;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "looking and changing work over TLS as without") {
    RedisServer server(tls_arguments(authority.issue(k_local), authority), Listen::tls_too);
    server.client().pipeline(20'000, [](std::size_t i) {
        // Pages far larger than one record of TLS.
        return RespClient::Args{"SET", std::to_string(i) + std::string(500, 'k'), "v"};
    });
    const ProcessResult all = keys(server);
    CHECK(all.exit_code == 0);
    CHECK(all.err.empty());
    CHECK(std::count(all.out.begin(), all.out.end(), '\n') == 20'000);

    const std::string port = std::to_string(server.port());
    const std::vector<std::string> connection{"--tls", "-p", port, "--cacert", authority.file()};
    std::vector<std::string> args{"invalidate", "1*", "--yes", "--pace", "full"};
    args.insert(args.end(), connection.begin(), connection.end());
    const ProcessResult deleted = run_cachectl(args);
    CHECK(deleted.exit_code == 0);
    CHECK(deleted.out.starts_with("deleted 11,111 of 11,111 keys on 127.0.0.1:" + port));

    ProcessOptions options;
    for (int i = 0; i < 3'000; ++i) {
        options.stdin_bytes +=
            "{\"id\":" + std::to_string(i) + ",\"text\":\"" + std::string(400, 'x') + "\"}\n";
    }
    args = {"warm", "-", "--key", "new:{id}", "--ttl", "1h"};
    args.insert(args.end(), connection.begin(), connection.end());
    CHECK(run_cachectl(args, options).exit_code == 0);
    CHECK(server.client().integer({"DBSIZE"}) == 20'000 - 11'111 + 3'000);
    CHECK(server.client().text({"GET", "new:2999"}) ==
          "{\"id\":2999,\"text\":\"" + std::string(400, 'x') + "\"}");
}

TEST_CASE_FIXTURE(Fixture,
                  "a value that is larger than what a socket takes at once goes over TLS") {
    RedisServer server(tls_arguments(authority.issue(k_local), authority), Listen::tls_too);
    ProcessOptions options;
    options.stdin_bytes = "{\"id\":1,\"text\":\"" + std::string(30'000'000, 'x') + "\"}\n";
    const ProcessResult loaded =
        run_cachectl({"warm", "-", "--key", "new:{id}", "--ttl", "1h", "--value", "{text}", "--tls",
                      "-p", std::to_string(server.port()), "--cacert", authority.file()},
                     options);
    CAPTURE(loaded.err);
    CHECK(loaded.exit_code == 0);
    CHECK(server.client().integer({"STRLEN", "new:1"}) == 30'000'000);
}

TEST_CASE_FIXTURE(Fixture, "who may vouch for the server: a file, a folder, the system's, nobody") {
    RedisServer server(tls_arguments(authority.issue(k_local), authority), Listen::tls_too);
    server.client().run({"SET", "k", "v"});
    CHECK(keys(server).out == "k\n");
    const std::string url = tls_url(server);
    CHECK(run_cachectl({"keys", "-u", url, "--cacertdir", authority.folder()}).out == "k\n");
    ProcessOptions options;
    options.env["SSL_CERT_FILE"] = authority.file();
    CHECK(run_cachectl({"keys", "-u", url}, options).out == "k\n");

    const ProcessResult unknown = run_cachectl({"keys", "-u", url});
    CHECK(unknown.exit_code == 3);
    CHECK(unknown.out.empty());
    CHECK(unknown.err ==
          "cachectl: error: cannot connect to localhost:" + std::to_string(server.port()) +
              " with TLS: its certificate is signed by 'Test Authority', which is not trusted "
              "here\n"
              "cachectl: --cacert FILE names the authority to trust; or the server does not send "
              "the certificates between its own and that authority's\n");
    const CertificateAuthority other("Other Authority");
    CHECK(run_cachectl({"keys", "-u", url, "--cacert", other.file()}).exit_code == 3);
    // --cacert is instead of the system's authorities, not besides.
    CHECK(run_cachectl({"keys", "-u", url, "--cacert", other.file()}, options).exit_code == 3);
}

TEST_CASE_FIXTURE(Fixture, "the certificate has to be for the host that was asked for") {
    RedisServer server(tls_arguments(authority.issue(k_local), authority), Listen::tls_too);
    server.client().run({"SET", "k", "v"});
    CHECK(keys(server, {}, "localhost").out == "k\n");
    CHECK(keys(server, {"--sni", "localhost."}).out == "k\n");
    CHECK(keys(server, {}, "127.0.0.1").out == "k\n");
    CHECK(keys(server, {"--sni", "a.cache.test"}, "127.0.0.1").out == "k\n");
    for (const std::string name : {"cache.test", "a.b.cache.test", "127.0.0.2", "localhost.evil"}) {
        CAPTURE(name);
        const ProcessResult run = keys(server, {"--sni", name});
        CHECK(run.exit_code == 3);
        CHECK(run.out.empty());
        CHECK(has(run.err, "its certificate is for localhost, *.cache.test, 127.0.0.1, not for " +
                               name + "\n"));
        CHECK(has(run.err, "--sni NAME says which one to expect"));
    }
}

TEST_CASE_FIXTURE(Fixture, "a name that begins with a dot is not taken for all that end so") {
    RedisServer server(tls_arguments(authority.issue(k_local), authority), Listen::tls_too);
    const ProcessResult run = keys(server, {"--sni", ".cache.test"});
    CHECK(run.exit_code == 2);
    CHECK(has(run.err, "cannot ask for the TLS server name '.cache.test'"));
}

TEST_CASE_FIXTURE(Fixture, "a name in the certificate's subject counts where it lists no others") {
    RedisServer server(tls_arguments(authority.issue({"localhost", {}}), authority),
                       Listen::tls_too);
    server.client().run({"SET", "k", "v"});
    CHECK(keys(server).out == "k\n");
    CHECK(has(keys(server, {}, "127.0.0.1").err, "is for localhost, not for 127.0.0.1"));
    CHECK(has(refusal_of(authority.issue({"localhost", {"DNS:other.test"}})),
              "its certificate is for other.test, not for localhost"));
}

TEST_CASE_FIXTURE(Fixture, "an address that is only a name in the certificate is told so") {
    for (const CertificateWish& wish :
         {CertificateWish{"127.0.0.1", {}}, CertificateWish{"other", {"DNS:127.0.0.1"}}}) {
        RedisServer server(tls_arguments(authority.issue(wish), authority), Listen::tls_too);
        const ProcessResult run = keys(server, {}, "127.0.0.1");
        CHECK(run.exit_code == 3);
        CHECK(
            has(run.err, "its certificate has 127.0.0.1 only as a name, and not as an address\n"));
    }
}

TEST_CASE_FIXTURE(Fixture, "what --cacert names is trusted though another one vouches for it") {
    const CertificateFiles leaf = authority.issue(k_local);
    RedisServer server(tls_arguments(leaf, authority), Listen::tls_too);
    CHECK(run_cachectl({"keys", "-u", tls_url(server), "--cacert", leaf.certificate}).exit_code ==
          0);
}

TEST_CASE_FIXTURE(Fixture, "a SSL_CERT_FILE that cannot be read is named") {
    RedisServer server(tls_arguments(authority.issue(k_local), authority), Listen::tls_too);
    ProcessOptions options;
    options.env = {{"SSL_CERT_FILE", "/nonexistent.pem"}};
    CHECK(has(run_cachectl({"keys", "-u", tls_url(server)}, options).err,
              "cachectl: SSL_CERT_FILE names /nonexistent.pem, which cannot be read: No such file "
              "or directory\n"));
}

TEST_CASE_FIXTURE(Fixture, "a certificate out of its time is refused with its date") {
    CertificateWish old = k_local;
    old.begins = -48h;
    old.ends = -24h;
    const std::string expired = refusal_of(authority.issue(old));
    CHECK(has(expired, "with TLS: its certificate expired on 20"));
    CHECK(has(expired, "Z\ncachectl: the server needs a new one"));
    CertificateWish future = k_local;
    future.begins = 24h;
    future.ends = 48h;
    CHECK(has(refusal_of(authority.issue(future)), "its certificate is not valid before 20"));
}

TEST_CASE_FIXTURE(Fixture,
                  "a certificate that signs itself is refused, and can be trusted by name") {
    const CertificateFiles own = authority.self_signed(k_local);
    CHECK(has(refusal_of(own), "its certificate is signed by itself and not trusted here"));
    RedisServer server(tls_arguments(own, authority), Listen::tls_too);
    CHECK(run_cachectl({"keys", "-u", tls_url(server), "--cacert", own.certificate}).exit_code ==
          0);
}

TEST_CASE_FIXTURE(Fixture, "older than TLS 1.2 is refused, with --insecure too") {
    RedisServer old(
        tls_arguments(authority.issue(k_local), authority,
                      {"--tls-protocols", "TLSv1.1", "--tls-ciphers", "DEFAULT@SECLEVEL=0"}),
        Listen::tls_too);
    for (const std::vector<std::string>& more :
         {std::vector<std::string>{}, std::vector<std::string>{"--insecure"}}) {
        const ProcessResult run = keys(old, more);
        CHECK(run.exit_code == 3);
        CHECK(run.out.empty());
        CHECK(has(run.err, "with TLS: it does not speak TLS 1.2 or later"));
    }
}

TEST_CASE_FIXTURE(Fixture, "--insecure goes on without proof, and says so at every run") {
    CertificateWish old = k_local;
    old.ends = -1h;
    RedisServer server(tls_arguments(authority.issue(old), authority), Listen::tls_too);
    server.client().run({"SET", "k", "v"});
    for (const std::string talk : {"--quiet", "--no-progress"}) {
        const ProcessResult run = run_cachectl({"keys", "-u", tls_url(server), "--insecure", talk});
        CHECK(run.exit_code == 0);
        CHECK(run.out == "k\n");
        CHECK(run.err == "cachectl: warning: localhost:" + std::to_string(server.port()) +
                             " is not asked to prove who it is (insecure): whoever is on the way "
                             "can read and change everything\n");
    }
}

TEST_CASE_FIXTURE(Fixture, "a server that wants a client certificate gets it, or says so") {
    const CertificateFiles client = authority.issue({"ci", {}});
    for (const std::string protocol : {"TLSv1.3", "TLSv1.2"}) {
        CAPTURE(protocol);
        RedisServer server(
            tls_arguments(authority.issue(k_local), authority,
                          {"--tls-auth-clients", "yes", "--tls-protocols", protocol}),
            Listen::tls_too);
        server.client().run({"SET", "k", "v"});
        CHECK(keys(server, {"--cert", client.certificate, "--cert-key", client.key}).out == "k\n");
        const std::string both =
            authority.dir().file("both.pem", read_file(client.certificate) + read_file(client.key));
        CHECK(keys(server, {"--cert", both}).out == "k\n");

        const ProcessResult none = keys(server);
        CHECK(none.exit_code == 3);
        CHECK(none.out.empty());
        CHECK(has(none.err, protocol == "TLSv1.3" ? "it wants a client certificate"
                                                  : "it may want a client certificate"));
        CHECK(has(none.err, "--cert"));

        CertificateAuthority other("Other Authority");
        const CertificateFiles stranger = other.issue({"stranger", {}});
        const ProcessResult refused =
            keys(server, {"--cert", stranger.certificate, "--cert-key", stranger.key});
        CHECK(refused.exit_code == 3);
        CHECK(refused.out.empty());
        CHECK(has(refused.err, "it does not know who signed the client certificate"));
    }
}

TEST_CASE_FIXTURE(Fixture, "a context of the configuration file has its own authority") {
    RedisServer server(tls_arguments(authority.issue(k_local), authority), Listen::tls_too);
    server.client().run({"SET", "k", "v"});
    const std::string config = authority.dir().file(
        "config.json", "{\"contexts\": {\"prod\": {\"url\": \"" + tls_url(server, "127.0.0.1") +
                           "\", \"cacert\": \"1.crt\", \"sni\": \"x.cache.test\"}}}");
    std::filesystem::permissions(config, std::filesystem::perms(0600));
    CHECK(run_cachectl({"keys", "--config", config, "--context", "prod"}).out == "k\n");
    // Another server is not vouched for by this one's authority.
    CHECK(run_cachectl({"keys", "--config", config, "--context", "prod", "-u", tls_url(server)})
              .exit_code == 3);
}
