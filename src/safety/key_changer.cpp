#include "safety/key_changer.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "redis/error.hpp"
#include "safety/key_command.hpp"
#include "util/signals.hpp"
#include "walk/cost.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_passing_patience{5'000};  // for BUSY and its like
constexpr milliseconds k_passing_step{100};
constexpr int k_reconnects_at_end = 3;
constexpr unsigned k_most_checks = 3;

std::uint64_t count_keys(const KeyCommand& command) { return command.keys.size(); }

// One that finds its keys as they should be has nothing to do, and says so with 0.
bool is_conditional(const KeyCommand& command) {
    return !command.condition.empty() || command.verb == k_persist;
}

Cost cost_of_sending(std::string_view verb, unsigned keys, double more_cost) {
    if (verb == k_unlink || verb == k_del) {
        return VerbCost{verb == k_del ? Verb::del : Verb::unlink, 1,
                        k_command_cost + k_unlink_cost * keys + more_cost};
    }
    return VerbCost{verb == k_persist ? Verb::persist : Verb::pexpire, keys,
                    k_key_command_cost * keys};
}

}  // namespace

KeyChanger::KeyChanger(Client& client, Paces& paces, KeyChangerOptions options)
    : m_client(client), m_paces(paces), m_options(std::move(options)) {}

bool KeyChanger::checks_first() const {
    if (!m_options.check) return false;
    return m_options.check->when == KeyCheck::When::always ||
           m_options.conditions == Conditions::unknown;
}

void KeyChanger::change(std::string key) {
    m_batch_bytes += key.size();
    m_batch.push_back(std::move(key));
    if (m_batch.size() >= m_paces.common().max_changes() || m_batch_bytes >= k_batch_bytes)
        send_batch();
}

void KeyChanger::send_batch() {
    const std::vector<std::string> batch = std::exchange(m_batch, {});
    m_batch_bytes = 0;
    const std::string_view verb = m_options.check ? m_options.check->verb : k_unlink;
    // A cluster refuses a command whose keys are of several slots. Commands of one key each cost it
    // about as much: they share their writes.
    std::map<std::uint16_t, std::vector<std::string>> by_slot;
    for (const std::string& key : batch) by_slot[m_client.slot(key)].push_back(key);
    for (auto& [slot, keys] : by_slot) begin({verb, std::move(keys), {}});
}

void KeyChanger::send(KeyCommand command) {
    if (command.verb == k_unlink) {
        begin(std::move(command));
    } else {
        submit(Step::send, std::move(command));
    }
}

void KeyChanger::begin(KeyCommand command) {
    const std::size_t keys = command.keys.size();
    if (command.verb != k_unlink) {
        go_on(std::move(command));
    } else if (m_use_del || (m_weighs && m_weigh_all != 0)) {
        submit_in_portions(Step::weigh, std::move(command));
    } else if (m_weighs && keys > 1) {
        submit(Step::sample, std::move(command));
    } else {
        for (std::span rest(command.keys); !rest.empty();) {
            const auto some = rest.first(std::min(m_most_keys, rest.size()));
            rest = rest.subspan(some.size());
            go_on({command.verb, {some.begin(), some.end()}, {}});
        }
    }
}

// What is known of the keys' sizes is known by now.
void KeyChanger::go_on(KeyCommand command) {
    if (checks_first()) {
        submit_in_portions(Step::check, std::move(command));
    } else {
        submit(Step::send, std::move(command));
    }
}

