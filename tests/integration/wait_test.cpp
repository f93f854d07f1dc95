// wait against real servers that become ready while it waits.
#include <doctest/doctest.h>
#include <signal.h>

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/process.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using nlohmann::json;

namespace {

using Strings = std::vector<std::string>;

Strings wait_argv(const RedisServer& server, Strings args) {
    args.insert(args.begin(), {"wait", "-s", server.socket_path()});
    return cachectl_argv(std::move(args));
}

}  // namespace

TEST_CASE("keys that another client writes meanwhile are waited for") {
    const RedisServer server;
    std::thread writer([&] {
        RespClient redis = server.client();
        for (int i = 0; i < 1'000; ++i) {
            redis.run({"SET", "course:" + std::to_string(i), "v"});
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    });
    const ProcessResult run =
        run_process(wait_argv(server, {"course:*", "--min", "1000", "--within", "120s", "--json"}));
    writer.join();
    CHECK(run.exit_code == 0);
    const json out = json::parse(run.out);
    CHECK(out["ready"] == true);
    CHECK(out["conditions"][0]["value"] == 1'000);
}

TEST_CASE("a server that is started late is waited for") {
    RedisServer server({}, Listen::tcp_too);
    const std::string port = std::to_string(server.port());
    server.stop();
    for (const Strings& where : {Strings{"-s", server.socket_path()}, Strings{"-p", port}}) {
        Strings args{"wait", "--ready", "--within", "120s", "--progress", "plain"};
        args.insert(args.end(), where.begin(), where.end());
        Process waiting(cachectl_argv(args));
        waiting.pump(Millis(1'500));
        CHECK(waiting.running());
        server.restart();
        const ProcessResult run = waiting.wait();
        CHECK(run.exit_code == 0);
        CHECK(run.out == "ready\tok\tyes\tyes\n");
        server.stop();
    }
    const ProcessResult over = run_cachectl({"wait", "-p", port, "--within", "1s", "-o", "json"});
    CHECK(over.exit_code == 1);
    CHECK(json::parse(over.out)["conditions"][0]["ok"] == false);
}

TEST_CASE("a server that is killed and comes back while it is waited for") {
    RedisServer server;
    Process waiting(wait_argv(server, {"late:*", "--within", "120s"}));
    waiting.pump(Millis(1'200));
    server.kill();
    waiting.pump(Millis(1'200));
    CHECK(waiting.running());
    server.restart();
    server.client().run({"SET", "late:1", "v"});
    CHECK(waiting.wait().exit_code == 0);
}

TEST_CASE("the hit ratio of what others look up while it waits") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.run({"SET", "here", "v"});
    // A history of misses does not count.
    redis.pipeline(5'000, [](std::size_t) { return RespClient::Args{"GET", "gone"}; });
    std::atomic<bool> over = false;
    std::thread reader([&] {
        RespClient client = server.client();
        while (!over) {
            client.pipeline(50, [](std::size_t) { return RespClient::Args{"GET", "here"}; });
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    });
    const ProcessResult run = run_process(
        wait_argv(server, {"--hit-ratio", "0.99", "--keys", "here", "--within", "60s", "--json"}));
    over = true;
    reader.join();
    CHECK(run.exit_code == 0);
    CHECK(json::parse(run.out)["conditions"][1]["value"] == 1.0);
}

TEST_CASE("a replica that catches up is waited for") {
    RedisServer master({}, Listen::tcp_too);
    Process waiting(wait_argv(master, {"--replica-lag", "2s", "--within", "120s", "--json"}));
    waiting.pump(Millis(1'200));
    CHECK(waiting.running());
    const RedisServer replica({"--replicaof", "127.0.0.1 " + std::to_string(master.port()),
                               "--repl-diskless-sync-delay", "0"});
    const ProcessResult run = waiting.wait();
    CHECK(run.exit_code == 0);
    CHECK(json::parse(run.out)["conditions"][0]["value"].get<int>() <= 2'000);
}

TEST_CASE("a cluster has to be whole to be ready") {
    RedisCluster cluster({.replicas = false});
    const std::string port = std::to_string(cluster.port(0));
    CHECK(run_cachectl({"wait", "-p", port, "--ready", "--within", "60s"}).exit_code == 0);
    cluster.node(1).kill();
    const ProcessResult broken = run_cachectl({"wait", "-p", port, "--ready", "--within", "3s"});
    CHECK(broken.exit_code == 1);
    CHECK(broken.err.find("not ready") != std::string::npos);
}

TEST_CASE("Ctrl-C ends it with 130, also while no server is there") {
    RedisServer server;
    for (const bool is_there : {true, false}) {
        if (!is_there) {
            server.stop();
        }
        Process waiting(wait_argv(server, {"none:*", "--within", "120s"}));
        waiting.pump(Millis(1'500));
        waiting.send_signal(SIGINT);
        const ProcessResult run = waiting.wait();
        CHECK(run.exit_code == 130);
        CHECK(run.out == (is_there ? "keys\tmissing\t0\t1\n" : "keys\tmissing\t-\t1\n"));
        CHECK(run.err.find("interrupted") != std::string::npos);
    }
}

TEST_CASE("a server that is held by a script is not waited for any longer than is asked") {
    const RedisServer server({"--busy-reply-threshold", "1"});
    RespClient redis = server.client();
    std::thread script([&] { server.client().command({"EVAL", "while true do end", "0"}); });
    while (!redis.command({"PING"}).text.starts_with("BUSY")) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    const auto began = std::chrono::steady_clock::now();
    const ProcessResult run = run_process(wait_argv(server, {"--ready", "--within", "1s"}));
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(4));
    CHECK(run.exit_code == 1);
    CHECK(run.err.find("BUSY") != std::string::npos);
    redis.command({"SCRIPT", "KILL"});
    script.join();
}
