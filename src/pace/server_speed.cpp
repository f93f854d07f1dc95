#include "pace/server_speed.hpp"

#include <algorithm>

namespace cachectl {

namespace {

constexpr double k_least_factor = 0.3, k_most_factor = 4;
constexpr double k_own_figures_leave_out = 1.1;  // reading the request, writing the reply
// Of a verb, in an interval: less says little, for a call may take no microsecond at all.
constexpr double k_cost_that_tells = 500;
constexpr unsigned k_slices_of_stretch = 16;

double sum(const Cost& cost) {
    double total = 0;
    for (const VerbCost& part : cost.parts()) {
        total += part.cost;
    }
    return total;
}

}  // namespace

double ServerSpeed::factor(Verb verb) const {
    const Known& known = m_verbs[static_cast<std::size_t>(verb)];
    return known.is_reported ? known.factor : m_timed;
}

ServerSpeed::Micros ServerSpeed::time_of(const Cost& cost) const {
    double time = 0;
    for (const VerbCost& part : cost.parts()) {
        time += part.cost * factor(part.verb);
    }
    return Micros(time);
}

// --- by its own figures -------------------------------------------------------------------------

void ServerSpeed::sent(const Cost& cost) {
    for (const VerbCost& part : cost.parts()) {
        Work& work = m_verbs[static_cast<std::size_t>(part.verb)].sent;
        work.calls += part.calls;
        work.cost += part.cost;
    }
}

void ServerSpeed::asked() {
    for (Known& known : m_verbs) {
        known.at_asking = known.sent;
    }
}

void ServerSpeed::take(const ServerSigns& signs) {
    if (!signs.commands_usec) {
        return;
    }
    const ServerSigns before = std::exchange(m_before, signs);
    double cpu_for_usec = k_own_figures_leave_out;
    // Nothing before: the figures are since the server's start. Less than before: they were reset.
    const bool comparable = before.commands_usec && *signs.commands_usec > *before.commands_usec;
    if (comparable && signs.cpu_usec && before.cpu_usec && *signs.cpu_usec > *before.cpu_usec) {
        cpu_for_usec = static_cast<double>(*signs.cpu_usec - *before.cpu_usec) /
                       static_cast<double>(*signs.commands_usec - *before.commands_usec);
    }
    for (std::size_t i = 0; i < k_verbs; ++i) {
        if (comparable) {
            judge(m_verbs[i], signs.commands[i], before.commands[i], cpu_for_usec);
        }
        m_verbs[i].judged = m_verbs[i].at_asking;
    }
}

// Others may use the verb as well: what is counted is an average call of it, as often as we made
// one. What they ask for may be far larger or smaller, so where most calls are theirs, it tells
// nothing.
void ServerSpeed::judge(Known& known, const CommandCalls& now, const CommandCalls& before,
                        double cpu_for_usec) {
    const double our_calls = known.at_asking.calls - known.judged.calls;
    const double our_cost = known.at_asking.cost - known.judged.cost;
    if (our_cost < k_cost_that_tells || now.calls <= before.calls || now.usec < before.usec) {
        return;
    }
    const auto calls = static_cast<double>(now.calls - before.calls);
    if (calls > 1.5 * our_calls) {
        return;
    }
    const double usec = static_cast<double>(now.usec - before.usec) / calls * our_calls;
    const double measured =
        std::clamp(usec * cpu_for_usec / our_cost, k_least_factor, k_most_factor);
    known.factor = known.is_reported ? (known.factor + measured) / 2 : measured;
    known.is_reported = m_reported = true;
}

// --- by our clock -------------------------------------------------------------------------------

// Several replies that come at once make the first late and the others early, so single ones tell
// nothing.
void ServerSpeed::timed(const Cost& cost, Micros spent) {
    m_stretch_cost += sum(cost);
    m_stretch_spent += spent;
    if (++m_stretch_slices < k_slices_of_stretch) {
        return;
    }
    m_stretches[m_stretches_timed++ % k_stretches] = m_stretch_spent.count() / m_stretch_cost;
    const auto end =
        m_stretches.begin() + static_cast<std::ptrdiff_t>(std::min(m_stretches_timed, k_stretches));
    m_timed =
        std::clamp(*std::min_element(m_stretches.begin(), end), k_least_factor, k_most_factor);
    m_stretch_cost = 0;
    m_stretch_spent = Micros(0);
    m_stretch_slices = 0;
}

}  // namespace cachectl
