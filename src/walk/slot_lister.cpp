#include "walk/slot_lister.hpp"

#include <algorithm>
#include <memory>

#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_slots_in_one_go = 64;
constexpr unsigned k_keys_in_one_go = 4'000;
constexpr std::size_t k_slots_at_first = 4;    // when it is not known how many keys they have
constexpr std::size_t k_keys_at_once = 2'000;  // of one slot: some 0.6 ms of the server's time

}  // namespace

void SlotLister::await_turn() {
    const auto waiting = std::make_shared<std::size_t>(0);
    for (const ServerNode& node : m_cluster.nodes()) {
        if (node.client->connecting()) {
            continue;
        }
        ++*waiting;
        m_paces.of(*node.client).submit(waiting, {}, [count = waiting.get()] { --*count; });
    }
    m_cluster.run_until([&] { return *waiting == 0 || m_paces.stopped() || stop_signal() != 0; });
}

double SlotLister::keys_expected() const {
    if (m_slots_listed == 0) {
        return k_keys_at_once;
    }
    return 1 + static_cast<double>(m_keys_listed) / static_cast<double>(m_slots_listed);
}

SlotSet SlotLister::some_of(const SlotSet& slots, Client& node) const {
    const unsigned keys = m_paces.of(node).within_rate(RateOf::walked, k_keys_in_one_go);
    const auto count = std::clamp<std::size_t>(static_cast<std::size_t>(keys / keys_expected()),
                                               k_slots_at_first, k_slots_in_one_go);
    SlotSet some;
    for (std::size_t slot = 0, chosen = 0; slot < k_slots && chosen < count; ++slot) {
        if (!slots[slot]) {
            continue;
        }
        some.set(slot);
        ++chosen;
    }
    return some;
}

void SlotLister::list(std::vector<Part>& parts) {
    struct Answer {
        std::size_t part;
        std::uint16_t slot;
        Reply reply;
    };
    struct Answers {
        std::size_t expected = 0;
        std::vector<Answer> all;
    };
    const auto answers = std::make_shared<Answers>();
    const VerbCost cost{Verb::keys_in_slot, 1, keys_in_slot_cost(keys_expected())};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        Client& node = parts[i].node;
        for (std::uint16_t slot = 0; slot < k_slots; ++slot) {
            if (!parts[i].slots[slot]) {
                continue;
            }
            ++answers->expected;
            // The request is dropped if `answers` is gone before it was sent.
            m_paces.of(node).submit(answers, cost, [&node, i, slot, weak = std::weak_ptr(answers)] {
                node.send({"CLUSTER", "GETKEYSINSLOT", std::to_string(slot),
                           std::to_string(k_keys_at_once + 1)},
                          [i, slot, weak](Reply reply) {
                              if (const auto all = weak.lock()) {
                                  all->all.push_back({i, slot, std::move(reply)});
                              }
                          });
            });
        }
    }
    m_cluster.run_until([&] {
        return answers->all.size() == answers->expected || m_paces.stopped() || stop_signal() != 0;
    });
    for (Part& part : parts) {
        part.slots.reset();
    }
    for (auto& [i, slot, reply] : answers->all) {
        m_refused |= reply.is_error();
        if (!reply.is_array()) {
            continue;
        }
        m_paces.of(parts[i].node).charge_walked(reply.elements.size());
        if (reply.elements.size() > k_keys_at_once) {
            m_large.set(slot);
            continue;
        }
        ++m_slots_listed;
        m_keys_listed += reply.elements.size();
        parts[i].slots.set(slot);
        for (Reply& key : reply.elements) {
            parts[i].keys.push_back(std::move(key.text));
        }
    }
}

}  // namespace cachectl
