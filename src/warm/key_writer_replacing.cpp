// Keys that may be there already and are replaced if a look says so; those that are refreshed by a
// transaction that the server gives up if anybody else has touched them since.
#include <algorithm>
#include <utility>

#include "redis/error_reply.hpp"
#include "warm/key_writer.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_most_watched = 128;
constexpr std::size_t k_most_bytes_watched = std::size_t{256} << 10;
// A key that others write all the time is theirs.
constexpr int k_most_watch_tries = 8;

/// Of a cluster: the key is with another server, or with none for now.
bool is_about_the_slot(const Reply& reply) {
    constexpr std::string_view k_prefixes[] = {"MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN",
                                               "READONLY"};
    return std::find(std::begin(k_prefixes), std::end(k_prefixes), reply.error_prefix()) !=
           std::end(k_prefixes);
}

}  // namespace

/// Two rows of one key must not be looked at together: what the first writes, the second has to
/// see, and whoever reads the first one back does so before that.
void KeyWriter::wait_for_earlier(std::string_view key) {
    if (m_looked_at.empty()) {
        return;
    }
    const auto found = m_looked_at.find(key);
    if (found == m_looked_at.end()) {
        return;
    }
    m_client.run_until([this, earlier = found->second] { return m_first > earlier; });
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
    std::string scratch;
    m_client.send(look_command(flight.value, flight.key, scratch), [this, id](const Reply& reply) {
        take_look(id, nullptr, judge_look(this->flight(id).value, reply), reply);
    });
}

void KeyWriter::take_look(FlightId id, Replacing* watched, Existing found, const Reply& reply) {
    Flight& flight = this->flight(id);
    if (found == Existing::to_be_read) {
        return compare_next_piece(id);
    }
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
        return retry_or_fail(id, nullptr, reply);
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
        flight.comparison = std::make_unique<PiecewiseComparison>(flight.value, m_piecewise_rights);
    }
    m_client.send(flight.comparison->next_command(flight.key), [this, id](const Reply& reply) {
        take_look(id, nullptr, this->flight(id).comparison->judge(reply), reply);
    });
}

/// What was not there is written as with IfExists::skip, what differs as with overwrite.
void KeyWriter::write_now(FlightId id) {
    Encoded value;
    flight(id).value.get(value);
    if (is_string(value.as)) {
        return send_set(id, value);
    }
    send_transaction(id, value);
}

