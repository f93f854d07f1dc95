// Nodes of a cluster that misbehave on purpose, or are not where they say they are, and commands
// that look.
#include <doctest/doctest.h>

#include <atomic>

#include "support/fake_node.hpp"
#include "support/observed_run.hpp"
#include "support/process.hpp"

using namespace cachectl::test;
using Strings = std::vector<std::string>;

namespace {

constexpr auto k_bound = Millis(60'000);  // of a run that is bounded at all

ObservedRun get(const FakeNode& node, Strings more = {}) {
    Strings args = {"get", "k", "-p", std::to_string(node.port()), "--timeout", "1s"};
    args.insert(args.end(), more.begin(), more.end());
    return observe_cachectl(args);
}

/// Sends every command on to another port.
FakeNode::Reply redirects(const std::string& kind, const std::atomic<std::uint16_t>& port) {
    return [kind, &port](const FakeServer::Command&, std::uint16_t) {
        return resp::error(kind + " 7629 127.0.0.1:" + std::to_string(port));
    };
}

FakeNode::Reply redirects_to_itself(const std::string& kind) {
    return [kind](const FakeServer::Command&, std::uint16_t port) {
        return resp::error(kind + " 7629 127.0.0.1:" + std::to_string(port));
    };
}

/// As a server that has one key, "k".
std::string reply_with_a_key(const FakeServer::Command& command, std::uint16_t /*port*/) {
    if (command[0] == "TYPE") {
        return "+string\r\n";
    }
    if (command[0] == "GET" || command[0] == "GETRANGE") {
        return resp::bulk("value");
    }
    if (command[0] == "OBJECT") {
        return resp::bulk("embstr");
    }
    return resp::integer(5);
}

}  // namespace

TEST_CASE("a redirection to nowhere is an error and no crash") {
    for (const std::string& to :
         {std::string("99999 127.0.0.1:7000"), std::string("-1 127.0.0.1:7000"),
          std::string("5 127.0.0.1:99999"), std::string("5 127.0.0.1:0"), std::string("5"),
          std::string("5 " + std::string(4000, 'h') + ":7000"), std::string("5 a b:7000")}) {
        for (const std::string& kind : {std::string("MOVED "), std::string("ASK ")}) {
            CAPTURE(kind);
            CAPTURE(to);
            const FakeNode node(serves_all(), always(resp::error(kind + to)));
            const ObservedRun run = get(node);
            CHECK(run.exit_code == 5);
            CHECK(run.err.find("which is no valid redirection") != std::string::npos);
            CHECK(run.took < k_bound);
        }
    }
}

TEST_CASE("a node that redirects to itself is followed 16 times and no more") {
    const FakeNode node(serves_all(), redirects_to_itself("MOVED"));
    const ObservedRun run = get(node);
    CHECK(run.exit_code == 5);
    CHECK(run.err.find("the cluster's nodes do not agree on who serves the key's slot") !=
          std::string::npos);
    CHECK(node.count("TYPE") == 17);
    CHECK(run.took < k_bound);
}

TEST_CASE("two nodes that redirect to each other are found out") {
    std::atomic<std::uint16_t> port_of_first{0};
    const FakeNode second(serves_all(), redirects("MOVED", port_of_first));
    const std::atomic<std::uint16_t> port_of_second{second.port()};
    const FakeNode first(serves_all(), redirects("MOVED", port_of_second));
    port_of_first = first.port();
    const ObservedRun run = get(first);
    CHECK(run.exit_code == 5);
    CHECK(first.count("TYPE") + second.count("TYPE") == 17);
    CHECK(run.took < k_bound);
}

TEST_CASE("ASK in circles is found out") {
    const FakeNode node(serves_all(), redirects_to_itself("ASK"));
    const ObservedRun run = get(node);
    CHECK(run.exit_code == 5);
    CHECK(node.count("ASKING") > 0);
    CHECK(node.count("TYPE") == 17);
    CHECK(run.took < k_bound);
}

TEST_CASE("a cluster that stays down is given up") {
    const FakeNode node(serves_all(), always(resp::error("CLUSTERDOWN The cluster is down")));
    const ObservedRun run = get(node);
    CHECK(run.exit_code == 4);
    CHECK(run.err.find("CLUSTERDOWN The cluster is down") != std::string::npos);
    CHECK(run.took < k_bound);
}

TEST_CASE("garbage instead of a slot map") {
    const std::string host = resp::bulk("127.0.0.1");
    for (const std::string& slots :
         {resp::array({one_range(0, 99999, node_entry(host, 7000, "i"))}),
          resp::array({one_range(-5, 5, node_entry(host, 7000, "i"))}),
          resp::array({one_range(0, 5, node_entry(host, 70000, "i"))}),
          resp::array({one_range(0, 5, node_entry(resp::bulk(std::string(300, 'h')), 7000, "i"))}),
          resp::array({resp::integer(7)}), resp::bulk("0-16383"), resp::nil()}) {
        CAPTURE(slots);
        const ObservedRun run = get(FakeNode(says_of_slots(slots), always("+OK\r\n")));
        CHECK(run.exit_code == 3);
        CHECK(run.err.find("answers CLUSTER SLOTS with what is no slot map") != std::string::npos);
    }
}

TEST_CASE("a node that does not say who serves what is not waited for without end") {
    FakeServer server([](FakeServer::Connection& connection) {
        const Handler polite =
            polite_redis({{"INFO", resp::bulk("redis_version:7.0.15\r\nredis_mode:cluster\r\n")}});
        while (const auto command = connection.read_command()) {
            if ((*command)[0] != "CLUSTER") {
                connection.send(polite(*command));
            }
        }
    });
    const ObservedRun run =
        observe_cachectl({"get", "k", "-p", std::to_string(server.port()), "--timeout", "1s"});
    CHECK(run.exit_code == 3);
    CHECK(run.err.find("no reply to CLUSTER in 1 s") != std::string::npos);
    CHECK(run.took < k_bound);
}

TEST_CASE("nodes without a host are where the first one is") {
    for (const std::string& host : {resp::nil(), resp::bulk("")}) {
        const FakeNode node(serves_all(host), reply_with_a_key);
        const ObservedRun run = get(node, {"--raw"});
        CHECK(run.exit_code == 0);
        CHECK(run.err == "");
        CHECK(run.out == "value");
    }
}

TEST_CASE("a node whose host nobody knows is an error with its remedies") {
    const FakeNode node(serves_all(resp::bulk("?")), always("+none\r\n"));
    const ObservedRun run = get(node);
    CHECK(run.exit_code == 3);
    CHECK(run.err.find("the cluster does not tell the host of its master on port") !=
          std::string::npos);
    CHECK(run.err.find("cluster-announce-hostname") != std::string::npos);
    const std::string port = std::to_string(node.port());
    (void)get(node, {"--node-map", "?:" + port + "=127.0.0.1:" + port});
    CHECK(node.count("TYPE") == 1);
}

TEST_CASE("an announced address that is out of reach is explained") {
    // Nobody listens on port 1.
    const auto slots = says_of_slots(
        resp::array({one_range(0, 16383, node_entry(resp::bulk("127.0.0.1"), 1, "elsewhere"))}));
    const FakeNode node(slots, always("+none\r\n"));
    const ObservedRun run = get(node);
    CHECK(run.exit_code == 3);
    CHECK(run.err.find("cannot connect to 127.0.0.1:1: Connection refused; this is the address "
                       "that the cluster announces") != std::string::npos);
    CHECK(run.err.find("--node-map 127.0.0.1:1=HOST:PORT") != std::string::npos);
    CHECK(run.err.find("cluster-announce-ip") != std::string::npos);
    CHECK(run.took < k_bound);

    const std::string port = std::to_string(node.port());
    (void)get(node, {"--node-map", "127.0.0.1:1=127.0.0.1:" + port});
    CHECK(node.count("TYPE") == 1);
    const ObservedRun mapped = get(node, {"--node-map", "127.0.0.1:1=127.0.0.1:2"});
    CHECK(mapped.exit_code == 3);
    CHECK(mapped.err.find("cannot connect to 127.0.0.1:2: Connection refused; the cluster "
                          "announces 127.0.0.1:1, and --node-map puts this in its place") !=
          std::string::npos);
}

TEST_CASE("a node map that is none is a usage error") {
    const FakeNode node(serves_all(), always("+none\r\n"));
    const ObservedRun run = get(node, {"--node-map", "10.0.0.5"});
    CHECK(run.exit_code == 2);
    CHECK(run.err.find("--node-map: '10.0.0.5' is not ANNOUNCED=REAL") != std::string::npos);
    CHECK(node.count("HELLO") == 0);
}
