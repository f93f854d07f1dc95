// A private cluster for one test: three masters and a replica of each, of the server that
// support/redis_server starts, on the loopback; with hands on its slots and its nodes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "redis/slot.hpp"

#include "support/redis_server.hpp"

namespace cachectl::test {

struct ClusterLayout {
    std::size_t masters = 3;
    bool replicas = true;                  // one for each master
    Millis node_timeout{15'000};           // after which a silent node is replaced
    std::vector<std::string> config = {};  // of every node
    /// Of one of them besides, by its number; may be empty.
    std::function<std::vector<std::string>(std::size_t index)> config_of = {};
    Listen listen = Listen::tcp_too;  // or with TLS alone
    std::string host = "127.0.0.1";   // where they listen
};

/// Nodes are numbered: masters first, then their replicas in the same order. Everything throws
/// std::runtime_error, with the logs, when the cluster does not do its part within a minute.
class RedisCluster {
public:
    /// Returns when every node says that the cluster is well and the replicas are in step.
    explicit RedisCluster(ClusterLayout layout = {});

    [[nodiscard]] std::size_t size() const { return m_nodes.size(); }
    [[nodiscard]] RedisServer& node(std::size_t index) { return *m_nodes[index]; }
    [[nodiscard]] std::uint16_t port(std::size_t index) const { return m_nodes[index]->port(); }
    [[nodiscard]] const std::string& id(std::size_t index) const { return m_ids[index]; }
    [[nodiscard]] RespClient client(std::size_t index) const { return m_nodes[index]->client(); }
    /// "127.0.0.1:PORT", "[::1]:PORT": as messages call it.
    [[nodiscard]] std::string address(std::size_t index) const;

    /// The node that serves the slot, by the word of a node that runs.
    [[nodiscard]] std::size_t owner(std::uint16_t slot);
    /// By the word of that one.
    [[nodiscard]] std::size_t owner(std::uint16_t slot, std::size_t said_by);
    [[nodiscard]] std::size_t owner_of_key(const std::string& key);
    /// The keys of one node, whichever they are.
    [[nodiscard]] std::vector<std::string> keys_on(std::size_t index);
    /// Of all that serve slots, sorted.
    [[nodiscard]] std::vector<std::string> all_keys();

    /// SETs keys, each where it belongs.
    void set(const std::vector<std::string>& keys, const std::string& value = "v");
    /// Sends one command to the node that serves `key`.
    RespValue at_owner(const std::string& key, const RespClient::Args& args);
    void flush();

    /// The steps of resharding: MIGRATING and IMPORTING; MIGRATE, a key at a time; NODE.
    void open_slot(std::uint16_t slot, std::size_t from, std::size_t to);
    void move_keys(std::uint16_t slot, std::size_t from, std::size_t to,
                   std::size_t at_most = 1'000'000);
    void close_slot(std::uint16_t slot, std::size_t to);
    /// All of them.
    void move_slot(std::uint16_t slot, std::size_t from, std::size_t to);

    /// Whether the server has CLUSTER MIGRATESLOTS (Valkey 9).
    [[nodiscard]] bool migrates_slots();
    /// The servers move the slots by themselves; returns when both say
    /// that `to` serves them.
    void migrate_slots(SlotRange slots, std::size_t from, std::size_t to);

    /// The replica takes over from its master, which becomes its replica.
    void fail_over(std::size_t replica);
    /// Waits until the node is a master that serves slots and all that run agree.
    void wait_for_master(std::size_t index);
    void wait_until_well();
    /// Every replica has what its master had at the call.
    void wait_until_copied();
    /// All that run name the same owner for each slot.
    void wait_until_agreed();
    /// `what`: "copy the keys", for the message.
    void wait_for(const std::string& what, const std::function<bool()>& is_so);

private:
    void form(std::size_t masters);
    static bool has_line(const std::string& text, const std::string& line);
    bool is_replica_to_all(std::size_t index);
    bool is_master_to_all(std::size_t index);
    std::size_t owner_by(RespClient node, std::uint16_t slot);
    std::size_t index_of_id(const std::string& id) const;
    RespClient any_client();

    std::string m_host;
    std::vector<std::unique_ptr<RedisServer>> m_nodes;
    std::vector<std::uint16_t> m_bus_ports;
    std::vector<std::string> m_ids;
    Millis m_election;  // in which a node believes in the votes that it has
    std::map<std::size_t, std::chrono::steady_clock::time_point> m_promoted;
};

}  // namespace cachectl::test
