#include "config/sentinel_settings.hpp"

#include <doctest/doctest.h>

#include "support/settings_fixture.hpp"

using namespace cachectl;
using Fixture = test::SettingsFixture;

TEST_CASE_FIXTURE(Fixture, "Sentinels come with the URL or with --sentinel") {
    flags.sentinel = "a:1,b";
    CHECK(message() == "--sentinel needs --master-name");
    flags.master_name = "cache";
    variables["REDIS_URL"] = "redis://u:pw@h:7000/3";
    variables["CACHECTL_SENTINEL_PASSWORD"] = "watch";
    Settings settings = resolve();
    CHECK(settings.address.name() == "cache");
    CHECK(settings.address.sentinels.nodes == std::vector<HostPort>{{"a", 1}, {"b", 26379}});
    CHECK(settings.address.sentinels.password == "watch");
    CHECK(settings.address.password == "");  // of another server
    CHECK(settings.address.db == 0);
    CHECK(settings.sources.at("host") == "--sentinel");
    flags.sentinel_user = "sam";
    flags.sentinel_password_file = secret("file\n");
    CHECK(resolve().address.sentinels.user == "sam");
    CHECK(resolve().address.sentinels.password == "file");
    flags.host = "h";
    CHECK(message() ==
          "--sentinel names those who know the server, and -h, -p or -s the server: give one");
    flags = {};
    variables["REDIS_URL"] = "redis+sentinel://a/cache";
    CHECK(resolve().address.name() == "cache");
    flags.port = "7001";  // of a server, which takes the Sentinels' place
    CHECK(resolve().address.name() == "127.0.0.1:7001");
    CHECK_FALSE(resolve().address.is_found_by_sentinels());
    flags = {};
    flags.master_name = "other";
    CHECK(resolve().address.name() == "other");
    variables.erase("REDIS_URL");
    CHECK(message() == "--master-name means nothing without Sentinels");
}

TEST_CASE_FIXTURE(Fixture, "Sentinels may differ from the server in TLS") {
    flags.sentinel = "a:1";
    flags.master_name = "m";
    CHECK_FALSE(resolve().address.sentinels_use_tls());
    flags.sentinel_tls = "on";
    CHECK(resolve().address.sentinels_use_tls());
    CHECK_FALSE(resolve().address.tls);
    flags.cacert = "ca.pem";  // of the Sentinels
    CHECK(resolve().tls.ca_file == "ca.pem");
    flags.tls = true;
    flags.sentinel_tls = "off";
    CHECK_FALSE(resolve().address.sentinels_use_tls());
    CHECK(resolve().address.tls);
    flags.sentinel_tls = "auto";
    CHECK(resolve().address.sentinels_use_tls());
    flags.sentinel_tls = "maybe";
    CHECK(message() == "--sentinel-tls: 'maybe' is not auto, on or off");
    flags = {};
    configure(R"({"contexts": {"c": {"url": "rediss+sentinel://a/m", "sentinel_tls": false}}})");
    flags.context = "c";
    CHECK(resolve().address.tls);
    CHECK_FALSE(resolve().address.sentinels_use_tls());
}

TEST_CASE_FIXTURE(Fixture,
                  "the Sentinels' password of a context that is named stands above a variable") {
    configure(
        R"({"contexts": {"c": {"url": "redis+sentinel://a/m", "sentinel_password": "ctx"}}})");
    variables["CACHECTL_SENTINEL_PASSWORD"] = "env";
    flags.context = "c";
    CHECK(resolve().address.sentinels.password == "ctx");
    flags = {};
    variables["CACHECTL_CONTEXT"] = "c";
    CHECK(resolve().address.sentinels.password == "env");
}

TEST_CASE_FIXTURE(Fixture, "a password in --sentinel is not taken for the server's") {
    flags.sentinel = ":s3cr3t@a:1";
    flags.master_name = "m";
    CHECK(message() == "--sentinel: the value is not HOST:PORT[,HOST:PORT...]");
}

TEST_CASE_FIXTURE(Fixture, "--read-from takes replica") {
    CHECK(resolve().address.read_from == ReadFrom::server);
    flags.read_from = "replica";
    CHECK(resolve().address.read_from == ReadFrom::replica);
    flags.read_from = "slave";
    CHECK(message() == "--read-from: 'slave' is not replica");
}
