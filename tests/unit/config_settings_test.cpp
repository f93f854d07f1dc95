#include "config/settings.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "support/settings_fixture.hpp"

using namespace cachectl;
using namespace std::chrono_literals;
using Fixture = test::SettingsFixture;

TEST_CASE_FIXTURE(Fixture, "without anything it is 127.0.0.1:6379") {
    const Settings settings = resolve();
    CHECK(settings.address.name() == "127.0.0.1:6379");
    CHECK(settings.address.db == 0);
    CHECK(settings.connect_timeout == 5s);
    CHECK(settings.timeout == 10s);
    CHECK(settings.wait == 0s);
    CHECK(settings.context.empty());
    CHECK(settings.confirm == ConfirmMode::tty);
    CHECK_FALSE(settings.no_color);
    CHECK(settings.sources == std::map<std::string, std::string>{
                                  {"host", "default"}, {"port", "default"}, {"db", "default"}});
}

TEST_CASE_FIXTURE(Fixture,
                  "a named context gives server, policy, protection, confirmation and pace") {
    const std::string path = configure(k_config);
    flags.context = "prod";
    const Settings settings = resolve();
    CHECK(settings.address.name() == "ctx.example:7000");
    CHECK(settings.address.user == "ctx");
    CHECK(settings.address.password == "ctxpw");
    CHECK(settings.address.db == 7);
    CHECK(settings.context == "prod");
    CHECK(settings.protected_patterns == std::vector<std::string>{"sess:*"});
    CHECK(settings.policy_file == (dir.path() / ".config/cachectl/p.json").string());
    CHECK(settings.confirm == ConfirmMode::always);
    CHECK(settings.pace == "full");
    CHECK(settings.sources.at("host") == "context 'prod' (" + path + ":2)");
    CHECK(settings.sources.at("context") == "--context");
    CHECK(settings.warnings.empty());
}

TEST_CASE_FIXTURE(Fixture, "the order is flag, environment, context") {
    configure(k_config);
    variables["CACHECTL_CONTEXT"] = "prod";
    CHECK(resolve().address.name() == "ctx.example:7000");
    CHECK(resolve().sources.at("context") == "CACHECTL_CONTEXT");
    variables["REDIS_PORT"] = "7001";
    CHECK(resolve().address.name() == "ctx.example:7001");
    variables["REDIS_URL"] = "redis://env.example:7002";
    CHECK(resolve().address.name() == "env.example:7002");
    variables["CACHECTL_URL"] = "redis://own.example:7003";
    CHECK(resolve().address.name() == "own.example:7003");
    flags.port = "7004";
    CHECK(resolve().address.name() == "own.example:7004");
    flags.url = "redis://flag.example:7005/3";
    flags.port.reset();
    CHECK(resolve().address.name() == "flag.example:7005");
    flags.host = "top.example";
    CHECK(resolve().address.name() == "top.example:7005");
    CHECK(resolve().address.db == 0);
    const std::map<std::string, std::string> sources = resolve().sources;
    CHECK(sources.at("host") == "-h");
    CHECK(sources.at("port") == "-u");
    CHECK(sources.at("db") == "default");
    CHECK_FALSE(sources.contains("user"));
    CHECK_FALSE(sources.contains("password"));
}

TEST_CASE_FIXTURE(Fixture, "a URL hides the host, port, password and db of lower places") {
    variables = {
        {"REDIS_HOST", "h"}, {"REDIS_PORT", "1"}, {"REDIS_DB", "9"}, {"REDIS_PASSWORD", "pw"}};
    CHECK(resolve().address.name() == "h:1");
    CHECK(resolve().address.db == 9);
    CHECK(resolve().address.password == "pw");
    variables["REDIS_URL"] = "redis://u";
    CHECK(resolve().address.name() == "u:6379");
    CHECK(resolve().address.db == 0);
    CHECK(resolve().address.password.empty());
    CHECK_FALSE(resolve().sources.contains("password"));
}

TEST_CASE_FIXTURE(Fixture, "REDISCLI_AUTH fills in a password, and no more") {
    variables["REDISCLI_AUTH"] = "auth";
    CHECK(resolve().address.password == "auth");
    flags.url = "redis://h";
    CHECK(resolve().address.password == "auth");
    CHECK(resolve().sources.at("password") == "REDISCLI_AUTH");
    flags.url = "redis://:url@h";
    CHECK(resolve().address.password == "url");
    flags.password = "flag";
    CHECK(resolve().address.password == "flag");
    CHECK(resolve().sources.at("password") == "-a");
    flags = {};
    variables["REDIS_PASSWORD"] = "own";
    CHECK(resolve().address.password == "own");
}

