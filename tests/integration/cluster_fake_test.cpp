// Nodes of a cluster that misbehave on purpose, or are not where they say they are.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

#include "support/fake_server.hpp"
#include "support/observed_run.hpp"
#include "support/process.hpp"

using namespace cachectl::test;
using Strings = std::vector<std::string>;

namespace {

constexpr auto k_bound = Millis(60'000);  // of a run that is bounded at all

std::string node_entry(const std::string& host, int port, const std::string& id) {
    return resp::array({host, resp::integer(port), resp::bulk(id), resp::array({})});
}

std::string one_range(int first, int last, const std::string& node) {
    return resp::array({resp::integer(first), resp::integer(last), node});
}

/// A node of a cluster that says of itself what `slots` returns for its port, and answers what is
/// asked of a key with what `reply` returns.
class FakeNode {
public:
    using Text = std::function<std::string(std::uint16_t port)>;

    FakeNode(Text slots, Text reply)
        : m_port(std::make_shared<std::atomic<std::uint16_t>>(0)),
          m_server(answer(handler(std::move(slots), std::move(reply)))) {
        *m_port = m_server.port();
    }

    [[nodiscard]] std::uint16_t port() const { return m_server.port(); }
    [[nodiscard]] std::size_t count(std::string_view name) const { return m_server.count(name); }

    [[nodiscard]] ObservedRun get(Strings more = {}) const {
        Strings args = {"get", "k", "-p", std::to_string(port()), "--timeout", "1s"};
        args.insert(args.end(), more.begin(), more.end());
        return observe_cachectl(args);
    }

private:
    [[nodiscard]] Handler handler(Text slots, Text reply) const {
        const std::string info =
            "redis_version:7.0.15\r\nredis_mode:cluster\r\nrole:master\r\nrun_id:0123\r\n";
        const Handler polite = polite_redis({{"INFO", resp::bulk(info)}, {"ASKING", "+OK\r\n"}});
        return [=, port = m_port](const FakeServer::Command& command) {
            if (command[0] == "CLUSTER" && command[1] == "SLOTS") return slots(*port);
            if (command[0] == "CLUSTER") return resp::bulk("fake-id");
            for (const char* name : {"HELLO", "CLIENT", "INFO", "PING", "ASKING"}) {
                if (command[0] == name) return polite(command);
            }
            return reply(*port);
        };
    }

    std::shared_ptr<std::atomic<std::uint16_t>> m_port;
    FakeServer m_server;
};

FakeNode::Text always(const std::string& text) {
    return [text](std::uint16_t) { return text; };
}

FakeNode::Text serves_all(const std::string& host = resp::bulk("127.0.0.1"),
                          const std::string& id = "an-id") {
    return [host, id](std::uint16_t port) {
        return resp::array({one_range(0, 16383, node_entry(host, port, id))});
    };
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
            const ObservedRun run = node.get();
            CHECK(run.exit_code == 5);
            CHECK(run.err.find("which is no valid redirection") != std::string::npos);
            CHECK(run.took < k_bound);
        }
    }
}

TEST_CASE("a node that redirects to itself is followed 16 times and no more") {
    const FakeNode node(serves_all(), [](std::uint16_t port) {
        return resp::error("MOVED 7629 127.0.0.1:" + std::to_string(port));
    });
    const ObservedRun run = node.get();
    CHECK(run.exit_code == 5);
    CHECK(run.err.find("the cluster's nodes do not agree on who serves the key's slot") !=
          std::string::npos);
    CHECK(node.count("TYPE") == 17);
    CHECK(run.took < k_bound);
}

TEST_CASE("two nodes that redirect to each other are found out") {
    std::atomic<std::uint16_t> other{0};
    const FakeNode second(serves_all(), [&](std::uint16_t) {
        return resp::error("MOVED 7629 127.0.0.1:" + std::to_string(other));
    });
    const FakeNode first(serves_all(), [&](std::uint16_t) {
        return resp::error("MOVED 7629 127.0.0.1:" + std::to_string(second.port()));
    });
    other = first.port();
    const ObservedRun run = first.get();
    CHECK(run.exit_code == 5);
    CHECK(first.count("TYPE") + second.count("TYPE") == 17);
    CHECK(run.took < k_bound);
}

