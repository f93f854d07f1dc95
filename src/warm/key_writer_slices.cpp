// The part of warm/key_writer.hpp that does one key at a time: values of many parts are built up
// aside, a slice at a time, and the large ones that they replace are saved.
#include <algorithm>
#include <utility>

#include "redis/error_reply.hpp"
#include "util/scoped_flag.hpp"
#include "util/signals.hpp"
#include "warm/key_writer.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_most_slice_bytes = std::size_t{256} << 10;

/// The next slice of the parts from `begin` on. Fields stay with their values, scores with their
/// members.
std::span<const std::string_view> slice_of(const Encoded& value, std::size_t begin,
                                           std::size_t most_parts) {
    const bool in_pairs = value.as == EncodeAs::hash || value.as == EncodeAs::zset;
    const std::size_t step = in_pairs ? 2 : 1;
    const std::span<const std::string_view> left = std::span(value.parts).subspan(begin);
    std::size_t parts = 0;
    std::size_t bytes = 0;
    while (parts < left.size() && parts + step <= most_parts && bytes < k_most_slice_bytes) {
        for (const std::string_view part : left.subspan(parts, step)) {
            bytes += part.size();
        }
        parts += step;
    }
    return left.first(parts);
}

}  // namespace

void KeyWriter::run_until(const std::function<bool()>& finished) {
    send_batch();
    const auto is_over = [&] { return finished() || has_work_alone(); };
    m_client.run_until(is_over);
    while (has_work_alone()) {
        work_alone();
        m_client.run_until(is_over);
    }
}

bool KeyWriter::has_work_alone() const {
    return !m_in_slices.empty() || (m_saver && !m_saver->large.empty());
}

/// The EXEC of another transaction would end the watch of such a key.
void KeyWriter::work_alone() {
    {
        const ScopedFlag alone(m_is_alone);
        m_client.run_until([this] {
            return m_transactions == 0 && (!m_saver || m_saver->reading == 0) &&
                   std::all_of(m_replacing.begin(), m_replacing.end(),
                               [](const auto& entry) { return entry.second.watched.empty(); });
        });
        if (m_saver) {
            for (const FlightId id : std::exchange(m_saver->large, {})) {
                save_large_key(id);
            }
        }
        for (const FlightId id : std::exchange(m_in_slices, {})) {
            write_in_slices(id);
        }
    }
    go_on_replacing();
}

// --- a value in slices --------------------------------------------------------------------------

void KeyWriter::write_in_slices(FlightId id) {
    const Flight& flight = this->flight(id);
    if (m_stopped || is_forsaken(flight)) {
        return finish(id, count_unsent(flight));
    }
    if (flight.if_exists() == IfExists::refresh && !is_to_be_refreshed(id, m_client)) {
        return keep(id);
    }
    Encoded copy;
    const Encoded& value = value_of(flight, copy);
    AsideValue aside(m_client, flight.key, m_suffix);
    const auto refused = aside.build([&] { return add_slices(id, aside, value); });
    if (refused) {
        return give_up(id, aside, *refused);
    }
    if (flight.overwrites() && !save_now(id)) {
        return aside.remove();
    }
    const std::string ttl(ttl_text(flight));
    AsideValue::Placing placing{.replaces = flight.overwrites()};
    if (flight.ttl) {
        placing.expiry = "PEXPIRE";
        placing.time = ttl;
    }
    if (flight.if_exists() == IfExists::refresh) {
        placing.replaces = true;
        placing.is_wanted = [this, id](Client& at) { return is_to_be_refreshed(id, at); };
    }
    take_placed(id, aside, aside.place(placing));
}

/// Nobody waits for the rest when the run is to stop.
std::optional<Reply> KeyWriter::add_slices(FlightId id, AsideValue& aside, const Encoded& value) {
    for (std::size_t at = 0; at < value.parts.size();) {
        const auto slice = slice_of(value, at, k_max_parts);
        wait_for_pace(flight(id).key, flight(id).line, value.as, slice, 0);
        m_interrupted = m_interrupted || stop_signal() != 0;
        if (m_stopped || m_interrupted) {
            return Reply::make_unsent("the run was stopped");
        }
        if (std::optional<Reply> refused = aside.add(write_verb(value.as), slice)) {
            return refused;
        }
        at += slice.size();
    }
    return std::nullopt;
}

bool KeyWriter::is_to_be_refreshed(FlightId id, Client& at) {
    Flight& flight = this->flight(id);
    Reply pttl = at.call({"PTTL", flight.key});
    flight.found = judge_ttl(pttl, flight.refresh_below);
    if (flight.found == Existing::unknown) {
        flight.refusal = std::move(pttl);
    }
    return flight.found == Existing::replaced || flight.found == Existing::absent;
}

/// It is not to be refreshed, or nobody knows.
void KeyWriter::keep(FlightId id) {
    const Flight& flight = this->flight(id);
    if (flight.found == Existing::unknown) {
        return retry_or_fail(id, m_client.home_of(flight.key), flight.refusal);
    }
    finish(id, count_kept(flight));
}

void KeyWriter::take_placed(FlightId id, AsideValue& aside, const AsideValue::Placed& placed) {
    using Fate = AsideValue::Placed::Fate;
    const Flight& flight = this->flight(id);
    switch (placed.fate) {
        case Fate::placed:
        case Fate::expired:
            return finish(id, count_written(flight));
        case Fate::interrupted:
            m_interrupted = true;
            return give_up(id, aside, Reply::make_unsent("the run was stopped"));
        case Fate::exists:
            return flight.is_looked_at() ? take_refused_new(id)
                                         : finish(id, count_existing(flight));
        case Fate::unwanted:
            aside.remove();
            return keep(id);
        case Fate::restless:
            if (flight.if_exists() == IfExists::refresh) {
                aside.remove();
                return finish(id, count_existing(flight));
            }
            return give_up(id, aside, Reply::make_error("ERR others touched it meanwhile"));
        case Fate::refused:
            break;
    }
    if (placed.refusal.type == Reply::Type::lost) {
        return finish(id, take_no_reply(flight, placed.refusal));
    }
    give_up(id, aside, placed.refusal);
}

/// Nothing of the key was written. What passes by itself has been waited for.
void KeyWriter::give_up(FlightId id, AsideValue& aside, const Reply& refused) {
    const Flight& flight = this->flight(id);
    const bool stops = m_stopped || m_interrupted;
    if (stops || !refused.is_broken()) {
        aside.remove();
    }
    if (refused.is_broken()) {
        const Outcome outcome = count_unsent(flight);
        if (!stops) {
            stop(refused, flight.line);
        }
        return finish(id, outcome);
    }
    finish(id, take_error(flight, refused, about_one_value(refused)));
}

}  // namespace cachectl