TEST_CASE_FIXTURE(Fixture, "sockets and TCP take each other's place") {
    variables["REDIS_URL"] = "unix:///run/env.sock?db=4";
    CHECK(resolve().address.name() == "/run/env.sock");
    CHECK(resolve().sources ==
          std::map<std::string, std::string>{{"socket", "REDIS_URL"}, {"db", "REDIS_URL"}});
    flags.host = "h";
    CHECK(resolve().address.name() == "h:6379");
    CHECK(resolve().address.db == 0);
    flags = {};
    flags.port = "6380";
    CHECK(resolve().address.name() == "127.0.0.1:6380");
    flags = {};
    flags.socket = "/run/flag.sock";
    CHECK(resolve().address.name() == "/run/flag.sock");
    variables["REDIS_URL"] = "rediss://h";
    CHECK_FALSE(resolve().address.tls);
    flags.host = "h";
    CHECK(message() == "-s names a Unix socket and -h or -p a TCP server: give one");
}

TEST_CASE_FIXTURE(Fixture, "-n and --user stand above a URL") {
    flags.url = "redis://a:pw@h/1";
    flags.db = "2";
    flags.user = "b";
    CHECK(resolve().address.db == 2);
    CHECK(resolve().address.user == "b");
    CHECK(resolve().address.password == "pw");
    CHECK(resolve().sources.at("user") == "--user");
}

TEST_CASE_FIXTURE(Fixture, "a bracketed IPv6 host is taken as one") {
    flags.host = "[::1]";
    CHECK(resolve().address.host == "::1");
    CHECK(resolve().address.name() == "[::1]:6379");
}

TEST_CASE_FIXTURE(Fixture, "an empty variable is none") {
    variables["REDIS_PORT"] = "";
    variables["REDIS_URL"] = "";
    variables["CACHECTL_CONTEXT"] = "";
    variables["NO_COLOR"] = "";
    CHECK(resolve().address.name() == "127.0.0.1:6379");
    CHECK_FALSE(resolve().no_color);
    variables["NO_COLOR"] = "1";
    CHECK(resolve().no_color);
}

TEST_CASE_FIXTURE(Fixture, "bad values name their flag or variable") {
    variables["REDIS_PORT"] = "70000";
    CHECK(message() == "REDIS_PORT: '70000' is not a port, a number from 1 to 65535");
    variables["REDIS_PORT"] = "s3cr3t";
    CHECK(message() == "REDIS_PORT: the value is not a port, a number from 1 to 65535");
    variables = {{"REDIS_DB", "-1"}};
    CHECK(message() == "REDIS_DB: '-1' is not a database, a number from 0 on");
    variables = {{"CACHECTL_URL", "redis://:hunter2@h:0"}};
    CHECK(message() ==
          "CACHECTL_URL: invalid URL 'redis://:***@h:0': its port is not a number from 1 to 65535");
    variables.clear();
    flags.port = "assword=s3cr3t";  // what is left of "-password=s3cr3t"
    CHECK(message() == "-p: the value is not a port, a number from 1 to 65535");
    flags = {};
    flags.db = "-1";
    CHECK(message() == "-n: '-1' is not a database, a number from 0 on");
    flags = {};
    flags.host = "a:1:2]";
    CHECK(message() == "-h: the value is not a host, nor HOST:PORT");
    flags.host = "a:1";
    flags.port = "2";
    CHECK(message() == "-h names port 1 and -p port 2: give one");
    flags = {};
    flags.socket = "redis://:pw@h";
    CHECK(message() == "-s: takes a path, not a URL");
    flags = {};
    flags.timeout = "5x";
    CHECK(message() ==
          "--timeout: '5x' is not a duration: give a number and a unit, such as "
          "500ms, 30s, 5m, 2h or 7d");
    flags = {};
    flags.connect_timeout = "0s";
    CHECK(message() == "--connect-timeout: must be more than 0");
    flags = {};
    flags.url = "redis://h/x";
    CHECK(message() == "-u: invalid URL 'redis://h/***': its database is not a number, 0 or more");
}

TEST_CASE_FIXTURE(Fixture, "timeouts and wait") {
    flags.connect_timeout = "250ms";
    flags.timeout = "1m";
    flags.wait = "30s";
    const Settings settings = resolve();
    CHECK(settings.connect_timeout == 250ms);
    CHECK(settings.timeout == 1min);
    CHECK(settings.wait == 30s);
}

TEST_CASE_FIXTURE(Fixture, "a server that does not answer the login is not waited for longer") {
    flags.timeout = "1s";
    CHECK(resolve().connect_timeout == 1s);
    flags.timeout = "1m";
    CHECK(resolve().connect_timeout == 5s);
    flags.timeout = "1s";
    flags.connect_timeout = "3s";
    CHECK(resolve().connect_timeout == 3s);
}

