#include "warm/key_writer.hpp"

#include <array>
#include <charconv>
#include <span>
#include <utility>

#include "keyspace/temporary_key.hpp"
#include "pace/cost.hpp"
#include "redis/error_reply.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

// What has been queued leaves in portions of this size while the dump is being read, so that the
// server has work while we parse.
constexpr std::size_t k_flush_bytes = 64 * 1024;

Verb verb_costed(EncodeAs as) {
    switch (as) {
        case EncodeAs::hash:
            return Verb::hset;
        case EncodeAs::list:
            return Verb::rpush;
        case EncodeAs::set:
            return Verb::sadd;
        case EncodeAs::zset:
            return Verb::zadd;
        case EncodeAs::json:
        case EncodeAs::string:
            break;
    }
    return Verb::set;
}

}  // namespace

KeyWriter::KeyWriter(Client& client, Paces* paces)
    : m_client(client), m_paces(paces), m_flights(k_max_keys_in_flight), m_suffix(random_suffix()) {
    // In a cluster the keys of a command are of one slot.
    m_batch.usable = sets_many_strings(client.server()) && client.masters() == 0;
}

void KeyWriter::write(const KeyWrite& write) {
    const bool transacts = write.if_exists == IfExists::refresh || !is_string(write.value.as);
    if (transacts && !m_stopped && !m_transactions_work) {
        check_transactions(write);
    }
    // Of a value in slices each one is waited for when it is sent.
    const auto parts = is_in_slices(write.value) ? std::span<const std::string_view>()
                                                 : std::span(write.value.parts);
    wait_for_pace(write.key, write.line, write.value.as, parts, 1);
    wait_for_earlier(write);
    const FlightId id = take_off(write);
    m_order.sent(flight(id).key, way_of(write), id);
    if (m_stopped) {
        finish(id, count_unsent(flight(id)));
        return make_way();
    }
    m_bytes_since_flush += flight(id).bytes + k_command_overhead;
    if (join_batch(id, write.value)) {
        return make_way();
    }
    send_batch();
    if (flight(id).source != nullptr) {
        return wait_for_large(id);
    }
    send(id, write.value);
    make_way();
}

// Its value is the caller's: nothing may lead to it when this is over, and nothing be sent again.
void KeyWriter::wait_for_large(FlightId id) {
    try {
        send(id, *flight(id).source);
        run_until([this, id] { return m_first > id; });
    } catch (...) {
        flight(id).source = nullptr;
        if (!m_stopped) {
            m_stopped = Error(ExitCode::partial, "the run was stopped");
        }
        m_client.copy_in_place();
        throw;
    }
}

void KeyWriter::pass_over(const KeyWrite& write) {
    const FlightId id = take_off(write);
    count_unsent(flight(id));
    finish(id, Outcome::out_of_reach);
    make_way();
}

void KeyWriter::wait_for_pace(std::string_view key, std::uint64_t line, EncodeAs as,
                              std::span<const std::string_view> parts, std::uint64_t keys) {
    if (m_paces == nullptr || m_stopped) {
        return;
    }
    std::size_t bytes = 0;
    for (const std::string_view part : parts) {
        bytes += part.size();
    }
    const double cost =
        write_cost(bytes) + k_key_command_cost / 4 * static_cast<double>(parts.size());
    m_paces->for_key(key).wait_for(VerbCost{verb_costed(as), 1, cost}, keys);
    if (m_paces->stopped() && !m_stopped) {
        m_stopped = m_paces->stopped();
        m_stopped_line = line;
    }
}

// Where MULTI is refused, what should have been queued behind it would be executed at once.
void KeyWriter::check_transactions(const KeyWrite& write) {
    Retry retry(m_client.failover_patience());
    while (true) {
        // In one go: in a cluster a transaction leaves when its EXEC is there.
        Reply multi;
        m_client.send({"MULTI"}, [&multi](Reply reply) { multi = std::move(reply); });
        const Reply exec = m_client.call({"EXEC"});
        const Reply failed = cachectl::cause_of(multi.is_text() ? exec : multi);
        m_transactions_work = multi.is_text() && exec.is_array();
        if (m_transactions_work) {
            return;
        }
        if (stop_signal() != 0 || !retry.pays(failed)) {
            return stop(failed, write.line);
        }
        m_client.sleep(Retry::k_step);
    }
}

void KeyWriter::settle() {
    run_until([this] { return m_in_flight == 0; });
    if (m_stopped) {
        go_on_replacing();  // what waited for its turn is not sent any more
    }
}