TEST_CASE("ASK in circles is found out") {
    const FakeNode node(serves_all(), [](std::uint16_t port) {
        return resp::error("ASK 7629 127.0.0.1:" + std::to_string(port));
    });
    const ObservedRun run = node.get();
    CHECK(run.exit_code == 5);
    CHECK(node.count("ASKING") > 0);
    CHECK(node.count("TYPE") == 17);
    CHECK(run.took < k_bound);
}

TEST_CASE("a cluster that stays down is given up") {
    const FakeNode node(serves_all(), always(resp::error("CLUSTERDOWN The cluster is down")));
    const ObservedRun run = node.get();
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
        const ObservedRun run = FakeNode(always(slots), always("+OK\r\n")).get();
        CHECK(run.exit_code == 3);
        CHECK(run.err.find("answers CLUSTER SLOTS with what is no slot map") != std::string::npos);
    }
}

TEST_CASE("a node that does not say who serves what is not waited for without end") {
    FakeServer server([](FakeServer::Connection& connection) {
        const Handler polite =
            polite_redis({{"INFO", resp::bulk("redis_version:7.0.15\r\nredis_mode:cluster\r\n")}});
        while (const auto command = connection.read_command()) {
            if ((*command)[0] != "CLUSTER") connection.send(polite(*command));
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
        const FakeNode node(serves_all(host), always("+none\r\n"));
        const ObservedRun run = node.get();
        CHECK(run.exit_code == 3);  // TYPE was answered, PTTL with the same is no number
        CHECK(run.err.find("a reply of the wrong kind") != std::string::npos);
        CHECK(node.count("TYPE") == 1);
    }
}

TEST_CASE("a node whose host nobody knows is an error with its remedies") {
    const FakeNode node(serves_all(resp::bulk("?")), always("+none\r\n"));
    const ObservedRun run = node.get();
    CHECK(run.exit_code == 3);
    CHECK(run.err.find("the cluster does not tell the host of its master on port") !=
          std::string::npos);
    CHECK(run.err.find("cluster-announce-hostname") != std::string::npos);
    const std::string port = std::to_string(node.port());
    (void)node.get({"--node-map", "?:" + port + "=127.0.0.1:" + port});
    CHECK(node.count("TYPE") == 1);
}

TEST_CASE("an announced address that is out of reach is explained") {
    // Nobody listens on port 1.
    const auto slots = always(
        resp::array({one_range(0, 16383, node_entry(resp::bulk("127.0.0.1"), 1, "elsewhere"))}));
    const FakeNode node(slots, always("+none\r\n"));
    const ObservedRun run = node.get();
    CHECK(run.exit_code == 3);
    CHECK(run.err.find("cannot connect to 127.0.0.1:1: Connection refused; this is the address "
                       "that the cluster announces") != std::string::npos);
    CHECK(run.err.find("--node-map 127.0.0.1:1=HOST:PORT") != std::string::npos);
    CHECK(run.err.find("cluster-announce-ip") != std::string::npos);
    CHECK(run.took < k_bound);

    const std::string port = std::to_string(node.port());
    (void)node.get({"--node-map", "127.0.0.1:1=127.0.0.1:" + port});
    CHECK(node.count("TYPE") == 1);
    const ObservedRun mapped = node.get({"--node-map", "127.0.0.1:1=127.0.0.1:2"});
    CHECK(mapped.exit_code == 3);
    CHECK(mapped.err.find("cannot connect to 127.0.0.1:2: Connection refused; the cluster "
                          "announces 127.0.0.1:1, and --node-map puts this in its place") !=
          std::string::npos);
}

TEST_CASE("a node map that is none is a usage error") {
    const FakeNode node(serves_all(), always("+none\r\n"));
    const ObservedRun run = node.get({"--node-map", "10.0.0.5"});
    CHECK(run.exit_code == 2);
    CHECK(run.err.find("--node-map: '10.0.0.5' is not ANNOUNCED=REAL") != std::string::npos);
    CHECK(node.count("HELLO") == 0);
}
