// Masters of a cluster to which connecting takes long, or for ever: the others are not held up.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <functional>
#include <memory>
#include <thread>

#include "redis/slot.hpp"
#include "support/deaf_port.hpp"
#include "support/fake_server.hpp"
#include "support/observed_run.hpp"
#include "support/process.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

constexpr int k_masters = 3;
constexpr int k_pages = 20;

int first_slot(int master) { return cachectl::k_slots * master / k_masters; }
int last_slot(int master) { return first_slot(master + 1) - 1; }

/// A hash tag whose keys are the master's.
std::string tag_of(int master) {
    for (int i = 0;; ++i) {
        const std::string tag = "t" + std::to_string(i);
        const int slot = cachectl::slot_of(tag);
        if (slot >= first_slot(master) && slot <= last_slot(master)) {
            return "{" + tag + "}";
        }
    }
}

bool comes_true(const std::function<bool()>& is_so) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (!is_so()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

/// Masters with a third of the slots each, and a key a page of SCAN. Those without a port of their
/// own are elsewhere.
struct Thirds {
    std::array<std::atomic<std::uint16_t>, k_masters> ports{};
    std::array<std::unique_ptr<FakeServer>, k_masters> servers;

    Handler well(int master) {
        const std::string id = "id-" + std::to_string(master);
        const std::string info =
            "redis_version:7.0.15\r\nredis_mode:cluster\r\nrole:master\r\nrun_id:" + id + "\r\n";
        const std::string nodes = resp::bulk(
            id + " 127.0.0.1:1@2 myself,master - 0 0 1 connected " +
            std::to_string(first_slot(master)) + "-" + std::to_string(last_slot(master)));
        const std::string tag = tag_of(master);
        return [=, this, polite = polite_redis({{"INFO", resp::bulk(info)}})](
                   const FakeServer::Command& command) {
            if (command[0] == "CLUSTER" && command[1] == "SLOTS") {
                return map();
            }
            if (command[0] == "CLUSTER" && command[1] == "NODES") {
                return nodes;
            }
            if (command[0] == "CLUSTER") {
                return resp::bulk(id);
            }
            if (command[0] == "PTTL") {
                return resp::integer(-1);
            }
            if (command[0] == "DBSIZE") {
                return resp::integer(k_pages);
            }
            if (command[0] != "SCAN") {
                return polite(command);
            }
            const int cursor = std::stoi(command[1]);
            return resp::scan_page(std::to_string(cursor + 1 == k_pages ? 0 : cursor + 1),
                                   {tag + std::to_string(cursor)});
        };
    }
    void serve(int master, std::vector<FakeServer::Script> scripts) {
        servers[static_cast<std::size_t>(master)] =
            std::make_unique<FakeServer>(std::move(scripts));
        ports[static_cast<std::size_t>(master)] = servers[static_cast<std::size_t>(master)]->port();
    }
    [[nodiscard]] FakeServer& server(int master) {
        return *servers[static_cast<std::size_t>(master)];
    }
    [[nodiscard]] bool is_walked(int master) { return server(master).count("SCAN") >= k_pages; }
    [[nodiscard]] std::string port() const { return std::to_string(ports[0]); }

private:
    [[nodiscard]] std::string map() const {
        std::vector<std::string> ranges;
        for (int i = 0; i < k_masters; ++i) {
            ranges.push_back(
                resp::array({resp::integer(first_slot(i)), resp::integer(last_slot(i)),
                             resp::array({resp::bulk("127.0.0.1"),
                                          resp::integer(ports[static_cast<std::size_t>(i)]),
                                          resp::bulk("id-" + std::to_string(i))})}));
        }
        return resp::array(ranges);
    }
};

/// `keys` with far more patience than this test has, until `is_so`; then Ctrl-C, which ends it.
void walk_until(Thirds& cluster, const std::function<bool()>& is_so) {
    Process run(cachectl_argv(
        {"keys", "-p", cluster.port(), "--connect-timeout", "300s", "--timeout", "300s"}));
    CHECK(comes_true(is_so));
    run.send_signal(SIGINT);
    const ProcessResult result = run.wait();
    CAPTURE(result.err);
    CHECK_FALSE(result.timed_out);
    CHECK(result.exit_code == 130);
}

}  // namespace

