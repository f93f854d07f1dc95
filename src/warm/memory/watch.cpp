#include "warm/memory/watch.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr std::uint64_t k_shortest_interval = std::uint64_t{16} << 10;
constexpr std::uint64_t k_longest_interval = std::uint64_t{4} << 20;
// What is in flight may fill this before the answer is here.
constexpr std::uint64_t k_near = std::uint64_t{16} << 20;

}  // namespace

MemoryWatch::MemoryWatch(Client& client, ServerMemory memory)
    : m_client(client), m_memory(std::move(memory)) {
    plan();
}

void MemoryWatch::plan() {
    m_full = m_full || m_memory.last_room() == 0;
    m_interval = std::clamp(m_memory.room_now() / 8, k_shortest_interval, k_longest_interval);
}

void MemoryWatch::wrote(std::size_t bytes, std::uint64_t passing) {
    m_passing = passing;
    m_written += bytes;
    if (m_written < m_interval || m_asked != 0) {
        return;
    }
    const bool is_near = m_memory.room_now() < std::max(k_near, 2 * m_written);
    m_written = 0;
    ask();
    if (is_near) {
        wait_for_answers();
        wait_until_passed();
    }
}

void MemoryWatch::wait_for_answers() {
    m_client.run_until([this] { return m_asked == 0; });
}

// A grown table's predecessor is emptied by the server itself, some milliseconds in each second.
void MemoryWatch::wait_until_passed() {
    constexpr std::chrono::milliseconds k_step(20);
    constexpr std::uint64_t k_passing_in_a_step = std::uint64_t{1} << 10;
    constexpr std::uint64_t k_steps_in_any_case = 100;
    std::uint64_t steps = k_steps_in_any_case + m_memory.passing.value_or(0) / k_passing_in_a_step;
    while (!m_full && m_memory.room_at_once() < k_shortest_interval) {
        if (steps-- == 0) {
            m_full = true;
            return;
        }
        m_client.sleep(k_step);
        if (stop_signal() != 0) {
            return;
        }
        ask();
        wait_for_answers();
        if (!m_fullest) {
            return;
        }
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
    auto memory = ServerMemory::of(InfoFields(reply.is_text() ? reply.text : ""), node);
    if (memory) {
        memory->passing = memory->passing.value_or(m_passing);
    }
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
