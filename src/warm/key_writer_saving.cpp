// The part of warm/key_writer.hpp that saves what will be overwritten: --backup. What is there is
// measured, read, and on the disk before the new value is sent.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "redis/error_reply.hpp"
#include "util/text.hpp"
#include "warm/key_writer.hpp"

namespace cachectl {

void KeyWriter::save_in(Backup& backup, AllowSlowDump allow_slow_dump) {
    m_saver = std::make_unique<Saver>(Saver{backup, allow_slow_dump});
}

void KeyWriter::save_first(FlightId id) {
    if (is_ours(id)) {
        return write_saved(id);
    }
    ++m_saver->reading;
    m_client.send({"MEMORY", "USAGE", flight(id).key},
                  [this, id](const Reply& reply) { take_size(id, reply); });
}

/// What this run has written once is its own: what it overwrote is saved, or there was nothing.
bool KeyWriter::is_ours(FlightId id) {
    Flight& flight = this->flight(id);
    try {
        flight.is_in_backup = m_saver->backup.has(flight.key);
        return flight.is_in_backup || m_saver->made.contains(flight.key);
    } catch (const Error& error) {
        stop(error, flight.line);
        return true;
    }
}

void KeyWriter::note_made(FlightId id) {
    const Flight& flight = this->flight(id);
    if (!m_saver || flight.is_in_backup) {
        return;
    }
    try {
        m_saver->made.add(flight.key);
    } catch (const Error& error) {
        stop(error, flight.line);
    }
}

void KeyWriter::take_size(FlightId id, const Reply& reply) {
    if (reply.is_nil()) {
        --m_saver->reading;
        write_saved(id);
    } else if (!reply.is_integer()) {
        end_saving(id, reply);
    } else if (static_cast<std::uint64_t>(reply.integer) > Backup::k_most_dumped) {
        --m_saver->reading;
        m_saver->large.push_back(id);
    } else {
        m_saver->measured.emplace_back(id, static_cast<std::uint64_t>(reply.integer));
        read_measured();
    }
    commit_if_due();
}

void KeyWriter::read_measured() {
    while (!m_saver->measured.empty() && m_saver->bytes_read < Backup::k_commit_bytes) {
        const auto [id, bytes] = m_saver->measured.front();
        m_saver->measured.pop_front();
        m_saver->bytes_read += bytes;
        read_saved_keys(m_client, {flight(id).key}, m_saver->backup.facts(),
                        [this, id = id, bytes = bytes](const SavedKeys& saved) {
                            take_saved(id, bytes, saved);
                        });
    }
}

void KeyWriter::take_saved(FlightId id, std::uint64_t bytes, const SavedKeys& saved) {
    m_saver->bytes_read -= bytes;
    if (saved.refused) {
        end_saving(id, *saved.refused);
    } else if (!saved.denied.empty()) {
        end_saving(id, Reply::make_error(saved.denial));
    } else if (saved.keys.empty()) {
        --m_saver->reading;
        write_saved(id);
    } else {
        --m_saver->reading;
        try {
            m_saver->backup.add_final(saved.keys.front());
            flight(id).is_in_backup = true;
        } catch (const Error& error) {
            stop(error, flight(id).line);
        }
        m_saver->uncommitted.push_back(id);
    }
    read_measured();
    commit_if_due();
}

void KeyWriter::end_saving(FlightId id, const Reply& refused) {
    --m_saver->reading;
    const Flight& flight = this->flight(id);
    if (refused.is_broken()) {
        const Outcome outcome = count_unsent(flight);
        stop(refused, flight.line);
        finish(id, outcome);
    } else if (!wait_and_retry(id, refused)) {
        finish(id, take_error(flight, refused));
    }
}

// What is read together is synced together.
void KeyWriter::commit_if_due() {
    if (m_saver->uncommitted.empty() ||
        (m_saver->reading != 0 && m_saver->backup.uncommitted_bytes() < Backup::k_portion_bytes)) {
        return;
    }
    const std::vector<FlightId> saved = std::exchange(m_saver->uncommitted, {});
    try {
        m_saver->backup.commit();
    } catch (const Error& error) {
        stop(error, flight(saved.front()).line);
    }
    for (const FlightId id : saved) {
        write_saved(id);
    }
}

void KeyWriter::write_saved(FlightId id) {
    if (m_stopped) {
        return finish(id, count_unsent(flight(id)));
    }
    flight(id).is_saved = true;
    if (!flight(id).is_in_slices) {  // else save_now() waits for it
        write_now(id);
    }
}

/// Of a value that is built up, so that what others write meanwhile is saved too. False if it was
/// not saved, and is finished or will be sent again.
bool KeyWriter::save_now(FlightId id) {
    if (!m_saver || flight(id).is_saved) {
        return true;
    }
    save_first(id);
    const auto is_over = [&] {
        return flight(id).is_saved || flight(id).outcome ||
               std::find(m_in_slices.begin(), m_in_slices.end(), id) != m_in_slices.end();
    };
    do {
        m_client.run_until([&] { return is_over() || !m_saver->large.empty(); });
        for (const FlightId large : std::exchange(m_saver->large, {})) {
            save_large_key(large);
        }
    } while (!is_over());
    return flight(id).is_saved;
}

void KeyWriter::stop(const Error& error, std::uint64_t line) {
    if (!m_stopped) {
        m_stopped = error;
        m_stopped_line = line;
    }
}

// --- in pieces ----------------------------------------------------------------------------------

void KeyWriter::save_large_key(FlightId id) {
    if (m_stopped) {
        return finish(id, count_unsent(flight(id)));
    }
    const std::string key = flight(id).key;
    LargeKeyOutcome outcome;
    try {
        LargeKeys large(m_client, *m_paces, m_saver->backup, m_saver->allow_slow_dump);
        // Nothing is changed yet: EXEC tells whether it is what was read.
        outcome = large.change(key, {.existence = true}, [](const KeyFacts& facts) {
            return std::optional(KeyCommand{"EXISTS", {facts.key}, {}});
        });
    } catch (const Error& error) {
        stop(error, flight(id).line);
        return finish(id, count_unsent(flight(id)));
    }
    using Fate = LargeKeyOutcome::Fate;
    switch (outcome.fate) {
        case Fate::changed:
            flight(id).is_in_backup = true;
            return write_saved(id);
        case Fate::vanished:
        case Fate::left:
            return write_saved(id);
        case Fate::refused:
            break;
        case Fate::restless:
            outcome.refusal = "it was written to whenever it had been read";
            break;
        case Fate::moving:
            outcome.refusal = "its slot is being moved to another node";
            break;
        case Fate::only_dumped:
            outcome.refusal = fmt::format(
                "it is large, and only told at once: --allow-slow-dump saves it, and holds the "
                "server for about {}",
                format_duration(outcome.dumping));
            break;
    }
    finish(id, take_error(flight(id),
                          Reply::make_error("what is there could not be saved: " + outcome.refusal),
                          About::one_key));
}

}  // namespace cachectl
