#include "walk/slot_sizes.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "redis/error_reply.hpp"
#include "util/lifetime.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr VerbCost k_count_cost{Verb::keys_in_slot, 1, 0.8};

}  // namespace

void SlotSizes::read(Client& node, Pace& pace, const SlotSet& slots) {
    const Lifetime lifetime;
    const unsigned portion = pace.portion(k_count_cost);
    m_up_to.assign(k_slots, 0);
    std::vector<std::uint16_t> asked;
    for (std::uint16_t slot = 0; slot < k_slots; ++slot) {
        if (slots[slot]) {
            asked.push_back(slot);
        }
    }
    for (std::size_t first = 0; first < asked.size(); first += portion) {
        const std::size_t end = std::min<std::size_t>(first + portion, asked.size());
        const auto count = static_cast<unsigned>(end - first);
        pace.submit(lifetime, Cost(k_count_cost).times(count), [this, &node, &asked, first, end] {
            for (std::size_t i = first; i < end && !m_refused; ++i) {
                node.send({"CLUSTER", "COUNTKEYSINSLOT", std::to_string(asked[i])},
                          [this, &node, slot = asked[i]](const Reply& reply) {
                              take(slot, reply, node);
                          });
            }
        });
    }
    node.run_until([&] {
        const bool over = pace.idle() || m_refused || pace.stopped() || stop_signal() != 0;
        return over && node.pending() == 0;
    });
    if (!m_refused && m_answers != asked.size() && pace.stopped()) {
        m_refused = pace.stopped();
    }
    std::partial_sum(m_up_to.begin(), m_up_to.end(), m_up_to.begin());
    m_keys = m_up_to.back();
}

void SlotSizes::take(std::uint16_t slot, const Reply& reply, const Client& node) {
    if (!reply.is_integer() || reply.integer < 0) {
        if (!m_refused) {
            m_refused = refusal(reply, "count the keys of a slot", node.server());
        }
        return;
    }
    m_up_to[slot] = static_cast<std::uint64_t>(reply.integer);
    ++m_answers;
}

std::uint16_t SlotSizes::slot_of_number(std::uint64_t number) const {
    const auto slot = std::upper_bound(m_up_to.begin(), m_up_to.end(), number);
    return static_cast<std::uint16_t>(slot - m_up_to.begin());
}

}  // namespace cachectl
