// CLUSTER SLOT-STATS: a cluster's nodes add up their time by slot where they are told to
// (cluster-slot-stats-enabled). Two readings say which slots are hot, and idle times which of
// their keys.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "hot/hot_keys.hpp"
#include "redis/error_reply.hpp"
#include "redis/slot.hpp"
#include "redis/wake.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_hot_slots = 16;
constexpr std::size_t k_most_of_a_slot = 1'000;
constexpr std::size_t k_most_of_slots = 10'000;
constexpr unsigned k_slots_a_reply = 1'024;

/// Microseconds of the servers' time by slot; nothing for one that no node has told of.
using SlotTimes = std::vector<std::optional<std::int64_t>>;

struct Reading {
    SlotTimes times = SlotTimes(k_slots);
    bool has_times = false;
    std::string why_not;           // a node refuses
    std::optional<Error> failure;  // a node does not answer; the others have
};

/// [[slot, ["key-count", n, "cpu-usec", n, …]], …]
void take(const Reply& reply, const Client& node, Reading& reading) {
    if (!reply.is_array()) {
        Error why = refusal(reply, "read CLUSTER SLOT-STATS", node.server());
        if (reply.is_broken()) {
            reading.failure.emplace(std::move(why));
        } else {
            reading.why_not = why.what();
        }
        return;
    }
    for (const Reply& entry : reply.elements) {
        if (!entry.is_array() || entry.elements.size() < 2 || !entry.elements[0].is_integer()) {
            continue;
        }
        const std::int64_t slot = entry.elements[0].integer;
        const std::vector<Reply>& fields = entry.elements[1].elements;
        for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
            const bool is_time = fields[i].text == "cpu-usec" && fields[i + 1].is_integer();
            if (is_time && slot >= 0 && slot < k_slots) {
                auto& time = reading.times[static_cast<std::size_t>(slot)];
                time = time.value_or(0) + fields[i + 1].integer;
                reading.has_times = true;
            }
        }
    }
}

Reading read(Client& client) {
    Reading reading;
    for (const ServerNode& node : client.nodes()) {
        bool answers = true;
        for (unsigned first = 0; first < k_slots && answers; first += k_slots_a_reply) {
            const unsigned last = first + k_slots_a_reply - 1;
            const Reply reply = node.client->call({"CLUSTER", "SLOT-STATS", "SLOTSRANGE",
                                                   std::to_string(first), std::to_string(last)});
            answers = reply.is_array();
            take(reply, *node.client, reading);
        }
    }
    return reading;
}

std::int64_t time_between(const SlotTimes& before, const SlotTimes& after, std::uint16_t slot) {
    return before[slot] && after[slot] ? *after[slot] - *before[slot] : 0;
}

std::vector<std::uint16_t> hottest_slots(const SlotTimes& before, const SlotTimes& after) {
    std::vector<std::uint16_t> slots(k_slots);
    std::iota(slots.begin(), slots.end(), std::uint16_t{0});
    const auto time = [&](std::uint16_t slot) { return time_between(before, after, slot); };
    std::sort(slots.begin(), slots.end(),
              [&](std::uint16_t a, std::uint16_t b) { return time(a) > time(b); });
    slots.resize(k_hot_slots);
    std::erase_if(slots, [&](std::uint16_t slot) { return time(slot) <= 0; });
    return slots;
}

/// A slot's own node; null if no master serves it.
Client* node_of(Client& client, std::uint16_t slot) {
    for (const ServerNode& node : client.nodes()) {
        const Reply count = node.client->call({"CLUSTER", "COUNTKEYSINSLOT", std::to_string(slot)});
        if (count.is_integer() && count.integer > 0) {
            return node.client;
        }
    }
    return nullptr;
}

std::vector<std::string> keys_of(Client& client, const std::vector<std::uint16_t>& slots) {
    std::vector<std::string> keys;
    for (const std::uint16_t slot : slots) {
        Client* node = node_of(client, slot);
        if (node == nullptr || keys.size() >= k_most_of_slots) {
            continue;
        }
        const Reply listed = node->call(
            {"CLUSTER", "GETKEYSINSLOT", std::to_string(slot), std::to_string(k_most_of_a_slot)});
        for (const Reply& key : listed.elements) {
            keys.push_back(key.text);
        }
    }
    return keys;
}

}  // namespace

std::optional<HotKeys> hot_by_slot_stats(Client& client, Paces& paces, const HotQuestion& question,
                                         std::string& why_not) {
    if (client.masters() == 0) {
        why_not = "CLUSTER SLOT-STATS is of clusters";
        return std::nullopt;
    }
    const Reading before = read(client);
    if (before.failure && before.why_not.empty() && !before.has_times) {
        throw Error(*before.failure);
    }
    if (!before.why_not.empty() || !before.has_times) {
        why_not = !before.why_not.empty()
                      ? before.why_not
                      : "the nodes do not add up their time by slot (cluster-slot-stats-enabled)";
        return std::nullopt;
    }
    const auto began = client.now();
    client.sleep(question.interval / 2);
    wake(client);
    const Reading after = read(client);
    const std::vector<std::uint16_t> slots = hottest_slots(before.times, after.times);
    const double seconds = std::chrono::duration<double>(client.now() - began).count();
    HotQuestion half = question;
    half.interval = question.interval / 2;
    HotKeys found = watch_idle_times(client, paces, half, keys_of(client, slots));
    found.method = HotMethod::slot_stats;
    for (const Reading* reading : {&before, &after}) {
        if (reading->failure && !found.failure) {
            found.failure = reading->failure;
        }
    }
    found.interval = std::chrono::duration_cast<std::chrono::milliseconds>(client.now() - began);
    // Hot keys of a hot slot: by what the slot takes, and by how steadily the key is used.
    for (HotKey& key : found.keys) {
        const std::uint16_t slot = slot_of(key.key);
        key.score *= static_cast<double>(time_between(before.times, after.times, slot)) / seconds;
    }
    keep_hottest(found.keys, question);
    found.unit = "slot_cpu_us_per_s";
    return found;
}

}  // namespace cachectl
