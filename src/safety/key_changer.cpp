#include "safety/key_changer.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "redis/error.hpp"
#include "util/signals.hpp"
#include "walk/cost.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

// Not a command's name: the keys are to be weighed first, and then deleted with DEL.
constexpr std::string_view k_unlink = "UNLINK", k_del = "DEL", k_weigh_and_del = "weigh";
constexpr milliseconds k_passing_patience{5'000};  // for BUSY and its like
constexpr milliseconds k_passing_step{100};
constexpr int k_reconnects_at_end = 3;

template <typename Commands>
std::uint64_t count_keys(const Commands& commands) {
    std::uint64_t keys = 0;
    for (const KeyCommand& command : commands) keys += command.keys.size();
    return keys;
}

// "… has no permissions to run the 'unlink' command" (6.0 and later): about the command, and so
// about every key; the other NOPERMs are about one of the keys.
bool denies_command(const Reply& reply) {
    return reply.error_prefix() == "NOPERM" && reply.text.find("run the '") != std::string::npos;
}

Cost cost_of(const KeyCommand& command) {
    const auto keys = static_cast<unsigned>(command.keys.size());
    if (command.verb == k_weigh_and_del) return weighing_cost(keys);
    if (command.verb == k_unlink || command.verb == k_del) {
        return VerbCost{command.verb == k_del ? Verb::del : Verb::unlink, 1,
                        k_command_cost + k_unlink_cost * keys + command.more_cost};
    }
    const Verb verb = command.verb == "PERSIST" ? Verb::persist : Verb::pexpire;
    return VerbCost{verb, keys, k_key_command_cost * keys};
}

bool denies_keys(const Reply& reply) {
    return reply.error_prefix() == "NOPERM" && !denies_command(reply);
}

bool is_unknown_command(const Reply& reply) {
    return reply.error_prefix() == "ERR" && reply.text.find("unknown command") != std::string::npos;
}

}  // namespace

KeyChanger::KeyChanger(Client& client, Paces& paces, KeyChangerOptions options)
    : m_client(client), m_paces(paces), m_options(std::move(options)) {
    m_batch.verb = k_unlink;
}

void KeyChanger::unlink(std::string key) {
    m_batch_bytes += key.size();
    m_batch.keys.push_back(std::move(key));
    if (m_batch.keys.size() >= m_paces.common().max_changes() || m_batch_bytes >= k_batch_bytes)
        send_batch();
}

void KeyChanger::send_batch() {
    if (m_batch.keys.empty()) return;
    KeyCommand batch = std::exchange(m_batch, {k_unlink, {}, {}});
    m_batch_bytes = 0;
    // A cluster refuses a command whose keys are of several slots. Commands of one key each cost it
    // about as much: they share their writes.
    std::map<std::uint16_t, std::vector<std::string>> by_slot;
    for (std::string& key : batch.keys) by_slot[m_client.slot(key)].push_back(std::move(key));
    for (auto& [slot, keys] : by_slot) send({k_unlink, std::move(keys), {}});
}

void KeyChanger::send(KeyCommand command) {
    if (m_stopped) {
        m_tally.not_attempted += command.keys.size();
        return;
    }
    if (m_use_del && command.verb == k_unlink) {
        send_weighing(std::move(command));
        return;
    }
    const Cost cost = cost_of(command);
    const std::uint64_t changes = command.verb == k_weigh_and_del ? 0 : command.keys.size();
    const auto waiting = m_waiting.insert(m_waiting.end(), std::move(command));
    m_paces.for_key(waiting->keys.front())
        .submit(
            m_asking, cost, [this, waiting] { transmit_waiting(waiting); }, changes);
}

void KeyChanger::transmit_waiting(std::list<KeyCommand>::iterator waiting) {
    if (m_waiting.empty()) return;  // stopped in the meantime
    ++m_outstanding;
    auto flight = std::make_shared<Flight>(Flight{std::move(*waiting)});
    m_waiting.erase(waiting);
    transmit(flight);
}

void KeyChanger::stop(Error reason) {
    if (m_stopped) return;
    m_stopped = std::move(reason);
    m_tally.not_attempted += count_keys(std::exchange(m_waiting, {}));
    if (on_stop) on_stop();
}

void KeyChanger::transmit(const std::shared_ptr<Flight>& flight) {
    if (flight->command.verb == k_weigh_and_del) {
        weigh(flight);
        return;
    }
    const KeyCommand& command = flight->command;
    std::vector<std::string_view> args = {command.verb};
    args.insert(args.end(), command.keys.begin(), command.keys.end());
    if (!command.argument.empty()) args.emplace_back(command.argument);
    m_client.send(args, [this, flight](Reply reply) { take_reply(flight, std::move(reply)); });
}

// DEL frees in the foreground, so what takes long to free is known, and left alone, before that.
void KeyChanger::send_weighing(KeyCommand command) {
    const std::size_t most = m_paces.for_key(command.keys.front()).portion(weighing_cost(1));
    for (auto rest = std::span(command.keys); !rest.empty();) {
        const auto keys = rest.first(std::min(most, rest.size()));
        rest = rest.subspan(keys.size());
        send({k_weigh_and_del, {keys.begin(), keys.end()}, {}});
    }
}

void KeyChanger::weigh(const std::shared_ptr<Flight>& flight) {
    weigh_keys(m_client, flight->command.keys,
               [this, flight](WeighedKeys weighed) { take_weighed(flight, std::move(weighed)); });
}

