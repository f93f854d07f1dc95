#include "config/server_settings.hpp"

#include <doctest/doctest.h>

#include "support/settings_fixture.hpp"

using namespace cachectl;
using namespace std::chrono_literals;
using Fixture = test::SettingsFixture;

TEST_CASE_FIXTURE(Fixture, "what is overridden is not parsed") {
    const std::map<std::string, std::string> broken[] = {
        {{"REDIS_PORT", "tcp://10.0.0.11:6379"}},
        {{"REDIS_DB", "cache"}},
        {{"REDIS_HOST", "redis://h"}},
        {{"REDIS_URL", "redis+socket:///run/redis.sock?virtual_host=2"}},
        {{"REDIS_URL", "rediss://:pw@h:6380/0?ssl_cert_reqs=required"}},
    };
    for (const auto& variable : broken) {
        CAPTURE(variable.begin()->second);
        variables = variable;
        flags = {};
        flags.host = "127.0.0.1";
        flags.port = "7000";
        flags.db = "0";
        CHECK(resolve().address.name() == "127.0.0.1:7000");
        flags = {};
        flags.host = "other:7000";
        CHECK(resolve().address.name() == "other:7000");
        flags = {};
        flags.url = "redis://h:7000";
        CHECK(resolve().address.name() == "h:7000");
        flags = {};
        flags.socket = "/run/s";
        CHECK(resolve().address.name() == "/run/s");
        flags = {};
        CHECK(message() != "no error");
    }
    variables = {{"REDIS_PORT", "tcp://10.0.0.11:6379"}};
    try {
        resolve();
    } catch (const Error& error) {
        CHECK(error.hint() ==
              "Kubernetes sets such a URL for a service named redis: give -p PORT, or unset it");
    }
}

TEST_CASE_FIXTURE(Fixture, "user, password and database stay with the server they came with") {
    configure(k_config);
    const auto is_anonymous = [&] {
        const Settings settings = resolve();
        CHECK(settings.address.user == "");
        CHECK(settings.address.password == "");
        CHECK(settings.address.db == 0);
        return settings.warnings;
    };
    const auto keeps = [&] {
        const Settings settings = resolve();
        CHECK(settings.warnings.empty());
        return settings.address.user + ' ' + settings.address.password;
    };
    variables["REDIS_URL"] = "redis://bob:pw@prod.example:7777/3";
    flags.host = "other";
    CHECK(is_anonymous() ==
          std::vector<std::string>{
              "the database of REDIS_URL belongs to prod.example:7777, and is not used for "
              "other:7777",
              "the password of REDIS_URL belongs to prod.example:7777, and is not used for "
              "other:7777",
              "the user of REDIS_URL belongs to prod.example:7777, and is not used for "
              "other:7777"});
    flags.host = "PROD.example";
    CHECK(keeps() == "bob pw");
    flags = {};
    flags.port = "7778";
    CHECK(keeps() == "bob pw");
    flags = {};
    flags.socket = "/run/s";
    CHECK(is_anonymous().size() == 3);
    flags = {};
    flags.sentinel = "s:1";
    flags.master_name = "m";
    CHECK(is_anonymous().size() == 3);
    flags = {};
    flags.host = "other";
    flags.context = "prod";
    CHECK(is_anonymous().size() == 3);
    flags = {};
    flags.url = "redis://:pw@h";
    flags.host = "other";
    CHECK(is_anonymous().size() == 1);
    // What flags give besides is theirs.
    flags.password = "mine";
    flags.db = "2";
    flags.user = "me";
    CHECK(keeps() == "me mine");
    CHECK(resolve().address.db == 2);

    flags = {};
    variables.erase("REDIS_URL");
    variables["CACHECTL_CONTEXT"] = "prod";
    variables["REDIS_HOST"] = "other";
    CHECK(is_anonymous().size() == 4);  // and that it is another server
    variables["REDIS_PASSWORD"] = "otherpw";
    CHECK(resolve().address.password == "otherpw");
    flags.host = "third";
    CHECK(is_anonymous().back() ==
          "the password of REDIS_PASSWORD belongs to other:7000, and is not used for third:7000");
    variables["REDISCLI_AUTH"] = "auth";
    CHECK(resolve().address.password == "auth");
}

TEST_CASE_FIXTURE(Fixture, "an empty password is one that was given") {
    variables["REDISCLI_AUTH"] = "auth";
    flags.password = "";
    CHECK(resolve().address.password == "");
    CHECK(resolve().sources.at("password") == "-a");
}

TEST_CASE_FIXTURE(Fixture, "a host may have its port, an address with one stands in brackets") {
    flags.host = "h:7000";
    CHECK(resolve().address.name() == "h:7000");
    CHECK(resolve().sources.at("port") == "-h");
    variables["REDIS_PORT"] = "tcp://10.0.0.1:6379";
    CHECK(resolve().address.name() == "h:7000");
    flags.host = "[::1]:7000";
    CHECK(resolve().address.name() == "[::1]:7000");
    flags.host = "::1";
    flags.port = "1";
    CHECK(resolve().address.name() == "[::1]:1");
    flags.host = "a:1,b,c:3";
    flags.port = "2";
    CHECK(resolve().address.name() == "a:1");
    CHECK(resolve().other_hosts == std::vector<HostPort>{{"b", 2}, {"c", 3}});
    flags = {};
    variables["REDIS_HOST"] = "h:7001,i";
    CHECK(resolve().address.name() == "h:7001");
    CHECK(resolve().other_hosts == std::vector<HostPort>{{"i", 0}});
    flags.url = "h:7002/5";
    CHECK(resolve().address.name() == "h:7002");
    CHECK(resolve().address.db == 5);
}
