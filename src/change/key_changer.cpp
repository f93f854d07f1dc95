#include "change/key_changer.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "change/key_command.hpp"
#include "pace/cost.hpp"
#include "redis/error_reply.hpp"
#include "redis/info.hpp"
#include "redis/version.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr int k_reconnects_at_end = 3;

std::uint64_t count_keys(const KeyCommand& command) { return command.keys.size(); }

Cost cost_of_sending(std::string_view verb, unsigned keys, double more_cost) {
    if (verb == k_unlink || verb == k_del) {
        return VerbCost{verb == k_del ? Verb::del : Verb::unlink, 1,
                        k_command_cost + k_unlink_cost * keys + more_cost};
    }
    return VerbCost{verb == k_persist ? Verb::persist : Verb::pexpire, keys,
                    k_key_command_cost * keys};
}

}  // namespace

Conditions expiry_conditions(const ServerInfo& server) {
    const bool known = server.is_of_known_kind() && Version::parse(server.version) >= Version{7, 0};
    return known ? Conditions::known : Conditions::unknown;
}

KeyChanger::KeyChanger(Client& client, Paces& paces, KeyChangerOptions options)
    : m_client(client), m_paces(paces), m_options(std::move(options)) {}

bool KeyChanger::checks_first() const {
    if (!m_options.check) {
        return false;
    }
    return m_options.check->when == KeyCheck::When::always ||
           m_options.conditions == Conditions::unknown;
}

void KeyChanger::change(std::string key) {
    m_batch_bytes += key.size();
    m_batch.push_back(std::move(key));
    if (m_batch.size() >= m_paces.common().max_changes() || m_batch_bytes >= k_batch_bytes) {
        send_batch();
    }
}

void KeyChanger::send_batch() {
    std::vector<std::string> batch = std::exchange(m_batch, {});
    m_batch_bytes = 0;
    const std::string_view verb = m_options.check ? m_options.check->verb : k_unlink;
    // A cluster refuses a command whose keys are of several slots. Commands of one key each cost it
    // about as much: they share their writes.
    std::map<std::uint16_t, std::vector<std::string>> by_slot;
    for (std::string& key : batch) {
        by_slot[m_client.slot(key)].push_back(std::move(key));
    }
    for (auto& [slot, keys] : by_slot) {
        begin({verb, std::move(keys), {}});
    }
}

void KeyChanger::send(KeyCommand command) {
    if (command.verb == k_unlink || is_to_be_saved(command)) {
        begin(std::move(command));
    } else {
        submit(Step::send, std::move(command));
    }
}

void KeyChanger::begin(KeyCommand command) {
    const std::size_t keys = command.keys.size();
    const bool removes = command.verb == k_unlink;
    if (is_to_be_saved(command) || (removes && (m_use_del || (m_measures && m_measure_all != 0)))) {
        submit_in_portions(Step::measure, std::move(command));
    } else if (removes && m_measures && keys > 1) {
        submit(Step::sample, std::move(command));
    } else if (!removes || keys <= m_most_keys) {
        go_on(std::move(command));
    } else {
        for (std::span rest(command.keys); !rest.empty();) {
            const auto some = rest.first(std::min(m_most_keys, rest.size()));
            rest = rest.subspan(some.size());
            go_on(command.for_some({some.begin(), some.end()}));
        }
    }
}

// What is known of the keys' sizes is known by now.
void KeyChanger::go_on(KeyCommand command) {
    if (is_to_be_saved(command)) {
        const bool look = m_options.check && m_options.check->before_saving && command.checks == 0;
        submit_in_portions(look ? Step::check : Step::save, std::move(command));
    } else if (checks_first()) {
        submit_in_portions(Step::check, std::move(command));
    } else {
        submit(Step::send, std::move(command));
    }
}

void KeyChanger::submit_in_portions(Step step, KeyCommand command) {
    const KeyCommand one = command.for_some({command.keys.front()});
    const std::size_t most = m_paces.for_key(one.keys.front()).portion(cost_of(step, one));
    if (command.keys.size() <= most) {
        submit(step, std::move(command));
        return;
    }
    for (std::span rest(command.keys); !rest.empty();) {
        const auto some = rest.first(std::min(most, rest.size()));
        rest = rest.subspan(some.size());
        submit(step, command.for_some({some.begin(), some.end()}));
    }
}

void KeyChanger::submit(Step step, KeyCommand command) {
    if (m_stopped) {
        m_tally.not_attempted += command.keys.size();
        return;
    }
    const bool counts = (step == Step::check || step == Step::send) && command.checks == 0;
    const std::uint64_t changes = counts ? command.keys.size() : 0;
    const Cost cost = cost_of(step, command);
    const auto waiting = m_waiting.insert(m_waiting.end(), Flight{step, std::move(command)});
    m_paces.for_key(waiting->command.keys.front())
        .submit(
            m_asking, cost, [this, waiting] { transmit_waiting(waiting); }, changes);
}

