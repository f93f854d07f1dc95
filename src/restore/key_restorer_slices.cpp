// The part of restore/key_restorer.hpp that builds a large value up in slices, under another name,
// and then renames it.
#include <array>
#include <utility>

#include "keyspace/temporary_key.hpp"
#include "redis/error_reply.hpp"
#include "restore/key_restorer.hpp"
#include "restore/value_slices.hpp"

namespace cachectl {

void KeyRestorer::restore_in_slices(const RdbKey& key, bool spared) {
    settle();
    const std::string temporary = temporary_key(key.name, m_suffix);
    if (m_stopped) {
        ++m_tally.not_attempted;
        return;
    }
    if (const std::optional<Reply> refused = check_transactions(temporary)) {
        if (denied_by(*refused) == Denied::key) {
            return fail(key.name, *refused);
        }
        ++m_tally.not_attempted;
        return stop(*refused);
    }
    const bool replace = replaces(spared);
    if (!replace) {
        const Reply exists = call_patiently(std::array<std::string_view, 2>{"EXISTS", key.name});
        if (exists.is_integer() && exists.integer != 0) {
            return count_existing(spared);
        }
    }
    std::optional<Reply> failure = build(key, temporary);
    if (!failure) {
        const std::optional<Reply> renamed = rename(key, temporary, replace);
        if (!renamed) {
            ++m_tally.expired_since;
            return;
        }
        if (renamed->is_integer() || renamed->is_text()) {
            if (!replace && renamed->integer == 0) {
                return count_existing(spared);
            }
            ++m_tally.restored;
            m_tally.bytes += key.value_bytes;
            return;
        }
        failure = renamed;
    }
    fail(key.name, *failure);
    if (!failure->is_broken()) {
        (void)m_client.call({"UNLINK", temporary});
    }
}

/// Nothing if they work. Where MULTI is refused, what should have been queued behind it would be
/// executed at once; and what cannot be taken away again had better not be built.
std::optional<Reply> KeyRestorer::check_transactions(const std::string& temporary) {
    if (m_transactions_work) {
        return std::nullopt;
    }
    Reply reply = transact({{"UNLINK", temporary}});
    m_transactions_work = reply.is_array();
    return m_transactions_work ? std::nullopt : std::optional(std::move(reply));
}

/// EXEC's reply, or the first error of what should have been executed.
Reply KeyRestorer::transact(std::vector<std::vector<std::string_view>> commands) {
    Reply refused;
    const auto keep_refusal = [&refused](Reply reply) {
        if (refused.is_nil() && reply.is_error()) {
            refused = std::move(reply);
        }
    };
    m_client.send({"MULTI"}, keep_refusal);
    for (const std::vector<std::string_view>& command : commands) {
        m_client.send(command, keep_refusal);
    }
    Reply exec = m_client.call({"EXEC"});
    return exec.is_array() || exec.is_broken() || refused.is_nil() ? exec : refused;
}

/// The reply to the first slice, which makes the key: in the same moment it gets its end, so that
/// whatever happens to us none is left.
Reply KeyRestorer::begin(const std::string& temporary, std::vector<std::string_view> slice) {
    const std::vector<std::vector<std::string_view>> commands = {std::move(slice),
                                                                 {"PEXPIRE", temporary, "3600000"}};
    Retry retry(m_client.failover_patience());
    Reply exec = transact(commands);
    while (retry.pays(exec)) {
        m_client.sleep(Retry::k_step);
        exec = transact(commands);
    }
    if (!exec.is_array() || exec.elements.size() != commands.size()) {
        return exec;
    }
    const Reply& expires = exec.elements.back();
    return expires.is_integer() ? exec.elements.front() : expires;
}

/// Nothing if it is complete under the temporary name, where it expires in an hour if nobody
/// renames it.
std::optional<Reply> KeyRestorer::build(const RdbKey& key, const std::string& temporary) {
    bool is_first = true;
    ValueSlices slices(m_file, key);
    while (const std::optional<ValueSlice> slice = slices.next()) {
        wait_for_pace(key, slice->bytes);
        if (m_stopped) {
            return Reply::make_error(m_stopped->what());
        }
        std::vector<std::string_view> args = {slice->verb, temporary};
        args.insert(args.end(), slice->words.begin(), slice->words.end());
        const Reply reply = std::exchange(is_first, false) ? begin(temporary, std::move(args))
                                                           : call_patiently(args);
        if (!reply.is_integer()) {
            return reply;
        }
    }
    // One that was evicted in between was made anew by the next slice, and has no end.
    const Reply left = call_patiently(std::array<std::string_view, 2>{"PTTL", temporary});
    if (!left.is_integer()) {
        return left;
    }
    if (left.integer < 0) {
        return Reply::make_error("ERR it was evicted while it was built up");
    }
    return std::nullopt;
}

/// 1 or 0 as RENAMENX answers, or a status; else what went wrong. Nothing if the key's time is
/// over: with its end it was gone.
std::optional<Reply> KeyRestorer::rename(const RdbKey& key, const std::string& temporary,
                                         bool replace) {
    std::string at;
    std::vector<std::vector<std::string_view>> commands;
    if (key.expires_at) {
        at = std::to_string(key.expires_at->count());
        commands.push_back({"PEXPIREAT", temporary, at});
    } else {
        commands.push_back({"PERSIST", temporary});
    }
    const std::size_t place = commands.size();
    commands.push_back({replace ? "RENAME" : "RENAMENX", temporary, key.name});
    commands.push_back({"UNLINK", temporary});
    Reply exec = transact(commands);
    if (!exec.is_array() || place >= exec.elements.size()) {
        return exec;
    }
    const Reply& renamed = exec.elements[place];
    const bool got_its_end = key.expires_at && exec.elements.front().integer == 1;
    return got_its_end && renamed.text == "ERR no such key" ? std::nullopt : std::optional(renamed);
}

Reply KeyRestorer::call_patiently(std::span<const std::string_view> args) {
    Retry retry(m_client.failover_patience());
    while (true) {
        Reply reply = m_client.call(args);
        if (!retry.pays(reply)) {
            return reply;
        }
        m_client.sleep(Retry::k_step);
    }
}

}  // namespace cachectl
