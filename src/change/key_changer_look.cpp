// The part of change/key_changer.hpp that looks before it changes: how large keys are, and whether
// they still are as they were chosen.
#include <algorithm>
#include <utility>

#include "change/key_changer.hpp"
#include "change/key_command.hpp"
#include "redis/error_reply.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

// After a batch with large keys, the next batches are measured whole: this many.
constexpr unsigned k_measured_after_large = 16;
// Where the server does not tell sizes: keys of one UNLINK at first, and how long one may take.
constexpr std::size_t k_cautious_keys = 10;
constexpr milliseconds k_too_long{2};
constexpr std::chrono::microseconds k_quick{500};
constexpr std::size_t k_most_in_one = 500;

/// Nobody can be given the right to what the server does not have.
bool lacks_command(const Reply& reply) {
    return denied_by(reply) == Denied::command && reply.error_prefix() == "ERR";
}

std::vector<std::string> some_of(const std::vector<std::string>& keys) {
    const std::size_t count = std::min<std::size_t>(keys.size(), k_sampled_keys);
    std::vector<std::string> sample;
    for (std::size_t i = 0; i < count; ++i) {
        sample.push_back(keys[i * keys.size() / count]);
    }
    return sample;
}

}  // namespace

// --- how large ----------------------------------------------------------------------------------

void KeyChanger::measure(const FlightPtr& flight) {
    const std::vector<std::string>& keys = flight->command.keys;
    ReadingLimits limits;
    if (is_to_be_saved(flight->command)) {
        limits = {.of_key = Backup::k_most_dumped, .of_portion = Backup::k_portion_bytes};
    }
    measure_keys(
        m_client, removal(), flight->step == Step::sample ? some_of(keys) : keys, limits,
        [this, flight](MeasuredKeys measured) { take_measured(flight, std::move(measured)); });
}

void KeyChanger::take_measured(const FlightPtr& flight, MeasuredKeys measured) {
    if (measured.refused && waits_out(flight, *measured.refused)) {
        return;
    }
    --m_outstanding;
    KeyCommand& command = flight->command;
    if (measured.refused) {
        refuse_measuring(flight, *measured.refused);
    } else if (m_stopped) {
        m_tally.not_attempted += command.keys.size();
    } else if (flight->step == Step::measure) {
        take_portions(command, std::move(measured));
    } else if (measured.dearest * static_cast<double>(command.keys.size()) > k_most_freeing) {
        m_measure_all = k_measured_after_large;
        submit_in_portions(Step::measure, std::move(command));
    } else {
        go_on(std::move(command));
    }
}

void KeyChanger::take_portions(const KeyCommand& command, MeasuredKeys measured) {
    m_tally.failed += measured.heavy.size();
    m_tally.too_large += measured.heavy.size();
    for (std::string& key : measured.heavy) {
        if (m_tally.large_keys.size() == k_refused_keys_kept) {
            break;
        }
        m_tally.large_keys.push_back(std::move(key));
    }
    for (std::string& key : measured.large) {
        m_options.put_off(std::move(key));
    }
    if (measured.portions.size() > 1) {
        m_measure_all = k_measured_after_large;
    } else if (m_measure_all != 0) {
        --m_measure_all;
    }
    for (Portion& portion : measured.portions) {
        KeyCommand some = command.for_some(std::move(portion.keys));
        if (command.removes()) {
            some.verb = removal() == Removal::del ? k_del : command.verb;
            some.more_cost = portion.freeing;
        }
        some.bytes = portion.bytes;
        go_on(std::move(some));
    }
}

