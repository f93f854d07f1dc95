// The part of restore/key_restorer.hpp that builds a large value up in slices, under another name,
// and then renames it.
#include <utility>

#include "keyspace/aside_value.hpp"
#include "redis/error_reply.hpp"
#include "restore/key_restorer.hpp"
#include "restore/value_slices.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

using Fate = AsideValue::Placed::Fate;

Reply interrupted() { return Reply::make_unsent("the run was stopped"); }

}  // namespace

void KeyRestorer::restore_in_slices(const RdbKey& key, bool spared) {
    settle();
    AsideValue aside(m_client, key.name, m_suffix);
    if (m_stopped) {
        ++m_tally.not_attempted;
        return;
    }
    if (const std::optional<Reply> refused = check_transactions(aside)) {
        if (denied_by(*refused) == Denied::key) {
            return fail(key.name, *refused);
        }
        ++m_tally.not_attempted;
        return stop(*refused);
    }
    const bool replace = replaces(spared);
    if (!replace) {
        const Reply exists = m_client.call({"EXISTS", key.name});
        if (exists.is_integer() && exists.integer != 0) {
            return count_existing(spared);
        }
    }
    const std::optional<Reply> failure = aside.build([&] { return add_slices(key, aside); });
    if (failure) {
        return give_up(key, aside, *failure);
    }
    const AsideValue::Placed placed = place(key, aside, replace);
    switch (placed.fate) {
        case Fate::placed:
            ++m_tally.restored;
            m_tally.bytes += key.value_bytes;
            return;
        case Fate::exists:
            return count_existing(spared);
        case Fate::expired:
            ++m_tally.expired_since;
            return aside.remove();
        case Fate::interrupted:
            return give_up(key, aside, interrupted());
        case Fate::unwanted:
        case Fate::restless:
            return give_up(key, aside, Reply::make_error("ERR others touched it meanwhile"));
        case Fate::refused:
            return give_up(key, aside, placed.refusal);
    }
}

/// Nothing of it was restored, unless the reply to the last step was lost.
void KeyRestorer::give_up(const RdbKey& key, AsideValue& aside, const Reply& failure) {
    if (!failure.is_broken() || m_stopped || stop_signal() != 0) {
        aside.remove();
    }
    if (failure.type == Reply::Type::unsent) {
        ++m_tally.not_attempted;
        return stop_signal() != 0 ? void() : stop(failure);
    }
    fail(key.name, failure);
}

std::optional<Reply> KeyRestorer::check_transactions(AsideValue& aside) {
    if (m_transactions_work) {
        return std::nullopt;
    }
    std::optional<Reply> refused = aside.check_transactions();
    m_transactions_work = !refused;
    return refused;
}

std::optional<Reply> KeyRestorer::add_slices(const RdbKey& key, AsideValue& aside) {
    ValueSlices slices(m_file, key);
    for (std::uint64_t keys = 1; const std::optional<ValueSlice> slice = slices.next(); keys = 0) {
        wait_for_pace(key, slice->bytes, keys);
        if (m_stopped || stop_signal() != 0) {
            return interrupted();
        }
        const std::vector<std::string_view> words(slice->words.begin(), slice->words.end());
        if (std::optional<Reply> refused = aside.add(slice->verb, words)) {
            return refused;
        }
    }
    return std::nullopt;
}

AsideValue::Placed KeyRestorer::place(const RdbKey& key, AsideValue& aside, bool replace) {
    AsideValue::Placing placing{.replaces = replace};
    const std::string at = key.expires_at ? std::to_string(key.expires_at->count()) : std::string();
    if (key.expires_at) {
        placing.expiry = "PEXPIREAT";
        placing.time = at;
        // With its end in the past it would be gone at once, and what it replaces with it.
        placing.is_over = [this, &key] { return is_over(key.expires_at); };
    }
    return aside.place(placing);
}

}  // namespace cachectl