TEST_CASE("keys of the other masters are walked while one is being connected to") {
    Thirds cluster;
    cluster.serve(0, {answer(cluster.well(0))});
    cluster.serve(2, {answer(cluster.well(2))});
    SUBCASE("whose packets are dropped") {
        const DeafPort hole(DeafPort::State::swallows_syns);
        cluster.ports[1] = hole.port();
        walk_until(cluster, [&] { return cluster.is_walked(0) && cluster.is_walked(2); });
    }
    SUBCASE("that accepts and stays silent") {
        cluster.serve(1, {silent()});
        walk_until(cluster, [&] { return cluster.is_walked(0) && cluster.is_walked(2); });
    }
}

TEST_CASE("a master that takes long to connect to is walked when it is there") {
    Thirds cluster;
    cluster.serve(0, {answer(cluster.well(0))});
    cluster.serve(2, {answer(cluster.well(2))});
    const FakeServer::Script late = [&cluster](FakeServer::Connection& client) {
        CHECK(comes_true([&] { return cluster.is_walked(0) && cluster.is_walked(2); }));
        answer(cluster.well(1))(client);
    };
    cluster.serve(1, {late});
    const ProcessResult run =
        run_cachectl({"keys", "-p", cluster.port(), "--connect-timeout", "60s"});
    CAPTURE(run.err);
    CHECK(run.exit_code == 0);
    CHECK(std::count(run.out.begin(), run.out.end(), '\n') == k_masters * k_pages);
}

TEST_CASE("a master that is never reached is told in the end, after the keys of the others") {
    Thirds cluster;
    cluster.serve(0, {answer(cluster.well(0))});
    cluster.serve(1, {silent()});
    cluster.serve(2, {answer(cluster.well(2))});
    const ProcessResult run =
        run_cachectl({"keys", "-p", cluster.port(), "--connect-timeout", "2s"});
    CAPTURE(run.err);
    CHECK(run.exit_code == 5);
    CHECK(std::count(run.out.begin(), run.out.end(), '\n') == 2 * k_pages);
    CHECK(run.err.find("no reply to HELLO in 2 s") != std::string::npos);
}

TEST_CASE("masters that are lost during a walk are connected again side by side") {
    Thirds cluster;
    cluster.serve(0, {answer(cluster.well(0))});
    cluster.serve(1, {reset_at("SCAN", 2, cluster.well(1)), silent()});
    cluster.serve(2, {reset_at("SCAN", 2, cluster.well(2)), silent()});
    walk_until(cluster, [&] {
        return cluster.is_walked(0) && cluster.server(1).connections() == 2 &&
               cluster.server(2).connections() == 2;
    });
}

TEST_CASE("a stop while a server is being connected to ends at once") {
    const DeafPort nobody(DeafPort::State::refuses);
    FakeServer silent_one(silent());
    const DeafPort hole(DeafPort::State::swallows_syns);
    for (const int number : {SIGINT, SIGTERM}) {
        for (const std::uint16_t port : {silent_one.port(), hole.port()}) {
            const std::string hosts =
                "127.0.0.1:" + std::to_string(nobody.port()) + ",127.0.0.1:" + std::to_string(port);
            Process run(cachectl_argv({"keys", "-h", hosts, "--connect-timeout", "300s"}));
            REQUIRE(run.wait_for_err("next is 127.0.0.1:" + std::to_string(port)));
            run.send_signal(number);
            const ProcessResult result = run.wait();
            CHECK_FALSE(result.timed_out);
            CHECK(result.exit_code == (number == SIGINT ? 130 : 143));
        }
    }
}

TEST_CASE("a stop while a master is being connected to has the exit code of its signal") {
    const std::vector<std::vector<std::string>> commands = {{"keys"},
                                                            {"stats"},
                                                            {"flush", "--whole-db", "--yes"},
                                                            {"invalidate", "*", "--all", "--yes"}};
    for (const std::vector<std::string>& command : commands) {
        CAPTURE(command.front());
        Thirds cluster;
        cluster.serve(0, {answer(cluster.well(0))});
        cluster.serve(1, {silent()});
        cluster.serve(2, {answer(cluster.well(2))});
        std::vector<std::string> args = command;
        args.insert(args.end(), {"-p", cluster.port(), "--connect-timeout", "300s"});
        Process run(cachectl_argv(args));
        CHECK(comes_true([&] { return cluster.server(1).connections() == 1; }));
        run.send_signal(SIGTERM);
        const ProcessResult result = run.wait();
        CAPTURE(result.err);
        CHECK_FALSE(result.timed_out);
        CHECK(result.exit_code == 143);
        CHECK(cluster.server(0).count("FLUSHDB") + cluster.server(0).count("UNLINK") == 0);
    }
}
