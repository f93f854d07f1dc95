#include "support/redis_cluster.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <stdexcept>
#include <thread>

#include "redis/slot.hpp"

#include "support/tcp_port.hpp"

namespace cachectl::test {

namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::string> node_config(const ClusterLayout& layout, std::size_t index,
                                     std::uint16_t bus_port) {
    std::vector<std::string> config{"--bind",
                                    layout.host,
                                    "--cluster-enabled",
                                    "yes",
                                    "--cluster-port",
                                    std::to_string(bus_port),
                                    "--cluster-node-timeout",
                                    std::to_string(layout.node_timeout.count()),
                                    "--cluster-replica-validity-factor",
                                    "0",
                                    "--cluster-migration-barrier",
                                    "100",
                                    "--repl-diskless-sync-delay",
                                    "0"};
    if (layout.listen == Listen::tls_too) {
        config.insert(config.end(), {"--tls-cluster", "yes", "--tls-replication", "yes"});
    }
    config.insert(config.end(), layout.config.begin(), layout.config.end());
    if (layout.config_of) {
        const auto own = layout.config_of(index);
        config.insert(config.end(), own.begin(), own.end());
    }
    return config;
}

}  // namespace

RedisCluster::RedisCluster(ClusterLayout layout)
    : m_host(layout.host), m_election(5 * layout.node_timeout) {
    const std::size_t size = layout.masters * (layout.replicas ? 2 : 1);
    for (std::size_t i = 0; i < size; ++i) {
        m_bus_ports.push_back(free_tcp_port());
        m_nodes.push_back(
            std::make_unique<RedisServer>(node_config(layout, i, m_bus_ports[i]), layout.listen));
        m_ids.push_back(client(i).text({"CLUSTER", "MYID"}));
    }
    form(layout.masters);
}

