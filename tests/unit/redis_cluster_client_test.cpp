#include "redis/cluster/client.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_node.hpp"
#include "util/error.hpp"
#include "util/signals.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

constexpr int k_slot_of_k = 7629;  // of the key "k"

ServerAddress at(std::uint16_t port) {
    ServerAddress address;
    address.host = "127.0.0.1";
    address.port = port;
    return address;
}

/// A cluster client whose first node is at that port; a failover may take three times `reply`.
struct Connected {
    explicit Connected(std::uint16_t port, std::chrono::milliseconds reply = 100ms,
                       NodeMap map = {}) {
        ClusterOptions options;
        options.session.reply_timeout = reply;
        options.node_map = std::move(map);
        client = std::make_unique<ClusterClient>(
            loop, at(port), std::make_unique<Session>(loop, at(port), options.session), options);
    }
    [[nodiscard]] std::string error_of_reconnect() const {
        try {
            client->reconnect();
        } catch (const Error& error) {
            return error.what();
        }
        return "no error";
    }

    Loop loop;
    std::unique_ptr<ClusterClient> client;
};

/// Each half of the slots at one of two ports; the first is the node that is asked first.
FakeNode::Slots halves(const std::atomic<std::uint16_t>& first,
                       const std::atomic<std::uint16_t>& second) {
    const auto entry = [](std::uint16_t port, const char* id) {
        return node_entry(resp::bulk("127.0.0.1"), port, id);
    };
    return [&first, &second, entry](std::uint16_t) {
        return resp::array({one_range(0, 8191, entry(first, "fake-id")),
                            one_range(8192, 16383, entry(second, "2"))});
    };
}

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("when no node answers any more, that is the end, or a signal is") {
    auto node = std::make_unique<FakeNode>(serves_all(), always("+OK\r\n"));
    const Connected cluster(node->port());
    CHECK(cluster.error_of_reconnect() == "no error");
    node.reset();
    CHECK(cluster.error_of_reconnect() == "no node of the cluster answers");
    set_stop_signal(SIGINT);
    CHECK(says(cluster.error_of_reconnect(), "interrupted while waiting for a node"));
    CHECK_THROWS_WITH((void)cluster.client->gaps(),
                      doctest::Contains("interrupted while connecting to the cluster"));
    set_stop_signal(0);
}

TEST_CASE("a node that cannot tell the map any more leaves it to one that was not asked yet") {
    std::atomic<std::uint16_t> first_port{0}, second_port{0};
    const FakeNode second(halves(first_port, second_port), always("+OK\r\n"));
    second_port = second.port();
    std::atomic<int> asked{0};
    const auto whole = halves(first_port, second_port);
    const FakeNode first(
        [&](std::uint16_t port) { return ++asked == 1 ? whole(port) : resp::error("ERR not now"); },
        always("+OK\r\n"));
    first_port = first.port();
    const Connected cluster(first.port(), 5s);
    CHECK(cluster.error_of_reconnect() == "no error");
    CHECK(second.count("CLUSTER") == 1);
    CHECK(asked.load() == 2);
}

TEST_CASE("a slot that no master serves is waited for, and then said to have none") {
    const FakeNode node(
        [](std::uint16_t port) {
            return resp::array({one_range(0, 100, node_entry(resp::bulk("127.0.0.1"), port, "i"))});
        },
        always("+OK\r\n"));
    const Connected cluster(node.port());
    CHECK(&cluster.client->home_of("k") == cluster.client.get());
    const Reply reply = cluster.client->call({"GET", "k"});
    CHECK(reply.text == "CLUSTERDOWN no master serves slot " + std::to_string(k_slot_of_k));
    const auto gaps = cluster.client->gaps();
    REQUIRE(gaps.size() == 1);
    CHECK(says(gaps[0].why.what(), "no master serves slots 101-16383"));
}

