// Who has to agree to a load. What fills a cache asks nobody, unless the context is production.
#include "change/options.hpp"
#include "warm/warm.hpp"

namespace cachectl {

namespace {

const char* const k_verb = "load";

Consent consent_of(const WarmOptions& options, const Settings& settings) {
    return make_change_rules(options.release.change, settings).consent;
}

}  // namespace

void Warm::check_consent() {
    if (m_ctx.settings.production && !m_options.dry_run) {
        m_question = cachectl::check_consent(consent_of(m_options, m_ctx.settings), m_ctx, k_verb);
    }
}

// Nothing has been written yet, but in the journal that a run has begun.
void Warm::ask_for_consent() {
    if (m_question == Question::not_needed || m_summary.unavailable) {
        return;
    }
    PlannedChange load = planned_on(m_ctx, k_verb);
    load.scope = ChangeScope::load;
    load.masters = m_summary.masters;
    confirm(load, consent_of(m_options, m_ctx.settings), OnTerminal::yes, m_ctx.ask);
    m_start = m_ctx.now();  // the question's time is not the work's
}

}  // namespace cachectl
