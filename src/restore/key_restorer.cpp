#include "restore/key_restorer.hpp"

#include <algorithm>
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
    if (is_over(key.expires_at)) {
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
    m_client.send({"EXISTS", key.name},
                  [this, spared, name = key.name, bytes = key.value_bytes](const Reply& reply) {
                      --m_in_flight;
                      if (!reply.is_integer()) {
                          return fail(name, reply);
                      }
                      if (reply.integer == 0 || replaces(spared)) {
                          ++m_tally.restored;
                          m_tally.overwritten += reply.integer != 0 ? 1 : 0;
                          m_tally.bytes += bytes;
                      } else {
                          count_existing(spared);
                      }
                  });
    m_client.run_until([this] { return m_in_flight < k_most_keys_in_flight; });
}

void KeyRestorer::settle() {
    m_client.run_until([this] { return m_in_flight == 0; });
}

void KeyRestorer::wait_for_pace(const RdbKey& key, std::uint64_t bytes, std::uint64_t keys) {
    m_paces.for_key(key.name).wait_for(VerbCost{Verb::set, 1, write_cost(bytes)}, keys);
    if (m_paces.stopped() && !m_stopped) {
        m_stopped = m_paces.stopped();
    }
}

// --- RESTORE ------------------------------------------------------------------------------------

void KeyRestorer::restore_whole(const RdbKey& key, bool spared) {
    wait_for_pace(key, key.value_bytes, 1);
    if (m_stopped) {
        ++m_tally.not_attempted;
        return;
    }
    const auto flight = std::make_shared<Flight>();
    flight->name = key.name;
    flight->type = key.type;
    flight->value = m_file.bytes(key.value_offset, key.value_bytes);
    flight->words = words_of(key, replaces(spared));
    flight->expires_at = key.expires_at;
    flight->spared = spared;
    flight->retry = Retry(m_client.failover_patience());
    ++m_in_flight;
    m_bytes_in_flight += flight->value.size() + flight->name.size();
    send(flight);
    m_client.run_until([this] {
        return m_in_flight < k_most_keys_in_flight && m_bytes_in_flight < k_most_bytes_in_flight;
    });
}

// A key whose time is over by now would be taken, and what it replaces deleted.
void KeyRestorer::send(const FlightPointer& flight) {
    if (is_over(flight->expires_at)) {
        ++m_tally.expired_since;
        land(*flight);
        return;
    }
    flight->version = m_version;
    const std::string ttl = std::to_string(flight->expires_at.value_or(milliseconds(0)).count());
    const std::string payload = make_dump_payload(flight->type, flight->value, flight->version);
    std::vector<std::string_view> args = {"RESTORE", flight->name, ttl, payload};
    args.insert(args.end(), flight->words.begin(), flight->words.end());
    m_client.send(args, [this, flight](const Reply& reply) { take(flight, reply); });
}

void KeyRestorer::take(const FlightPointer& flight, const Reply& reply) {
    if (send_again(flight, reply)) {
        return;
    }
    if (reply.is_ok()) {
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
    m_bytes_in_flight -= flight.value.size() + flight.name.size();
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
