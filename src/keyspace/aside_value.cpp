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

std::string_view length_verb_of(std::string_view write_verb) {
    return write_verb == "RPUSH"  ? "LLEN"
           : write_verb == "SADD" ? "SCARD"
           : write_verb == "HSET" ? "HLEN"
           : write_verb == "ZADD" ? "ZCARD"
                                  : "STRLEN";
}

bool lives_elsewhere(const Reply& reply) {
    return reply.error_prefix() == "MOVED" || reply.type == Reply::Type::unsent;
}

/// A node of a cluster says so, too, of a slot that is being moved, until all of its keys have
/// arrived, and of one that has no master for a moment.
bool passes(const Reply& reply) {
    const std::string_view prefix = reply.error_prefix();
    return is_passing(reply) || prefix == "ASK" || prefix == "CLUSTERDOWN";
}

/// A user's key patterns that cover the key need not cover the other name.
Reply explained(Reply reply) {
    if (denied_by(reply) == Denied::key) {
        reply.text += " (a large one is built up under KEY:{KEY}:cachectl:*, which ~KEY* covers)";
    }
    return reply;
}

/// It was evicted, or another server has taken over that lacks it.
Reply lost_part() { return Reply::make_error("ERR a part of it was lost while it was built up"); }

/// The reply to a command before EXEC: whatever became of it, nothing has been changed.
Reply nothing_done(Reply reply) {
    if (reply.type == Reply::Type::lost) {
        reply.type = Reply::Type::unsent;
    }
    return reply;
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
    Reply reply = transact_patiently({{"UNLINK", m_name}});
    return reply.is_array() ? std::nullopt : std::optional(explained(std::move(reply)));
}

std::optional<Reply> AsideValue::build(const std::function<std::optional<Reply>()>& add_slices) {
    std::optional<Reply> failure;
    for (int tries = 0; tries < k_most_tries; ++tries) {
        m_flow.reset();
        failure = add_slices();
        if (m_flow) {
            m_client.run_until([this] { return m_flow->bytes == 0; });
            failure = failure ? std::move(failure) : m_flow->failure;
        }
        if (!failure || !is_passing(*failure)) {
            break;
        }
        m_client.sleep(Retry::k_step);
    }
    return failure ? std::optional(explained(nothing_done(std::move(*failure)))) : std::nullopt;
}

std::optional<Reply> AsideValue::add(std::string_view verb,
                                     std::span<const std::string_view> words) {
    Command slice = {verb, m_name};
    slice.insert(slice.end(), words.begin(), words.end());
    if (!m_flow) {
        m_verb = verb;
        m_sent = 0;
        m_flow = std::make_shared<Flow>();
        m_flow->take(begin(slice), length_with(verb, words));
        return m_flow->failure;
    }
    std::size_t bytes = 0;
    for (const std::string_view word : slice) {
        bytes += word.size() + k_bytes_around_a_word;
    }
    m_flow->bytes += bytes;
    m_client.send(slice, [flow = m_flow, bytes, length = length_with(verb, words)](Reply reply) {
        flow->bytes -= bytes;
        flow->take(std::move(reply), length);
    });
    m_client.run_until([this, has_left = false]() mutable {
        return std::exchange(has_left, true) &&
               (m_flow->failure || m_flow->bytes <= m_most_bytes_on_their_way);
    });
    return m_flow->failure;
}

/// Of a list and of a string the server answers its length by now: that has to be what was sent. Of
/// the others it answers how many were new.
std::optional<std::int64_t> AsideValue::length_with(std::string_view verb,
                                                    std::span<const std::string_view> words) {
    if (verb == "RPUSH") {
        m_sent += static_cast<std::int64_t>(words.size());
        return m_sent;
    }
    if (verb == "APPEND") {
        m_sent += static_cast<std::int64_t>(words.front().size());
        return m_sent;
    }
    return std::nullopt;
}

void AsideValue::Flow::take(Reply reply, std::optional<std::int64_t> length_by_now) {
    if (!reply.is_integer()) {
        failure = failure ? std::move(failure) : std::move(reply);
        return;
    }
    length = length_by_now ? reply.integer : length + reply.integer;
    if (length_by_now && reply.integer != *length_by_now && !failure) {
        failure = lost_part();
    }
}

/// The reply to the first slice, which makes the key: in the same moment it gets its end. What an
/// earlier try has left goes.
Reply AsideValue::begin(const Command& slice) {
    const std::vector<Command> commands = {
        {"UNLINK", m_name}, slice, {"PEXPIRE", m_name, k_left_for}};
    Reply exec = transact_patiently(commands);
    if (!exec.is_array() || exec.elements.size() != commands.size()) {
        return exec;
    }
    const Reply& expires = exec.elements.back();
    return expires.is_integer() ? exec.elements.at(1) : expires;
}

void AsideValue::remove() { (void)m_client.call({"UNLINK", m_name}); }

// --- taking the key's place ---------------------------------------------------------------------