void KeyChanger::refuse_measuring(const FlightPtr& flight, const Reply& reply) {
    KeyCommand& command = flight->command;
    if (reply.is_broken()) {
        m_connection_lost = true;
        m_unsent.push_back(std::move(*flight));
    } else if (is_to_be_saved(command) && lacks_command(reply)) {
        // A key of any size can be read in pieces.
        m_unmeasured = refusal(reply, "tell how large a key is", m_client.server(), "MEMORY USAGE");
        for (std::string& key : command.keys) {
            m_options.put_off(std::move(key));
        }
    } else if (is_to_be_saved(command) && denied_by(reply) != Denied::key) {
        m_tally.failed += command.keys.size();
        stop(
            refusal(reply, "tell which keys are too large to be saved at once", m_client.server()));
    } else if (!m_use_del && !is_to_be_saved(command)) {
        // Keys that the user may not look at are told apart by UNLINK itself.
        if (denied_by(reply) != Denied::key) {
            m_measures = false;
            m_most_keys = k_cautious_keys;
        }
        m_measure_all = 0;
        denied_by(reply) == Denied::key ? go_on(std::move(command)) : begin(std::move(command));
    } else if (denied_by(reply) == Denied::key) {
        refuse_keys(std::move(command), reply);
    } else {
        m_tally.failed += command.keys.size();
        stop(refusal(reply, "tell which keys are too large for DEL", m_client.server()));
    }
}

// By the clock, which tells too much at times: then the commands are smaller than need be.
void KeyChanger::learn_speed(const Flight& flight) {
    if (m_measures || flight.command.verb != k_unlink) {
        return;
    }
    const auto took =
        m_client.now() - flight.sent - m_paces.for_key(flight.command.keys.front()).round_trip();
    if (took > k_too_long) {
        m_most_keys = std::max<std::size_t>(1, m_most_keys / 2);
    } else if (took < k_quick && flight.command.keys.size() >= m_most_keys) {
        m_most_keys = std::min(m_most_keys * 2, k_most_in_one);
    }
}

// --- whether they still are what they were ------------------------------------------------------

void KeyChanger::check(const FlightPtr& flight) {
    read_facts_now(m_client, flight->command.keys, m_options.check->facts,
                   [this, flight](PageFacts page) { take_checked(flight, std::move(page)); });
}

void KeyChanger::take_checked(const FlightPtr& flight, PageFacts page) {
    KeyCommand& command = flight->command;
    if (page.refused_by && waits_out(flight, *page.refused_by)) {
        return;
    }
    --m_outstanding;
    if (page.connection_lost) {
        m_connection_lost = true;
        m_unsent.push_back(std::move(*flight));
    } else if (page.refused) {
        m_tally.failed += command.keys.size();
        stop(*page.refused);
    } else if (m_stopped || stop_signal() != 0) {
        m_tally.not_attempted += command.keys.size();
    } else {
        for (const KeyFacts& key : page.keys) {
            if (key.denied) {
                note_refused(key.key, page.denial->text);
            }
        }
        std::erase_if(page.keys, [](const KeyFacts& key) { return key.denied; });
        decide(command, page.keys);
    }
}

// What was looked at is changed at once: the pace has given its leave for both.
void KeyChanger::decide(const KeyCommand& command, const std::vector<KeyFacts>& keys) {
    KeyCommand removed = command.for_some({});
    removed.more_cost = command.more_cost;
    removed.bytes = command.bytes;
    KeyCommand to_save = removed, gone = removed;
    to_save.checks = std::max(1U, command.checks);
    const bool is_before_saving = is_to_be_saved(command);
    for (const KeyFacts& key : keys) {
        if (!key.exists) {
            gone.keys.push_back(key.key);
            continue;
        }
        auto change = m_options.check->decide(key, command);
        if (!change) {
            continue;
        }
        if (is_before_saving) {
            to_save.keys.push_back(key.key);
            continue;
        }
        if (change->verb == k_unlink) {
            removed.keys.push_back(key.key);
            continue;
        }
        if (m_options.conditions == Conditions::unknown) {
            change->condition = {};
        }
        change->checks = std::max(1U, command.checks);
        change->is_saved = command.is_saved;
        change->repeated = command.repeated;
        send_now(std::move(*change));
    }
    if (!removed.keys.empty()) {
        send_now(std::move(removed));
    }
    if (!to_save.keys.empty()) {
        submit_in_portions(Step::save, std::move(to_save));
    }
    if (gone.repeated && gone.removes()) {
        take_count(std::move(gone), 0);
    } else {
        m_tally.vanished += gone.keys.size();
    }
}

void KeyChanger::send_now(KeyCommand command) {
    ++m_outstanding;
    const auto flight = std::make_shared<Flight>(Flight{Step::send, std::move(command)});
    transmit(flight);
}

}  // namespace cachectl
