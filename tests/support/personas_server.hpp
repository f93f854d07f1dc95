// A server that is a persona's face: it stands before a redis-server, answers what the product
// answers otherwise, and passes the rest on.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "support/fake_server.hpp"
#include "support/personas.hpp"

namespace cachectl::test {

class PersonaServer {
public:
    /// `socket_path` is that of the redis-server behind.
    PersonaServer(const Persona& persona, std::string socket_path);
    PersonaServer(const PersonaServer&) = delete;
    PersonaServer& operator=(const PersonaServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return m_server.port(); }
    [[nodiscard]] std::vector<FakeServer::Command> commands() const { return m_server.commands(); }
    [[nodiscard]] std::size_t count(std::string_view name) const { return m_server.count(name); }
    /// SCANs with a cursor that was not given out: what a walk in partitions sends.
    [[nodiscard]] std::size_t strange_cursors() const { return m_strange_cursors; }

private:
    class Upstream;

    void serve(FakeServer::Connection& client);
    std::optional<std::string> own_reply(const FakeServer::Command& command, Upstream& server);
    std::string command_info(const FakeServer::Command& command, Upstream& server) const;
    std::string info(const FakeServer::Command& command, Upstream& server) const;
    std::string scan(FakeServer::Command command, Upstream& server);

    const Persona& m_persona;
    std::string m_socket_path;
    std::atomic<std::size_t> m_strange_cursors{0};
    std::mutex m_mutex;
    std::map<std::string, std::string> m_cursors;  // the server's, by those that were given out
    FakeServer m_server;                           // last: its threads use the others
};

}  // namespace cachectl::test