/// Nothing has been written of this key: it is looked at anew where that may help.
void KeyWriter::retry_or_fail(FlightId id, const Replacing* at, Reply reply) {
    const Flight& flight = this->flight(id);
    const bool of_a_node = at != nullptr && at->server != &m_client;
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

// --- refreshing ---------------------------------------------------------------------------------

void KeyWriter::refresh(FlightId id) {
    Client& server = m_client.home_of(flight(id).key);
    Replacing& replacing = m_replacing[&server];
    replacing.server = &server;
    replacing.waiting.push_back(id);
    begin(replacing);
}

bool KeyWriter::replaces() const {
    return std::any_of(m_replacing.begin(), m_replacing.end(), [](const auto& entry) {
        return !entry.second.watched.empty() || !entry.second.waiting.empty();
    });
}

void KeyWriter::go_on_replacing() {
    for (auto& [server, replacing] : m_replacing) {
        begin(replacing);
    }
    while (!m_held_back.empty() && (m_stopped || !replaces())) {
        const FlightId id = m_held_back.front();
        m_held_back.pop_front();
        if (m_stopped) {
            finish(id, count_unsent(flight(id)));
            continue;
        }
        Encoded copy;
        send_transaction(id, value_of(flight(id), copy));
    }
}

/// Watches the next ones, as many as go into one transaction: in a cluster those of one slot.
void KeyWriter::begin(Replacing& replacing) {
    while (m_stopped && !replacing.waiting.empty()) {
        const FlightId id = replacing.waiting.front();
        replacing.waiting.pop_front();
        finish(id, count_unsent(flight(id)));
    }
    if (!replacing.watched.empty() || replacing.waiting.empty() || m_transactions != 0) {
        return;
    }
    const Flight& first = flight(replacing.waiting.front());
    const std::uint16_t slot = m_client.slot(first.key);
    m_args.assign({"WATCH"});
    std::size_t bytes = 0;
    do {
        const FlightId id = replacing.waiting.front();
        const Flight& next = flight(id);
        const bool alone = first.tries != 0 || next.tries != 0;
        if (!replacing.watched.empty() && (alone || m_client.slot(next.key) != slot ||
                                           bytes + next.bytes > k_most_bytes_watched)) {
            break;
        }
        bytes += next.bytes;
        m_args.push_back(next.key);
        replacing.watched.push_back(id);
        replacing.waiting.pop_front();
    } while (!replacing.waiting.empty() && replacing.watched.size() < k_most_watched);
    replacing.refusal = {};
    replacing.looks_due = replacing.watched.size();
    replacing.server->send(m_args, [&replacing](Reply reply) {
        if (!reply.is_text()) {
            replacing.refusal = std::move(reply);
        }
    });
    for (const FlightId id : replacing.watched) {
        look(id, &replacing);
    }
}

void KeyWriter::decide(Replacing& replacing) {
    const std::vector<FlightId> ids = replacing.watched;
    const bool unwatched = !replacing.refusal.is_nil();
    std::vector<FlightId> wanted;
    for (const FlightId id : ids) {
        Flight& flight = this->flight(id);
        if (unwatched || flight.found == Existing::unknown) {
            Reply reply = unwatched ? replacing.refusal : std::exchange(flight.refusal, {});
            retry_or_fail(id, &replacing, std::move(reply));
        } else if (flight.found == Existing::stays) {
            finish(id, count_kept(flight));
        } else if (m_stopped) {
            finish(id, count_unsent(flight));
        } else {
            wanted.push_back(id);
        }
    }
    if (wanted.empty()) {  // an empty transaction ends the watch, and takes no right of its own
        replacing.server->send({"MULTI"}, [](const Reply&) {});
        replacing.server->send({"EXEC"}, [](const Reply&) {});
    } else {
        send_replacements(replacing, wanted);
    }
    replacing.watched.clear();
    go_on_replacing();
}

void KeyWriter::send_replacements(Replacing& replacing, const std::vector<FlightId>& ids) {
    Client& to = *replacing.server;
    std::vector<std::size_t> ends;  // of each key's replies in that to EXEC
    std::size_t replies = 0;
    send_within(to, ids.front(), {"MULTI"});
    for (const FlightId id : ids) {
        Flight& flight = this->flight(id);
        Encoded value;
        flight.value.get(value);
        flight.refusal = {};
        if (is_string(value.as)) {
            m_args.assign({"SET", flight.key, value.parts.at(0)});
            if (flight.ttl) {
                m_args.insert(m_args.end(), {"PX", ttl_text(flight)});
            }
            to.send(m_args, [this, id](Reply reply) { take_part_reply(id, std::move(reply)); });
            ++replies;
        } else {
            send_within(to, id, {"UNLINK", flight.key});
            send_parts(to, id, flight.key, value);
            if (flight.ttl) {
                send_within(to, id, {"PEXPIRE", flight.key, ttl_text(flight)});
            }
            replies += 1 + (value.parts.size() + k_max_parts - 1) / k_max_parts;
            replies += flight.ttl ? 1 : 0;
        }
        ends.push_back(replies);
    }
    to.send({"EXEC"}, [this, &replacing, ids, ends](const Reply& exec) {
        take_replacements(replacing, ids, ends, exec);
    });
}

void KeyWriter::take_replacements(Replacing& replacing, const std::vector<FlightId>& ids,
                                  const std::vector<std::size_t>& ends, const Reply& exec) {
    if (exec.is_nil()) {
        return take_given_up(replacing, ids);
    }
    if (exec.is_error() && ids.size() > 1) {  // one of them is at fault
        for (const FlightId id : ids) {
            ++flight(id).tries;
        }
        replacing.waiting.insert(replacing.waiting.begin(), ids.begin(), ids.end());
        return go_on_replacing();
    }
    std::size_t begin = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const FlightId id = ids[i];
        const Flight& flight = this->flight(id);
        if (exec.type == Reply::Type::unsent) {
            retry_or_fail(id, &replacing, exec);
        } else if (exec.is_error()) {
            retry_or_fail(id, &replacing, cause_of(flight, exec));
        } else if (!exec.is_array() || exec.elements.size() != ends.back()) {
            finish(id, take_no_reply(flight, exec));
        } else {
            const auto first = exec.elements.begin() + static_cast<std::ptrdiff_t>(begin);
            const auto last = exec.elements.begin() + static_cast<std::ptrdiff_t>(ends[i]);
            const auto failed =
                std::find_if(first, last, [](const Reply& part) { return part.is_error(); });
            if (failed != last) {
                finish(id, take_error(flight, *failed, about_one_value(*failed)));
            } else {
                finish(id, count_written(flight));
            }
        }
        begin = ends[i];
    }
    if (m_stopped) {
        go_on_replacing();
    }
}

/// Somebody has touched one of the keys since the look. They are looked at again, each by itself.
void KeyWriter::take_given_up(Replacing& replacing, const std::vector<FlightId>& ids) {
    std::vector<FlightId> again;
    for (const FlightId id : ids) {
        if (++flight(id).tries < k_most_watch_tries) {
            again.push_back(id);
        } else {
            finish(id, count_existing(flight(id)));
        }
    }
    replacing.waiting.insert(replacing.waiting.begin(), again.begin(), again.end());
    go_on_replacing();
}

}  // namespace cachectl
