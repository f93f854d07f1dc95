// The part of change/change.hpp that looks, at the end, whether the servers that were told to
// change keys are still the masters, and have not lost it.
#include <fmt/format.h>

#include "change/change.hpp"
#include "util/signals.hpp"

namespace cachectl {

void Change::note_processes() {
    if (m_client->masters() != 0) {
        m_processes.emplace(*m_client);
    }
}

// A server that lost its memory, or a replica that took over, may have keys again that were told as
// changed. A single server's walk begins anew then; that of a cluster does not meet them again.
void Change::check_master() {
    if (!m_summary.complete || stop_signal() != 0) {
        return;
    }
    std::optional<Error> lost;
    if (m_processes && m_summary.tally.changed != 0) {
        lost = m_processes->check_changes(*m_client);
    }
    if (!lost) {
        lost = ask_sentinels();
    }
    if (lost) {
        m_summary.complete = false;
        m_failure = std::move(lost);
    }
}

// Where Sentinels know the server, a failover may have named another master while the old one
// still took what we sent: that is lost with it.
std::optional<Error> Change::ask_sentinels() {
    try {
        if (const auto other = m_client->successor()) {
            return Error(ExitCode::partial,
                         fmt::format("there was a failover meanwhile, and the Sentinels now name "
                                     "{} as the master: what was changed before may not be so "
                                     "there",
                                     *other));
        }
    } catch (const Error& error) {
        m_ctx.warn(
            fmt::format("whether the server still is the master is not known: {}", error.what()));
    }
    return std::nullopt;
}

Error Change::other_process() {
    return {ExitCode::partial,
            "another server process answered, which may not have what this one had"};
}

/// Of a list whose keys do not come again, or when all have been sent.
void Change::meet_other_process(KeyChanger& changer) {
    if (m_work.of_one_process) {
        changer.stop(other_process());
    }
    const ChangeTally tally = changer.tally();
    m_told_by_other = m_told_by_other || tally.changed + tally.vanished + tally.unchanged != 0;
}

}  // namespace cachectl
