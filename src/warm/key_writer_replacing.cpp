// Keys that may be there already and are replaced if a look says so.
#include <algorithm>
#include <utility>

#include "redis/error_reply.hpp"
#include "warm/key_writer.hpp"

namespace cachectl {

namespace {

/// Of a cluster: the key is with another server, or with none for now.
bool is_about_the_slot(const Reply& reply) {
    constexpr std::string_view k_prefixes[] = {"MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN",
                                               "READONLY"};
    return std::find(std::begin(k_prefixes), std::end(k_prefixes), reply.error_prefix()) !=
           std::end(k_prefixes);
}

}  // namespace

KeyOrder::Way KeyWriter::way_of(const KeyWrite& write) const {
    const bool looks =
        is_in_slices(write.value) || (m_saver && write.treatment() == IfExists::overwrite);
    const bool is_set = is_string(write.value.as) && !write.was_written;
    return {is_set, looks ? IfExists::update : write.treatment(), is_set && m_batch.usable};
}

/// What the first of two rows of one key writes, the second has to see, and whoever reads the first
/// one back does so before that.
void KeyWriter::wait_for_earlier(const KeyWrite& write) {
    const auto earlier = m_order.earlier_than(write.key, way_of(write));
    if (!earlier) {
        return;
    }
    run_until([this, earlier] { return m_first > *earlier; });
    if (m_before_rewriting) {
        m_before_rewriting();
    }
}

// --- looking ------------------------------------------------------------------------------------

void KeyWriter::look(FlightId id, Replacing* watched) {
    Flight& flight = this->flight(id);
    flight.differs = false;
    flight.comparison.reset();
    if (flight.if_exists() == IfExists::refresh) {
        Client& at = watched == nullptr ? m_client : *watched->server;
        at.send({"PTTL", flight.key}, [this, id, watched](const Reply& reply) {
            const auto below = this->flight(id).refresh_below;
            take_look(id, watched, judge_ttl(reply, below), reply);
        });
        return;
    }
    if (is_forsaken(flight)) {
        return finish(id, count_unsent(flight));
    }
    std::string scratch;
    Encoded copy;
    const auto command = look_command(value_of(flight, copy), flight.key, scratch);
    m_client.send(command, [this, id](const Reply& reply) {
        const Flight& looked_at = this->flight(id);
        if (is_forsaken(looked_at)) {
            return finish(id, count_unsent(looked_at));
        }
        Encoded wanted;
        take_look(id, nullptr, judge_look(value_of(looked_at, wanted), reply), reply);
    });
}

void KeyWriter::take_look(FlightId id, Replacing* watched, Existing found, const Reply& reply) {
    Flight& flight = this->flight(id);
    if (found == Existing::to_be_read) {
        return compare_next_piece(id);
    }
    learn_from_look(flight, found);
    if (watched != nullptr) {
        flight.found = found;
        if (found == Existing::unknown) {
            flight.refusal = reply;
        }
        if (--watched->looks_due == 0) {
            decide(*watched);
        }
        return;
    }
    if (found == Existing::unknown) {
        return retry_or_fail(id, m_client, reply);
    }
    if (found == Existing::stays) {
        return finish(id, count_kept(flight));
    }
    if (m_stopped) {
        return finish(id, count_unsent(flight));
    }
    if (found == Existing::replaced) {
        return replace(id);
    }
    // What seems absent once more, and could not be made, is an empty string.
    if (flight.tries != 0) {
        return replace(id);
    }
    write_now(id);
}

void KeyWriter::compare_next_piece(FlightId id) {
    Flight& flight = this->flight(id);
    if (!flight.comparison) {
        Encoded copy;
        flight.comparison =
            std::make_unique<PiecewiseComparison>(value_of(flight, copy), m_piecewise_rights);
    }
    m_client.send(flight.comparison->next_command(flight.key), [this, id](const Reply& reply) {
        const Flight& compared = this->flight(id);
        if (is_forsaken(compared)) {
            return finish(id, count_unsent(compared));
        }
        take_look(id, nullptr, compared.comparison->judge(reply), reply);
    });
}

/// What was not there is written as with IfExists::skip, what differs as with overwrite.
void KeyWriter::write_now(FlightId id) {
    Encoded copy;
    send_value(id, value_of(flight(id), copy));
}

/// Nothing has been written of this key: it is looked at anew where that may help.
void KeyWriter::retry_or_fail(FlightId id, const Client& at, Reply reply) {
    const Flight& flight = this->flight(id);
    const bool of_a_node = &at != &m_client;
    if (of_a_node && (reply.is_broken() || is_about_the_slot(reply)) && send_later(id)) {
        return;
    }
    if (reply.is_broken()) {
        const Outcome outcome = count_unsent(flight);
        stop(reply, flight.line);
        return finish(id, outcome);
    }
    if (!reply.is_error()) {
        reply = Reply::make_error("ERR unexpected reply to a look at the key");
    }
    if (!wait_and_retry(id, reply)) {
        finish(id, take_error(flight, reply));
    }
}

void KeyWriter::replace(FlightId id) {
    if (flight(id).is_protected) {
        return finish(id, count_existing(flight(id)));
    }
    if (flight(id).if_exists() == IfExists::refresh) {
        return refresh(id);
    }
    flight(id).differs = true;
    write_now(id);
}

void KeyWriter::take_refused_new(FlightId id) {
    if (flight(id).if_exists() == IfExists::refresh) {
        return refresh(id);
    }
    ++flight(id).tries;
    look(id);
}

}  // namespace cachectl
