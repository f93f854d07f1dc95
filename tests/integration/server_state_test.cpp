// Servers that are what they say they are but cannot serve just now, or not us: loading, held by a
// script, a replica, short of rights.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <thread>

#include "support/fake_server.hpp"
#include "support/observed_run.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

constexpr Millis k_bound = 25s;

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// Polls until `done`; false after 20 s.
bool eventually(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!done()) {
        if (std::chrono::steady_clock::now() >= deadline) {
            return false;
        }
        std::this_thread::sleep_for(10ms);
    }
    return true;
}

std::string count_lines(const std::string& text) {
    return std::to_string(std::count(text.begin(), text.end(), '\n'));
}

/// Sends one command and waits in a thread of its own for its reply, however long that takes.
class InBackground {
public:
    InBackground(const RedisServer& server, RespClient::Args command)
        : m_client(server.client()), m_thread([this, command = std::move(command)] {
              try {
                  m_client.command(command);
              } catch (const std::runtime_error&) {
                  // The server ended first.
              }
          }) {}
    ~InBackground() { m_thread.join(); }
    InBackground(const InBackground&) = delete;
    InBackground& operator=(const InBackground&) = delete;

private:
    RespClient m_client;
    std::thread m_thread;
};

/// A server with the key "k" that answers nothing but BUSY.
struct HeldByScript {
    RedisServer server{{"--busy-reply-threshold", "1"}};
    std::unique_ptr<InBackground> script;

    HeldByScript() {
        RespClient redis = server.client();
        redis.run({"SET", "k", "v"});
        script = std::make_unique<InBackground>(server,
                                                RespClient::Args{"EVAL", "while true do end", "0"});
        REQUIRE(eventually([&] { return has(redis.command({"PING"}).text, "BUSY"); }));
    }
    ~HeldByScript() {
        kill_script();  // where a failed check left it, its thread would never end
    }
    HeldByScript(const HeldByScript&) = delete;
    HeldByScript& operator=(const HeldByScript&) = delete;

    std::string kill_script() const { return server.client().command({"SCRIPT", "KILL"}).text; }
};

}  // namespace

TEST_CASE("a server that loads its dataset is refused, or waited for with --wait") {
    RedisServer server({"--enable-debug-command", "yes"});
    RespClient redis = server.client();
    redis.run({"DEBUG", "POPULATE", "8000"});
    // Some 2.5 s to load; clients are served in between.
    redis.run({"CONFIG", "SET", "key-load-delay", "300", "loading-process-events-interval-bytes",
               "1024"});
    const InBackground reload(server, {"DEBUG", "RELOAD"});
    REQUIRE(eventually([&] { return has(redis.text({"INFO", "persistence"}), "loading:1\r\n"); }));

    const auto refused = observe_cachectl({"keys", "-s", server.socket_path(), "--timeout", "9s"});
    CHECK(refused.exit_code == 4);
    CHECK(refused.out.empty());
    CHECK(has(refused.err, "LOADING the server is loading its dataset (about "));
    CHECK(has(refused.err, " s left)\n"));
    CHECK(has(refused.err, "--wait 60s waits until it has loaded"));

    const auto waited = observe_cachectl({"keys", "-s", server.socket_path(), "--wait", "20s"});
    CHECK(waited.exit_code == 0);
    CHECK(count_lines(waited.out) == "8000");
    CHECK(waited.err.empty());
}

TEST_CASE("--wait is a bound") {
    FakeServer server(answer(polite_redis(
        {{"INFO",
          resp::bulk("redis_version:7.0.15\r\nloading:1\r\nloading_eta_seconds:42\r\n")}})));
    const auto run =
        observe_cachectl({"keys", "-p", std::to_string(server.port()), "--wait", "400ms"});
    CHECK(run.exit_code == 4);
    CHECK(has(run.err, "(about 42 s left)"));
    CHECK(run.took >= 350ms);
    CHECK(run.took < k_bound);
    CHECK(server.count("SCAN") == 0);
}

TEST_CASE("a script that ends in time is waited for") {
    const HeldByScript held;
    Process process(cachectl_argv({"keys", "-s", held.server.socket_path()}));
    std::this_thread::sleep_for(300ms);
    CHECK(process.running());
    CHECK(held.kill_script() == "OK");
    const auto run = observe(process);
    CHECK(run.exit_code == 0);
    CHECK(run.out == "k\n");
}

