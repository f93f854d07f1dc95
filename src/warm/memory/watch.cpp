#include "warm/memory/watch.hpp"

#include <algorithm>
#include <utility>

namespace cachectl {

namespace {

constexpr std::uint64_t k_shortest_interval = std::uint64_t{64} << 10;
constexpr std::uint64_t k_longest_interval = std::uint64_t{4} << 20;
// What is in flight may fill this before the answer is here.
constexpr std::uint64_t k_near = std::uint64_t{16} << 20;

}  // namespace

MemoryWatch::MemoryWatch(Client& client, ServerMemory memory)
    : m_client(client), m_memory(std::move(memory)) {
    plan();
}

void MemoryWatch::plan() {
    m_full = m_full || m_memory.room() == 0;
    m_interval = std::clamp(m_memory.room() / 8, k_shortest_interval, k_longest_interval);
}

void MemoryWatch::wrote(std::size_t bytes) {
    m_written += bytes;
    if (m_written < m_interval || m_asked != 0) {
        return;
    }
    m_written = 0;
    ask();
    if (m_memory.room() < k_near) {
        m_client.run_until([this] { return m_asked == 0; });
    }
}

void MemoryWatch::ask() {
    const std::vector<ServerNode> nodes = m_client.nodes();
    m_asked = nodes.size();
    m_fullest.reset();
    for (const ServerNode& node : nodes) {
        node.client->send({"INFO", "memory"},
                          [this, name = node.name](const Reply& reply) { take(reply, name); });
    }
}

void MemoryWatch::take(const Reply& reply, const std::string& node) {
    --m_asked;
    // Where there is no answer, the writer sees what happened to the connection.
    const auto memory = ServerMemory::of(InfoFields(reply.is_text() ? reply.text : ""), node);
    if (memory && memory->is_fuller_than(m_fullest)) {
        m_fullest = memory;
    }
    if (m_asked != 0 || !m_fullest) {
        return;
    }
    m_memory = *m_fullest;
    plan();
}

}  // namespace cachectl