void KeyChanger::submit_in_portions(Step step, KeyCommand command) {
    const KeyCommand one{command.verb, {command.keys.front()}, {}};
    const std::size_t most = m_paces.for_key(one.keys.front()).portion(cost_of(step, one));
    const double more_cost = command.more_cost / static_cast<double>(command.keys.size());
    for (std::span rest(command.keys); !rest.empty();) {
        const auto some = rest.first(std::min(most, rest.size()));
        rest = rest.subspan(some.size());
        KeyCommand portion{command.verb, {some.begin(), some.end()}, command.argument};
        portion.more_cost = more_cost * static_cast<double>(some.size());
        portion.checks = command.checks;
        submit(step, std::move(portion));
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
    if (step == Step::sample) return weighing_cost(removal(), std::min(keys, k_sampled_keys));
    if (step == Step::weigh) return weighing_cost(removal(), keys);
    Cost cost = cost_of_sending(command.verb, keys, command.more_cost);
    if (step == Step::check) {
        for (const VerbCost& part : facts_cost(m_options.check->facts).times(keys).parts()) {
            cost.add(part);
        }
    }
    return cost;
}

void KeyChanger::transmit_waiting(std::list<Flight>::iterator waiting) {
    if (m_waiting.empty() || stop_signal() != 0) return;  // stopped in the meantime
    ++m_outstanding;
    const auto flight = std::make_shared<Flight>(std::move(*waiting));
    m_waiting.erase(waiting);
    transmit(flight);
}

void KeyChanger::stop(Error reason) {
    if (m_stopped) return;
    m_stopped = std::move(reason);
    for (const Flight& flight : std::exchange(m_waiting, {})) {
        m_tally.not_attempted += count_keys(flight.command);
    }
    if (on_stop) on_stop();
}

void KeyChanger::transmit(const FlightPtr& flight) {
    switch (flight->step) {
        case Step::sample:
        case Step::weigh:
            weigh(flight);
            return;
        case Step::check:
            check(flight);
            return;
        case Step::send:
            transmit_command(flight);
            return;
    }
}

void KeyChanger::transmit_command(const FlightPtr& flight) {
    const KeyCommand& command = flight->command;
    std::vector<std::string_view> args = {command.verb};
    args.insert(args.end(), command.keys.begin(), command.keys.end());
    if (!command.argument.empty()) args.emplace_back(command.argument);
    if (!command.condition.empty()) args.emplace_back(command.condition);
    flight->sent = m_client.now();
    m_client.send(args, [this, flight](Reply reply) { take_reply(flight, std::move(reply)); });
}

void KeyChanger::take_reply(const FlightPtr& flight, Reply reply) {
    KeyCommand& command = flight->command;
    if (reply.error_prefix() == "TRYAGAIN" && command.keys.size() > 1) {
        // Some of the keys have been moved to another node, and some not yet.
        --m_outstanding;
        send_one_by_one(std::move(command));
        return;
    }
    if (waits_out(flight, reply)) return;
    --m_outstanding;
    if (reply.is_integer()) {
        learn_speed(*flight);
        take_count(std::move(command), reply.integer);
    } else if (reply.is_error()) {
        take_error(flight, reply);
    } else if (reply.type == Reply::Type::unsent) {
        m_connection_lost = true;
        m_unsent.push_back(std::move(*flight));
    } else {
        m_connection_lost |= reply.is_broken();
        m_lost.push_back(std::move(command));
        if (m_options.retry_unknown == RetryUnknown::no || !reply.is_broken()) {
            stop(refusal(reply, m_options.attempted, m_client.server()));
        }
    }
}

void KeyChanger::take_count(KeyCommand command, std::int64_t count) {
    const std::uint64_t keys = command.keys.size();
    const auto changed =
        std::min(keys, static_cast<std::uint64_t>(std::max<std::int64_t>(0, count)));
    const std::uint64_t others = keys - changed;
    const bool conditional = is_conditional(command) && m_options.check;
    if (others != 0 && conditional && !command.repeated) {
        // It has a single key, which is not what it was when it was looked at.
        if (command.checks == k_most_checks) {
            m_tally.unchanged += others;
        } else {
            submit(Step::check,
                   {command.verb, std::move(command.keys), {}, {}, 0, false, command.checks + 1});
        }
        return;
    }
    m_tally.changed += changed;
    if (command.repeated && (conditional || command.verb == k_unlink || command.verb == k_del)) {
        m_tally.changed += others;
        m_tally.presumed += others;
    } else {
        m_tally.vanished += others;
    }
    const bool gone = command.verb == k_unlink || command.verb == k_del;
    if (on_done && (gone || others != keys || command.repeated)) on_done(command);
}

void KeyChanger::take_error(const FlightPtr& flight, const Reply& reply) {
    KeyCommand& command = flight->command;
    if (command.verb == k_unlink && denied_by(reply) == Denied::command) {
        without_unlink(std::move(command), reply);
    } else if (denied_by(reply) == Denied::key) {
        refuse_keys(std::move(command), reply);
    } else if (!command.condition.empty() && m_options.check && reply.error_prefix() == "ERR" &&
               denied_by(reply) != Denied::command) {
        without_conditions(std::move(command));
    } else {
        m_tally.failed += command.keys.size();
        stop(refusal(reply, m_options.attempted, m_client.server()));
    }
}

// The refused command has not been executed, so it may be sent again.
bool KeyChanger::waits_out(const FlightPtr& flight, const Reply& reply) {
    if (!is_passing(reply) || m_stopped || flight->waited >= k_passing_patience) return false;
    flight->waited += k_passing_step;
    m_client.after(k_passing_step, [this, flight] { go_on_waiting(flight); });
    return true;
}

void KeyChanger::go_on_waiting(const FlightPtr& flight) {
    if (m_stopped || stop_signal() != 0) {
        --m_outstanding;
        m_tally.not_attempted += flight->command.keys.size();
        return;
    }
    // What the keys were before the wait says little.
    if (flight->step == Step::send && checks_first()) flight->step = Step::check;
    transmit(flight);
}

void KeyChanger::without_unlink(KeyCommand command, const Reply& reply) {
    if (m_options.allow_del == AllowDel::yes) {
        use_del();
        begin(std::move(command));
        return;
    }
    m_tally.failed += command.keys.size();
    const Error error = refusal(reply, m_options.attempted, m_client.server());
    stop({ExitCode::refused, error.what(),
          (error.hint().empty() ? std::string() : error.hint() + "; ") +
              "--allow-del uses DEL instead, for keys that are not too large for it"});
}

// From now on the keys are looked at first, and what is decided then is not left to the server.
void KeyChanger::without_conditions(KeyCommand command) {
    const bool first = m_options.conditions == Conditions::known;
    m_options.conditions = Conditions::unknown;
    command.condition = {};
    go_on(std::move(command));
    if (first) begin_waiting_anew();
}

void KeyChanger::use_del() {
    if (std::exchange(m_use_del, true)) return;
    begin_waiting_anew();
}

// What waits for its pace's leave asks anew, because it takes another way now.
void KeyChanger::begin_waiting_anew() {
    m_asking = std::make_shared<char>();
    for (Flight& flight : std::exchange(m_waiting, {})) {
        flight.command.condition = {};
        flight.command.more_cost = 0;
        begin(std::move(flight.command));
    }
}

void KeyChanger::send_one_by_one(KeyCommand command) {
    const double more_cost = command.more_cost / static_cast<double>(command.keys.size());
    for (std::string& key : command.keys) {
        KeyCommand one{command.verb, {std::move(key)}, command.argument, command.condition};
        one.more_cost = more_cost;
        one.repeated = command.repeated;
        go_on(std::move(one));
    }
}

// One key that the user may not touch fails the whole command: each by itself, and it is the only
// one.
void KeyChanger::refuse_keys(KeyCommand command, const Reply& reply) {
    if (command.keys.size() > 1) {
        send_one_by_one(std::move(command));
        return;
    }
    note_refused(std::move(command.keys.front()), reply.text);
}

void KeyChanger::note_refused(std::string key, const std::string& text) {
    ++m_tally.failed;
    if (m_tally.refusal.empty()) m_tally.refusal = text;
    if (m_tally.refused_keys.size() < k_refused_keys_kept) {
        m_tally.refused_keys.push_back(std::move(key));
    }
}

void KeyChanger::resume() {
    m_connection_lost = false;
    if (m_stopped) return;
    for (Flight& flight : std::exchange(m_unsent, {})) {
        // What was looked at over the old connection is looked at again.
        const bool look = flight.step == Step::send && checks_first();
        submit(look ? Step::check : flight.step, std::move(flight.command));
    }
    // Still here means RetryUnknown::yes: without it a lost reply stops.
    for (KeyCommand& command : std::exchange(m_lost, {})) {
        command.repeated = true;
        submit(Step::send, std::move(command));
    }
}

void KeyChanger::reconnect() {
    try {
        const Paces::Hold hold(m_paces);
        m_client.reconnect();
    } catch (const Error& error) {
        stop(error);
        return;
    }
    resume();
}

void KeyChanger::finish() {
    send_batch();
    wait();
    for (int tries = 0; tries < k_reconnects_at_end; ++tries) {
        if (!m_connection_lost || m_stopped || stop_signal() != 0) return;
        reconnect();
        wait();
    }
}

void KeyChanger::wait() {
    m_client.run_until([this] {
        const bool gives_up = m_paces.stopped() || stop_signal() != 0;
        return m_outstanding == 0 && (m_waiting.empty() || gives_up);
    });
    if (m_paces.stopped()) stop(*m_paces.stopped());
}

ChangeTally KeyChanger::tally() const {
    ChangeTally tally = m_tally;
    for (const KeyCommand& command : m_lost) tally.unknown += count_keys(command);
    for (const Flight& flight : m_unsent) tally.not_attempted += count_keys(flight.command);
    for (const Flight& flight : m_waiting) tally.not_attempted += count_keys(flight.command);
    return tally;
}

}  // namespace cachectl
