#include "support/cut_cache.hpp"

#include <utility>

#include "redis/slot.hpp"

#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"
#include "support/tls_server.hpp"

namespace cachectl::test {

namespace {

constexpr std::size_t k_masters = 3;

class Server : public CutCache {
public:
    Server() {
        add_relay().connect_to(m_server.port());
        add_master(m_server.client());
    }
    [[nodiscard]] std::string name() const override { return "server"; }

private:
    RedisServer m_server{{}, Listen::tcp_too};
};

class TlsServer : public CutCache {
public:
    TlsServer() {
        add_relay(Wire::tls).connect_to(m_server.port());
        add_master(m_server.client());
        set_options({"-h", "localhost", "--tls", "--cacert", m_authority.file()});
    }
    [[nodiscard]] std::string name() const override { return "TLS server"; }

private:
    CertificateAuthority m_authority;
    CertificateFiles m_certificate = m_authority.issue({});
    RedisServer m_server{tls_arguments(m_certificate, m_authority), Listen::tls_too};
};

class Cluster : public CutCache {
public:
    explicit Cluster(Wire wire) : m_wire(wire) {
        for (std::size_t i = 0; i < k_masters; ++i) {
            add_relay(wire);
        }
        ClusterLayout layout;
        layout.masters = k_masters;
        layout.replicas = false;
        layout.listen = is_tls() ? Listen::tls_too : Listen::tcp_too;
        layout.config_of = [this](std::size_t index) { return config_of(index); };
        m_nodes = std::make_unique<RedisCluster>(layout);
        for (std::size_t i = 0; i < k_masters; ++i) {
            relay(i).connect_to(m_nodes->port(i));
            add_master(m_nodes->client(i));
        }
        if (is_tls()) {
            set_options({"--tls", "--cacert", m_authority.file()});
        }
    }
    [[nodiscard]] std::string name() const override { return is_tls() ? "TLS cluster" : "cluster"; }

private:
    [[nodiscard]] bool is_tls() const { return m_wire == Wire::tls; }
    Words config_of(std::size_t index) {
        Words words = is_tls() ? tls_arguments(m_certificate, m_authority) : Words{};
        words.insert(words.end(),
                     {is_tls() ? "--cluster-announce-tls-port" : "--cluster-announce-port",
                      std::to_string(relay(index).port())});
        return words;
    }

    Wire m_wire;
    CertificateAuthority m_authority;
    CertificateFiles m_certificate = m_authority.issue({"localhost", {"IP:127.0.0.1"}});
    std::unique_ptr<RedisCluster> m_nodes;
};

}  // namespace

CutCache::Words CutCache::with_address(Words words) const {
    words.insert(words.end(), m_options.begin(), m_options.end());
    words.insert(words.end(), {"-p", std::to_string(m_relays.front()->port())});
    return words;
}

void CutCache::fill() {
    for (RespClient& master : m_masters) {
        master.run({"FLUSHALL"});
    }
    const auto run = [this](const RespClient::Args& args) { master_of(args[1]).run(args); };
    for (int i = 0; i < 6; ++i) {
        run({"SET", "course:" + std::to_string(i), "value " + std::to_string(i)});
    }
    run({"HSET", "course:hash", "f", "v", "g", "w"});
    run({"RPUSH", "course:list", "a", "b", "c"});
    run({"SADD", "course:set", "1", "2", "3"});
    run({"SET", std::string("course:\0\n\xff\x1b[31m", 15), "odd"});
    for (const char* name : {"a", "b", "c"}) {
        run({"SET", std::string("other:") + name, "not asked for"});
    }
    run({"ZADD", "other:zset", "1", "a", "2", "b"});
    run({"SET", "all:courses", "of an older release"});
    run({"SET", "now", "v1"});
    run({"ZADD", "tag", "1", "course:1", "2", "course:hash", "3", "other:a", "4", "missing"});
    for (const char* key : {"course:1", "course:hash", "other:b"}) {
        run({"PEXPIREAT", key, "4102444800000"});
    }
}

Keyspace CutCache::keyspace() {
    Keyspace all;
    for (RespClient& master : m_masters) {
        all.merge(read_kept_keys(master));
    }
    return all;
}

void CutCache::arm_all() {
    for (const auto& one : m_relays) {
        one->arm({});
    }
}

void CutCache::settle_all() {
    for (const auto& one : m_relays) {
        one->settle();
    }
}

CutRelay& CutCache::add_relay(Wire wire) {
    m_relays.push_back(std::make_unique<CutRelay>(wire));
    return *m_relays.back();
}

RespClient& CutCache::master_of(const std::string& key) {
    return m_masters[(slot_of(key) * m_masters.size() + m_masters.size() - 1) / k_slots];
}

std::unique_ptr<CutCache> cut_server() { return std::make_unique<Server>(); }
std::unique_ptr<CutCache> cut_tls_server() { return std::make_unique<TlsServer>(); }
std::unique_ptr<CutCache> cut_cluster() { return std::make_unique<Cluster>(Wire::resp); }
std::unique_ptr<CutCache> cut_tls_cluster() { return std::make_unique<Cluster>(Wire::tls); }

}  // namespace cachectl::test
