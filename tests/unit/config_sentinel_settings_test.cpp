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
    CHECK(settings.address.password == "pw");
    CHECK(settings.address.db == 3);
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

TEST_CASE_FIXTURE(Fixture, "--read-from takes replica") {
    CHECK(resolve().address.read_from == ReadFrom::server);
    flags.read_from = "replica";
    CHECK(resolve().address.read_from == ReadFrom::replica);
    flags.read_from = "slave";
    CHECK(message() == "--read-from: 'slave' is not replica");
}
