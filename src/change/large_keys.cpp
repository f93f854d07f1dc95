#include "change/large_keys.hpp"

#include <utility>

#include "change/value_pieces.hpp"
#include "redis/error_reply.hpp"
#include "redis/retry.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr int k_most_tries = 3;
constexpr const char* k_attempted = "save keys before they are changed";

bool lives_elsewhere(const Reply& reply) {
    const std::string_view prefix = reply.error_prefix();
    return prefix == "MOVED" || prefix == "ASK" || prefix == "TRYAGAIN" ||
           reply.type == Reply::Type::unsent;
}

}  // namespace

LargeKeys::LargeKeys(Client& client, Paces& paces, Backup& backup, AllowSlowDump allow_slow_dump,
                     Conditions conditions)
    : m_client(client),
      m_paces(paces),
      m_backup(backup),
      m_allow_slow_dump(allow_slow_dump),
      m_conditions(conditions) {}

LargeKeyOutcome LargeKeys::change(const std::string& key, const FactsWanted& wanted,
                                  const Decide& decide) {
    m_queues = true;
    m_idle.reset();
    for (int tries = 0; tries < k_most_tries; ++tries) {
        Client& server = m_client.home_of(key);
        const Reply watched = watch(server, key);
        if (watched.is_text()) {
            m_watching = server.origin().connection;
            const auto outcome = try_and_settle(server, key, wanted, decide);
            if (outcome) {
                (void)server.call({"UNWATCH"});
                return *outcome;
            }
        } else if (denied_by(watched) == Denied::key) {
            return {Fate::refused, watched.text, {}};
        } else if (!lives_elsewhere(watched) || &server == &m_client) {
            throw refusal(watched, k_attempted, m_client.server());
        } else if (watched.error_prefix() == "ASK") {
            return {Fate::moving, {}, {}};
        } else {
            (void)m_client.call({"EXISTS", key});  // finds out where it lives now
        }
    }
    return {Fate::restless, {}, {}};
}

/// Of a slot that is being moved a key that has arrived takes no transaction until all have: that
/// is waited for, a while.
Reply LargeKeys::watch(Client& server, const std::string& key) {
    Retry retry;
    while (true) {
        Reply watched = server.call({"WATCH", key});
        if (watched.error_prefix() != "ASK" || !retry.has_patience() || stop_signal() != 0) {
            return watched;
        }
        m_client.sleep(Retry::k_step);
    }
}

/// The backup keeps the key only if it was changed, or may have been: as it was at some other time
/// nobody wants it back.
std::optional<LargeKeyOutcome> LargeKeys::try_and_settle(Client& server, const std::string& key,
                                                         const FactsWanted& wanted,
                                                         const Decide& decide) {
    m_backup.begin_alone();
    try {
        auto outcome = try_once(server, key, wanted, decide);
        if (outcome && outcome->fate == Fate::changed) {
            m_backup.keep_alone(key);
        } else {
            m_backup.drop_alone();
        }
        return outcome;
    } catch (const Error&) {
        m_is_outcome_unknown ? m_backup.keep_alone(key) : m_backup.drop_alone();
        throw;
    }
}

/// Nothing: it is not what it was when it was looked at.
std::optional<LargeKeyOutcome> LargeKeys::try_once(Client& server, const std::string& key,
                                                   const FactsWanted& wanted,
                                                   const Decide& decide) {
    KeyFacts before = facts_of(server, key, wanted);
    if (m_idle) {
        before.idle = std::exchange(m_idle, std::nullopt);
    }
    if (!before.exists) {
        return LargeKeyOutcome{Fate::vanished, {}, {}};
    }
    if (!decide(before)) {
        return LargeKeyOutcome{Fate::left, {}, {}};
    }
    const Saved saved = save(server, key);
    if (saved != Saved::yes) {
        return saved == Saved::only_dumped ? std::optional(LargeKeyOutcome{
                                                 Fate::only_dumped, {}, dumping_time(server, key)})
                                           : std::nullopt;
    }
    wait_for_pace(key, 0);
    // Saving took its time, and has made the idle time 0.
    KeyFacts facts = facts_of(server, key, wanted);
    facts.idle = before.idle;
    if (!facts.exists) {
        return LargeKeyOutcome{Fate::vanished, {}, {}};
    }
    std::optional<KeyCommand> command = decide(facts);
    if (!command) {
        return LargeKeyOutcome{Fate::left, {}, {}};
    }
    command->keys = {key};
    if (m_conditions == Conditions::unknown) {
        command->condition = {};
    }
    if (server.origin().connection != m_watching) {
        return std::nullopt;  // another one was made since, which does not watch
    }
    const Reply done = cause_of(execute(server, *command));
    if (m_queues && done.error_prefix() == "OOM") {
        // The refusal has ended the watch: what was written before is not known.
        m_queues = false;
        m_idle = before.idle;
        return std::nullopt;
    }
    if (done.is_nil() || (done.is_integer() && done.integer == 0)) {
        return std::nullopt;
    }
    if (denied_by(done) == Denied::key) {
        return LargeKeyOutcome{Fate::refused, done.text, {}};
    }
    if (!done.is_integer()) {
        // Only what was refused, or never left, is known not to have been done.
        m_is_outcome_unknown = !done.is_error() && done.type != Reply::Type::unsent;
        throw refusal(done, k_attempted, m_client.server());
    }
    return LargeKeyOutcome{Fate::changed, {}, {}};
}

