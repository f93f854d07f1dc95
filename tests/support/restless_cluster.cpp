#include "support/restless_cluster.hpp"

#include <exception>
#include <optional>
#include <vector>

#include "redis/slot.hpp"

namespace cachectl::test {

namespace {

using Clock = std::chrono::steady_clock;
constexpr Millis k_node_timeout{15'000};      // far longer than any pause or restart takes
constexpr std::size_t k_longest_pause = 900;  // ms
constexpr std::size_t k_churned = 3'000;

// What is confirmed is on the disk: a node that is killed comes back with it.
ClusterLayout layout() {
    return {.masters = 3,
            .replicas = true,
            .node_timeout = k_node_timeout,
            .config = {"--appendonly", "yes", "--appendfsync", "always"}};
}

}  // namespace

RestlessCluster::RestlessCluster(std::uint32_t seed)
    : m_cluster(layout()), m_random(seed), m_seed(seed) {
    m_disturbing = std::thread([this] { disturb(); });
    m_churning = std::thread([this] { churn(); });
}

RestlessCluster::~RestlessCluster() {
    m_over = true;
    m_disturbing.join();
    m_churning.join();
}

std::unique_lock<std::mutex> RestlessCluster::in_peace() { return std::unique_lock(m_peace); }

std::map<std::string, std::uint64_t> RestlessCluster::events() {
    const std::lock_guard lock(m_told);
    return m_events;
}

std::string RestlessCluster::fault() {
    const std::lock_guard lock(m_told);
    return m_fault;
}

void RestlessCluster::disturb() {
    try {
        while (!m_over) {
            {
                const std::lock_guard lock(m_peace);
                disturb_once();
            }
            std::this_thread::sleep_for(Millis(50 + m_random.below(500)));
        }
    } catch (const std::exception& error) {
        const std::lock_guard lock(m_told);
        m_fault = error.what();
    }
}

void RestlessCluster::disturb_once() {
    switch (m_random.below(8)) {
        case 0:
            fail_over();
            return;
        case 1:
            kill_and_restart();
            return;
        case 2:
        case 3:
            freeze_for_a_moment();
            return;
        default:
            move_slots();
    }
}

bool RestlessCluster::is_master(std::size_t index) {
    return m_cluster.client(index).text({"INFO", "replication"}).find("role:master") !=
           std::string::npos;
}

// One that has won an election a moment ago is left alone: it could not win the next one yet.
void RestlessCluster::fail_over() {
    const std::size_t node = m_random.below(m_cluster.size());
    const auto before = m_took_over.find(node);
    if (is_master(node) ||
        (before != m_took_over.end() && Clock::now() < before->second + 6 * k_node_timeout)) {
        return;
    }
    m_cluster.wait_until_copied();
    m_cluster.fail_over(node);
    m_cluster.wait_until_agreed();
    m_took_over[node] = Clock::now();
    const std::lock_guard lock(m_told);
    ++m_events["failover"];
}

void RestlessCluster::move_slots() {
    const std::size_t slots = 1 + m_random.below(20);
    const bool by_themselves = m_cluster.migrates_slots() && m_random.one_in(2);
    for (std::size_t i = 0; i < slots && !m_over; ++i) {
        const auto slot = static_cast<std::uint16_t>(m_random.below(k_slots));
        const std::size_t from = m_cluster.owner(slot);
        std::vector<std::size_t> others;
        for (std::size_t node = 0; node < m_cluster.size(); ++node) {
            if (node != from && is_master(node)) {
                others.push_back(node);
            }
        }
        const std::size_t to = others.at(m_random.below(others.size()));
        if (by_themselves) {
            m_cluster.migrate_slots({slot, slot}, from, to);
            m_cluster.wait_until_agreed();
        } else {
            m_cluster.move_slot(slot, from, to);
        }
    }
    const std::lock_guard lock(m_told);
    m_events["moved slot"] += slots;
}

void RestlessCluster::kill_and_restart() {
    const std::size_t node = m_random.below(m_cluster.size());
    const bool was_master = is_master(node);
    m_cluster.node(node).kill();
    m_cluster.node(node).restart();
    m_cluster.wait_until_well();
    m_cluster.wait_until_agreed();
    const std::lock_guard lock(m_told);
    ++m_events[was_master ? "killed master" : "killed replica"];
}

void RestlessCluster::freeze_for_a_moment() {
    RedisServer& node = m_cluster.node(m_random.below(m_cluster.size()));
    node.freeze();
    std::this_thread::sleep_for(Millis(m_random.below(k_longest_pause)));
    node.thaw();
    m_cluster.wait_until_well();
    const std::lock_guard lock(m_told);
    ++m_events["pause"];
}

// Tables that grow and shrink. A node that has not the slot says so, and nothing happens.
void RestlessCluster::churn() {
    RandomData random(m_seed + 1);
    while (!m_over) {
        try {
            RespClient node = m_cluster.client(random.below(m_cluster.size()));
            const bool fills = random.one_in(2);
            for (std::size_t i = 0; i < 500 && !m_over; ++i) {
                const std::string key = "churn:" + std::to_string(random.below(k_churned));
                fills ? node.command({"SET", key, random.bytes(60), "EX", "60"})
                      : node.command({"DEL", key});
                std::this_thread::sleep_for(std::chrono::microseconds(500));
            }
        } catch (const std::exception&) {
            std::this_thread::sleep_for(Millis(50));  // it is being restarted
        }
    }
}

}  // namespace cachectl::test
