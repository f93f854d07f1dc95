#include "config/config_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "keyspace/sparing_glob.hpp"
#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;

namespace {

struct Fixture {
    test::TempDir dir;
    std::string path = (dir.path() / "config.json").string();

    void write(std::string_view text, mode_t mode = 0600) {
        dir.file("config.json", text);
        REQUIRE(::chmod(path.c_str(), mode) == 0);
    }
    std::string message(std::string_view text) {
        write(text);
        try {
            read_config_file(path, check_sparing_glob);
        } catch (const Error& error) {
            CHECK(error.code() == ExitCode::usage);
            const std::string what = error.what();
            return what.starts_with(path) ? what.substr(path.size()) : what;
        }
        return "no error";
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "contexts with all they may say") {
    write(R"({
  // the real one
  "contexts": {
    "prod": {"url": "redis://:pw@cache:6380/1", "policy": "policy.json",
             "protect": ["sess:*", "queue:*"], "confirm": "always", "pace": "gentle",
             "production": true, "read_only": true, "audit_log": "a.jsonl"},
    "dev": {"policy": "/etc/policy.json"}
  },
  "default_context": "dev"
})");
    const ConfigFile config = read_config_file(path);
    CHECK(config.warnings.empty());
    CHECK(config.default_context == "dev");
    const ContextEntry& prod = config.context("prod", "--context");
    CHECK(prod.server->name() == "cache:6380");
    CHECK(prod.server->db == 1);
    CHECK(prod.policy_file == (dir.path() / "policy.json").string());
    CHECK(prod.protected_patterns == std::vector<std::string>{"sess:*", "queue:*"});
    CHECK(prod.confirm == ConfirmMode::always);
    CHECK(prod.pace == "gentle");
    CHECK(prod.production);
    CHECK(prod.read_only);
    CHECK(prod.audit_log == (dir.path() / "a.jsonl").string());
    CHECK(prod.line == 4);
    const ContextEntry& dev = config.context("dev", "--context");
    CHECK_FALSE(dev.server.has_value());
    CHECK(dev.policy_file == "/etc/policy.json");
    CHECK_FALSE(dev.production);
    CHECK_FALSE(dev.read_only);
    CHECK(dev.audit_log.empty());
    CHECK(dev.confirm == ConfirmMode::tty);
    CHECK(dev.pace.empty());
}

TEST_CASE_FIXTURE(Fixture, "an empty object is a valid file") {
    write("{}");
    CHECK(read_config_file(path).contexts.empty());
}

TEST_CASE_FIXTURE(Fixture, "mistakes carry file and line") {
    CHECK(message("{\n\"context\": {}}") == ":2: 'context' is not a known field");
    CHECK(message("{\"contexts\": {\n\"p\": {\n\"ulr\": \"\"}}}") ==
          ":3: 'contexts.p.ulr' is not a known field");
    CHECK(message("{\"contexts\": []}") == ":1: 'contexts' must be an object, not an array");
    CHECK(message("{\"contexts\": {\"p\":\n{\"confirm\": \"never\"}}}") ==
          ":2: 'contexts.p.confirm' must be \"always\" or \"tty\", not \"never\"");
    CHECK(message("{\"contexts\": {\"p\":\n{\"pace\": \"fast\"}}}") ==
          ":2: 'contexts.p.pace' must be \"gentle\", \"normal\" or \"full\", not \"fast\"");
    CHECK(message("{\"contexts\": {\"p\":\n{\"protect\": \"sess:*\"}}}") ==
          ":2: 'contexts.p.protect' must be an array, not a string");
    CHECK(message("{\"contexts\": {\"p\":\n{\"protect\": [\"a\",\n\"\"]}}}") ==
          ":3: 'contexts.p.protect[1]' must not be empty");
    CHECK(message("{\"contexts\": {\"p\":\n{\"url\": \"redis://:hunter2@h:0\"}}}") ==
          ":2: 'contexts.p.url' is an invalid URL 'redis://:***@h:0': its port is not a number "
          "from 1 to 65535");
    CHECK(message("{\"contexts\": {\"p\":\n{\"url\": 5}}}") ==
          ":2: 'contexts.p.url' must be a string, not a number");
    CHECK(message("{\"contexts\": {},\n\"default_context\": \"x\"}") ==
          ":2: 'default_context' names no context: 'x'");
    CHECK(message("{\"contexts\": {\"p\": {\"url\": \"redis://h\",\n\"cacert\": \"ca.pem\"}}}") ==
          ":2: 'contexts.p.cacert' means nothing without TLS");
    CHECK(message("{\"contexts\": {\"p\": {\"url\": \"rediss://h\",\n\"cert_key\": \"k\"}}}") ==
          ":2: 'contexts.p.cert_key' is the key of a certificate, and there is no cert");
    CHECK(message("{\"contexts\": {\"p\": {\"url\": \"rediss://h\",\n\"insecure\": \"no\"}}}") ==
          ":2: 'contexts.p.insecure' must be true or false, not a string");
    CHECK(message(
              "{\"contexts\": {\"p\": {\"url\": \"redis://h\",\n\"sentinel_password\": \"x\"}}}") ==
          ":2: 'contexts.p.sentinel_password' means nothing without Sentinels");
    CHECK(message("{\n\n") ==
          ":2: syntax error while parsing object key - unexpected end of input; expected string "
          "literal");
}

TEST_CASE_FIXTURE(Fixture, "protecting globs are checked as those of --protect are") {
    for (const std::string glob : {"sess:[0-9*", "sess:*\\\\"}) {
        CHECK(message("{\"contexts\": {\"a\": {\n\"protect\": [\"x\", \"" + glob + "\"]}}}")
                  .starts_with(":2: 'contexts.a.protect[1]' is wrong: pattern 'sess:"));
    }
}

TEST_CASE_FIXTURE(Fixture, "a context that is not there") {
    write(R"({"contexts": {"prod": {}, "staging": {}}})");
    const ConfigFile config = read_config_file(path);
    const auto hint_of = [&](const std::string& name) {
        try {
            (void)config.context(name, "--context");
        } catch (const Error& error) {
            CHECK(std::string(error.what()) ==
                  "--context: " + path + " has no context '" + name + "'");
            return error.hint();
        }
        return std::string("no error");
    };
    CHECK(hint_of("prdo") == "did you mean 'prod'?");
    CHECK(hint_of("elsewhere") == "its contexts are: prod, staging");
}

TEST_CASE_FIXTURE(Fixture, "a file that others may change is refused") {
    for (const mode_t mode : {0620U, 0602U, 0666U}) {
        write("{}", mode);
        CHECK_THROWS_AS(read_config_file(path), Error);
    }
    write("{}", 0666);
    CHECK_THROWS_WITH_AS(read_config_file(path),
                         (path + " may be changed by others (mode 0666)").c_str(), Error);
}

TEST_CASE_FIXTURE(Fixture, "a password that everybody may read is a warning") {
    write(R"({"contexts": {"p": {"url": "redis://:hunter2@h"}}})", 0644);
    CHECK(read_config_file(path).warnings ==
          std::vector<std::string>{
              path + " holds a password and everybody may read it: chmod 600 " + path});
    write(R"({"contexts": {"p": {"url": "redis+sentinel://h/m", "sentinel_password": "x"}}})",
          0644);
    CHECK(read_config_file(path).warnings.size() == 1);
    write(R"({"contexts": {"p": {"url": "redis://h"}}})", 0644);
    CHECK(read_config_file(path).warnings.empty());
    write(R"({"contexts": {"p": {"url": "redis://:hunter2@h"}}})", 0640);
    CHECK(read_config_file(path).warnings.empty());
}
