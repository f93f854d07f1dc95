// The part of restore/key_restorer.hpp that builds a large value up in slices, under another name,
// and then renames it.
#include <utility>

#include "keyspace/aside_value.hpp"
#include "redis/error_reply.hpp"
#include "restore/key_restorer.hpp"
#include "restore/value_slices.hpp"

namespace cachectl {

namespace {

using Fate = AsideValue::Placed::Fate;

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
    std::optional<Reply> failure = aside.build([&] { return add_slices(key, aside); });
    if (!failure) {
        AsideValue::Placed placed = put_in_place(key, aside, replace);
        switch (placed.fate) {
            case Fate::placed:
                ++m_tally.restored;
                m_tally.bytes += key.value_bytes;
                return;
            case Fate::exists:
                return count_existing(spared);
            case Fate::expired:
                ++m_tally.expired_since;
                return;
            case Fate::unwanted:
            case Fate::restless:
                placed.refusal = Reply::make_error("ERR others touched it while it was built up");
                break;
            case Fate::refused:
                break;
        }
        failure = std::move(placed.refusal);
    }
    fail(key.name, *failure);
    if (!failure->is_broken()) {
        aside.remove();
    }
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
    while (const std::optional<ValueSlice> slice = slices.next()) {
        wait_for_pace(key, slice->bytes);
        if (m_stopped) {
            return Reply::make_error(m_stopped->what());
        }
        const std::vector<std::string_view> words(slice->words.begin(), slice->words.end());
        if (std::optional<Reply> refused = aside.add(slice->verb, words)) {
            return refused;
        }
    }
    return std::nullopt;
}

// With its end in the past it would be gone at once, and what it replaces with it.
AsideValue::Placed KeyRestorer::put_in_place(const RdbKey& key, AsideValue& aside, bool replace) {
    if (is_over(key.expires_at)) {
        aside.remove();
        return {Fate::expired};
    }
    const std::string at = key.expires_at ? std::to_string(key.expires_at->count()) : std::string();
    const AsideValue::Expiry expiry =
        key.expires_at ? AsideValue::Expiry{"PEXPIREAT", at} : AsideValue::Expiry{};
    return replace ? aside.replace(expiry) : aside.place(expiry);
}

}  // namespace cachectl
