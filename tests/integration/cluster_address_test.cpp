// Where real nodes say that they are: addresses of either kind, host names, nothing at all.
#include <doctest/doctest.h>

#include <algorithm>

#include "redis/slot.hpp"
#include "support/redis_cluster.hpp"
#include "support/text.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Strings = std::vector<std::string>;

namespace {

/// Looks at keys on all nodes, and at one by a redirection.
void check_all_are_found(RedisCluster& cluster, const Strings& connection) {
    cluster.flush();
    const Strings keys = numbered("k:", 300);
    cluster.set(keys, "value");
    const auto run = [&](Strings args) {
        args.insert(args.end(), connection.begin(), connection.end());
        return run_cachectl(std::move(args));
    };
    const ProcessResult listed = run({"keys"});
    CHECK(listed.exit_code == 0);
    CHECK(listed.err == "");
    CHECK(lines_in(listed.out) == 300);
    const std::uint16_t slot = slot_of("k:0");
    const std::size_t from = cluster.owner(slot);
    const std::size_t to = (from + 1) % cluster.size();
    cluster.open_slot(slot, from, to);
    cluster.move_keys(slot, from, to);
    for (int i = 0; i < 10; ++i) {
        CHECK(run({"get", keys[static_cast<std::size_t>(i)], "--raw"}).out == "value");
    }
    cluster.close_slot(slot, to);
    cluster.wait_until_agreed();
    CHECK(run({"invalidate", "k:*", "--yes"}).exit_code == 0);
    CHECK(cluster.all_keys().empty());
}

}  // namespace

TEST_CASE("nodes at IPv6 addresses") {
    RedisCluster cluster({.masters = 3, .replicas = false, .host = "::1"});
    const std::string port = std::to_string(cluster.port(0));
    check_all_are_found(cluster, {"-h", "::1", "-p", port});
    check_all_are_found(cluster, {"-u", "redis://[::1]:" + port});
    cluster.node(2).kill();
    const ProcessResult dead = run_cachectl({"keys", "-u", "redis://[::1]:" + port});
    CHECK(dead.exit_code == 5);
    CHECK(has(dead.err, "cannot connect to " + cluster.address(2) + ": Connection refused"));
    CHECK(has(dead.err, "could not be walked"));
    CHECK(has(dead.err, "--node-map " + cluster.address(2) + "=HOST:PORT"));
}

TEST_CASE("nodes that announce no host") {
    RedisCluster cluster({.masters = 3, .replicas = false});
    const std::string port = std::to_string(cluster.port(0));
    const auto configure = [&](const std::string& name, const std::string& value) {
        for (std::size_t i = 0; i < cluster.size(); ++i) {
            cluster.client(i).run({"CONFIG", "SET", name, value});
        }
    };
    // "?": a name is preferred, and they have none.
    configure("cluster-preferred-endpoint-type", "hostname");
    const ProcessResult unknown = run_cachectl({"keys", "-p", port});
    CHECK(unknown.exit_code == 3);
    CHECK(unknown.out == "");
    CHECK(has(unknown.err, "the cluster does not tell the host of its master on port"));
    CHECK(has(unknown.err, "cluster-announce-hostname"));
    cluster.set(numbered("k:", 30));
    CHECK(run_cachectl({"invalidate", "k:*", "--yes", "-p", port}).exit_code == 3);
    CHECK(cluster.all_keys().size() == 30);
    Strings mapped = {"-p", port};
    for (std::size_t i = 1; i < cluster.size(); ++i) {
        const std::string at = std::to_string(cluster.port(i));
        mapped.insert(mapped.end(), {"--node-map", "?:" + at + "=127.0.0.1:" + at});
    }
    check_all_are_found(cluster, mapped);

    // NULL: each is where the one is that was asked.
    configure("cluster-preferred-endpoint-type", "unknown-endpoint");
    check_all_are_found(cluster, {"-p", port});
    check_all_are_found(cluster, {"-h", "localhost", "-p", port});
}

TEST_CASE("a node that has not yet heard where it is") {
    // It has met no other, which would have told it, and says "".
    RedisCluster cluster({.masters = 1, .replicas = false});
    const auto slots = cluster.client(0).command({"CLUSTER", "SLOTS"});
    REQUIRE(slots.elements.at(0).elements.at(2).elements.at(0).text.empty());
    cluster.set(numbered("k:", 300), "value");
    for (const Strings& connection :
         {Strings{"-p", std::to_string(cluster.port(0))},
          Strings{"-h", "localhost", "-p", std::to_string(cluster.port(0))},
          Strings{"-s", cluster.node(0).socket_path()}}) {
        const auto run = [&](Strings args) {
            args.insert(args.end(), connection.begin(), connection.end());
            return run_cachectl(std::move(args));
        };
        CHECK(lines_in(run({"keys"}).out) == 300);
        CHECK(run({"get", "k:7", "--raw"}).out == "value");
    }
}

TEST_CASE("nodes that announce host names") {
    RedisCluster cluster({.masters = 3,
                          .replicas = false,
                          .config = {"--cluster-announce-hostname", "localhost",
                                     "--cluster-preferred-endpoint-type", "hostname"}});
    const std::string port = std::to_string(cluster.port(0));
    check_all_are_found(cluster, {"-p", port});
    cluster.node(2).kill();
    const ProcessResult dead = run_cachectl({"keys", "-p", port});
    CHECK(dead.exit_code == 5);
    CHECK(has(dead.err, "cannot connect to localhost:" + std::to_string(cluster.port(2)) +
                            ": Connection refused"));
}
