// The part of warm/sync.hpp that sets the pointer.
#include <fmt/format.h>

#include <utility>

#include "change/backup.hpp"
#include "change/saved_keys.hpp"
#include "redis/error_reply.hpp"
#include "util/text.hpp"
#include "warm/stop.hpp"
#include "warm/sync.hpp"

namespace cachectl {

namespace {

// What is longer is no name of a release, and is not what an application looks for in a pointer.
constexpr std::int64_t k_longest_pointer = 256;

[[noreturn]] void refuse_pointer(const std::string& key, const std::string& why) {
    throw WarmStop({ExitCode::guard, fmt::format("--switch: '{}' {}", key, why)}, "guard-switch");
}

}  // namespace

WarmSwitch::WarmSwitch(const ReleasePlan::Pointer& pointer, const Guards& guards,
                       SwitchSummary& summary)
    : m_summary(summary) {
    m_summary.key = pointer.key;
    m_summary.to = pointer.value;
    if (guards.is_protected(pointer.key)) {
        refuse_pointer(pointer.key, "is protected; nothing was sent");
    }
}

void WarmSwitch::note(std::string_view key) const {
    if (key == m_summary.key) {
        refuse_pointer(m_summary.key, "is also a key that a row makes");
    }
}

void WarmSwitch::look(Client& client) {
    const Reply length = client.call({"STRLEN", m_summary.key});
    if (length.is_error() && length.text.starts_with("WRONGTYPE")) {
        refuse_pointer(m_summary.key, "is there and is no string");
    }
    if (!length.is_integer()) {
        throw refusal(length, "read " + m_summary.key, client.server());
    }
    if (length.integer > k_longest_pointer) {
        refuse_pointer(m_summary.key,
                       fmt::format("holds {}, and is no pointer",
                                   format_size(static_cast<std::uint64_t>(length.integer))));
    }
    m_summary.from.reset();
    const Reply value = client.call({"GET", m_summary.key});
    if (value.is_text()) {
        m_summary.from = value.text;
    } else if (!value.is_nil()) {
        throw refusal(value, "read " + m_summary.key, client.server());
    }
    m_summary.ready = true;
}

// One that is not there yet is a key that is new, which the undo of a run leaves.
void WarmSwitch::save(Client& client, Backup& backup) const {
    SavedKeys saved;
    read_saved_keys(client, {m_summary.key}, backup.facts(),
                    [&saved](SavedKeys keys) { saved = std::move(keys); });
    client.drain();
    if (!saved.denied.empty()) {
        saved.refused = Reply::make_error(saved.denial);
    }
    if (saved.refused) {
        throw refusal(*saved.refused, "save " + m_summary.key, client.server());
    }
    for (const SavedKey& key : saved.keys) {
        backup.add_final(key);
        backup.commit();
    }
}

void WarmSwitch::point(Client& client, Backup* backup) {
    if (backup != nullptr) {
        save(client, *backup);
    }
    const Reply reply = client.call({"SET", m_summary.key, m_summary.to});
    if (reply.type == Reply::Type::lost) {
        throw Error(ExitCode::partial,
                    fmt::format("whether '{}' was switched is not known: the connection was lost",
                                m_summary.key));
    }
    if (!reply.is_ok()) {
        throw refusal(reply, "switch " + m_summary.key, client.server());
    }
    m_summary.done = true;
}

}  // namespace cachectl
