// A cluster that speaks TLS alone: wherever it sends us, the node has to prove who it is before
// anything is said to it.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "redis/slot.hpp"
#include "support/fake_server.hpp"
#include "support/redis_cluster.hpp"
#include "support/text.hpp"
#include "support/tls_server.hpp"

using namespace cachectl;
using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

constexpr std::size_t k_nodes = 3;
constexpr std::size_t k_misfit = 2;  // its certificate is for its host name alone

/// All of its nodes announce "localhost", or 127.0.0.1 if they are told to prefer addresses.
struct TlsCluster {
    CertificateAuthority authority;
    CertificateFiles any = authority.issue({"localhost", {"DNS:localhost", "IP:127.0.0.1"}});
    CertificateFiles by_name = authority.issue({"localhost", {"DNS:localhost"}});
    RedisCluster nodes{{
        .masters = k_nodes,
        .replicas = false,
        .node_timeout = Millis(5000),
        .config = {"--user", "bob", "on", ">s3cr3t", "~*", "+@all", "--cluster-announce-hostname",
                   "localhost"},
        .config_of =
            [this](std::size_t index) {
                return tls_arguments(index == k_misfit ? by_name : any, authority);
            },
        .listen = Listen::tls_too,
    }};

    void prefer(const std::string& endpoint) {
        for (std::size_t i = 0; i < k_nodes; ++i) {
            nodes.client(i).run({"CONFIG", "SET", "cluster-preferred-endpoint-type", endpoint});
        }
    }
    /// Waits until the first node has heard of it.
    void announce(std::size_t index, std::uint16_t port) {
        nodes.client(index).run(
            {"CONFIG", "SET", "cluster-announce-tls-port", std::to_string(port)});
        const std::string wanted =
            port == 0 ? std::to_string(nodes.port(index)) : std::to_string(port);
        for (int tries = 0; tries < 1'000; ++tries) {
            if (has(flat(nodes.client(0).command({"CLUSTER", "SHARDS"})), " " + wanted + " ")) {
                return;
            }
            std::this_thread::sleep_for(Millis(20));
        }
        FAIL("nobody hears of port " << wanted);
    }
    static std::string flat(const RespValue& value) {
        std::string text = value.text + " " + std::to_string(value.integer) + " ";
        for (const RespValue& element : value.elements) {
            text += flat(element);
        }
        return text;
    }

    ProcessResult run(Strings args, ProcessOptions options = {},
                      const std::string& seed = "localhost") {
        args.insert(args.end(),
                    {"-u", "rediss://bob:s3cr3t@" + seed + ":" + std::to_string(nodes.port(0)),
                     "--cacert", authority.file()});
        return run_cachectl(std::move(args), std::move(options));
    }
    Strings fill(int count) {
        nodes.flush();
        Strings keys;
        for (int i = 0; i < count; ++i) {
            keys.push_back("k:" + std::to_string(i));
        }
        nodes.set(keys, "value");
        return keys;
    }
    std::string key_on(std::size_t index) {
        for (int i = 0;; ++i) {
            std::string key = "k:" + std::to_string(i);
            if (nodes.owner_of_key(key) == index) {
                return key;
            }
        }
    }
};

TlsCluster& cluster() {
    static TlsCluster shared;
    return shared;
}

}  // namespace

TEST_CASE("walks, single keys, changes and redirections") {
    for (const std::string endpoint : {"hostname", "ip"}) {
        CAPTURE(endpoint);
        cluster().prefer(endpoint);
        // Where they are known by their addresses, one of them has to be told by its name.
        const std::string port = std::to_string(cluster().nodes.port(k_misfit));
        const Strings map = endpoint == "ip"
                                ? Strings{"--node-map", "127.0.0.1:" + port + "=localhost:" + port}
                                : Strings{};
        const auto run = [&](Strings args, ProcessOptions options = {}) {
            args.insert(args.end(), map.begin(), map.end());
            return cluster().run(std::move(args), std::move(options));
        };
        cluster().fill(3000);
        const ProcessResult listed = run({"keys"});
        CHECK(listed.exit_code == 0);
        CHECK(listed.err == "");
        CHECK(lines_in(listed.out) == 3000);

        const std::string half = cluster().key_on(0);
        const std::uint16_t slot = slot_of(half);
        cluster().nodes.open_slot(slot, 0, 1);
        cluster().nodes.move_keys(slot, 0, 1);
        for (std::size_t node = 0; node < k_nodes; ++node) {
            CHECK(run({"get", cluster().key_on(node), "--raw"}).out == "value");  // one by ASK
        }
        cluster().nodes.close_slot(slot, 1);
        cluster().nodes.wait_until_agreed();

        ProcessOptions rows;
        for (int i = 0; i < 500; ++i) {
            rows.stdin_bytes += "{\"id\":" + std::to_string(i) + "}\n";
        }
        CHECK(run({"warm", "-", "--key", "new:{id}", "--ttl", "1h"}, rows).exit_code == 0);
        const ProcessResult deleted = run({"invalidate", "k:*", "--yes", "--json"});
        CHECK(deleted.exit_code == 0);
        CHECK(json::parse(deleted.out)["deleted"] == 3000);
        CHECK(json::parse(run({"stats", "--json"}).out)["nodes"].size() == k_nodes);
        CHECK(run({"flush", "--whole-db", "--yes"}).exit_code == 0);
        CHECK(cluster().nodes.all_keys().empty());
    }
}

