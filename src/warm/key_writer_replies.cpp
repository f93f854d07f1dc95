// What became of keys, by the server's replies.
#include <algorithm>
#include <utility>

#include "redis/error_reply.hpp"
#include "util/free_memory.hpp"
#include "warm/key_writer.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_longest_kept_name = 512;
constexpr std::size_t k_most_value_bytes_kept = 512;

// RENAMENX and the last UNLINK end the transaction of a key that is built aside.
constexpr std::size_t k_nowhere = std::string::npos;

std::size_t place_of_rename(const Reply& exec) {
    return exec.elements.size() < 2 ? k_nowhere : exec.elements.size() - 2;
}

}  // namespace

void KeyWriter::finish(FlightId id, Outcome outcome) {
    if (outcome == Outcome::written) {
        note_made(id);
    }
    flight(id).outcome = outcome;
    land();
}

/// Outcomes are reported in the order of write().
void KeyWriter::land() {
    while (m_in_flight != 0 && flight(m_first).outcome) {
        Flight& flight = this->flight(m_first);
        const Outcome outcome = *flight.outcome;
        m_bytes_in_flight -= flight.bytes + k_command_overhead;
        m_order.over(flight.key, m_first);
        if (flight.key.capacity() > k_longest_kept_name) {
            free_memory(flight.key);
        }
        flight.value.shrink(k_most_value_bytes_kept);
        flight.source = nullptr;
        flight.comparison.reset();
        flight.refusal = {};
        ++m_first;
        --m_in_flight;
        if (m_on_outcome) {
            m_on_outcome(outcome);
        }
    }
}

// Whoever may not ask whether a key exists may still write it.
void KeyWriter::take_existence(FlightId id, const Reply& reply) {
    Flight& flight = this->flight(id);
    if (reply.is_integer() && reply.integer != 0) {
        return finish(id, count_existing(flight));
    }
    if (reply.is_broken()) {
        const Outcome outcome = count_unsent(flight);
        stop(reply, flight.line);
        return finish(id, outcome);
    }
    if (reply.is_error() && wait_and_retry(id, reply)) {
        return;
    }
    const bool may_not_look = denied_by(reply) == Denied::command;
    m_may_look = m_may_look && !may_not_look;
    if (reply.is_error() && !may_not_look) {
        return finish(id, take_error(flight, reply));
    }
    if (m_stopped) {
        return finish(id, count_unsent(flight));
    }
    write_now(id);
}

void KeyWriter::take_set_reply(FlightId id, const Reply& reply) {
    const Flight& flight = this->flight(id);
    if (reply.is_ok()) {
        return finish(id, count_written(flight));
    }
    // NX was sent unless the key is overwritten, to which nothing is no answer.
    if (reply.is_nil() && !flight.overwrites()) {
        return flight.is_looked_at() ? take_refused_new(id) : finish(id, count_existing(flight));
    }
    if (!reply.is_error()) {
        return finish(id, take_no_reply(flight, reply));
    }
    if (!wait_and_retry(id, reply)) {
        finish(id, take_error(flight, reply));
    }
}

void KeyWriter::take_part_reply(FlightId id, Reply reply) {
    Flight& flight = this->flight(id);
    if (flight.refusal.is_nil() && (reply.is_error() || reply.is_broken())) {
        flight.refusal = std::move(reply);
    }
}

void KeyWriter::take_exec_reply(FlightId id, Reply reply) {
    Flight& flight = this->flight(id);
    if (reply.is_array() && !reply.elements.empty()) {
        // What Redis refuses only while it executes: a score that it cannot read.
        const auto failed = std::find_if(reply.elements.begin(), reply.elements.end(),
                                         [](const Reply& part) { return part.is_error(); });
        const bool renames = !flight.overwrites();
        const std::size_t rename = renames ? place_of_rename(reply) : k_nowhere;
        if (failed == reply.elements.end()) {
            const bool existed = rename != k_nowhere && reply.elements[rename].integer == 0;
            if (existed && flight.is_looked_at()) {
                return take_refused_new(id);
            }
            return finish(id, existed ? count_existing(flight) : count_written(flight));
        }
        // What was built was gone before it could be renamed: its time to live was over.
        const auto place = static_cast<std::size_t>(failed - reply.elements.begin());
        if (place == rename && flight.ttl) {
            return finish(id, count_written(flight));
        }
        return finish(id, take_error(flight, *failed, about_one_value(*failed)));
    }
    if (!reply.is_error()) {
        return finish(id, take_no_reply(flight, reply));
    }
    const Reply cause = cause_of(flight, reply);
    if (!wait_and_retry(id, cause)) {
        finish(id, take_error(flight, cause));
    }
}

