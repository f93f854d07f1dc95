// What one look at the servers says of the conditions; keys are counted apart, see gate.cpp.
#include <fmt/format.h>

#include "gate/gate.hpp"
#include "redis/error_reply.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace cachectl {

void Gate::judge(const GateReading& reading) {
    m_unready = reading.unready;
    if (!reading.unready.empty()) {
        set_unready(reading.unready);
        return;
    }
    if (Condition* const ready = find("ready")) {
        ready->holds(true);
    }
    const bool needs_info = m_options.hit_ratio || m_options.replica_lag;
    if (needs_info && !reading.no_info.empty()) {
        throw refusal(Reply::make_error(reading.no_info), "read the server's figures",
                      m_client->server());
    }
    judge_hit_ratio(reading);
    judge_replicas(reading);
}

void Gate::judge_hit_ratio(const GateReading& reading) {
    Condition* const condition = find("hit-ratio");
    if (condition == nullptr) {
        return;
    }
    m_lookups.take(reading);
    if (m_lookups.is_blind()) {
        throw Error(ExitCode::refused, "the server does not tell its hits and misses (INFO stats)");
    }
    if (!m_lookups.ratio()) {
        condition->fails({},
                         fmt::format("{} look-ups so far, {} are needed",
                                     format_count(static_cast<std::uint64_t>(m_lookups.lookups())),
                                     LookupWindow::k_least_lookups));
    } else if (*m_lookups.ratio() >= *m_options.hit_ratio) {
        condition->holds(*m_lookups.ratio());
    } else {
        condition->fails(*m_lookups.ratio());
    }
}

void Gate::judge_replicas(const GateReading& reading) {
    Condition* const condition = find("replica-lag");
    if (condition == nullptr) {
        return;
    }
    const ReplicaWatch::Verdict verdict = m_replicas->take(reading);
    m_waits_for_link = verdict.of_link;
    const Condition::Value lag =
        verdict.lag_ms ? Condition::Value(*verdict.lag_ms) : Condition::Value();
    if (verdict.near) {
        condition->holds(lag);
    } else {
        condition->fails(lag, verdict.why);
    }
}

}  // namespace cachectl
