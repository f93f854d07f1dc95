#include "config/tls_settings.hpp"

#include <doctest/doctest.h>

#include "support/settings_fixture.hpp"

using namespace cachectl;
using Fixture = test::SettingsFixture;

TEST_CASE_FIXTURE(Fixture, "TLS comes with the URL or with --tls") {
    flags.url = "rediss://h";
    CHECK(resolve().address.tls);
    CHECK(resolve().tls.verify == VerifyServer::yes);
    CHECK(resolve().warnings.empty());
    flags.url = "redis://h";
    CHECK_FALSE(resolve().address.tls);
    flags.tls = true;
    CHECK(resolve().address.tls);
    flags.cacert = "ca.pem";
    flags.cacertdir = "/etc/ca";
    flags.cert = "me.pem";
    flags.cert_key = "me.key";
    flags.sni = "cache.test";
    const Settings settings = resolve();
    CHECK(settings.tls.ca_file == "ca.pem");
    CHECK(settings.tls.ca_folder == "/etc/ca");
    CHECK(settings.tls.certificate == "me.pem");
    CHECK(settings.tls.key == "me.key");
    CHECK(settings.tls.server_name == "cache.test");
    flags.insecure = true;
    CHECK(resolve().tls.verify == VerifyServer::no);
    CHECK(resolve().warnings ==
          std::vector<std::string>{"h:6379 is not asked to prove who it is (insecure): whoever is "
                                   "on the way can read and change everything"});
    flags.tls = false;
    CHECK(message() == "--cacert means nothing without TLS");
    flags.url = "unix:///run/r.sock";
    flags.tls = true;
    CHECK(message() == "--tls: a Unix socket is not encrypted");
}

TEST_CASE_FIXTURE(Fixture, "a host or port of a lower place keeps the encryption") {
    variables["REDIS_URL"] = "rediss://h";
    flags.host = "other";
    CHECK(resolve().address.tls);
}

TEST_CASE_FIXTURE(Fixture, "a context's certificates go with its server") {
    configure(R"({"contexts": {"prod": {
      "url": "rediss://ctx.example", "cacert": "ca.pem", "cert": "/etc/me.pem",
      "cert_key": "/etc/me.key", "sni": "cache.test", "insecure": true}}})");
    flags.context = "prod";
    Settings settings = resolve();
    CHECK(settings.tls.ca_file == (dir.path() / ".config/cachectl/ca.pem").string());
    CHECK(settings.tls.certificate == "/etc/me.pem");
    CHECK(settings.tls.key == "/etc/me.key");
    CHECK(settings.tls.server_name == "cache.test");
    CHECK(settings.tls.verify == VerifyServer::no);
    CHECK(settings.warnings.size() == 1);
    flags.cert = "mine.pem";  // brings its own key
    CHECK(resolve().tls.certificate == "mine.pem");
    CHECK(resolve().tls.key.empty());
    flags.cert.reset();
    flags.url = "rediss://other.example";
    settings = resolve();
    CHECK(settings.tls.ca_file.empty());
    CHECK(settings.tls.certificate.empty());
    CHECK(settings.tls.server_name.empty());
    CHECK(settings.tls.verify == VerifyServer::yes);
    CHECK(settings.warnings.empty());
}
