#include "restore/key_restorer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "keyspace/temporary_key.hpp"
#include "pace/cost.hpp"
#include "rdb/format.hpp"
#include "rdb/payload.hpp"
#include "redis/error_reply.hpp"
#include "restore/value_slices.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view k_wrong_version = "DUMP payload version or checksum are wrong";

std::string unix_ms(const RdbKey& key) {
    return key.expires_at ? std::to_string(key.expires_at->count()) : "0";
}

/// What stands behind RESTORE key ttl payload.
std::vector<std::string> words_of(const RdbKey& key, bool replace) {
    std::vector<std::string> words = {"ABSTTL"};
    if (replace) {
        words.emplace_back("REPLACE");
    }
    if (key.idle) {
        words.insert(words.end(), {"IDLETIME", std::to_string(key.idle->count())});
    } else if (key.frequency) {
        words.insert(words.end(), {"FREQ", std::to_string(*key.frequency)});
    }
    return words;
}

}  // namespace

KeyRestorer::KeyRestorer(Client& client, Paces& paces, const RdbFile& file, int version,
                         RestoreOptions options, WallClock now)
    : m_client(client),
      m_paces(paces),
      m_file(file),
      m_version(version),
      m_file_version(version),
      m_options(options),
      m_now(std::move(now)),
      m_suffix(random_suffix()) {}

std::optional<int> KeyRestorer::other_version() const {
    return m_version == m_file_version ? std::nullopt : std::optional(m_version);
}

void KeyRestorer::restore(const RdbKey& key, bool spared) {
    if (m_stopped) {
        ++m_tally.not_attempted;
        return;
    }
    if (key.expires_at && *key.expires_at <= m_now().time_since_epoch()) {
        ++m_tally.expired_since;
        return;
    }
    if (m_options.dry_run) {
        look(key, spared);
    } else if (key.value_bytes > k_most_whole_bytes && ValueSlices::are_possible(key.type)) {
        restore_in_slices(key, spared);
    } else {
        restore_whole(key, spared);
    }
}

void KeyRestorer::count_existing(bool spared) {
    ++(spared && m_options.replace ? m_tally.protected_keys : m_tally.exists);
}

void KeyRestorer::look(const RdbKey& key, bool spared) {
    ++m_in_flight;
    m_client.send({"EXISTS", key.name}, [this, spared, name = key.name](const Reply& reply) {
        --m_in_flight;
        if (!reply.is_integer()) {
            return fail(name, reply);
        }
        if (reply.integer == 0 || replaces(spared)) {
            ++m_tally.restored;
        } else {
            count_existing(spared);
        }
    });
    m_client.run_until([this] { return m_in_flight < k_most_keys_in_flight; });
}

void KeyRestorer::settle() {
    m_client.run_until([this] { return m_in_flight == 0; });
}

void KeyRestorer::wait_for_pace(const RdbKey& key, std::uint64_t bytes) {
    m_paces.for_key(key.name).wait_for(VerbCost{Verb::set, 1, write_cost(bytes)}, 1);
    if (m_paces.stopped() && !m_stopped) {
        m_stopped = m_paces.stopped();
    }
}

// --- RESTORE ------------------------------------------------------------------------------------

void KeyRestorer::restore_whole(const RdbKey& key, bool spared) {
    wait_for_pace(key, key.value_bytes);
    if (m_stopped) {
        ++m_tally.not_attempted;
        return;
    }
    const auto flight = std::make_shared<Flight>();
    flight->name = key.name;
    flight->type = key.type;
    flight->value = m_file.bytes(key.value_offset, key.value_bytes);
    flight->words = words_of(key, replaces(spared));
    flight->ttl = unix_ms(key);
    flight->spared = spared;
    flight->retry = Retry(m_client.failover_patience());
    ++m_in_flight;
    m_bytes_in_flight += flight->value.size();
    send(flight);
    m_client.run_until([this] {
        return m_in_flight < k_most_keys_in_flight && m_bytes_in_flight < k_most_bytes_in_flight;
    });
}

void KeyRestorer::send(const FlightPointer& flight) {
    flight->version = m_version;
    const std::string payload = make_dump_payload(flight->type, flight->value, flight->version);
    std::vector<std::string_view> args = {"RESTORE", flight->name, flight->ttl, payload};
    args.insert(args.end(), flight->words.begin(), flight->words.end());
    m_client.send(args, [this, flight](const Reply& reply) { take(flight, reply); });
}

