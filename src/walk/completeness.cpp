#include "walk/completeness.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_slots_counted = 128;
// Less what went and came while it was walked.
constexpr double k_nearly_all = 0.98;
// Where the arithmetic does not hold, far more is missing.
constexpr double k_half = 0.5;

/// Nothing if the server does not tell.
std::optional<std::uint64_t> count_in_slots(Client& client, const SlotSet& slots) {
    std::uint64_t keys = 0;
    bool is_known = true;
    for (std::uint16_t slot = 0; slot < k_slots; ++slot) {
        if (!slots[slot]) {
            continue;
        }
        client.send({"CLUSTER", "COUNTKEYSINSLOT", std::to_string(slot)}, [&](const Reply& reply) {
            is_known &= reply.is_integer();
            if (reply.is_integer()) {
                keys += static_cast<std::uint64_t>(reply.integer);
            }
        });
    }
    client.drain();
    if (!is_known) {
        return std::nullopt;
    }
    return keys;
}

}  // namespace

std::optional<std::uint64_t> database_size(Client& client) {
    const Reply reply = client.call({"DBSIZE"});
    if (!reply.is_integer() || reply.integer < 0) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(reply.integer);
}

CompletenessCheck CompletenessCheck::by_size(std::uint64_t size_before, double share,
                                             Expired expired) {
    CompletenessCheck check;
    check.m_least = expired == Expired::counted ? k_half : k_nearly_all;
    check.m_share = share;
    check.m_before = size_before;
    return check;
}

CompletenessCheck CompletenessCheck::by_slots(Client& client, const SlotSet& slots) {
    CompletenessCheck check;
    const std::size_t step = std::max<std::size_t>(1, slots.count() / k_slots_counted);
    std::size_t passed = 0;
    for (std::uint16_t slot = 0; slot < k_slots; ++slot) {
        if (slots[slot] && passed++ % step == 0) {
            check.m_slots.set(slot);
        }
    }
    check.m_share = 1;
    check.m_least = k_nearly_all;
    check.m_before = count_in_slots(client, check.m_slots).value_or(0);
    return check;
}

void CompletenessCheck::take(const std::vector<std::string>& keys) {
    if (m_slots.none()) {
        m_met += keys.size();
        return;
    }
    for (const std::string& key : keys) {
        m_met += m_slots[slot_of(key)] ? 1 : 0;
    }
}

std::optional<std::string> CompletenessCheck::shortfall(Client& client) const {
    const auto now = m_slots.none() ? database_size(client) : count_in_slots(client, m_slots);
    const double expected =
        static_cast<double>(std::min(m_before, now.value_or(m_before))) * m_share;
    // Hash values spread by chance.
    if (static_cast<double>(m_met) >= expected * m_least - 6 * std::sqrt(expected) - 16) {
        return {};
    }
    return fmt::format("the walk in partitions met {} keys where about {} are", format_count(m_met),
                       format_count(static_cast<std::uint64_t>(expected)));
}

}  // namespace cachectl
