// The part of change/key_changer.hpp that takes the replies: what was done, what is sent again in
// another way, and what is refused.
#include <algorithm>
#include <utility>

#include "change/key_changer.hpp"
#include "change/key_command.hpp"
#include "redis/error_reply.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr unsigned k_most_checks = 3;

// One that finds its keys as they should be has nothing to do, and says so with 0.
bool is_conditional(const KeyCommand& command) {
    return !command.condition.empty() || command.verb == k_persist;
}

}  // namespace

void KeyChanger::take_reply(const FlightPtr& flight, Reply reply) {
    KeyCommand& command = flight->command;
    if (reply.error_prefix() == "TRYAGAIN" && command.keys.size() > 1) {
        // Some of the keys have been moved to another node, and some not yet.
        --m_outstanding;
        send_one_by_one(std::move(command));
        return;
    }
    if (waits_out(flight, reply)) {
        return;
    }
    --m_outstanding;
    const auto keys = static_cast<std::int64_t>(command.keys.size());
    if (reply.is_integer() && reply.integer >= 0 && reply.integer <= keys) {
        learn_speed(*flight);
        take_count(std::move(command), static_cast<std::uint64_t>(reply.integer));
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

void KeyChanger::take_count(KeyCommand command, std::uint64_t count) {
    const std::uint64_t keys = command.keys.size();
    const auto changed = std::min(keys, count);
    const std::uint64_t others = keys - changed;
    const bool conditional = is_conditional(command) && m_options.check;
    if (others != 0 && conditional && !command.repeated) {
        // It has a single key, which is not what it was when it was looked at.
        if (command.checks == k_most_checks) {
            m_tally.unchanged += others;
        } else {
            KeyCommand again{command.verb, std::move(command.keys), {}};
            again.checks = command.checks + 1;
            again.is_saved = command.is_saved;
            submit(Step::check, std::move(again));
        }
        return;
    }
    m_tally.changed += changed;
    if (command.repeated && (conditional || command.removes())) {
        m_tally.changed += others;
        m_tally.presumed += others;
    } else {
        m_tally.vanished += others;
    }
    if (on_done && (command.removes() || others != keys || command.repeated)) {
        on_done(command);
    }
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
    if (m_stopped || !flight->retry.pays(reply)) {
        return false;
    }
    m_client.after(Retry::k_step, [this, flight] { go_on_waiting(flight); });
    return true;
}

void KeyChanger::go_on_waiting(const FlightPtr& flight) {
    if (m_stopped || stop_signal() != 0) {
        --m_outstanding;
        m_tally.not_attempted += flight->command.keys.size();
        return;
    }
    // What the keys were before the wait says little.
    if (flight->step == Step::send && checks_first()) {
        flight->step = Step::check;
    }
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
    if (first) {
        begin_waiting_anew();
    }
}

void KeyChanger::use_del() {
    if (std::exchange(m_use_del, true)) {
        return;
    }
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
    for (const std::string& key : command.keys) {
        go_on(command.for_some({key}));
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
    if (m_tally.refusal.empty()) {
        m_tally.refusal = text;
    }
    if (m_tally.refused_keys.size() < k_refused_keys_kept) {
        m_tally.refused_keys.push_back(std::move(key));
    }
}

}  // namespace cachectl