TEST_CASE("a node whose certificate does not fit is named, and nothing is changed") {
    cluster().fill(3000);
    cluster().prefer("ip");
    const std::string misfit = "127.0.0.1:" + std::to_string(cluster().nodes.port(k_misfit));
    const std::string reason = "cannot connect to " + misfit +
                               " with TLS: its certificate is for localhost, not for 127.0.0.1";
    const ProcessResult get = cluster().run({"get", cluster().key_on(k_misfit)});
    CHECK(get.exit_code == 3);
    CHECK(get.out == "");
    CHECK(has(get.err, reason));
    CHECK(has(get.err, "--node-map " + misfit + "="));
    CHECK(cluster().run({"get", cluster().key_on(0), "--raw"}).out == "value");

    const ProcessResult keys = cluster().run({"keys"});
    CHECK(keys.exit_code == 5);
    CHECK(has(keys.err, "could not be walked: " + reason));
    CHECK(lines_in(keys.out) == 3000 - cluster().nodes.keys_on(k_misfit).size());

    // What all of them have in their certificates may be asked of all.
    const ProcessResult named = cluster().run({"keys", "--sni", "localhost"});
    CHECK(named.exit_code == 0);
    CHECK(lines_in(named.out) == 3000);
    cluster().prefer("hostname");
}

TEST_CASE("all that goes where the cluster sends us is encrypted") {
    cluster().fill(3000);
    cluster().prefer("hostname");
    std::string said;
    {
        FakeServer between(pass_on(cluster().nodes.port(1), {.from_client = &said}));
        cluster().announce(1, between.port());
        const ProcessResult keys = cluster().run({"keys"});
        CHECK(keys.exit_code == 0);
        CHECK(lines_in(keys.out) == 3000);
        CHECK(cluster().run({"get", cluster().key_on(1), "--raw"}).out == "value");
        CHECK(between.connections() == 2);
    }
    CHECK(said.starts_with("\x16\x03"));  // a handshake: RFC 8446, section 5.1
    for (const char* plain : {"AUTH", "s3cr3t", "HELLO", "SCAN", "SETNAME"}) {
        CHECK_FALSE(has(said, plain));
    }
    cluster().announce(1, 0);
}

TEST_CASE("a node that speaks no TLS is told no password") {
    cluster().fill(3000);
    RedisServer plain({"--user", "bob", "on", ">s3cr3t", "~*", "+@all"}, Listen::tcp_too);
    cluster().announce(1, plain.port());
    const ProcessResult get =
        cluster().run({"get", cluster().key_on(1), "--connect-timeout", "1s"});
    CHECK(get.exit_code == 3);
    CHECK(has(get.err,
              "cannot connect to localhost:" + std::to_string(plain.port()) + " with TLS: "));
    CHECK(cluster().run({"keys", "--connect-timeout", "1s"}).exit_code == 5);
    const std::string commands = plain.client().text({"INFO", "commandstats"});
    for (const char* command : {"auth", "hello", "get", "scan"}) {
        CHECK_FALSE(has(commands, std::string("cmdstat_") + command + ":"));
    }
    cluster().announce(1, 0);
}

TEST_CASE("who comes without TLS is told so") {
    cluster().fill(300);
    const ProcessResult run = run_cachectl({"keys", "-s", cluster().nodes.node(0).socket_path()});
    CHECK(run.exit_code != 0);
    CHECK(has(run.err, "--tls, or rediss:// in the URL"));
    CHECK(lines_in(run.out) <= cluster().nodes.keys_on(0).size());
}
