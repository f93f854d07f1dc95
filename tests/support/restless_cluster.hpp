// A cluster that is never left in peace: replicas take over, slots move, nodes are killed and come
// back, stand still for a moment, and another client writes and deletes all the time. Nothing that
// a node has confirmed is lost by any of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "support/random_data.hpp"
#include "support/redis_cluster.hpp"

namespace cachectl::test {

class RestlessCluster {
public:
    explicit RestlessCluster(std::uint32_t seed);
    ~RestlessCluster();
    RestlessCluster(const RestlessCluster&) = delete;
    RestlessCluster& operator=(const RestlessCluster&) = delete;

    [[nodiscard]] RedisCluster& cluster() { return m_cluster; }

    /// While it is held no event begins, and none is under way: the cluster is whole.
    [[nodiscard]] std::unique_lock<std::mutex> in_peace();

    /// How many of each kind there were; what went wrong with them, if anything did.
    [[nodiscard]] std::map<std::string, std::uint64_t> events();
    [[nodiscard]] std::string fault();

private:
    void disturb();
    void disturb_once();
    void churn();
    void fail_over();
    void move_slots();
    void kill_and_restart();
    void freeze_for_a_moment();
    [[nodiscard]] bool is_master(std::size_t index);

    RedisCluster m_cluster;
    RandomData m_random;
    std::uint32_t m_seed;
    std::mutex m_peace;
    std::mutex m_told;  // for the two below
    std::map<std::string, std::uint64_t> m_events;
    std::string m_fault;
    std::map<std::size_t, std::chrono::steady_clock::time_point> m_took_over;
    std::atomic<bool> m_over{false};
    std::thread m_disturbing, m_churning;
};

}  // namespace cachectl::test
