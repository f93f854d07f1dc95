// The part of pace/pace.hpp for a server that is slower than it should be: how far the pace steps
// back, when it comes forward again, and what ends it.
#include <algorithm>
#include <utility>

#include "pace/pace.hpp"

namespace cachectl {

namespace {

// Of the running mean of how late answers are: below this the pace never steps back, because other
// clients may keep the server busy.
constexpr std::chrono::duration<double, std::micro> k_very_late{25'000};
constexpr unsigned k_answers_to_learn = 16;  // answers whose mean lateness is the normal one
constexpr double k_most_back_off = 4;
constexpr std::chrono::milliseconds k_between_steps{500};

}  // namespace

void Pace::judge(Micros late) {
    // A single late one, however late, is no reason to change anything: we may have been stopped.
    m_usually_late += (std::clamp(late, Micros(0), 4 * k_very_late) - m_usually_late) / 16;
    if (++m_answered == k_answers_to_learn) {
        m_late_at_first = m_usually_late;
    }
    if (m_answered > k_answers_to_learn &&
        m_usually_late > std::max(k_very_late, 4 * m_late_at_first)) {
        step_back(Cause::late);
    } else if (m_back_off > 1 && m_client.now() - m_stepped_back > 4 * k_between_steps) {
        m_stepped_back = m_client.now();
        m_back_off = std::max(1.0, m_back_off / 2);
    }
}

void Pace::take_signs(const ServerSigns& signs) {
    m_speed.take(signs);
    const auto kind = m_distress.judge(signs, m_client.now());
    if (kind == Distress::Kind::evictions) {
        step_back(Cause::evictions);
    }
    if (kind == Distress::Kind::replica_lag) {
        step_back(Cause::replica_lag);
    }
}

void Pace::step_back(Cause cause) {
    const SteadyTime now = m_client.now();
    if (now - m_stepped_back < k_between_steps) {
        return;
    }
    m_stepped_back = now;
    m_back_off = std::min(m_back_off * 2, k_most_back_off);
    static constexpr const char* k_sentences[] = {
        "the server's replies come late: longer pauses",
        "the server has begun to evict keys: longer pauses",
        "a replica falls behind: longer pauses",
    };
    const auto index = static_cast<std::size_t>(cause);
    note_once(m_noted[index], k_sentences[index]);
}

void Pace::stop(Error reason) {
    m_stopped = std::move(reason);
    m_fixed.clear();
    m_elastic.clear();
}

void Pace::note_once(bool& noted, const std::string& sentence) const {
    if (!std::exchange(noted, true) && on_note) {
        on_note(sentence);
    }
}

}  // namespace cachectl
