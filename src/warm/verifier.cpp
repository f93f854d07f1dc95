#include "warm/verifier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pace/cost.hpp"
#include "redis/error_reply.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view k_other_client = "; another client may have written it";

/// What is wrong with a key's time to live, in PTTL's terms; nothing if it may be what was set.
std::optional<std::string> ttl_difference(std::optional<milliseconds> set, std::int64_t left) {
    if (!set && left < 0) {
        return std::nullopt;
    }
    if (!set) {
        return fmt::format("it expires in {}, and should not", format_duration(milliseconds(left)));
    }
    if (left < 0) {
        return "it never expires, and should in " + format_duration(*set);
    }
    if (left <= set->count()) {
        return std::nullopt;
    }
    return fmt::format("it expires in {} ms instead of {} ms", left, set->count());
}

}  // namespace

Verifier::Verifier(Client& client, double share, Paces* paces, std::uint64_t seed)
    : m_client(client), m_paces(paces), m_share(share), m_random(seed) {}

void Verifier::expect(const KeyWrite& write) {
    const auto is_full = [this](std::size_t keys, std::size_t bytes) {
        return m_pending >= keys || m_bytes >= bytes;
    };
    if (is_full(k_max_keys_pending, k_max_bytes_pending)) {
        m_client.run_until(
            [&] { return !is_full(k_max_keys_pending * 3 / 4, k_max_bytes_pending * 3 / 4); });
    }
    if (m_read_again.contains(write.key)) {
        m_client.run_until([&] { return !m_read_again.contains(write.key); });
    }
    m_last = nullptr;
    if (m_share >= 1 || std::uniform_real_distribution<>()(m_random) < m_share) {
        m_last = std::make_shared<Key>();
        m_last->name.assign(write.key);
        m_last->value.assign(write.value);
        m_last->ttl = write.ttl;
        m_last->retry = Retry(m_client.failover_patience());
        check_rights(*m_last, write.value.as);
        m_last->sent = std::chrono::steady_clock::now();
        m_last->overwrites = write.if_exists == IfExists::overwrite && !write.is_protected;
        m_last->read_at_once =
            m_last->overwrites && !m_writes_are_late && !KeyWriter::is_in_slices(write.value);
        ++m_pending;
        m_bytes += m_last->bytes();
        if (m_paces != nullptr) {
            wait_for_pace(*m_last);
        }
    }
    m_written.push_back(m_last);
}

// To read costs the server about as much as to write.
void Verifier::wait_for_pace(const Key& key) {
    Cost cost = VerbCost{Verb::get, 1, write_cost(key.bytes())};
    cost.add({Verb::pttl, 1, k_key_command_cost});
    m_paces->for_key(key.name).wait_for(cost, 0);
}

// What cannot be verified had better not be written.
void Verifier::check_rights(const Key& key, EncodeAs as) {
    if (!m_readable.insert(as).second) {
        return;
    }
    ReadBack read(key.value);
    std::vector<std::vector<std::string_view>> commands = {read.first_command(key.name)};
    if (read.has_pieces()) {
        commands.push_back(read.next_piece(key.name));
    }
    commands.push_back({"PTTL", key.name});
    for (const std::vector<std::string_view>& command : commands) {
        const Reply reply = m_client.call(command);
        if (reply.error_prefix() == "NOPERM") {
            throw refusal(reply, "read back what was written", m_client.server());
        }
    }
}

// A value of several pieces is read before the next row, which may overwrite it, is written.
void Verifier::sent() {
    if (!m_last) {
        return;
    }
    m_last->is_sent = true;
    if (!m_last->read_at_once) {
        return;
    }
    read_back(m_last);
    if (m_last->read->has_pieces() && !m_last->read->is_last_piece()) {
        settle();
    }
}

void Verifier::take(Outcome outcome) {
    const KeyPointer key = std::move(m_written.front());
    m_written.pop_front();
    if (!key) {
        return;
    }
    key->outcome = outcome;
    if (key->read_at_once) {
        return;
    }
    if (outcome == Outcome::written) {
        return may_be_overwritten(*key) ? release(*key) : read_back(key);
    }
    if (outcome == Outcome::unchanged && m_unchanged_have_to_stay) {
        ++m_unchanged;
        keep_for_the_end(*key);
    }
    release(*key);
}

// Replies come in the order of sending, so that by the last one it is known what became of the key,
// unless the server was busy.
void Verifier::read_back(const KeyPointer& key) {
    key->read.emplace(key->value);
    m_client.send(key->read->first_command(key->name),
                  [key](const Reply& reply) { key->read->take_first(reply); });
    key->read->has_pieces() ? read_piece(key) : read_ttl(key);
}