TEST_CASE_FIXTURE(Fixture, "--password-file gives its first line") {
    flags.password_file = secret("s3cret \nsecond\n");
    CHECK(resolve().address.password == "s3cret ");
    CHECK(resolve().warnings.empty());
    flags.password_file = secret("no newline");
    CHECK(resolve().address.password == "no newline");
    flags.password_file = secret("dos\r\n");
    CHECK(resolve().address.password == "dos");
    CHECK(resolve().sources.at("password") == "--password-file");
    flags.password_file = secret("x", 0640);
    CHECK(resolve().warnings ==
          std::vector<std::string>{"others may read the password in " + *flags.password_file +
                                   ": chmod 600 " + *flags.password_file});
    flags.password_file = secret("\n");
    CHECK(message() == "--password-file: cannot read the file: its first line is empty");
    flags.password_file = "s3cr3t";  // the password itself, by mistake
    CHECK(message() == "--password-file: cannot read the file: No such file or directory");
}

TEST_CASE_FIXTURE(Fixture, "--askpass asks once, and last") {
    int asked = 0;
    const AskPassword ask = [&] { return ++asked, std::string("typed"); };
    flags.askpass = true;
    variables["REDISCLI_AUTH"] = "auth";
    CHECK(resolve(ask).address.password == "typed");
    CHECK(asked == 1);
    flags.timeout = "x";
    CHECK_THROWS_AS(resolve(ask), Error);
    CHECK(asked == 1);
    flags.timeout.reset();
    CHECK(message() == "--askpass needs a terminal to ask on");
    flags.password = "x";
    CHECK(message() == "of -a, --password-file and --askpass give one");
}

TEST_CASE_FIXTURE(Fixture, "contexts that cannot be had") {
    flags.context = "prod";
    CHECK(message() == "--context: there is no configuration file for context 'prod'");
    flags.config = "/nonexistent.json";
    CHECK(message() == "cannot read /nonexistent.json: No such file or directory");
    flags.config.reset();
    const std::string path = configure(k_config);
    flags.context = "prdo";
    CHECK(message() == "--context: " + path + " has no context 'prdo'");
}

TEST_CASE_FIXTURE(Fixture, "where the configuration is looked for") {
    configure(R"({"contexts": {"a": {"url": "redis://home"}}, "default_context": "a"})");
    CHECK(resolve().address.host == "home");
    CHECK(resolve().context == "a");
    std::filesystem::create_directories(dir.path() / "xdg/cachectl");
    const std::string other =
        dir.file("xdg/cachectl/config.json",
                 R"({"contexts": {"b": {"url": "redis://xdg"}}, "default_context": "b"})");
    REQUIRE(::chmod(other.c_str(), 0600) == 0);
    variables["XDG_CONFIG_HOME"] = (dir.path() / "xdg").string();
    CHECK(resolve().address.host == "xdg");
    variables["XDG_CONFIG_HOME"] = "relative";
    CHECK(resolve().address.host == "home");
    flags.config = other;
    CHECK(resolve().address.host == "xdg");
    flags.config.reset();
    variables.clear();
    CHECK(resolve().address.host == "127.0.0.1");
}

TEST_CASE_FIXTURE(Fixture, "a variable that overrides a context's server is a warning") {
    configure(k_config);
    variables["CACHECTL_CONTEXT"] = "prod";
    variables["REDIS_URL"] = "redis://:pw@env.example";
    const Settings settings = resolve();
    CHECK(settings.address.name() == "env.example:6379");
    CHECK(settings.warnings ==
          std::vector<std::string>{"REDIS_URL overrides the server of context 'prod': using "
                                   "env.example:6379"});
    CHECK(settings.confirm == ConfirmMode::always);
    CHECK(settings.protected_patterns == std::vector<std::string>{"sess:*"});
    flags.url = "redis://flag.example";
    CHECK(resolve().warnings.empty());
}

TEST_CASE_FIXTURE(Fixture, "a context that --context names stands above the environment") {
    configure(k_config);
    flags.context = "prod";
    variables = {{"HOME", dir.path().string()}, {"CACHECTL_URL", "redis://env.example/1"},
                 {"REDIS_HOST", "other"},       {"REDIS_PORT", "tcp://10.0.0.1:6379"},
                 {"REDIS_DB", "cache"},         {"REDIS_PASSWORD", "envpw"},
                 {"REDISCLI_AUTH", "auth"}};
    CHECK(resolve().address.name() == "ctx.example:7000");
    CHECK(resolve().address.password == "ctxpw");
    CHECK(resolve().address.db == 7);
    CHECK(resolve().warnings.empty());
    flags.port = "7001";
    flags.db = "8";
    CHECK(resolve().address.name() == "ctx.example:7001");
    CHECK(resolve().address.db == 8);
    CHECK(resolve().address.password == "ctxpw");
    // One that names no server leaves that to the environment.
    configure(R"({"contexts": {"prod": {"protect": ["sess:*"]}}})");
    flags = {};
    flags.context = "prod";
    CHECK(resolve().address.name() == "env.example:6379");
}

TEST_CASE_FIXTURE(Fixture, "--config /dev/null is no configuration") {
    configure(k_config);
    variables["CACHECTL_CONTEXT"] = "";
    flags.config = "/dev/null";
    CHECK(resolve().address.name() == "127.0.0.1:6379");
    flags.context = "prod";
    CHECK(message() == "--context: /dev/null has no context 'prod'");
}
