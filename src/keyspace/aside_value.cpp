#include "keyspace/aside_value.hpp"

#include <algorithm>
#include <utility>

#include "keyspace/temporary_key.hpp"
#include "redis/error_reply.hpp"
#include "redis/retry.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

// Whatever happens to us, what has been built is gone after an hour.
constexpr std::string_view k_left_for = "3600000";
// A key that others write all the time is theirs.
constexpr int k_most_tries = 8;
constexpr std::size_t k_most_bytes_on_their_way = std::size_t{1} << 20;
constexpr std::size_t k_bytes_around_a_word = 16;

using Fate = AsideValue::Placed::Fate;

bool lives_elsewhere(const Reply& reply) {
    const std::string_view prefix = reply.error_prefix();
    return prefix == "MOVED" || reply.type == Reply::Type::unsent;
}

/// Of a slot that is being moved, a key that has arrived takes no transaction until all have.
bool is_being_moved(const Reply& reply) {
    const std::string_view prefix = reply.error_prefix();
    return prefix == "ASK" || prefix == "TRYAGAIN";
}

/// The reply to a command before EXEC: whatever became of it, nothing has been changed.
Reply nothing_done(Reply reply) {
    if (reply.type == Reply::Type::lost) {
        reply.type = Reply::Type::unsent;
    }
    return reply;
}

/// The first error among the replies of a transaction that was executed, or its own reply.
Reply failure_of(Reply exec) {
    const auto failed = std::find_if(exec.elements.begin(), exec.elements.end(),
                                     [](const Reply& part) { return part.is_error(); });
    return failed == exec.elements.end() ? std::move(exec) : Reply(*failed);
}

}  // namespace

AsideValue::AsideValue(Client& client, std::string_view key, std::string_view suffix)
    : m_client(client),
      m_key(key),
      m_name(temporary_key(key, suffix)),
      // In a cluster one that is sent on to another node could come after the next one.
      m_most_bytes_on_their_way(client.masters() == 0 ? k_most_bytes_on_their_way : 0) {}

// --- building -----------------------------------------------------------------------------------

std::optional<Reply> AsideValue::check_transactions() {
    Reply reply = transact(m_client, {{"UNLINK", m_name}});
    return reply.is_array() ? std::nullopt : std::optional(std::move(reply));
}

std::optional<Reply> AsideValue::build(const std::function<std::optional<Reply>()>& add_slices) {
    std::optional<Reply> failure;
    for (int tries = 0; tries < k_most_tries; ++tries) {
        m_flow.reset();
        failure = add_slices();
        if (!failure) {
            failure = check_complete();
        }
        if (!failure || !is_passing(*failure)) {
            break;
        }
        m_client.sleep(Retry::k_step);
    }
    return failure;
}

std::optional<Reply> AsideValue::add(std::string_view verb,
                                     std::span<const std::string_view> words) {
    Command slice = {verb, m_name};
    slice.insert(slice.end(), words.begin(), words.end());
    if (!m_flow) {
        m_flow = std::make_shared<Flow>();
        Reply reply = begin(slice);
        return reply.is_integer() ? std::nullopt : std::optional(std::move(reply));
    }
    std::size_t bytes = 0;
    for (const std::string_view word : slice) {
        bytes += word.size() + k_bytes_around_a_word;
    }
    m_flow->bytes += bytes;
    m_client.send(slice, [flow = m_flow, bytes](Reply reply) {
        flow->bytes -= bytes;
        if (!flow->failure && !reply.is_integer()) {
            flow->failure = std::move(reply);
        }
    });
    m_client.run_until([this, has_left = false]() mutable {
        return std::exchange(has_left, true) &&
               (m_flow->failure || m_flow->bytes <= m_most_bytes_on_their_way);
    });
    return m_flow->failure;
}

/// The reply to the first slice, which makes the key: in the same moment it gets its end. What an
/// earlier try has left goes.
Reply AsideValue::begin(const Command& slice) {
    const std::vector<Command> commands = {
        {"UNLINK", m_name}, slice, {"PEXPIRE", m_name, k_left_for}};
    Reply exec = transact(m_client, commands);
    if (!exec.is_array() || exec.elements.size() != commands.size()) {
        return exec;
    }
    const Reply& expires = exec.elements.back();
    return expires.is_integer() ? exec.elements.at(1) : expires;
}

std::optional<Reply> AsideValue::check_complete() {
    const Reply left = m_client.call({"PTTL", m_name});
    return m_flow && m_flow->failure ? m_flow->failure : check_left(left);
}