Cost KeyChanger::cost_of(Step step, const KeyCommand& command) const {
    const auto keys = static_cast<unsigned>(command.keys.size());
    if (step == Step::sample) {
        return measuring_cost(removal(), std::min(keys, k_sampled_keys));
    }
    if (step == Step::measure) {
        return measuring_cost(removal(), keys);
    }
    if (step == Step::save) {
        return saving_cost(m_options.backup->facts(), keys, command.bytes);
    }
    Cost cost = cost_of_sending(command.verb, keys, command.more_cost);
    if (m_options.backup != nullptr) {
        cost.add({Verb::dump, keys, dump_cost(keys, command.bytes)});
        cost.add({Verb::pttl, keys, k_key_command_cost * keys});
    }
    if (step == Step::check) {
        const Cost facts = facts_cost(m_options.check->facts).times(keys);
        for (const VerbCost& part : facts.parts()) {
            cost.add(part);
        }
    }
    return cost;
}

void KeyChanger::transmit_waiting(std::list<Flight>::iterator waiting) {
    if (m_waiting.empty() || stop_signal() != 0) {
        return;  // stopped in the meantime
    }
    ++m_outstanding;
    const auto flight = std::make_shared<Flight>(std::move(*waiting));
    m_waiting.erase(waiting);
    transmit(flight);
}

void KeyChanger::stop(Error reason) {
    if (m_stopped) {
        return;
    }
    m_stopped = std::move(reason);
    for (const Flight& flight : std::exchange(m_waiting, {})) {
        m_tally.not_attempted += count_keys(flight.command);
    }
    if (on_stop) {
        on_stop();
    }
}

void KeyChanger::transmit(const FlightPtr& flight) {
    switch (flight->step) {
        case Step::sample:
        case Step::measure:
            measure(flight);
            return;
        case Step::save:
            save(flight);
            return;
        case Step::check:
            check(flight);
            return;
        case Step::send:
            if (m_options.backup != nullptr) {
                transact(flight);
            } else {
                transmit_command(flight);
            }
            return;
    }
}

void KeyChanger::transmit_command(const FlightPtr& flight) {
    flight->sent = m_client.now();
    m_client.send(flight->command.words(),
                  [this, flight](Reply reply) { take_reply(flight, std::move(reply)); });
}

void KeyChanger::resume() {
    m_connection_lost = false;
    if (m_stopped) {
        return;
    }
    for (Flight& flight : std::exchange(m_unsent, {})) {
        // What was looked at over the old connection is looked at again.
        const bool look = flight.step == Step::send && checks_first();
        submit(look ? Step::check : flight.step, std::move(flight.command));
    }
    // Still here means RetryUnknown::yes: without it a lost reply stops.
    for (KeyCommand& command : std::exchange(m_lost, {})) {
        command.repeated = true;
        submit(checks_first() ? Step::check : Step::send, std::move(command));
    }
}

void KeyChanger::begin_anew() {
    m_asking = std::make_shared<char>();
    m_waiting.clear();
    m_batch.clear();
    m_batch_bytes = 0;
    m_unsent.clear();
    m_lost.clear();
    m_tally = {};
}

void KeyChanger::reconnect() {
    bool same_process = false;
    try {
        const Paces::Hold hold(m_paces);
        same_process = m_client.reconnect();
    } catch (const Error& error) {
        stop(error);
        return;
    }
    if (!same_process && on_other_process) {
        on_other_process();
    }
    resume();
}

void KeyChanger::finish() {
    send_batch();
    wait();
    for (int tries = 0; tries < k_reconnects_at_end; ++tries) {
        if (!m_connection_lost || m_stopped || stop_signal() != 0) {
            return;
        }
        reconnect();
        wait();
    }
}

void KeyChanger::wait() {
    m_client.run_until([this] {
        const bool gives_up = m_paces.stopped() || stop_signal() != 0;
        return m_outstanding == 0 && (m_waiting.empty() || gives_up);
    });
    if (m_paces.stopped()) {
        stop(*m_paces.stopped());
    }
}

ChangeTally KeyChanger::tally() const {
    ChangeTally tally = m_tally;
    for (const KeyCommand& command : m_lost) {
        tally.unknown += count_keys(command);
    }
    for (const Flight& flight : m_unsent) {
        tally.not_attempted += count_keys(flight.command);
    }
    for (const Flight& flight : m_waiting) {
        tally.not_attempted += count_keys(flight.command);
    }
    for (const KeyCommand& command : m_saved) {
        tally.not_attempted += count_keys(command);
    }
    return tally;
}

}  // namespace cachectl