KeyFacts LargeKeys::facts_of(Client& server, const std::string& key, const FactsWanted& wanted) {
    struct State {
        PageFacts page;
        bool done = false;
    };
    const auto state = std::make_shared<State>();
    read_facts_now(server, {key}, wanted, [state](PageFacts page) {
        state->page = std::move(page);
        state->done = true;
    });
    server.run_until([&] { return state->done; });
    if (state->page.connection_lost || state->page.refused || state->page.keys.empty()) {
        throw state->page.refused.value_or(
            Error(ExitCode::partial, "the connection was lost while a large key was read"));
    }
    return std::move(state->page.keys.front());
}

LargeKeys::Saved LargeKeys::save(Client& server, const std::string& key) {
    SavedKey saved{.name = key, .dumped = {}};
    const Reply type = server.call({"TYPE", key});
    const Reply expiry = server.call(expiry_question(m_backup.facts(), key));
    if (!type.is_text() || !expiry.is_integer()) {
        throw refusal(type.is_text() ? expiry : type, k_attempted, m_client.server());
    }
    if (m_backup.facts().use != SavedFacts::Use::none) {
        take_use(m_backup.facts(), server.call(use_question(m_backup.facts(), key)), saved);
    }
    if (!take_expiry(m_backup.facts(), expiry, saved)) {
        return Saved::changed;
    }
    const std::optional<RdbType> plain = plain_type_of(type.text);
    const Saved in_pieces = plain ? save_pieces(server, saved, *plain) : Saved::only_dumped;
    if (in_pieces != Saved::only_dumped || m_allow_slow_dump == AllowSlowDump::no) {
        return in_pieces;
    }
    m_backup.drop_alone();
    return save_whole(server, std::move(saved));
}

// Measured with Redis 7.0.15: 1 MiB of random bytes takes 7 to 13 ms, as LZF tries to compress
// them.
std::chrono::milliseconds LargeKeys::dumping_time(Client& server, const std::string& key) {
    constexpr std::int64_t k_bytes_of_a_ms = 100 * 1024;
    const Reply size = server.call({"MEMORY", "USAGE", key});
    return std::chrono::milliseconds(size.is_integer() ? size.integer / k_bytes_of_a_ms : 0);
}

LargeKeys::Saved LargeKeys::save_pieces(Client& server, const SavedKey& key, RdbType type) {
    ValuePieces pieces(server, key.name,
                       [&](std::uint64_t bytes) { wait_for_pace(key.name, bytes); });
    switch (pieces.copy_to(m_backup.begin_pieces(key, type), type)) {
        case ValuePieces::End::whole:
            m_backup.commit_alone();
            return Saved::yes;
        case ValuePieces::End::changed:
            return Saved::changed;
        case ValuePieces::End::has_field_ttls:
            break;
    }
    return Saved::only_dumped;
}

LargeKeys::Saved LargeKeys::save_whole(Client& server, SavedKey key) {
    wait_for_pace(key.name, 0);
    Reply dumped = server.call({"DUMP", key.name});
    if (dumped.is_nil()) {
        return Saved::changed;
    }
    if (!dumped.is_text()) {
        throw refusal(dumped, k_attempted, m_client.server());
    }
    key.dumped = std::move(dumped.text);
    m_backup.add_alone(key);
    return Saved::yes;
}

/// The command's reply; nil if somebody has written to the key since it is watched. Before
/// Redis 7.2 a server that is full queues nothing, but deletes, and a transaction of nothing still
/// tells whether the key is what it was.
Reply LargeKeys::execute(Client& server, const KeyCommand& command) {
    Reply refused;
    const auto keep_refusal = [&refused](Reply reply) {
        if (refused.is_nil() && reply.is_error()) {
            refused = std::move(reply);
        }
    };
    server.send({"MULTI"}, keep_refusal);
    if (m_queues) {
        server.send(command.words(), keep_refusal);
    }
    Reply exec = server.call({"EXEC"});
    if (!m_queues && exec.is_array()) {
        return server.call(command.words());
    }
    if (exec.is_array() && exec.elements.size() == 1) {
        return std::move(exec.elements.front());
    }
    return exec.is_error() && refused.is_error() ? refused : exec;
}

void LargeKeys::wait_for_pace(const std::string& key, std::uint64_t bytes) {
    m_paces.for_key(key).wait_for(VerbCost{Verb::get, 1, write_cost(bytes)}, 0);
    if (m_paces.stopped()) {
        throw Error(*m_paces.stopped());
    }
}

}  // namespace cachectl