TEST_CASE("what might have passed by itself is waited for 5 s, then named with what to do") {
    const HeldByScript held;
    RedisServer replica({"--replicaof", "127.0.0.1 1", "--replica-serve-stale-data", "no"});
    Process on_held(cachectl_argv({"keys", "-s", held.server.socket_path()}));
    Process on_replica(cachectl_argv({"keys", "-s", replica.socket_path()}));

    const auto busy = observe(on_held);
    CHECK(busy.exit_code == 4);
    CHECK(busy.out.empty());
    CHECK(has(busy.err, "BUSY"));
    CHECK(has(busy.err, "SCRIPT KILL"));
    CHECK(busy.took >= 3s);
    CHECK(busy.took < k_bound);
    CHECK(held.kill_script() == "OK");  // it was not we who ended it

    const auto stale = observe(on_replica);
    CHECK(stale.exit_code == 4);
    CHECK(stale.out.empty());
    CHECK(has(stale.err, "cannot walk the keys: MASTERDOWN"));
    CHECK(has(stale.err, "master_link_status"));
    CHECK(stale.took < 3s);  // not waited for: it stays so
}

TEST_CASE("a replica is as good as its master to look at") {
    RedisServer master({"--repl-diskless-sync-delay", "0"}, Listen::tcp_too);
    master.client().run({"SET", "k", "v"});
    RedisServer replica({"--replicaof", "127.0.0.1 " + std::to_string(master.port())});
    REQUIRE(eventually([&] {
        return has(replica.client().text({"INFO", "replication"}), "master_link_status:up");
    }));
    const auto run = observe_cachectl({"keys", "-l", "-o", "csv", "-s", replica.socket_path()});
    CHECK(run.exit_code == 0);
    CHECK(run.out.starts_with("key,type,ttl_ms,size_bytes,idle_s\r\nk,string,,"));
    CHECK(run.err.empty());
}

TEST_CASE("of the rights an ACL user may have, keys needs only +scan, and names what it lacks") {
    RedisServer server;
    RespClient redis = server.client();
    redis.run({"SET", "k", "v"});
    redis.run({"ACL", "SETUSER", "few", "on", ">pw-of-few", "~*", "-@all", "+scan"});
    redis.run({"ACL", "SETUSER", "none", "on", ">pw-of-none", "~*", "-@all", "+info"});
    const auto keys_as = [&](const std::string& user, std::vector<std::string> extra = {}) {
        std::vector<std::string> args{"keys", "-s", server.socket_path(), "--user",
                                      user,   "-a", "pw-of-" + user};
        args.insert(args.end(), extra.begin(), extra.end());
        ObservedRun run = observe_cachectl(std::move(args));
        CHECK_FALSE(has(run.err, "pw-of-"));
        return run;
    };
    const auto allowed = keys_as("few");
    CHECK(allowed.exit_code == 0);
    CHECK(allowed.out == "k\n");
    CHECK(allowed.err.empty());

    const auto refused = keys_as("none");
    CHECK(refused.exit_code == 4);
    CHECK(refused.out.empty());
    CHECK(has(refused.err, "cannot walk the keys: NOPERM"));
    CHECK(has(refused.err, "cachectl: the user lacks the ACL rule +scan\n"));

    // Nothing has been shown, so that is a refusal and not a part of the answer.
    const auto no_facts = keys_as("few", {"-l"});
    CHECK(no_facts.exit_code == 4);
    CHECK(no_facts.out.empty());
    CHECK(has(no_facts.err, "cannot look at keys: NOPERM"));
    CHECK(has(no_facts.err, "the user lacks the ACL rule +type"));

    const auto no_select = keys_as("few", {"-n", "1"});
    CHECK(no_select.exit_code == 4);
    CHECK(has(no_select.err, "the user lacks the ACL rule +select"));
}

TEST_CASE("a database that the server does not have is a usage error") {
    RedisServer server({"--databases", "4"});
    const auto run = observe_cachectl({"keys", "-s", server.socket_path(), "-n", "4"});
    CHECK(run.exit_code == 2);
    CHECK(has(run.err, "cannot select database 4 on " + server.socket_path()));
}
