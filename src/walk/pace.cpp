#include "walk/pace.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;
using Micros = std::chrono::duration<double, std::micro>;

struct Level {
    double share;          // of the server's time
    Micros slice;          // that other clients may have to wait
    unsigned max_keys;     // of one SCAN
    unsigned max_changes;  // of one command that changes keys
};

constexpr Level level_of(PaceLevel level) {
    switch (level) {
        case PaceLevel::gentle:
            return {0.10, Micros(250), 500, 100};
        case PaceLevel::normal:
            return {0.50, Micros(250), 500, 100};
        case PaceLevel::full:
            break;
    }
    return {1.0, Micros(800), 2000, 500};
}

constexpr int k_pings = 3;
constexpr Micros k_short_link{1'000};
constexpr double k_smallest_cost_to_learn_from = 40;
constexpr double k_least_factor = 0.3, k_most_factor = 4;
// A slice is not cut down without end: each has its own cost, and its own wait for an answer.
constexpr double k_most_factor_for_size = 2;
constexpr double k_own_figures_leave_out = 1.1;  // reading the request, writing the reply
constexpr Micros k_noise{500};                   // of our own waking up
constexpr Micros k_catch_up{300};                // of a timer that was late
constexpr Micros k_very_late{25'000};            // as a rule: the server has others to serve
constexpr unsigned k_answers_to_learn = 16;      // how late they are at first
constexpr double k_most_back_off = 4;
constexpr milliseconds k_between_steps{500};
constexpr milliseconds k_look_again{100};
constexpr std::size_t k_most_slices_in_flight = 64;

SteadyTime::duration steps(Micros time) {
    return std::chrono::duration_cast<SteadyTime::duration>(time);
}

}  // namespace

Pace::Pace(Client& client, PaceOptions options, std::optional<std::chrono::microseconds> round_trip)
    : m_client(client),
      m_options(options),
      m_watches(!client.server().info.text("evicted_keys").empty()),
      m_watch(client, [this](const ServerSigns& signs) { take_signs(signs); }) {
    if (round_trip) {
        m_round_trip = *round_trip;
    } else {
        measure_round_trip();
    }
}

// The shortest of a few: what is longer, is so by chance. An error is an answer as good as any.
void Pace::measure_round_trip() {
    for (int i = 0; i < k_pings; ++i) {
        const SteadyTime sent = m_client.now();
        const Reply reply = m_client.call({"PING"});
        const Micros took = m_client.now() - sent;
        m_round_trip = i == 0 ? took : std::min(m_round_trip, took);
        if (reply.is_broken() || took > 5 * k_short_link) return;  // of a long link one is enough
    }
}

void Pace::submit(Owner owner, double cost, std::function<void()> send, std::uint64_t changes) {
    m_fixed.push_back({std::move(owner), cost, changes, std::move(send)});
    pump();
}

void Pace::submit_elastic(Owner owner, SendElastic send) {
    m_elastic.push_back({std::move(owner), std::move(send)});
    pump();
}

double Pace::room() const {
    return level_of(m_options.level).slice.count() / std::min(m_factor, k_most_factor_for_size);
}

// A rate is kept to within a tenth of a second.
unsigned Pace::within_rate(RateOf what, unsigned keys) const {
    if (!m_options.max_rate || what != m_options.rate_of) return keys;
    return static_cast<unsigned>(std::clamp<std::uint64_t>(*m_options.max_rate / 10, 1, keys));
}

unsigned Pace::max_keys() const {
    return within_rate(RateOf::walked, level_of(m_options.level).max_keys);
}

unsigned Pace::max_changes() const {
    return within_rate(RateOf::changed, level_of(m_options.level).max_changes);
}

// As many as have to be on their way for the next one to be there when its time has come; at full
// pace some more, so that the server always finds the next one there.
std::size_t Pace::slices_in_flight() const {
    const Level level = level_of(m_options.level);
    const auto on_their_way = static_cast<std::size_t>(m_round_trip * level.share / level.slice);
    if (m_options.level == PaceLevel::full) {
        return std::min(k_most_slices_in_flight, 3 + on_their_way);
    }
    // A round trip of a millisecond is a busy machine's rather than a long link's.
    return on_their_way < 3 ? 1 : std::min(k_most_slices_in_flight, 1 + on_their_way);
}

void Pace::pump() {
    if (m_sending) return;
    m_sending = true;
    while (!idle() && may_send()) send_slice();
    m_sending = false;
}

bool Pace::may_send() {
    if (m_holds != 0 || m_paused_since || m_stopped) return false;
    if (m_in_flight >= slices_in_flight()) return false;  // an answer comes back here
    const SteadyTime when = std::max(m_not_before, m_rate_not_before);
    if (when <= m_client.now()) return true;
    wake_at(when);
    return false;
}

void Pace::wake_at(SteadyTime when) {
    if (m_wake && *m_wake <= when) return;
    m_wake = when;
    m_client.after(std::chrono::ceil<std::chrono::microseconds>(when - m_client.now()),
                   while_alive([this] {
                       m_wake.reset();
                       pump();
                   }));
}

void Pace::send_slice() {
    const double whole = room();
    Slice slice{m_client.now(), 0};
    while (!m_fixed.empty() && (slice.cost == 0 || slice.cost + m_fixed.front().cost <= whole)) {
        const Fixed next = std::move(m_fixed.front());
        m_fixed.pop_front();
        if (next.owner.expired()) continue;
        slice.cost += next.cost;
        charge(RateOf::changed, next.changes);
        next.send();
    }
    // The rest of a slice is not worth a request of its own.
    while (!m_elastic.empty() && m_fixed.empty() && slice.cost < whole * 3 / 4) {
        const Elastic next = std::move(m_elastic.front());
        m_elastic.pop_front();
        if (next.owner.expired()) continue;
        const Taken taken = next.send(whole - slice.cost);
        slice.cost += taken.cost;
        charge(RateOf::walked, taken.keys);
        m_our_scans += taken.cost != 0 ? 1 : 0;
        m_our_scan_cost += taken.cost;
    }
    if (slice.cost == 0) return;
    close(slice);
}

void Pace::wait_for(double cost, std::uint64_t changes) {
    const bool limited = m_options.max_rate || m_options.max_latency || m_back_off > 1;
    if (m_options.level == PaceLevel::full && !limited) return;
    if (m_open && m_open->cost + cost > room()) {
        close(*m_open);
        m_open.reset();
    }
    if (!m_open) {
        m_client.run_until([this] { return m_stopped || stop_signal() != 0 || may_send(); });
        m_open = Slice{m_client.now(), 0};
    }
    m_open->cost += cost;
    charge(RateOf::changed, changes);
}

void Pace::close(const Slice& slice) {
    m_not_before = std::max(m_not_before, slice.sent - steps(k_catch_up)) + steps(gap(slice));
    ++m_in_flight;
    if (m_watches) m_watch.look();
    m_client.when_answered(while_alive([this, slice] { take_answer(slice); }));
}

// From the beginning of one slice to that of the next. At full pace the answers alone give the
// time where they come at once; where they take long, it keeps slices from coming in one burst.
Pace::Micros Pace::gap(const Slice& slice) const {
    const double share = level_of(m_options.level).share / m_back_off;
    if (share < 1) return time_of(slice.cost) / share;
    return m_round_trip > k_short_link ? time_of(slice.cost) * 0.95 : Micros(0);
}

void Pace::charge(RateOf what, std::uint64_t keys) {
    if (!m_options.max_rate || what != m_options.rate_of || keys == 0) return;
    const std::chrono::duration<double> time(static_cast<double>(keys) /
                                             static_cast<double>(*m_options.max_rate));
    m_rate_not_before = std::max(m_rate_not_before, m_client.now()) + steps(time);
}

// The server has worked on the slice since it arrived, or since the one before was done.
void Pace::take_answer(const Slice& slice) {
    --m_in_flight;
    const SteadyTime now = m_client.now();
    const Micros spent = now - std::max(slice.sent + steps(m_round_trip), m_last_answer);
    m_last_answer = now;
    const Micros late = spent - time_of(slice.cost);
    // What has taken longer than was thought is paid for, within reason.
    if (gap(slice) != Micros(0) && late > k_noise) {
        m_not_before += steps(std::min(late, 2 * time_of(slice.cost)));
    }
    learn(slice, spent);
    check_latency(late);
    pump();
}

// All that disturbs a measurement makes it longer, so shorter ones count for more.
void Pace::learn(const Slice& slice, Micros spent) {
    // A single late one, however late, is no reason to change anything: we may have been stopped.
    const Micros late = std::clamp(spent - time_of(slice.cost), Micros(0), 4 * k_very_late);
    m_usually_late += (late - m_usually_late) / 16;
    if (++m_answered == k_answers_to_learn) m_late_at_first = m_usually_late;
    if (m_answered > k_answers_to_learn &&
        m_usually_late > std::max(k_very_late, 4 * m_late_at_first)) {
        step_back(Cause::late);
    }
    if (m_server_told || slice.cost < k_smallest_cost_to_learn_from) return;
    const double measured = spent.count() / slice.cost;
    const bool short_link = m_round_trip < k_short_link;
    const double weight = measured < m_factor ? 1.0 / 8 : short_link ? 1.0 / 64 : 1.0 / 128;
    m_factor += (std::min(measured, k_most_factor) - m_factor) * weight;
    m_factor = std::max(m_factor, k_least_factor);
}

void Pace::take_signs(const ServerSigns& signs) {
    if (signs.scan) {
        const std::uint64_t calls = signs.scan->calls - m_scans_then.calls;
        const auto usec = static_cast<double>(signs.scan->usec - m_scans_then.usec);
        // Others may walk as well; what they ask for is not known.
        const bool mostly_ours = m_our_scans != 0 && calls * 2 < m_our_scans * 3;
        if (m_scans_then.calls != 0 && calls != 0 && mostly_ours) {
            const double cost = m_our_scan_cost / static_cast<double>(m_our_scans);
            const double measured =
                usec / static_cast<double>(calls) / cost * k_own_figures_leave_out;
            m_factor = std::clamp(measured, k_least_factor, k_most_factor);
            m_server_told = true;
        }
        m_scans_then = *signs.scan;
        m_our_scans = 0;
        m_our_scan_cost = 0;
    }
    const auto kind = m_distress.judge(signs, m_client.now());
    if (kind == Distress::Kind::evictions) {
        step_back(Cause::evictions);
    } else if (kind == Distress::Kind::replica_lag) {
        step_back(Cause::replica_lag);
    } else if (m_client.now() - m_stepped_back > 4 * k_between_steps) {
        m_back_off = std::max(1.0, m_back_off / 2);
    }
}

// --- too slow -----------------------------------------------------------------------------------

void Pace::step_back(Cause cause) {
    const SteadyTime now = m_client.now();
    if (now - m_stepped_back < k_between_steps) return;
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

void Pace::check_latency(Micros late) {
    if (!m_options.max_latency || late <= *m_options.max_latency || m_paused_since) return;
    m_paused_since = m_client.now();
    note_once(
        m_noted_pause,
        fmt::format("the server's replies are more than {} late: pausing",
                    format_duration(std::chrono::ceil<milliseconds>(*m_options.max_latency))));
    m_client.after(k_look_again, while_alive([this] { look_again(); }));
}

void Pace::look_again() {
    if (m_holds != 0) {  // there is no connection just now
        m_client.after(k_look_again, while_alive([this] { look_again(); }));
        return;
    }
    const SteadyTime sent = m_client.now();
    const std::weak_ptr<void> alive = m_alive;
    m_client.send({"PING"}, [this, alive, sent](const Reply& reply) {
        if (alive.expired()) return;
        const SteadyTime now = m_client.now();
        if (reply.is_broken() || now - sent - steps(m_round_trip) <= *m_options.max_latency) {
            m_paused_since.reset();
            pump();
        } else if (now - *m_paused_since >= m_options.max_pause) {
            stop({ExitCode::partial,
                  fmt::format(
                      "the server's replies have been more than {} late for {}",
                      format_duration(std::chrono::ceil<milliseconds>(*m_options.max_latency)),
                      format_duration(m_options.max_pause)),
                  "when it has recovered, or with a longer --max-latency or --max-pause, run the "
                  "same command again"});
        } else {
            m_client.after(k_look_again, while_alive([this] { look_again(); }));
        }
    });
}

void Pace::stop(Error reason) {
    m_stopped = std::move(reason);
    m_fixed.clear();
    m_elastic.clear();
}

void Pace::note_once(bool& noted, const std::string& sentence) const {
    if (!std::exchange(noted, true) && on_note) on_note(sentence);
}

std::function<void()> Pace::while_alive(std::function<void()> action) const {
    return [alive = std::weak_ptr<void>(m_alive), action = std::move(action)] {
        if (!alive.expired()) action();
    };
}

}  // namespace cachectl
