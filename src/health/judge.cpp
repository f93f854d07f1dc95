#include "health/judge.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "health/measuring.hpp"

namespace cachectl {

namespace {

using State = HealthVerdict::State;

/// The worse, the higher.
int rank(HealthStatus status) {
    constexpr std::array k_ranks = {0, 2, 3, 1};  // ok, warn, crit, unknown
    return k_ranks[static_cast<std::size_t>(status)];
}

bool reaches(const HealthCheck& check, double value, const std::optional<double>& limit) {
    if (!limit) {
        return false;
    }
    if (check.bad == HealthCheck::Bad::low) {
        return value < *limit;
    }
    return *limit == 0 ? value > 0 : value >= *limit;
}

HealthStatus status_of(const HealthCheck& check, const Measurement& measured,
                       const HealthLimits& limits) {
    if (measured.kind == Measurement::Kind::unknown) {
        return HealthStatus::unknown;
    }
    HealthStatus status = HealthStatus::ok;
    if (measured.value && reaches(check, *measured.value, limits.crit)) {
        status = HealthStatus::crit;
    } else if (measured.value && reaches(check, *measured.value, limits.warn)) {
        status = HealthStatus::warn;
    }
    return rank(measured.at_least) > rank(status) ? measured.at_least : status;
}

/// Whether `a` is to be told rather than `b`.
bool is_worse(const HealthFinding& a, const HealthFinding& b) {
    if (a.status != b.status) {
        return rank(a.status) > rank(b.status);
    }
    const bool low = a.check->bad == HealthCheck::Bad::low;
    return a.value && (!b.value || (low ? *a.value < *b.value : *a.value > *b.value));
}

class Judge {
public:
    Judge(const HealthEvidence& evidence, const HealthRules& rules)
        : m_evidence(evidence), m_rules(rules) {}

    /// Nothing if it is off, or applies to none of the servers.
    [[nodiscard]] std::optional<HealthFinding> find(const HealthCheck& check) const {
        const auto changed = m_rules.limits.find(check.id);
        const bool is_off = changed != m_rules.limits.end() && !changed->second.any();
        if (is_off) {
            return std::nullopt;
        }
        if (const auto* of_all = std::get_if<HealthCheck::OfAll>(&check.measure)) {
            return finding(check, (*of_all)(m_evidence), "");
        }
        std::vector<HealthFinding> found;
        for (const NodeEvidence& node : m_evidence.nodes) {
            const auto measure = std::get<HealthCheck::OfNode>(check.measure);
            if (auto one = finding(check, measure_node(check, measure, node), node.name())) {
                found.push_back(std::move(*one));
            }
        }
        if (found.empty()) {
            return std::nullopt;
        }
        HealthFinding worst = *std::min_element(found.begin(), found.end(), is_worse);
        worst.others = static_cast<std::size_t>(std::count_if(
                           found.begin(), found.end(),
                           [&](const HealthFinding& f) { return f.status == worst.status; })) -
                       1;
        return worst;
    }

private:
    /// A server that does not answer has nothing but that to tell; of one that does not tell its
    /// figures, nothing is known.
    Measurement measure_node(const HealthCheck& check, HealthCheck::OfNode measure,
                             const NodeEvidence& node) const {
        const bool about_answering = check.id.starts_with("SERVER_");
        if (node.after.answered() || about_answering) {
            return measure(node, m_evidence);
        }
        return measure::untold_figures(node).value_or(Measurement::not_applicable());
    }

    [[nodiscard]] std::optional<HealthFinding> finding(const HealthCheck& check,
                                                       Measurement measured,
                                                       const std::string& node) const {
        const auto changed = m_rules.limits.find(check.id);
        const bool is_changed = changed != m_rules.limits.end();
        const HealthLimits limits = measured.is_harmless ? HealthLimits()
                                    : is_changed         ? changed->second
                                                         : measured.limits.value_or(check.limits);
        const bool on = check.limits.any() || is_changed || (measured.limits && limits.any());
        if (measured.kind == Measurement::Kind::not_applicable || !on) {
            return std::nullopt;
        }
        HealthFinding found;
        found.check = &check;
        found.status = status_of(check, measured, limits);
        found.value = measured.value;
        found.limits = limits;
        found.node = node;
        found.shown = std::move(measured.shown);
        found.message = std::move(measured.message);
        if (check.informs && found.status != HealthStatus::unknown) {
            found.noted = found.status != HealthStatus::ok;
            found.status = HealthStatus::ok;
        }
        if (found.noted || rank(found.status) >= rank(HealthStatus::warn)) {
            found.remedy = std::move(measured.remedy);
            found.gives = std::move(measured.gives);
        }
        return found;
    }