TEST_CASE("while a slot has no master, the map is asked for again and again, not all the time") {
    const FakeNode node(
        [](std::uint16_t port) {
            return resp::array({one_range(0, 100, node_entry(resp::bulk("127.0.0.1"), port, "i"))});
        },
        always("+OK\r\n"));
    const Connected cluster(node.port(), 500ms);  // so it is waited for 1.5 s, in steps of 0.1 s
    const std::size_t before = node.count("CLUSTER");
    const std::clock_t used = std::clock();
    (void)cluster.client->call({"GET", "k"});
    CHECK(std::clock() - used < CLOCKS_PER_SEC * 3 / 4);
    CHECK(node.count("CLUSTER") > before + 2);
    CHECK(node.count("CLUSTER") < before + 50);
}

TEST_CASE("a slot that has moved is asked for at its new node, and where the others are by now") {
    const auto all_at = [](std::uint16_t port, const char* id) {
        return resp::array({one_range(0, 16383, node_entry(resp::bulk("127.0.0.1"), port, id))});
    };
    const FakeNode second([&](std::uint16_t port) { return all_at(port, "2"); },
                          always(resp::bulk("v")));
    std::atomic<bool> has_moved = false;
    const FakeNode first(
        [&](std::uint16_t port) {
            return has_moved ? all_at(second.port(), "2") : all_at(port, "fake-id");
        },
        [&](const FakeServer::Command&, std::uint16_t) {
            has_moved = true;
            return resp::error("MOVED 7629 " + second.address());
        });
    const Connected cluster(first.port(), 5s);
    const std::size_t before = first.count("CLUSTER") + second.count("CLUSTER");
    CHECK(cluster.client->call({"GET", "k"}).text == "v");
    CHECK(first.count("GET") == 1);
    cluster.client->sleep(300ms);
    CHECK(first.count("CLUSTER") + second.count("CLUSTER") > before);
}

TEST_CASE("who is in a hurry does not wait for a node that does not answer") {
    std::atomic<std::uint16_t> first_port{0}, second_port{0};
    const auto map = halves(first_port, second_port);
    const FakeNode first(map, always("+OK\r\n"));
    first_port = first.port();
    const FakeServer silent(answer([](const FakeServer::Command&) { return std::string(); }));
    second_port = silent.port();
    const Connected cluster(first.port(), 20s);
    const auto begun = std::chrono::steady_clock::now();
    cluster.client->connect_all(Topology::WaitFor::prompt);
    CHECK(std::chrono::steady_clock::now() - begun < 5s);
}

TEST_CASE("a transaction waits until its slot has moved, for ASK holds for one command") {
    for (const char* refusal : {"ASK 7629 127.0.0.1:1", "TRYAGAIN Multiple keys request"}) {
        CAPTURE(refusal);
        std::atomic<int> tries{0};
        const FakeNode node(serves_all(), [&](const FakeServer::Command& command, std::uint16_t) {
            if (command[0] == "MULTI") {
                return std::string("+OK\r\n");
            }
            if (command[0] == "EXEC") {
                return tries == 1 ? resp::error("EXECABORT") : resp::array({resp::integer(1)});
            }
            return ++tries == 1 ? resp::error(refusal) : std::string("+QUEUED\r\n");
        });
        Connected cluster(node.port(), 5s);
        std::vector<Reply> replies;
        for (const auto& words :
             {std::vector<std::string_view>{"MULTI"}, {"SET", "k", "v"}, {"EXEC"}}) {
            cluster.client->send(words, [&](Reply reply) { replies.push_back(std::move(reply)); });
        }
        bool all_before = false;
        cluster.client->when_answered([&] { all_before = replies.size() == 3; });
        cluster.client->drain();
        CHECK(all_before);
        REQUIRE(replies.size() == 3);
        CHECK(replies[2].is_array());
        CHECK(tries == 2);
        CHECK(node.count("ASKING") == 0);
    }
}

TEST_CASE("what is sent to an address that the user has mapped goes where he says") {
    const FakeNode second(serves_all(), always(resp::bulk("v")));
    const FakeNode first(serves_all(), always(resp::error("ASK 7629 10.255.255.1:7000")));
    const Connected cluster(first.port(), 5s,
                            {{{"10.255.255.1", 7000}, {"127.0.0.1", second.port()}}});
    CHECK(cluster.client->call({"GET", "k"}).text == "v");
}

