#include "walk/slot_sizes.hpp"

#include <algorithm>
#include <string>

#include "redis/error_reply.hpp"
#include "util/lifetime.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr VerbCost k_count_cost{Verb::keys_in_slot, 1, 0.8};

}  // namespace

void SlotSizes::read(Client& node, Pace& pace) {
    const Lifetime lifetime;
    const unsigned portion = pace.portion(k_count_cost);
    m_up_to.reserve(k_slots);
    for (unsigned first = 0; first < k_slots; first += portion) {
        const unsigned count = std::min<unsigned>(portion, k_slots - first);
        pace.submit(lifetime, Cost(k_count_cost).times(count), [this, &node, first, count] {
            for (unsigned slot = first; slot < first + count && !m_refused; ++slot) {
                node.send({"CLUSTER", "COUNTKEYSINSLOT", std::to_string(slot)},
                          [this, &node](const Reply& reply) { take(reply, node); });
            }
        });
    }
    node.run_until([&] {
        const bool over = pace.idle() || m_refused || pace.stopped() || stop_signal() != 0;
        return over && node.pending() == 0;
    });
    if (!m_refused && m_up_to.size() != k_slots && pace.stopped()) {
        m_refused = pace.stopped();
    }
}

void SlotSizes::take(const Reply& reply, const Client& node) {
    if (!reply.is_integer() || reply.integer < 0) {
        if (!m_refused) {
            m_refused = refusal(reply, "count the keys of a slot", node.server());
        }
        return;
    }
    m_keys += static_cast<std::uint64_t>(reply.integer);
    m_up_to.push_back(m_keys);
}

std::uint16_t SlotSizes::slot_of_number(std::uint64_t number) const {
    const auto slot = std::upper_bound(m_up_to.begin(), m_up_to.end(), number);
    return static_cast<std::uint16_t>(slot - m_up_to.begin());
}

}  // namespace cachectl