void KeyChanger::take_weighed(const std::shared_ptr<Flight>& flight, WeighedKeys weighed) {
    if (weighed.refused && waits_out(flight, *weighed.refused)) return;
    --m_outstanding;
    KeyCommand& command = flight->command;
    if (!weighed.refused) {
        delete_weighed(std::move(weighed));
    } else if (weighed.refused->is_broken()) {
        m_connection_lost = true;
        m_unsent.push_back(std::move(command));
    } else if (denies_keys(*weighed.refused)) {
        refuse_keys(std::move(command), *weighed.refused);
    } else {
        m_tally.failed += command.keys.size();
        stop(refusal(*weighed.refused, "tell which keys are too large for DEL", m_client.server()));
    }
}

void KeyChanger::delete_weighed(WeighedKeys weighed) {
    m_tally.failed += weighed.heavy.size();
    m_tally.too_large += weighed.heavy.size();
    for (std::string& key : weighed.heavy) {
        if (m_tally.large_keys.size() == k_refused_keys_kept) break;
        m_tally.large_keys.push_back(std::move(key));
    }
    for (LightKeys& light : weighed.light) {
        const double freeing = k_freeing_cost * static_cast<double>(light.bytes);
        send({k_del, std::move(light.keys), {}, freeing});
    }
}

void KeyChanger::take_reply(const std::shared_ptr<Flight>& flight, Reply reply) {
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
        const std::uint64_t keys = command.keys.size();
        const auto changed =
            std::min(keys, static_cast<std::uint64_t>(std::max<std::int64_t>(0, reply.integer)));
        m_tally.changed += changed;
        m_tally.vanished += keys - changed;
        if (on_done) on_done(command);
    } else if (reply.is_error()) {
        take_error(flight, reply);
    } else if (reply.type == Reply::Type::unsent) {
        m_connection_lost = true;
        m_unsent.push_back(std::move(command));
    } else {
        m_connection_lost |= reply.is_broken();
        m_lost.push_back(std::move(command));
        if (m_options.retry_unknown == RetryUnknown::no || !reply.is_broken()) {
            stop(refusal(reply, m_options.attempted, m_client.server()));
        }
    }
}

void KeyChanger::take_error(const std::shared_ptr<Flight>& flight, const Reply& reply) {
    KeyCommand& command = flight->command;
    if (command.verb == k_unlink && denied_by(reply) == Denied::command) {
        without_unlink(std::move(command), reply);
    } else if (denied_by(reply) == Denied::key) {
        refuse_keys(std::move(command), reply);
    } else {
        m_tally.failed += command.keys.size();
        stop(refusal(reply, m_options.attempted, m_client.server()));
    }
}

// The refused command has not been executed, so it may be sent again.
bool KeyChanger::waits_out(const std::shared_ptr<Flight>& flight, const Reply& reply) {
    if (!is_passing(reply) || m_stopped || flight->waited >= k_passing_patience) return false;
    flight->waited += k_passing_step;
    m_client.after(k_passing_step, [this, flight] {
        if (m_stopped || stop_signal() != 0) {
            --m_outstanding;
            m_tally.not_attempted += flight->command.keys.size();
        } else {
            transmit(flight);
        }
    });
    return true;
}

void KeyChanger::without_unlink(KeyCommand command, const Reply& reply) {
    if (m_options.allow_del == AllowDel::yes) {
        use_del();
        send(std::move(command));
        return;
    }
    m_tally.failed += command.keys.size();
    const Error error = refusal(reply, m_options.attempted, m_client.server());
    stop({ExitCode::refused, error.what(),
          (error.hint().empty() ? std::string() : error.hint() + "; ") +
              "--allow-del uses DEL instead, for keys that are not too large for it"});
}

// What waits for its pace's leave asks anew, because it will cost something else.
void KeyChanger::use_del() {
    if (std::exchange(m_use_del, true)) return;
    m_asking = std::make_shared<char>();
    for (KeyCommand& command : std::exchange(m_waiting, {})) send(std::move(command));
}

void KeyChanger::send_one_by_one(KeyCommand command) {
    const double more_cost = command.more_cost / static_cast<double>(command.keys.size());
    for (std::string& key : command.keys) {
        send({command.verb, {std::move(key)}, command.argument, more_cost});
    }
}

// One key that the user may not touch fails the whole command: each by itself, and it is the only
// one.
void KeyChanger::refuse_keys(KeyCommand command, const Reply& reply) {
    if (command.keys.size() > 1) {
        send_one_by_one(std::move(command));
        return;
    }
    ++m_tally.failed;
    if (m_tally.refusal.empty()) m_tally.refusal = reply.text;
    if (m_tally.refused_keys.size() < k_refused_keys_kept) {
        m_tally.refused_keys.push_back(std::move(command.keys.front()));
    }
}

void KeyChanger::resume() {
    m_connection_lost = false;
    if (m_stopped) return;
    for (KeyCommand& command : std::exchange(m_unsent, {})) send(std::move(command));
    // Still here means RetryUnknown::yes: without it a lost reply stops.
    if (m_lost.empty()) return;
    m_tally.changed_is_lower_bound = true;
    for (KeyCommand& command : std::exchange(m_lost, {})) send(std::move(command));
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
    tally.unknown = count_keys(m_lost);
    tally.not_attempted += count_keys(m_unsent) + count_keys(m_waiting);
    return tally;
}

}  // namespace cachectl
