#include "keyspace/value_calls.hpp"

#include <memory>

#include "redis/error_reply.hpp"

namespace cachectl {

namespace {
constexpr std::uint64_t k_most_added_up = 1000;  // elements: some 0.1 ms of the server's time
}

std::vector<Reply> ValueCalls::all(const std::vector<Command>& commands) {
    struct State {
        std::vector<Reply> replies;
        std::size_t left;
        ReplyOrigin origin;
        std::uint64_t changes;
    };
    // Shared, because an exception out of run_until() may leave the callbacks behind us.
    const auto state = std::make_shared<State>(
        State{std::vector<Reply>(commands.size()), commands.size(), m_origin, m_changes});
    for (std::size_t i = 0; i < commands.size(); ++i) {
        const std::vector<std::string_view> args(commands[i].begin(), commands[i].end());
        m_client.send(args, [&client = m_client, state, i](Reply reply) {
            state->replies[i] = std::move(reply);
            ReplyOrigin origin = client.origin();
            state->changes += origin.connection != state->origin.connection ? 1 : 0;
            state->origin = std::move(origin);
            --state->left;
        });
    }
    m_client.run_until([&] { return state->left == 0; });
    m_origin = std::move(state->origin);
    m_changes = state->changes;
    return std::move(state->replies);
}

Reply ValueCalls::array(const Command& command) {
    Reply reply = std::move(all({command}).front());
    check(reply, reply.is_array());
    return reply;
}

std::uint64_t ValueCalls::number(const Reply& reply) const {
    check(reply, reply.is_integer() && reply.integer >= 0);
    return static_cast<std::uint64_t>(reply.integer);
}

std::optional<std::uint64_t> ValueCalls::exact_size(const std::string& key,
                                                    std::uint64_t elements) {
    if (elements > k_most_added_up) {
        return std::nullopt;
    }
    const Reply size = all({{"MEMORY", "USAGE", key, "SAMPLES", "0"}}).front();
    if (!size.is_integer() || size.integer < 0) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(size.integer);
}

void ValueCalls::check(const Reply& reply, bool as_expected) const {
    if (as_expected) {
        return;
    }
    if (reply.error_prefix() == "WRONGTYPE") {
        throw Error(ExitCode::partial, "the key changed its type while it was read",
                    "try it once more");
    }
    throw refusal(reply, "read the value", m_client.server());
}

}  // namespace cachectl
