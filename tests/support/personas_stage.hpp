// A persona on stage: its face before a redis-server (before each of three, if it is a cluster),
// behind a proxy that ends TLS if the product wants that, with keys that a test knows.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/certificates.hpp"
#include "support/personas_server.hpp"
#include "support/process.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"
#include "support/tls_proxy.hpp"

namespace cachectl::test {

class PersonaStage {
public:
    using Words = std::vector<std::string>;

    struct Value {
        std::string dump;             // DUMP
        std::int64_t expires_at = 0;  // PEXPIRETIME: -1 if it never does

        bool operator==(const Value&) const = default;
    };
    using Keyspace = std::map<std::string, Value>;

    /// Returns when all answer. Throws std::runtime_error if they do not within a minute.
    explicit PersonaStage(const Persona& persona);

    [[nodiscard]] const Persona& persona() const { return m_persona; }

    /// Nothing but these: 900 strings a:N, every second of which expires; of each type one, a:hash
    /// and so on; a key of odd bytes; 200 strings b:N that expire, and a collection of each type
    /// and a long string among them; 20 strings keep:N.
    void fill();
    /// What the servers behind hold.
    [[nodiscard]] Keyspace keyspace();
    /// The reply of the server behind that has the key.
    [[nodiscard]] RespValue ask(const std::string& key, const Words& command);

    /// Runs cachectl against the face. It has to end by itself within two minutes.
    ProcessResult run(Words args, const std::string& input = {});
    /// The argv for it.
    [[nodiscard]] Words argv(Words args) const;

    [[nodiscard]] std::size_t count(std::string_view command) const;
    [[nodiscard]] std::size_t strange_cursors() const;
    [[nodiscard]] const TempDir& dir() const { return m_dir; }

private:
    void set_up_cluster();
    RespClient& home_of(const std::string& key);

    const Persona& m_persona;
    TempDir m_dir;
    std::unique_ptr<RedisServer> m_server;
    std::unique_ptr<RedisCluster> m_cluster;
    std::vector<std::unique_ptr<RespClient>> m_clients;  // by node
    std::vector<std::unique_ptr<PersonaServer>> m_faces;
    std::unique_ptr<CertificateAuthority> m_authority;
    std::vector<std::unique_ptr<TlsProxy>> m_proxies;
};

/// The namespace's keys.
PersonaStage::Keyspace part_of(const PersonaStage::Keyspace& all, const std::string& prefix);
PersonaStage::Keyspace without(PersonaStage::Keyspace all, const std::string& prefix);

}  // namespace cachectl::test
