// The part of KeyWriter that writes many strings with one command.
#include <algorithm>
#include <utility>

#include "redis/error_reply.hpp"
#include "warm/key_writer.hpp"

namespace cachectl {

namespace {

// What a server reads at once, and some tens of microseconds of its time.
constexpr std::size_t k_most_keys = 16;
constexpr std::size_t k_most_bytes = 16 * 1024;
constexpr std::size_t k_most_of_one = 4 * 1024;

constexpr std::uint64_t k_first_alone = 64;
constexpr std::uint64_t k_most_alone = 65'536;

}  // namespace

/// False if it has to be sent by itself: then before it what has joined.
bool KeyWriter::join_batch(FlightId id, const Encoded& value) {
    const Flight& flight = this->flight(id);
    const bool fits = m_batch.usable && is_string(value.as) && flight.bytes <= k_most_of_one &&
                      !flight.is_looked_at() && !flight.was_written && !m_saver;
    const bool slowly =
        m_paces != nullptr && m_paces->of(m_client).max_changes() < k_most_keys;  // --max-rate
    if (!fits || slowly) {
        return false;
    }
    if (m_batch.alone > 0) {
        --m_batch.alone;
        return false;
    }
    if (!m_batch.ids.empty()) {
        const Flight& first = this->flight(m_batch.ids.front());
        const bool alike = first.ttl == flight.ttl && first.overwrites() == flight.overwrites();
        if (!alike || m_batch.bytes + flight.bytes > k_most_bytes) {
            send_batch();
        }
    }
    m_batch.ids.push_back(id);
    m_batch.bytes += flight.bytes;
    if (m_batch.ids.size() == k_most_keys) {
        send_batch();
    }
    return true;
}

void KeyWriter::send_batch() {
    if (m_batch.ids.empty()) {
        return;
    }
    std::vector<FlightId> ids = std::exchange(m_batch.ids, {});
    m_batch.bytes = 0;
    if (ids.size() == 1 || m_stopped) {
        std::for_each(ids.begin(), ids.end(), [this](FlightId id) { send_alone(id); });
        return;
    }
    const Flight& first = flight(ids.front());
    const std::string count = std::to_string(ids.size());
    m_args.assign({"MSETEX", count});
    for (const FlightId id : ids) {
        m_args.insert(m_args.end(), {flight(id).key, flight(id).value.text()});
    }
    if (!first.overwrites()) {
        m_args.emplace_back("NX");
    }
    if (first.ttl) {
        m_args.insert(m_args.end(), {"PX", ttl_text(first)});
    }
    m_client.send(
        m_args, [this, ids = std::move(ids)](const Reply& reply) { take_batch_reply(ids, reply); });
}

void KeyWriter::take_batch_reply(const std::vector<FlightId>& ids, const Reply& reply) {
    if (reply.is_integer() && reply.integer == 1) {
        m_batch.next_alone = k_first_alone;
        for (const FlightId id : ids) {
            finish(id, count_written(flight(id)));
        }
        return;
    }
    const bool none = reply.is_integer() && reply.integer == 0;
    if (!none && !reply.is_error()) {
        for (const FlightId id : ids) {
            finish(id, take_no_reply(flight(id), reply));
        }
        return;
    }
    // Nothing has been written.
    if (none) {
        m_batch.alone = std::max(m_batch.next_alone, k_first_alone);
        m_batch.next_alone = std::min(m_batch.alone * 2, k_most_alone);
    } else {
        m_batch.usable = m_batch.usable && is_passing(reply);
    }
    for (const FlightId id : ids) {
        if (none || !wait_and_retry(id, reply)) {
            send_alone(id);
        }
    }
}

void KeyWriter::send_alone(FlightId id) {
    if (m_stopped) {
        return finish(id, count_unsent(flight(id)));
    }
    Encoded copy;
    send_set(id, value_of(flight(id), copy));
}

}  // namespace cachectl