TEST_CASE("commands whose replies are lost say where, and are not sent again if they may change") {
    const auto cluster_of = [](const char* fatal) {
        const auto port = std::make_shared<std::atomic<std::uint16_t>>(0);
        const Handler polite = polite_redis({{"MULTI", "+OK\r\n"}, {"SET", "+QUEUED\r\n"}});
        auto server = std::make_unique<FakeServer>(
            reset_at(fatal, 0, [=](const FakeServer::Command& command) {
                return command[0] == "CLUSTER" && command[1] == "SLOTS" ? serves_all()(*port)
                                                                        : polite(command);
            }));
        *port = server->port();
        return server;
    };
    const auto server = cluster_of("EXEC");
    Connected cluster(server->port());
    std::vector<Reply> replies;
    for (const auto& words :
         {std::vector<std::string_view>{"MULTI"}, {"SET", "k", "v"}, {"EXEC"}}) {
        cluster.client->send(words, [&](Reply reply) { replies.push_back(std::move(reply)); });
    }
    cluster.client->drain();
    REQUIRE(replies.size() == 3);
    CHECK(replies[0].is_text());
    CHECK(replies[2].type == Reply::Type::lost);
    CHECK(says(replies[2].text, "127.0.0.1:" + std::to_string(server->port())));
    CHECK(server->count("EXEC") == 1);
}

TEST_CASE("a node that is not connected says so, and answers at once") {
    std::atomic<std::uint16_t> first_port{0}, second_port{0};
    auto second = std::make_unique<FakeNode>(halves(first_port, second_port), always("+OK\r\n"));
    second_port = second->port();
    const FakeNode first(halves(first_port, second_port), always("+OK\r\n"));
    first_port = first.port();
    Connected cluster(first.port());
    Client& node = *cluster.client->nodes().at(1).client;
    CHECK(node.call({"GET", "k"}).text == "not connected");
    struct Sink : ReplySink {
        void take(Reply reply) override { text = reply.text; }
        std::string text;
    };
    const auto sink = std::make_shared<Sink>();
    node.send({"GET", "k"}, sink);
    CHECK(sink->text == "not connected");
    bool answered = false;
    node.when_answered([&] { answered = true; });
    node.listen([](const Reply&) {});
    CHECK(answered);
    CHECK(node.begin_reconnect());
    CHECK(says(node.call({"GET", "k"}).text, "no connection to 127.0.0.1:"));
    CHECK(node.reconnect());
    second.reset();
    node.call({"GET", "k"});
    CHECK_THROWS_AS(node.reconnect(), Error);
    set_stop_signal(SIGTERM);
    CHECK_THROWS_WITH(node.reconnect(), doctest::Contains("interrupted while waiting for"));
    set_stop_signal(0);
}

TEST_CASE("what --cluster and --read-from say of a server has to be so") {
    const FakeNode node(serves_all(), always("+OK\r\n"));
    const FakeServer alone(
        answer(polite_redis({{"INFO", resp::bulk("redis_mode:standalone\r\n")}})));
    const FakeServer unknown(
        answer(polite_redis({{"INFO", resp::error("ERR no")}, {"HELLO", resp::error("ERR no")}})));
    Loop loop;
    const auto made = [&](std::uint16_t port, UseCluster use,
                          ReadFrom read_from = ReadFrom::server) -> std::string {
        ServerAddress address = at(port);
        ClusterOptions options;
        options.use = use;
        auto seed = std::make_unique<Session>(loop, address, options.session);
        address.read_from = read_from;
        try {
            return client_of(loop, address, std::move(seed), options)->masters() == 0 ? "server"
                                                                                      : "cluster";
        } catch (const Error& error) {
            return error.what();
        }
    };
    CHECK(made(node.port(), UseCluster::automatic) == "cluster");
    CHECK(made(node.port(), UseCluster::on) == "cluster");
    CHECK(says(made(node.port(), UseCluster::off), "is a node of a cluster"));
    CHECK(says(made(node.port(), UseCluster::automatic, ReadFrom::replica),
               "--read-from replica is for single servers"));
    CHECK(made(alone.port(), UseCluster::automatic) == "server");
    CHECK(made(alone.port(), UseCluster::off) == "server");
    CHECK(says(made(alone.port(), UseCluster::on), "its mode is standalone"));
    CHECK(says(made(unknown.port(), UseCluster::on), "read the cluster's slots"));
}