/// What a command in a transaction meets only when it is executed: about the value it was given.
KeyWriter::About KeyWriter::about_one_value(const Reply& reply) {
    const bool it_is = reply.error_prefix() == "ERR" || reply.error_prefix() == "WRONGTYPE";
    return it_is ? About::one_key : About::unknown;
}

/// Why a transaction was not executed: "EXECABORT Transaction discarded because of previous
/// errors", or "… because of: OOM …" if it came up at EXEC.
Reply KeyWriter::cause_of(const Flight& flight, const Reply& exec) {
    return flight.refusal.is_error() ? flight.refusal : cachectl::cause_of(exec);
}

// --- a server that is busy ----------------------------------------------------------------------

/// True if the key will be sent again, because the server refused it only for now and has not
/// executed it.
bool KeyWriter::wait_and_retry(FlightId id, const Reply& reply) {
    return is_passing(reply) && send_later(id);
}

bool KeyWriter::send_later(FlightId id) {
    Flight& flight = this->flight(id);
    if (m_stopped || !flight.retry.has_patience()) {
        return false;
    }
    if (m_waiting.empty()) {
        m_client.after(Retry::k_step, [this] { send_waiting(); });
    }
    m_waiting.push_back(id);
    return true;
}

void KeyWriter::send_waiting() {
    std::deque<FlightId> waiting = std::exchange(m_waiting, {});
    std::sort(waiting.begin(), waiting.end());
    for (const FlightId id : waiting) {
        if (m_stopped) {
            finish(id, count_unsent(flight(id)));
        } else if (is_overtaken(id)) {
            finish(id, count_written(flight(id)));
        } else {
            send_again(id);
        }
    }
}

/// Whether a later row of the same key has been sent already, which was to be the last.
bool KeyWriter::is_overtaken(FlightId id) {
    if (flight(id).if_exists() != IfExists::overwrite) {
        return false;
    }
    for (FlightId later = id + 1; later < m_first + m_in_flight; ++later) {
        if (flight(later).key == flight(id).key) {
            return true;
        }
    }
    return false;
}

// --- counting -----------------------------------------------------------------------------------

void KeyWriter::count(std::uint64_t WriteCounts::*what, WriteCounts* also, std::uint64_t n) {
    m_tally.*what += n;
    if (also != nullptr) {
        also->*what += n;
    }
}

Outcome KeyWriter::count_written(const Flight& flight) {
    const bool replaces = flight.differs || flight.found == Existing::replaced;
    if (replaces) {
        count(&WriteCounts::replaced, flight.counts);
    }
    count(&WriteCounts::written, flight.counts);
    count(&WriteCounts::bytes, flight.counts, flight.bytes);
    return Outcome::written;
}

Outcome KeyWriter::count_existing(const Flight& flight) {
    if (flight.was_written) {
        return Outcome::existed;
    }
    const bool spared = flight.is_protected && flight.wanted != IfExists::skip;
    count(spared ? &WriteCounts::protected_keys : &WriteCounts::skipped, flight.counts);
    if (spared && m_tally.spared_key.empty()) {
        m_tally.spared_key = flight.key;
    }
    return Outcome::existed;
}

Outcome KeyWriter::count_kept(const Flight& flight) {
    if (flight.if_exists() != IfExists::update) {
        return count_existing(flight);
    }
    count(&WriteCounts::unchanged, flight.counts);
    return Outcome::unchanged;
}

Outcome KeyWriter::count_unsent(const Flight& flight) {
    count(&WriteCounts::not_attempted, flight.counts);
    return Outcome::open;
}

Outcome KeyWriter::take_error(const Flight& flight, const Reply& reply, About about) {
    count(&WriteCounts::failed, flight.counts);
    if (about != About::one_key && denied_by(reply) != Denied::key) {
        stop(reply, flight.line);
        return Outcome::open;
    }
    if (m_tally.refusal.empty()) {
        m_tally.refusal = reply.text;
    }
    if (m_tally.refused_keys.size() < k_refused_keys_kept) {
        m_tally.refused_keys.push_back(flight.key);
    }
    return Outcome::refused;
}

Outcome KeyWriter::take_no_reply(const Flight& flight, const Reply& reply) {
    const bool unsent = reply.type == Reply::Type::unsent;
    count(unsent ? &WriteCounts::not_attempted : &WriteCounts::unknown, flight.counts);
    stop(reply, flight.line);
    return Outcome::open;
}

void KeyWriter::stop(const Reply& reply, std::uint64_t line) {
    if (m_stopped) {
        return;
    }
    m_stopped = refusal(reply, "write keys", m_client.server());
    m_stopped_line = line;
    m_out_of_memory = reply.error_prefix() == "OOM";
}

}  // namespace cachectl