    const HealthEvidence& m_evidence;
    const HealthRules& m_rules;
};

/// Whether all of a cluster's masters that tell it say that it refuses commands.
bool is_cluster_down(const HealthVerdict& verdict, const HealthEvidence& evidence) {
    const auto state =
        std::find_if(verdict.findings.begin(), verdict.findings.end(),
                     [](const HealthFinding& found) { return found.check->id == "CLUSTER_STATE"; });
    return state != verdict.findings.end() && state->status == HealthStatus::crit &&
           state->others + 1 >= static_cast<std::size_t>(std::count_if(
                                    evidence.nodes.begin(), evidence.nodes.end(),
                                    [](const NodeEvidence& n) { return n.after.answered(); }));
}

const HealthCheck& check_for(const Error& failure) {
    const std::string_view text = failure.what();
    const auto says = [&](std::string_view word) { return text.find(word) != text.npos; };
    const char* id = says("LOADING") ? "SERVER_LOADING"
                     : says("BUSY ") ? "SERVER_BUSY"
                                     : "SERVER_DOWN";
    return *find_health_check(id);
}

}  // namespace

std::string HealthFinding::sentence() const {
    if (shown.empty() || message.empty()) {
        return shown.empty() ? message : shown;
    }
    return shown + ": " + message;
}

HealthStatus HealthVerdict::worst() const {
    HealthStatus worst = HealthStatus::ok;
    for (const HealthFinding& found : findings) {
        if (found.counts() && rank(found.status) > rank(worst)) {
            worst = found.status;
        }
    }
    return worst;
}

std::vector<const HealthFinding*> HealthVerdict::to_do() const {
    std::vector<const HealthFinding*> found;
    for (const HealthFinding& one : findings) {
        if (one.counts() && !one.remedy.empty()) {
            found.push_back(&one);
        }
    }
    std::stable_sort(found.begin(), found.end(), [](const auto* a, const auto* b) {
        return rank(a->status) > rank(b->status);
    });
    return found;
}

std::string_view name_of(State state) {
    constexpr std::array<std::string_view, 4> k_names = {"healthy", "degraded", "down", "unknown"};
    return k_names[static_cast<std::size_t>(state)];
}

HealthVerdict judge_health(const HealthEvidence& evidence, const HealthRules& rules,
                           std::chrono::system_clock::time_point now) {
    const Judge judge(evidence, rules);
    HealthVerdict verdict;
    for (const HealthCheck& check : health_checks()) {
        if (auto found = judge.find(check)) {
            found->muted = rules.is_muted(check.id, now);
            verdict.findings.push_back(std::move(*found));
        }
    }
    const bool none_answers =
        std::none_of(evidence.nodes.begin(), evidence.nodes.end(),
                     [](const NodeEvidence& node) { return node.after.answered(); });
    if (none_answers && !evidence.nodes.empty()) {
        const Error& failure = *evidence.nodes.front().after.failure;
        return judge_failure(failure);
    }
    if (is_cluster_down(verdict, evidence)) {
        verdict.state = State::down;
        verdict.failure = Error(ExitCode::refused, "the cluster refuses commands: CLUSTERDOWN");
    } else if (verdict.worst() != HealthStatus::ok) {
        verdict.state = State::degraded;
    } else if (const auto silent =
                   std::find_if(evidence.nodes.begin(), evidence.nodes.end(),
                                [](const auto& n) { return measure::untold_figures(n); });
               silent != evidence.nodes.end()) {
        verdict.state = State::unknown;
        verdict.failure = silent->after.failure;
    }
    return verdict;
}

HealthVerdict judge_failure(const Error& failure) {
    if (failure.code() != ExitCode::unreachable && failure.code() != ExitCode::refused) {
        throw Error(failure);
    }
    HealthVerdict verdict;
    verdict.failure = failure;
    const HealthCheck& check = check_for(failure);
    const bool is_denied = std::string_view(failure.what()).find("NOPERM") != std::string::npos;
    HealthFinding found;
    found.check = &check;
    found.message = failure.what();
    found.remedy = failure.hint();
    if (is_denied) {
        verdict.state = State::unknown;
        found.status = HealthStatus::unknown;
    } else {
        verdict.state = State::down;
        found.status = HealthStatus::crit;
        found.value = 1;
        found.limits = check.limits;
    }
    verdict.findings.push_back(std::move(found));
    return verdict;
}

}  // namespace cachectl
