// Nodes of a cluster that misbehave on purpose, or are not where they say they are.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "support/fake_server.hpp"

namespace cachectl::test {

/// A node in a reply to CLUSTER SLOTS; `host` is as it is on the wire.
inline std::string node_entry(const std::string& host, int port, const std::string& id) {
    return resp::array({host, resp::integer(port), resp::bulk(id), resp::array({})});
}

/// Slots in a reply to CLUSTER SLOTS.
inline std::string one_range(int first, int last, const std::string& node) {
    return resp::array({resp::integer(first), resp::integer(last), node});
}

/// A master that says of the slots what `slots` returns for its port, and answers all but what a
/// client asks on arrival with what `reply` returns.
class FakeNode {
public:
    using Slots = std::function<std::string(std::uint16_t port)>;
    using Reply = std::function<std::string(const FakeServer::Command&, std::uint16_t port)>;

    FakeNode(Slots slots, Reply reply)
        : m_port(std::make_shared<std::atomic<std::uint16_t>>(0)),
          m_server(answer(handler(std::move(slots), std::move(reply)))) {
        *m_port = m_server.port();
    }

    [[nodiscard]] std::uint16_t port() const { return m_server.port(); }
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port()); }
    [[nodiscard]] std::size_t count(std::string_view name) const { return m_server.count(name); }
    [[nodiscard]] std::vector<FakeServer::Command> commands() const { return m_server.commands(); }

private:
    [[nodiscard]] Handler handler(Slots slots, Reply reply) const {
        const std::string info = "redis_version:7.0.15\r\nredis_mode:cluster\r\nrole:master\r\n";
        return [=, port = m_port](const FakeServer::Command& command) {
            const std::string run_id = "run_id:" + std::to_string(*port) + "\r\n";
            const Handler polite =
                polite_redis({{"INFO", resp::bulk(info + run_id)}, {"ASKING", "+OK\r\n"}});
            if (command[0] == "CLUSTER" && command[1] == "SLOTS") {
                return slots(*port);
            }
            if (command[0] == "CLUSTER") {
                return resp::bulk("fake-id");
            }
            for (const char* name : {"HELLO", "CLIENT", "INFO", "PING", "ASKING"}) {
                if (command[0] == name) {
                    return polite(command);
                }
            }
            return reply(command, *port);
        };
    }

    std::shared_ptr<std::atomic<std::uint16_t>> m_port;
    FakeServer m_server;
};

/// All slots are its own.
inline FakeNode::Slots serves_all(const std::string& host = resp::bulk("127.0.0.1"),
                                  const std::string& id = "an-id") {
    return [host, id](std::uint16_t port) {
        return resp::array({one_range(0, 16383, node_entry(host, port, id))});
    };
}

inline FakeNode::Slots says_of_slots(const std::string& text) {
    return [text](std::uint16_t) { return text; };
}

inline FakeNode::Reply always(const std::string& text) {
    return [text](const FakeServer::Command&, std::uint16_t) { return text; };
}

}  // namespace cachectl::test