void RedisCluster::form(std::size_t masters) {
    for (std::size_t i = 0; i < masters; ++i) {
        const std::size_t first = k_slots * i / masters;
        const std::size_t last = k_slots * (i + 1) / masters - 1;
        client(i).run({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
        client(i).run({"CLUSTER", "ADDSLOTSRANGE", std::to_string(first), std::to_string(last)});
    }
    for (std::size_t i = 1; i < size(); ++i) {
        client(0).run(
            {"CLUSTER", "MEET", m_host, std::to_string(port(i)), std::to_string(m_bus_ports[i])});
    }
    const std::string all_known = "cluster_known_nodes:" + std::to_string(size());
    for (std::size_t i = 0; i < size(); ++i) {
        wait_for("know all nodes", [&] {
            return has_line(client(i).text({"CLUSTER", "INFO"}), all_known);
        });
    }
    for (std::size_t i = masters; i < size(); ++i) {
        wait_for("become a replica", [&] {
            return client(i).command({"CLUSTER", "REPLICATE", m_ids[i - masters]}).type !=
                   RespValue::Type::error;
        });
    }
    wait_until_well();
}

std::string RedisCluster::address(std::size_t index) const {
    const bool bracketed = m_host.find(':') != std::string::npos;
    return (bracketed ? '[' + m_host + ']' : m_host) + ':' + std::to_string(port(index));
}

std::size_t RedisCluster::index_of_id(const std::string& id) const {
    const auto found = std::find(m_ids.begin(), m_ids.end(), id);
    if (found == m_ids.end()) {
        throw std::runtime_error("no node is " + id);
    }
    return static_cast<std::size_t>(found - m_ids.begin());
}

RespClient RedisCluster::any_client() {
    for (std::size_t i = 0; i < size(); ++i) {
        if (m_nodes[i]->running()) {
            return client(i);
        }
    }
    throw std::runtime_error("no node runs");
}

std::size_t RedisCluster::owner(std::uint16_t slot) { return owner_by(any_client(), slot); }

std::size_t RedisCluster::owner(std::uint16_t slot, std::size_t said_by) {
    return owner_by(client(said_by), slot);
}

std::size_t RedisCluster::owner_by(RespClient node, std::uint16_t slot) {
    for (const RespValue& range : node.command({"CLUSTER", "SLOTS"}).elements) {
        if (range.elements.at(0).integer <= slot && slot <= range.elements.at(1).integer) {
            return index_of_id(range.elements.at(2).elements.at(2).text);
        }
    }
    throw std::runtime_error("nobody serves slot " + std::to_string(slot));
}

std::size_t RedisCluster::owner_of_key(const std::string& key) { return owner(slot_of(key)); }

std::vector<std::string> RedisCluster::keys_on(std::size_t index) {
    return client(index).list({"KEYS", "*"});
}

std::vector<std::string> RedisCluster::all_keys() {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < size(); ++i) {
        if (!m_nodes[i]->running()) {
            continue;
        }
        if (!has_line(client(i).text({"INFO", "replication"}), "role:master")) {
            continue;
        }
        const auto some = keys_on(i);
        all.insert(all.end(), some.begin(), some.end());
    }
    std::sort(all.begin(), all.end());
    return all;
}

void RedisCluster::set(const std::vector<std::string>& keys, const std::string& value) {
    wait_until_agreed();
    std::vector<std::size_t> owners(k_slots);
    for (const RespValue& range : any_client().command({"CLUSTER", "SLOTS"}).elements) {
        std::fill(owners.begin() + range.elements.at(0).integer,
                  owners.begin() + range.elements.at(1).integer + 1,
                  index_of_id(range.elements.at(2).elements.at(2).text));
    }
    std::map<std::size_t, std::vector<std::string>> by_node;
    for (const std::string& key : keys) {
        by_node[owners[slot_of(key)]].push_back(key);
    }
    for (const auto& entry : by_node) {
        const std::vector<std::string>& some = entry.second;
        client(entry.first).pipeline(some.size(), [&](std::size_t i) -> RespClient::Args {
            return {"SET", some[i], value};
        });
    }
}

RespValue RedisCluster::at_owner(const std::string& key, const RespClient::Args& args) {
    return client(owner_of_key(key)).command(args);
}

void RedisCluster::flush() {
    for (std::size_t i = 0; i < size(); ++i) {
        if (m_nodes[i]->running()) {
            client(i).command({"FLUSHALL", "SYNC"});
        }
    }
}

void RedisCluster::open_slot(std::uint16_t slot, std::size_t from, std::size_t to) {
    const std::string number = std::to_string(slot);
    client(from).run({"CLUSTER", "SETSLOT", number, "MIGRATING", m_ids[to]});
    client(to).run({"CLUSTER", "SETSLOT", number, "IMPORTING", m_ids[from]});
}

void RedisCluster::move_keys(std::uint16_t slot, std::size_t from, std::size_t to,
                             std::size_t at_most) {
    RespClient source = client(from);
    while (at_most > 0) {
        const auto keys = source.list({"CLUSTER", "GETKEYSINSLOT", std::to_string(slot), "1"});
        if (keys.empty()) {
            return;
        }
        source.run({"MIGRATE", m_host, std::to_string(port(to)), keys[0], "0", "5000"});
        --at_most;
    }
}

// The new owner first, so that there is always one who says that the slot is its own. News that are
// late can undo it, so that in the end nobody says so.
void RedisCluster::close_slot(std::uint16_t slot, std::size_t to) {
    const RespClient::Args command = {"CLUSTER", "SETSLOT", std::to_string(slot), "NODE",
                                      m_ids[to]};
    const auto is_owner_to = [&](std::size_t node) {
        for (const RespValue& range : client(node).command({"CLUSTER", "SLOTS"}).elements) {
            if (range.elements.at(0).integer <= slot && slot <= range.elements.at(1).integer) {
                return range.elements.at(2).elements.at(2).text == m_ids[to];
            }
        }
        return false;
    };
    auto said = Clock::time_point();
    wait_for("agree on a slot", [&] {
        bool agreed = said != Clock::time_point();
        for (std::size_t i = 0; agreed && i < size(); ++i) {
            agreed = !m_nodes[i]->running() || is_owner_to(i);
        }
        if (!agreed && Clock::now() - said > std::chrono::seconds(3)) {
            if (said != Clock::time_point()) {
                client(to).command({"CLUSTER", "BUMPEPOCH"});
            }
            client(to).command(command);
            for (std::size_t i = 0; i < size(); ++i) {
                if (i != to && m_nodes[i]->running()) {
                    client(i).command(command);
                }
            }
            said = Clock::now();
        }
        return agreed;
    });
}

void RedisCluster::move_slot(std::uint16_t slot, std::size_t from, std::size_t to) {
    open_slot(slot, from, to);
    move_keys(slot, from, to);
    close_slot(slot, to);
    // News of the slot that are still on their way must not meet its next move.
    wait_until_agreed();
}

bool RedisCluster::migrates_slots() {
    return any_client().command({"CLUSTER", "GETSLOTMIGRATIONS"}).type != RespValue::Type::error;
}

// One that fails is begun again: a node may not have heard yet who has the slots.
void RedisCluster::migrate_slots(SlotRange slots, std::size_t from, std::size_t to) {
    RespClient source = client(from);
    const auto is_at_work = [&] {
        const RespValue all = source.command({"CLUSTER", "GETSLOTMIGRATIONS"});
        return std::any_of(all.elements.begin(), all.elements.end(), [](const RespValue& one) {
            std::string state;
            for (std::size_t i = 0; i + 1 < one.elements.size(); i += 2) {
                if (one.elements[i].text == "state") {
                    state = one.elements[i + 1].text;
                }
            }
            return state != "success" && state != "failed" && state != "cancelled";
        });
    };
    wait_for("migrate slots", [&] {
        if (owner(slots.first, from) == to && owner(slots.first, to) == to) {
            return true;
        }
        if (!is_at_work()) {
            source.command({"CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", std::to_string(slots.first),
                            std::to_string(slots.last), "NODE", m_ids[to]});
        }
        return false;
    });
}

// It gives up after 5 s if the master does not stop in time, as on a machine that is busy; and news
// that come late can undo it. Who has won an election a moment ago takes its votes for those of the
// next one, which it then does not hold: nobody else accepts it as a master.
void RedisCluster::fail_over(std::size_t replica) {
    std::this_thread::sleep_until(m_promoted[replica] + m_election);
    // A master that takes it for one still denies its vote, and is not asked again for long.
    wait_for("know the replica", [&] { return is_replica_to_all(replica); });
    auto asked = Clock::time_point();
    wait_for("fail over", [&] {
        if (is_master_to_all(replica)) {
            return true;
        }
        const bool is_master =
            has_line(client(replica).text({"INFO", "replication"}), "role:master");
        if (!is_master && Clock::now() - asked > std::chrono::seconds(6)) {
            client(replica).run({"CLUSTER", "FAILOVER"});
            asked = Clock::now();
        }
        return false;
    });
    wait_for_master(replica);
}

}  // namespace cachectl::test