void KeyWriter::make_way() {
    if (m_bytes_since_flush >= k_flush_bytes) {
        m_bytes_since_flush = 0;
        send_batch();
        m_client.run_until([turned = false]() mutable { return std::exchange(turned, true); });
    }
    const bool is_full =
        m_in_flight >= k_max_keys_in_flight || m_bytes_in_flight >= k_max_bytes_in_flight;
    if (!is_full && m_waiting.empty()) {
        return;
    }
    run_until([this] {
        return m_waiting.empty() && m_in_flight <= k_max_keys_in_flight * 3 / 4 &&
               m_bytes_in_flight <= k_max_bytes_in_flight * 3 / 4;
    });
}

// --- sending ------------------------------------------------------------------------------------

KeyWriter::FlightId KeyWriter::take_off(const KeyWrite& write) {
    const FlightId id = m_first + m_in_flight;
    Flight& flight = this->flight(id);
    flight.key.assign(write.key);
    flight.ttl = write.ttl;
    flight.line = write.line;
    flight.bytes = write.key.size() + write.value.bytes();
    flight.is_protected = write.is_protected;
    flight.was_written = write.was_written;
    flight.wanted = write.if_exists;
    flight.treatment = write.treatment();
    flight.refresh_below = write.refresh_below;
    flight.found = Existing::unknown;
    flight.tries = 0;
    flight.differs = false;
    flight.is_saved = false;
    flight.is_in_backup = false;
    flight.is_in_slices = is_in_slices(write.value);
    flight.comparison.reset();
    flight.counts = write.counts;
    flight.outcome.reset();
    flight.retry = Retry(m_client.failover_patience());
    const bool is_large = flight.bytes > k_max_bytes_kept;
    flight.source = is_large ? &write.value : nullptr;
    if (!is_large) {
        flight.value.assign(write.value);
    }
    ++m_in_flight;
    m_bytes_in_flight += flight.bytes + k_command_overhead;
    return id;
}

void KeyWriter::send(FlightId id, const Encoded& value) {
    if (flight(id).if_exists() == IfExists::refresh && m_refreshed_lately >= k_refreshed_mostly) {
        return refresh(id);
    }
    if (flight(id).is_looked_at()) {
        return look(id);
    }
    const bool is_large = flight(id).source != nullptr;
    const bool is_costly = flight(id).was_written || !is_string(value.as) || is_large;
    if (is_costly && flight(id).if_exists() == IfExists::skip && m_may_look) {
        return look_whether_it_exists(id);
    }
    send_value(id, value);
}

void KeyWriter::send_value(FlightId id, const Encoded& value) {
    if (m_saver && flight(id).overwrites() && !flight(id).is_saved && !flight(id).is_in_slices) {
        return save_first(id);
    }
    is_string(value.as) ? send_set(id, value) : send_transaction(id, value);
}

void KeyWriter::send_again(FlightId id) {
    Encoded copy;
    flight(id).refusal = {};
    send(id, value_of(flight(id), copy));
}

const Encoded& KeyWriter::value_of(const Flight& flight, Encoded& copy) const {
    if (flight.source != nullptr) {
        return *flight.source;
    }
    flight.value.get(copy);
    return copy;
}

std::string_view KeyWriter::ttl_text(const Flight& flight) {
    if (!flight.ttl) {
        return {};
    }
    if (flight.ttl != m_ttl) {
        m_ttl = flight.ttl;
        const auto end =
            std::to_chars(m_ttl_digits.data(), m_ttl_digits.data() + 24, flight.ttl->count());
        m_ttl_size = static_cast<std::size_t>(end.ptr - m_ttl_digits.data());
    }
    return {m_ttl_digits.data(), m_ttl_size};
}

void KeyWriter::send_set(FlightId id, const Encoded& value) {
    const Flight& flight = this->flight(id);
    std::array<std::string_view, 6> args = {"SET", flight.key, value.parts.at(0)};
    std::size_t count = 3;
    if (flight.ttl) {
        args[count++] = "PX";
        args[count++] = ttl_text(flight);
    }
    if (!flight.overwrites()) {
        args[count++] = "NX";
    }
    send_value(m_client, id, std::span(args.data(), count),
               [this, id](const Reply& reply) { take_set_reply(id, reply); });
}

/// Of a large value nothing is copied, unless it is sent to a node of a cluster by itself.
void KeyWriter::send_value(Client& to, FlightId id, std::span<const std::string_view> args,
                           Client::Callback done) {
    if (flight(id).source != nullptr && &to == &m_client) {
        to.send_in_place(args, std::move(done));
    } else {
        to.send(args, std::move(done));
    }
}

}  // namespace cachectl
