// A cluster without servers: masters that are fake clients, with slots that can be opened, moved
// and given back, all on one clock.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "redis/slot.hpp"
#include "support/fake_client.hpp"

namespace cachectl::test {

class FakeCluster : public FakeClient {
public:
    /// A master: its `keys` are those of its slots, its commands are in lines().
    class Node : public FakeClient {
    public:
        Node(FakeCluster& cluster, std::string id);

        std::string id;
        SlotSet served, leaving, arriving;
        std::uint64_t epoch = 1;
        /// What INFO commandstats counts.
        std::uint64_t migrate_calls = 0, restore_calls = 0, syncslots_calls = 0, other_calls = 1000;
        bool answers = true;  // or its connection is lost

        [[nodiscard]] SteadyTime now() const override { return m_cluster.now(); }
        void after(std::chrono::microseconds delay, std::function<void()> action) override {
            m_cluster.after(delay, std::move(action));
        }
        void run_until(const std::function<bool()>& finished) override {
            m_cluster.run_until(finished);
        }

    private:
        Reply answer_cluster(const Args& args);

        FakeCluster& m_cluster;
    };

    /// The slots are divided evenly; the nodes tell their INFO.
    explicit FakeCluster(std::size_t masters);

    [[nodiscard]] Node& node(std::size_t index) { return *m_nodes.at(index); }

    void open(std::uint16_t slot, std::size_t from, std::size_t to);
    /// All of the slot's keys, one by one.
    void move_keys(std::uint16_t slot, std::size_t from, std::size_t to);
    void make_stable(std::uint16_t slot);
    /// Lets time go by.
    void pass(std::chrono::milliseconds time);

    [[nodiscard]] std::vector<ServerNode> nodes() override;
    [[nodiscard]] std::uint16_t slot(std::string_view key) const override { return slot_of(key); }
    [[nodiscard]] std::chrono::milliseconds failover_patience() const override {
        return std::chrono::milliseconds(0);
    }
    bool answer_next() override;

private:
    std::vector<std::unique_ptr<Node>> m_nodes;
};

}  // namespace cachectl::test
