// Keys that are refreshed: watched, looked at again and written in one transaction, which the
// server gives up if anybody else has touched one of them since.
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

}  // namespace

void KeyWriter::refresh(FlightId id) {
    if (flight(id).is_in_slices) {
        return m_in_slices.push_back(id);
    }
    Client& server = m_client.home_of(flight(id).key);
    Replacing& replacing = m_replacing[&server];
    replacing.server = &server;
    replacing.waiting.push_back(id);
    begin(replacing);
}

void KeyWriter::learn_from_look(const Flight& flight, Existing found) {
    if (flight.if_exists() != IfExists::refresh) {
        return;
    }
    const int more = found == Existing::replaced ? 1 : -1;
    m_refreshed_lately = std::clamp(m_refreshed_lately + more, 0, k_refreshed_most);
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
    while (!m_held_back.empty() && (m_stopped || (!replaces() && !m_is_alone))) {
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
    if (!replacing.watched.empty() || replacing.waiting.empty() || m_transactions != 0 ||
        m_is_alone) {
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
            retry_or_fail(id, *replacing.server, std::move(reply));
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
        Encoded copy;
        const Encoded& value = value_of(flight, copy);
        flight.refusal = {};
        if (is_string(value.as)) {
            m_args.assign({"SET", flight.key, value.parts.at(0)});
            if (flight.ttl) {
                m_args.insert(m_args.end(), {"PX", ttl_text(flight)});
            }
            send_value(to, id, m_args,
                       [this, id](Reply reply) { take_part_reply(id, std::move(reply)); });
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
            retry_or_fail(id, *replacing.server, exec);
        } else if (exec.is_error()) {
            retry_or_fail(id, *replacing.server, cause_of(flight, exec));
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
