// What a test waits for in a cluster: the part of support/redis_cluster.hpp that asks all nodes.
#include <chrono>
#include <map>
#include <optional>
#include <stdexcept>
#include <thread>

#include "redis/info.hpp"

#include "support/redis_cluster.hpp"

namespace cachectl::test {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto k_patience = std::chrono::seconds(60);
constexpr auto k_step = Millis(20);

}  // namespace

bool RedisCluster::has_line(const std::string& text, const std::string& line) {
    return text.find(line + "\r\n") != std::string::npos;
}

void RedisCluster::wait_until_well() {
    for (std::size_t i = 0; i < size(); ++i) {
        if (!m_nodes[i]->running()) {
            continue;
        }
        wait_for("be well", [&] {
            RespClient node = client(i);
            const std::string info = node.text({"INFO", "replication"});
            return has_line(node.text({"CLUSTER", "INFO"}), "cluster_state:ok") &&
                   (has_line(info, "role:master") || has_line(info, "master_link_status:up"));
        });
    }
}

void RedisCluster::wait_until_copied() {
    std::map<std::int64_t, std::int64_t> offsets;  // by the master's port
    for (std::size_t i = 0; i < size(); ++i) {
        const InfoFields info(client(i).text({"INFO", "replication"}));
        offsets[port(i)] = info.integer("master_repl_offset").value_or(0);
    }
    for (std::size_t i = 0; i < size(); ++i) {
        wait_for("copy", [&] {
            const InfoFields info(client(i).text({"INFO", "replication"}));
            if (info.text("role") == "master") {
                return true;
            }
            return info.text("master_link_status") == "up" &&
                   info.integer("slave_repl_offset") >= offsets[*info.integer("master_port")];
        });
    }
}

void RedisCluster::wait_for(const std::string& what, const std::function<bool()>& is_so) {
    const auto deadline = Clock::now() + k_patience;
    while (!is_so()) {
        if (Clock::now() > deadline) {
            std::string said = "the cluster did not " + what;
            for (const auto& node : m_nodes) {
                said += "\n--- a node's log\n" + node->log();
            }
            throw std::runtime_error(said);
        }
        std::this_thread::sleep_for(k_step);
    }
}

void RedisCluster::wait_until_agreed() {
    wait_for("agree", [&] {
        std::optional<std::string> first;
        for (std::size_t i = 0; i < size(); ++i) {
            if (!m_nodes[i]->running()) {
                continue;
            }
            std::string owners;
            for (const RespValue& range : client(i).command({"CLUSTER", "SLOTS"}).elements) {
                owners += std::to_string(range.elements.at(0).integer) + '-' +
                          std::to_string(range.elements.at(1).integer) + ' ' +
                          range.elements.at(2).elements.at(2).text + '\n';
            }
            if (first && *first != owners) {
                return false;
            }
            first = std::move(owners);
        }
        return true;
    });
}

bool RedisCluster::is_replica_to_all(std::size_t index) {
    for (std::size_t i = 0; i < size(); ++i) {
        if (!m_nodes[i]->running()) {
            continue;
        }
        const std::string nodes = '\n' + client(i).text({"CLUSTER", "NODES"});
        const std::size_t line = nodes.find('\n' + m_ids[index]) + 1;
        const std::string about = nodes.substr(line, nodes.find('\n', line) - line);
        if (about.find("slave") == std::string::npos) {
            return false;
        }
    }
    return true;
}

bool RedisCluster::is_master_to_all(std::size_t index) {
    for (std::size_t i = 0; i < size(); ++i) {
        if (!m_nodes[i]->running()) {
            continue;
        }
        bool seen = false;
        for (const RespValue& range : client(i).command({"CLUSTER", "SLOTS"}).elements) {
            seen |= range.elements.at(2).elements.at(2).text == m_ids[index];
        }
        if (!seen) {
            return false;
        }
    }
    return true;
}

void RedisCluster::wait_for_master(std::size_t index) {
    wait_for("fail over", [&] { return is_master_to_all(index); });
    m_promoted[index] = Clock::now();
    wait_until_well();
}

}  // namespace cachectl::test
