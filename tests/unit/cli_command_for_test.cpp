// The command line that messages print for the same server: of an undo, of a plan.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include "cli/target.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl;
using namespace cachectl::test;

namespace {

struct Fixture {
    TempDir dir;
    std::string config = dir.file("config.json", R"({"contexts": {
  "dev": {"url": "redis+sentinel://s1:1/mymaster"},
  "cache": {"url": "rediss://cache.example/3"}}})");
    ConnectionFlags flags;

    Fixture() { REQUIRE(::chmod(config.c_str(), 0600) == 0); }
    [[nodiscard]] std::string command() const {
        return command_for(
            resolve_settings(flags, [this](const std::string& name) -> std::optional<std::string> {
                return name == "HOME" ? std::optional(dir.path().string()) : std::nullopt;
            }));
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a context with its file and the database that it does not name") {
    flags.config = config;
    flags.context = "cache";
    CHECK(command() == "cachectl --config " + config + " --context cache");
    flags.db = "0";
    CHECK(command() == "cachectl --config " + config + " --context cache -n 0");
    flags.db = "3";
    CHECK(command() == "cachectl --config " + config + " --context cache");
    flags.host = "other.example";
    CHECK(command() == "cachectl -h other.example -p 6379 --tls -n 3");
}

TEST_CASE_FIXTURE(Fixture,
                  "a master by its Sentinels, be it called as that of the context or not") {
    flags.config = config;
    flags.context = "dev";
    CHECK(command() == "cachectl --config " + config + " --context dev");
    flags.master_name = "second";
    CHECK(command() == "cachectl --sentinel s1:1 --master-name second");
    flags.sentinel = "s2:2,s3";
    flags.master_name = "mymaster";
    CHECK(command() == "cachectl --sentinel s2:2,s3:26379 --master-name mymaster");
}

TEST_CASE_FIXTURE(Fixture, "how to log in and to encrypt, but no password") {
    flags.host = "h";
    flags.user = "bob";
    flags.password = "hunter2";
    CHECK(command() == "cachectl -h h -p 6379 --user bob");
    flags.password.reset();
    flags.password_file = dir.file("the password", "hunter2\n");
    REQUIRE(::chmod(flags.password_file->c_str(), 0600) == 0);
    flags.tls = flags.insecure = true;
    flags.cacert = "ca.pem";
    flags.cluster = "off";
    CHECK(command() == "cachectl -h h -p 6379 --tls --user bob --password-file '" +
                           *flags.password_file + "' --cluster off --cacert ca.pem --insecure");
    flags = {};
    flags.url = "redis://eve:hunter2@h";
    CHECK(command() == "cachectl -h h -p 6379 --user eve");
}

TEST_CASE_FIXTURE(Fixture, "hosts with those that stand in for them, and sockets") {
    flags.host = "h1,h2:7,h3";
    flags.port = "8";
    flags.tls = true;
    flags.db = "2";
    CHECK(command() == "cachectl -h h1,h2:7,h3:8 -p 8 --tls -n 2");
    flags = {};
    CHECK(command() == "cachectl -h 127.0.0.1 -p 6379");
    flags.socket = "/run/a b.sock";
    CHECK(command() == "cachectl -s '/run/a b.sock'");
}
