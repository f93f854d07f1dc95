#include "config/setting_list.hpp"

#include <doctest/doctest.h>

#include "support/settings_fixture.hpp"

using namespace cachectl;

namespace {

struct Fixture : test::SettingsFixture {
    std::string shown(const std::string& name) {
        for (const ShownSetting& setting : list_settings(resolve())) {
            if (setting.name == name) {
                return setting.value.value_or("none") + " from " + setting.source;
            }
        }
        return "not there";
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what nobody has said is the default") {
    CHECK(shown("host") == "127.0.0.1 from default");
    CHECK(shown("password") == "none from default");
    CHECK(shown("timeout") == "10s from default");
    CHECK(shown("read_only") == "false from default");
    CHECK(shown("context") == "none from default");
}

TEST_CASE_FIXTURE(Fixture, "each setting comes from flag, environment, context or nobody") {
    const std::string path = configure(R"({"contexts": {
  "prod": {"url": "rediss://ada:pw@ctx.example:7000/7", "cacert": "ca.pem", "production": true,
           "read_only": true, "audit_log": "a.jsonl", "protect": ["a:*", "b:*"]}}})");
    variables["CACHECTL_CONTEXT"] = "prod";
    variables["REDIS_PORT"] = "7001";
    flags.timeout = "3s";
    const std::string from = " from context 'prod' (" + path + ":2)";
    CHECK(shown("context") == "prod from CACHECTL_CONTEXT");
    CHECK(shown("host") == "ctx.example" + from);
    CHECK(shown("port") == "7001 from REDIS_PORT");
    CHECK(shown("timeout") == "3s from --timeout");
    CHECK(shown("tls") == "true" + from);
    CHECK(shown("cacert") == (dir.path() / ".config/cachectl/ca.pem").string() + from);
    CHECK(shown("production") == "true" + from);
    CHECK(shown("read_only") == "true" + from);
    CHECK(shown("audit_log") == (dir.path() / ".config/cachectl/a.jsonl").string() + from);
    CHECK(shown("protect") == "a:* b:*" + from);
    CHECK(shown("confirm") == "tty from default");
}

TEST_CASE_FIXTURE(Fixture, "no password is shown") {
    flags.url = "redis+sentinel://ada:pw@s.example:26379/main";
    variables["CACHECTL_SENTINEL_PASSWORD"] = "spw";
    CHECK(shown("password") == "*** from -u");
    CHECK(shown("sentinel_password") == "*** from CACHECTL_SENTINEL_PASSWORD");
    CHECK(shown("sentinel") == "s.example:26379 from -u");
    CHECK(shown("master_name") == "main from -u");
    CHECK(shown("host") == "not there");
}

TEST_CASE_FIXTURE(Fixture, "what a context said of another server is nobody's") {
    configure(R"({"contexts": {"prod": {"url": "rediss://c.example", "cacert": "ca.pem"}}})");
    flags.context = "prod";
    flags.url = "rediss://other.example";
    CHECK(shown("cacert") == "none from default");
    CHECK(resolve().server_is_of_context == false);
    flags.url.reset();
    CHECK(resolve().server_is_of_context == true);
    CHECK(resolve().context_is_chosen == true);
    flags.db = "3";
    CHECK(resolve().server_is_of_context == true);
    flags.host = "other.example";
    CHECK(resolve().server_is_of_context == false);
}
