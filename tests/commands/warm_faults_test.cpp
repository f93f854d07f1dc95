// warm where the server does not take what it is sent, or cannot be asked any more.
#include <doctest/doctest.h>

#include <csignal>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"
#include "util/error.hpp"
#include "util/signals.hpp"

using namespace cachectl::test;
using cachectl::Reply;

namespace {

/// The first line of a summary, without its time and rate.
std::string headline(const std::string& out) {
    const std::string line = out.substr(0, out.find('\n'));
    return line.substr(0, line.rfind(" in "));
}

Reply error(std::string text) { return Reply::make_error(std::move(text)); }

}  // namespace

TEST_CASE("a replica is refused before anything is read") {
    const TempDir dir;
    FakeClient client;
    client.info.role = "replica";
    client.info.info = cachectl::InfoFields(
        "slave_read_only:1\r\nmaster_host:10.0.0.9\r\n"
        "master_port:6379\r\n");
    const RunResult run =
        run_with(client, {"warm", dir.file("a.json", "\n{\"id\":\"1\"}\n"), "--key", "c:{id}"});
    CHECK(run.code == 4);
    CHECK(run.err.find("its master is 10.0.0.9:6379") != std::string::npos);
    CHECK(client.lines().empty());
}

TEST_CASE("a server that refuses the first write has been left as it was") {
    const TempDir dir;
    const std::string file = dir.file("a.json", "\n{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
    for (const char* text : {"READONLY You can't write against a read only replica",
                             "MISCONF Redis is configured to save RDB snapshots",
                             "NOPERM User x has no permissions to run the 'set' command"}) {
        FakeClient client;
        client.on("SET", [text](const auto&) { return error(text); });
        const RunResult run = run_with(client, {"warm", file, "--key", "c:{id}", "--ttl", "1h"});
        CHECK(run.code == 4);
        CHECK(run.err.starts_with("cachectl: error: cannot write keys: " + std::string(text)));
        CHECK(run.err.find("; nothing was written\n") != std::string::npos);
    }
}

TEST_CASE("keys that are not permitted are counted and named, the others written") {
    const TempDir dir;
    const std::string file =
        dir.file("a.json", "\n{\"id\":\"1\"}\n{\"id\":\"2\"}\n{\"id\":\"3\"}\n");
    FakeClient client;
    client.on("SET", [](const FakeClient::Args& args) {
        return args[1] == "c:2" ? error("NOPERM No permissions to access a key")
                                : Reply::make_status("OK");
    });
    const RunResult run = run_with(client, {"warm", file, "--key", "c:{id}", "--ttl", "1h"});
    CHECK(run.code == 5);
    CHECK(run.err ==
          "cachectl: warning: 'c:2' was refused\n"
          "cachectl: warning: the server says: NOPERM No permissions to access a key\n"
          "cachectl: error: 1 key could not be written\n"
          "cachectl: the user's ACL key patterns (~PATTERN) do not cover these keys\n");
    CHECK(headline(run.out) == "wrote 2 keys (26 B) of 3 on 127.0.0.1:6379");
}

TEST_CASE("out of memory names figures and place, and how to go on") {
    const TempDir dir;
    const std::string file =
        dir.file("a.json", "\n{\"id\":\"1\"}\n{\"id\":\"2\"}\n{\"id\":\"3\"}\n");
    FakeClient client;
    client.on("SET", [](const FakeClient::Args& args) {
        return args[1] == "c:1" ? Reply::make_status("OK")
                                : error("OOM command not allowed when used memory > 'maxmemory'.");
    });
    client.on("INFO", [](const FakeClient::Args& args) {
        REQUIRE(args.at(1) == "memory");
        return Reply::make_string(
            "# Memory\r\nused_memory:104857700\r\nmaxmemory:104857600\r\n"
            "maxmemory_policy:noeviction\r\n");
    });
    const RunResult run = run_with(client, {"warm", file, "--key", "c:{id}", "--ttl", "1h"});
    CHECK(run.code == 5);
    CHECK(run.err ==
          "cachectl: error: cannot write keys: OOM command not allowed when used memory "
          "> 'maxmemory' (it uses 100.0 MiB of 100.0 MiB, and its policy is "
          "noeviction); stopped at " +
              file +
              ":3; 1 key had been written\n"
              "cachectl: free memory, raise maxmemory or choose a policy that evicts; "
              "run the same command again to go on: it skips what is there\n");
    CHECK(run.out.find("\n  2 keys refused by the server\n") != std::string::npos);
}

TEST_CASE("a lost reply is said to be unknown") {
    const TempDir dir;
    const std::string file = dir.file("a.json", "\n{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
    FakeClient client;
    client.on("SET", [](const auto&) {
        return Reply{Reply::Type::lost, 0, "connection closed by the server", {}};
    });
    const RunResult run = run_with(
        client, {"warm", file, "--key", "c:{id}", "--ttl", "1h", "--if-exists", "overwrite"});
    CHECK(run.code == 5);
    CHECK(run.out.find("\n  2 keys unknown: sent, but no reply came\n") != std::string::npos);
    CHECK(run.err.find("run the same command again: it writes every key anew\n") !=
          std::string::npos);
}

TEST_CASE("Ctrl-C stops the reading and still says what was done") {
    const TempDir dir;
    const std::string file = dir.file("a.json", "\n{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
    FakeClient client;
    cachectl::set_stop_signal(SIGINT);
    const RunResult run = run_with(client, {"warm", file, "--collect", "all", "--ttl", "1h"});
    cachectl::set_stop_signal(0);
    CHECK(run.code == 130);
    CHECK(run.err == "cachectl: interrupted; nothing was written\n");
    CHECK(run.out.find("  not complete") != std::string::npos);
    CHECK(client.keys.empty());
}