void Verifier::read_piece(const KeyPointer& key) {
    const std::vector<std::string_view> command = key->read->next_piece(key->name);
    const bool is_last = key->read->is_last_piece();
    m_client.send(command, [this, key, is_last](const Reply& reply) {
        key->read->take_piece(reply);
        if (!is_last) {
            key->read->is_open() ? read_piece(key) : read_ttl(key);
        }
    });
    if (is_last) {
        read_ttl(key);
    }
}

void Verifier::read_ttl(const KeyPointer& key) {
    m_client.send({"PTTL", key->name}, [this, key](const Reply& ttl) {
        if (!key->outcome) {  // the server was busy, and the key is sent again
            key->read_at_once = false;
            return;
        }
        if (key->outcome == Outcome::written && wait_and_retry(key, ttl)) {
            return;
        }
        if (key->outcome == Outcome::written) {
            judge(*key, ttl);
        }
        release(*key);
    });
}

/// True if the value is not judged now, because the server is busy with something else: the key is
/// read again, unless a later row may have overwritten it.
bool Verifier::wait_and_retry(const KeyPointer& key, const Reply& ttl) {
    if (!key->retry.pays(is_passing(key->read->refusal()) ? key->read->refusal() : ttl)) {
        return false;
    }
    if (may_be_overwritten(*key)) {
        release(*key);
        return true;
    }
    m_read_again.insert(key->name);
    m_client.after(Retry::k_step, [this, key] {
        m_read_again.erase(key->name);
        read_back(key);
    });
    return true;
}

// Rows that overwrite do not wait for each other: a later one of the key may have been sent before
// it was known that the server is busy. Of a sample, the names of the other keys are not known.
bool Verifier::may_be_overwritten(const Key& key) const {
    return key.overwrites &&
           std::any_of(m_written.begin(), m_written.end(), [&](const KeyPointer& later) {
               return later ? later->is_sent && later->name == key.name : m_share < 1;
           });
}

void Verifier::release(const Key& key) {
    --m_pending;
    m_bytes -= key.bytes();
}

void Verifier::settle() {
    m_client.run_until([this] { return m_pending == 0; });
}

void Verifier::settle_but_last() {
    m_client.run_until([this] { return m_pending <= (m_last ? 1U : 0U); });
}

void Verifier::judge(const Key& key, const Reply& ttl) {
    const ReadBack& read = *key.read;
    if (!ttl.is_integer() || read.found() == Existing::unknown) {
        ++m_tally.unread;
        if (m_tally.refusal.empty()) {
            m_tally.refusal = ttl.is_integer() ? read.refusal().text : ttl.text;
        }
        return;
    }
    constexpr std::int64_t k_no_such_key = -2;
    if (read.found() == Existing::absent || ttl.integer == k_no_such_key) {
        const bool is_over = key.ttl && std::chrono::steady_clock::now() - key.sent >= *key.ttl;
        if (!is_over) {
            return differ(&VerifyTally::gone, key, "");
        }
        ++m_tally.expired;
        return;
    }
    auto difference =
        read.found() == Existing::stays ? ttl_difference(key.ttl, ttl.integer) : read.difference();
    if (difference) {
        return differ(&VerifyTally::mismatched, key, *difference);
    }
    ++m_tally.verified;
    keep_for_the_end(key);
}

// A sample of all keys that were right when they were read, each with the same chance.
void Verifier::keep_for_the_end(const Key& key) {
    const std::uint64_t seen = m_tally.verified + m_unchanged;
    const bool is_ours = key.outcome == Outcome::written;
    LastLook look{key.name, is_ours ? key.ttl : std::nullopt, key.sent, is_ours};
    if (m_last_looks.size() < k_last_looks) {
        m_last_looks.push_back(std::move(look));
        return;
    }
    const std::uint64_t at = std::uniform_int_distribution<std::uint64_t>(0, seen - 1)(m_random);
    if (at < k_last_looks) {
        m_last_looks[at] = std::move(look);
    }
}

void Verifier::check_at_the_end() {
    settle();
    for (const LastLook& look : m_last_looks) {
        const Reply exists = m_client.call({"EXISTS", look.name});
        const bool is_over = look.ttl && std::chrono::steady_clock::now() - look.sent >= *look.ttl;
        if (!exists.is_integer() || exists.integer != 0 || is_over) {
            continue;
        }
        if (look.is_verified) {
            --m_tally.verified;
        }
        Key key;
        key.name = look.name;
        differ(&VerifyTally::gone, key, "");
    }
    m_last_looks.clear();
}

void Verifier::differ(std::uint64_t VerifyTally::*what, const Key& key, const std::string& how) {
    ++(m_tally.*what);
    if (m_tally.differences.size() >= k_differences_kept) {
        return;
    }
    m_tally.differences.push_back(
        how.empty()
            ? fmt::format("'{}' is gone: it was evicted or deleted", key.name)
            : fmt::format("'{}' is not what was written: {}{}", key.name, how, k_other_client));
}

}  // namespace cachectl