AsideValue::Placed AsideValue::place(const Placing& placing) {
    Retry retry(m_client.failover_patience());
    for (int tries = 0; tries < k_most_tries;) {
        Client& server = m_client.home_of(m_key);
        std::optional<Placed> placed = try_to_place(server, placing);
        if (!placed) {
            ++tries;
        } else if (lives_elsewhere(placed->refusal) && &server != &m_client) {
            ++tries;
            (void)m_client.call({"PTTL", m_name});  // finds out where it lives now
        } else if (!passes(placed->refusal)) {
            placed->refusal = explained(std::move(placed->refusal));
            return std::move(*placed);
        } else if (stop_signal() != 0) {
            return {Fate::interrupted};
        } else if (!retry.has_patience()) {
            const bool moves = placed->refusal.error_prefix() == "ASK";
            return {Fate::refused, moves ? Reply::make_error("ERR its slot is being moved to "
                                                             "another node")
                                         : std::move(placed->refusal)};
        } else {
            m_client.sleep(Retry::k_step);
        }
    }
    return {Fate::restless};
}

/// Nothing: somebody has touched what was watched. A transaction whose EXEC was refused is watched
/// no more, and must not be sent again as it is.
std::optional<AsideValue::Placed> AsideValue::try_to_place(Client& server, const Placing& placing) {
    Command watch = {"WATCH", m_name};
    if (placing.is_wanted) {
        watch.push_back(m_key);
    }
    Reply watched = server.call(watch);
    if (!watched.is_text()) {
        return Placed{Fate::refused, nothing_done(std::move(watched))};
    }
    const std::uint64_t watching = server.origin().connection;
    if (std::optional<Placed> instead = look(server, placing)) {
        (void)transact(server, {});  // ends the watch, and takes no right of its own
        return instead;
    }
    if (server.origin().connection != watching) {
        return std::nullopt;  // another one was made since, which does not watch
    }
    const Reply exec = transact(server, commands_of(placing));
    return exec.is_nil() ? std::nullopt : std::optional(take_exec(placing, exec));
}

/// Nothing if the value is complete and wanted.
std::optional<AsideValue::Placed> AsideValue::look(Client& server, const Placing& placing) {
    Reply left;
    server.send({"PTTL", m_name}, [&left](Reply reply) { left = std::move(reply); });
    Reply length = server.call({length_verb_of(m_verb), m_name});
    for (Reply* const answer : {&left, &length}) {
        if (!answer->is_integer()) {
            return Placed{Fate::refused, nothing_done(std::move(*answer))};
        }
    }
    // What was evicted in between was made anew by the next slice, and has no end.
    if (left.integer < 0) {
        return Placed{Fate::refused, Reply::make_error("ERR it was evicted while it was built up")};
    }
    if (length.integer != m_flow->length) {
        return Placed{Fate::refused, lost_part()};
    }
    if (placing.is_over && placing.is_over()) {
        return Placed{Fate::expired};
    }
    if (placing.is_wanted && !placing.is_wanted(server)) {
        return Placed{Fate::unwanted};
    }
    return std::nullopt;
}

std::vector<AsideValue::Command> AsideValue::commands_of(const Placing& placing) const {
    const std::string& expiring = placing.replaces ? m_key : m_name;
    const Command expiry = placing.expiry.empty() ? Command{"PERSIST", expiring}
                                                  : Command{placing.expiry, expiring, placing.time};
    const Command rename = {"RENAMENX", m_name, m_key};
    if (placing.replaces) {
        return {{"UNLINK", m_key}, rename, expiry};
    }
    return {expiry, rename, {"UNLINK", m_name}};
}

AsideValue::Placed AsideValue::take_exec(const Placing& placing, const Reply& exec) const {
    if (!exec.is_array() || exec.elements.size() != 3) {
        return {Fate::refused, exec};
    }
    const Reply& renamed = exec.elements.at(1);
    const bool got_its_end = !placing.expiry.empty() && exec.elements.front().integer == 1;
    if (!placing.replaces && got_its_end && renamed.text == "ERR no such key") {
        return {Fate::expired};
    }
    const auto failed = std::find_if(exec.elements.begin(), exec.elements.end(),
                                     [](const Reply& part) { return part.is_error(); });
    if (failed != exec.elements.end()) {
        return {Fate::refused, *failed};
    }
    if (renamed.is_integer() && renamed.integer == 1) {
        return {Fate::placed};
    }
    return placing.replaces ? Placed{Fate::refused, renamed} : Placed{Fate::exists};
}

// --- sending ------------------------------------------------------------------------------------

/// EXEC's reply, or the first error of what should have been executed.
Reply AsideValue::transact(Client& server, const std::vector<Command>& commands) const {
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
    const Reply exec = server.call({"EXEC"});
    return exec.is_error() && refused.is_error() ? refused : cause_of(exec);
}

Reply AsideValue::transact_patiently(const std::vector<Command>& commands) const {
    Retry retry(m_client.failover_patience());
    Reply exec = transact(m_client, commands);
    while (stop_signal() == 0 && retry.pays(exec)) {
        m_client.sleep(Retry::k_step);
        exec = transact(m_client, commands);
    }
    return exec;
}

}  // namespace cachectl