void KeyRestorer::take(const FlightPointer& flight, const Reply& reply) {
    if (send_again(flight, reply)) {
        return;
    }
    if (reply.is_text()) {
        ++m_tally.restored;
        m_tally.bytes += flight->value.size();
    } else if (reply.error_prefix() == "BUSYKEY") {
        count_existing(flight->spared);
    } else {
        fail(flight->name, reply);
    }
    land(*flight);
}

bool KeyRestorer::send_again(const FlightPointer& flight, const Reply& reply) {
    if (m_stopped) {
        return false;
    }
    if (flight->retry.pays(reply)) {
        m_client.after(Retry::k_step, [this, flight] { send(flight); });
        return true;
    }
    // Versions below this one have other encodings for all types that servers now write.
    constexpr int k_least_version = 9;
    const bool is_too_new =
        m_options.any_version && reply.text.find(k_wrong_version) != std::string::npos;
    if (!is_too_new || flight->version <= k_least_version) {
        return false;
    }
    m_version = std::min(m_version, flight->version - 1);
    send(flight);
    return true;
}

void KeyRestorer::land(const Flight& flight) {
    --m_in_flight;
    m_bytes_in_flight -= flight.value.size();
}

// --- slices -------------------------------------------------------------------------------------

void KeyRestorer::restore_in_slices(const RdbKey& key, bool spared) {
    settle();
    const std::string temporary = temporary_key(key.name, m_suffix);
    if (!check_transactions(temporary)) {
        ++m_tally.not_attempted;
        return;
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
        const Reply renamed = rename(key, temporary, replace);
        if (renamed.is_integer() || renamed.is_text()) {
            if (!replace && renamed.integer == 0) {
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

// Where MULTI is refused, what should have been queued behind it would be executed at once; and
// what cannot be taken away again had better not be built.
bool KeyRestorer::check_transactions(const std::string& temporary) {
    if (m_transactions_work || m_stopped) {
        return m_transactions_work;
    }
    const Reply reply = transact({{"UNLINK", temporary}});
    m_transactions_work = reply.is_array();
    if (!m_transactions_work) {
        stop(reply);
    }
    return m_transactions_work;
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
        const Reply reply = call_patiently(args);
        if (!reply.is_integer()) {
            return reply;
        }
        if (std::exchange(is_first, false)) {
            const Reply expires = m_client.call({"PEXPIRE", temporary, "3600000"});
            if (!expires.is_integer()) {
                return expires;
            }
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

/// 1 or 0 as RENAMENX answers, or a status; else what went wrong.
Reply KeyRestorer::rename(const RdbKey& key, const std::string& temporary, bool replace) {
    const std::string at = unix_ms(key);
    std::vector<std::vector<std::string_view>> commands;
    if (key.expires_at) {
        commands.push_back({"PEXPIREAT", temporary, at});
    } else {
        commands.push_back({"PERSIST", temporary});
    }
    const std::size_t place = commands.size();
    commands.push_back({replace ? "RENAME" : "RENAMENX", temporary, key.name});
    commands.push_back({"UNLINK", temporary});
    Reply exec = transact(commands);
    return exec.is_array() && place < exec.elements.size() ? exec.elements[place] : exec;
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

// --- what goes wrong ----------------------------------------------------------------------------

void KeyRestorer::fail(std::string_view name, const Reply& reply) {
    if (m_stopped && !reply.is_broken()) {
        ++m_tally.not_attempted;
        return;
    }
    if (reply.is_broken()) {
        ++m_tally.unknown;
        return stop(reply);
    }
    if (!is_about_one_key(reply)) {
        ++m_tally.not_attempted;
        return stop(reply);
    }
    ++m_tally.failed;
    if (m_tally.reasons.size() < k_reasons_kept || m_tally.reasons.contains(reply.text)) {
        ++m_tally.reasons[reply.text];
    }
    if (m_tally.failed_keys.size() < k_failed_keys_kept) {
        m_tally.failed_keys.emplace_back(name);
    }
}

bool KeyRestorer::is_about_one_key(const Reply& reply) {
    if (denied_by(reply) == Denied::key) {
        return true;
    }
    const std::string_view prefix = reply.error_prefix();
    return (prefix == "ERR" || prefix == "WRONGTYPE") && denied_by(reply) == Denied::nothing;
}

void KeyRestorer::stop(const Reply& reply) {
    if (!m_stopped) {
        m_stopped = refusal(reply, "restore keys", m_client.server());
    }
}

}  // namespace cachectl
