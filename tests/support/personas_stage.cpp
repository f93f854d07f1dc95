#include "support/personas_stage.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

namespace cachectl::test {

namespace {

using Words = PersonaStage::Words;

constexpr std::int64_t k_gone = -2;  // PEXPIRETIME of a key that has expired meanwhile

/// Throws std::runtime_error if it is not so within a minute.
template <typename Condition>
void wait_until(const std::string& what, Condition is_so) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!is_so()) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("not within a minute: " + what);
        }
        std::this_thread::sleep_for(Millis(20));
    }
}

/// The ports in a reply to CLUSTER SLOTS.
std::vector<std::int64_t> ports_in(const RespValue& slots) {
    std::vector<std::int64_t> ports;
    for (const RespValue& range : slots.elements) {
        ports.push_back(range.elements.at(2).elements.at(1).integer);
    }
    return ports;
}

std::vector<Words> commands_that_fill() {
    std::vector<Words> commands;
    for (int i = 0; i < 900; ++i) {
        const std::string n = std::to_string(i);
        commands.push_back({"SET", "a:" + n, "v" + n});
        if (i % 2 != 0) {
            commands.back().insert(commands.back().end(), {"EX", "90000"});
        }
    }
    commands.push_back({"HSET", "a:hash", "f", "v", "g", "w"});
    commands.push_back({"RPUSH", "a:list", "1", "2"});
    commands.push_back({"SADD", "a:set", "b:1", "b:2"});
    commands.push_back({"ZADD", "a:zset", "1.5", "x"});
    commands.push_back({"XADD", "a:stream", "*", "f", "v"});
    commands.push_back({"SET", "a:sp ace\nnl\xff", "odd"});
    for (int i = 0; i < 200; ++i) {
        commands.push_back({"SET", "b:" + std::to_string(i), std::string(50, 'w'), "EX", "50000"});
    }
    commands.push_back({"SET", "b:long", std::string(700'000, 'l')});
    Words hash = {"HSET", "b:hash"}, list = {"RPUSH", "b:list"}, set = {"SADD", "b:set"},
          sorted = {"ZADD", "b:zset"};
    for (int i = 0; i < 200; ++i) {
        const std::string n = std::to_string(i);
        hash.insert(hash.end(), {"field " + n, "value " + n});
        list.push_back("element " + n);
        set.push_back("member " + n);
        sorted.insert(sorted.end(), {n + ".25", "member " + n});
    }
    commands.insert(commands.end(), {hash, list, set, sorted});
    for (int i = 0; i < 20; ++i) {
        commands.push_back({"SET", "keep:" + std::to_string(i), "k"});
    }
    return commands;
}

}  // namespace

PersonaStage::PersonaStage(const Persona& persona) : m_persona(persona) {
    if (persona.is_cluster) {
        set_up_cluster();
    } else {
        m_server = std::make_unique<RedisServer>();
        m_clients.push_back(std::make_unique<RespClient>(m_server->client()));
        m_faces.push_back(std::make_unique<PersonaServer>(persona, m_server->socket_path()));
    }
    if (persona.wants_tls) {
        m_authority = std::make_unique<CertificateAuthority>();
        const CertificateFiles files =
            m_authority->issue({"localhost", {"DNS:localhost", "IP:127.0.0.1"}});
        for (const auto& face : m_faces) {
            m_proxies.push_back(std::make_unique<TlsProxy>(files, face->port()));
        }
    }
    if (persona.is_cluster) {
        // The nodes say of themselves that they are where their faces are.
        std::vector<std::int64_t> faces;
        for (std::size_t i = 0; i < m_faces.size(); ++i) {
            faces.push_back(m_proxies.empty() ? m_faces[i]->port() : m_proxies[i]->port());
            m_clients[i]->run(
                {"CONFIG", "SET", "cluster-announce-port", std::to_string(faces.back())});
        }
        for (const auto& client : m_clients) {
            wait_until("a node knows all the faces", [&] {
                return ports_in(client->command({"CLUSTER", "SLOTS"})) == faces;
            });
        }
    }
}

void PersonaStage::set_up_cluster() {
    m_cluster = std::make_unique<RedisCluster>(ClusterLayout{.masters = 3, .replicas = false});
    for (std::size_t i = 0; i < m_cluster->size(); ++i) {
        RedisServer& node = m_cluster->node(i);
        m_clients.push_back(std::make_unique<RespClient>(node.client()));
        m_faces.push_back(std::make_unique<PersonaServer>(m_persona, node.socket_path()));
    }
}

RespClient& PersonaStage::home_of(const std::string& key) {
    if (m_cluster == nullptr) {
        return *m_clients.front();
    }
    // The first that does not send us elsewhere.
    for (const auto& client : m_clients) {
        if (client->command({"EXISTS", key}).type == RespValue::Type::integer) {
            return *client;
        }
    }
    throw std::runtime_error("no node has the slot of " + key);
}

RespValue PersonaStage::ask(const std::string& key, const Words& command) {
    return home_of(key).command(command);
}

void PersonaStage::fill() {
    for (const auto& client : m_clients) {
        client->run({"FLUSHALL"});
    }
    for (const Words& command : commands_that_fill()) {
        home_of(command.at(1)).run(command);
    }
}

PersonaStage::Keyspace PersonaStage::keyspace() {
    Keyspace keys;
    for (const auto& client : m_clients) {
        for (const std::string& key : client->list({"KEYS", "*"})) {
            const RespValue dump = client->command({"DUMP", key});
            const std::int64_t expires_at = client->integer({"PEXPIRETIME", key});
            if (dump.type == RespValue::Type::text && expires_at != k_gone) {
                keys[key] = {dump.text, expires_at};
            }
        }
    }
    return keys;
}

Words PersonaStage::argv(Words args) const {
    const std::uint16_t port = m_proxies.empty() ? m_faces[0]->port() : m_proxies[0]->port();
    args.insert(args.end(), {"-h", "127.0.0.1", "-p", std::to_string(port)});
    if (m_persona.wants_tls) {
        args.insert(args.end(), {"--tls", "--cacert", m_authority->file()});
    }
    return args;
}

ProcessResult PersonaStage::run(Words args, const std::string& input) {
    ProcessOptions options;
    options.stdin_bytes = input;
    options.timeout = Millis(120'000);
    return run_cachectl(argv(std::move(args)), options);
}

std::size_t PersonaStage::count(std::string_view command) const {
    std::size_t all = 0;
    for (const auto& face : m_faces) {
        all += face->count(command);
    }
    return all;
}

std::size_t PersonaStage::strange_cursors() const {
    std::size_t all = 0;
    for (const auto& face : m_faces) {
        all += face->strange_cursors();
    }
    return all;
}

PersonaStage::Keyspace part_of(const PersonaStage::Keyspace& all, const std::string& prefix) {
    PersonaStage::Keyspace part;
    for (const auto& [key, value] : all) {
        if (key.starts_with(prefix)) {
            part.emplace(key, value);
        }
    }
    return part;
}

PersonaStage::Keyspace without(PersonaStage::Keyspace all, const std::string& prefix) {
    std::erase_if(all, [&](const auto& key) { return key.first.starts_with(prefix); });
    return all;
}

}  // namespace cachectl::test