/// One that was evicted in between was made anew by the next slice, and has no end.
std::optional<Reply> AsideValue::check_left(const Reply& pttl) {
    if (!pttl.is_integer()) {
        return pttl;
    }
    if (pttl.integer < 0) {
        return Reply::make_error("ERR it was evicted while it was built up");
    }
    return std::nullopt;
}

void AsideValue::remove() { (void)m_client.call({"UNLINK", m_name}); }

// --- taking the key's place ---------------------------------------------------------------------

AsideValue::Command AsideValue::expiry_command(std::string_view of, const Expiry& expiry) const {
    return expiry.verb.empty() ? Command{"PERSIST", of} : Command{expiry.verb, of, expiry.time};
}

AsideValue::Placed AsideValue::place(const Expiry& expiry) {
    Reply exec =
        transact(m_client,
                 {expiry_command(m_name, expiry), {"RENAMENX", m_name, m_key}, {"UNLINK", m_name}});
    if (!exec.is_array() || exec.elements.size() != 3) {
        return {Fate::refused, std::move(exec)};
    }
    const Reply& renamed = exec.elements.at(1);
    const bool got_its_end = !expiry.verb.empty() && exec.elements.front().integer == 1;
    if (got_its_end && renamed.text == "ERR no such key") {
        return {Fate::expired};
    }
    if (!renamed.is_integer()) {
        return {Fate::refused, renamed};
    }
    return {renamed.integer == 1 ? Fate::placed : Fate::exists};
}

AsideValue::Placed AsideValue::replace(const Expiry& expiry, const IsWanted& is_wanted) {
    for (int tries = 0; tries < k_most_tries; ++tries) {
        Client& server = m_client.home_of(m_key);
        std::optional<Placed> placed = try_to_replace(server, expiry, is_wanted);
        if (placed && lives_elsewhere(placed->refusal) && &server != &m_client) {
            (void)m_client.call({"PTTL", m_name});  // finds out where it lives now
        } else if (placed) {
            return std::move(*placed);
        }
    }
    return {Fate::restless};
}

/// Nothing: somebody has touched what was watched. UNLINK and RENAMENX would leave nothing if the
/// value were gone by then.
std::optional<AsideValue::Placed> AsideValue::try_to_replace(Client& server, const Expiry& expiry,
                                                             const IsWanted& is_wanted) {
    Reply watched = watch(server, is_wanted != nullptr);
    if (!watched.is_text()) {
        return Placed{Fate::refused, nothing_done(std::move(watched))};
    }
    if (std::optional<Reply> missing = check_left(server.call({"PTTL", m_name}))) {
        (void)transact(server, {});  // ends the watch, and takes no right of its own
        return Placed{Fate::refused, nothing_done(std::move(*missing))};
    }
    if (is_wanted && !is_wanted(server)) {
        (void)transact(server, {});
        return Placed{Fate::unwanted};
    }
    Reply exec = transact(
        server, {{"UNLINK", m_key}, {"RENAMENX", m_name, m_key}, expiry_command(m_key, expiry)});
    if (exec.is_nil()) {
        return std::nullopt;
    }
    exec = failure_of(std::move(exec));
    const bool is_placed = exec.elements.size() == 3 && exec.elements.at(1).integer == 1;
    return is_placed ? Placed{Fate::placed} : Placed{Fate::refused, std::move(exec)};
}

Reply AsideValue::watch(Client& server, bool key_too) {
    Command watch = {"WATCH", m_name};
    if (key_too) {
        watch.push_back(m_key);
    }
    Retry retry(m_client.failover_patience());
    while (true) {
        Reply watched = server.call(watch);
        if (!is_being_moved(watched) || !retry.has_patience() || stop_signal() != 0) {
            return is_being_moved(watched)
                       ? Reply::make_error("ERR its slot is being moved to another node")
                       : watched;
        }
        m_client.sleep(Retry::k_step);
    }
}

// --- sending ------------------------------------------------------------------------------------

/// EXEC's reply, or the first error of what should have been executed.
Reply AsideValue::transact(Client& server, const std::vector<Command>& commands) {
    Retry retry(m_client.failover_patience());
    while (true) {
        Reply refused;
        const auto keep_refusal = [&refused](Reply reply) {
            if (refused.is_nil() && reply.is_error()) {
                refused = std::move(reply);
            }
        };
        server.send({"MULTI"}, keep_refusal);
        for (const Command& command : commands) {
            server.send(command, keep_refusal);
        }
        Reply exec = server.call({"EXEC"});
        if (exec.is_error() && refused.is_error()) {
            exec = std::move(refused);
        }
        exec = cause_of(exec);
        if (!retry.pays(exec)) {
            return exec;
        }
        m_client.sleep(Retry::k_step);
    }
}

}  // namespace cachectl
