#include "pace/pace.hpp"

#include <algorithm>

#include "util/scoped_flag.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;
using Micros = std::chrono::duration<double, std::micro>;

struct Level {
    double share;          // of the server's time
    Micros slice;          // that other clients may have to wait
    Micros late_slices;    // that may be on their way besides those that a long link takes
    unsigned max_keys;     // of one SCAN
    unsigned max_changes;  // of one command that changes keys
};

constexpr Level level_of(PaceLevel level) {
    switch (level) {
        case PaceLevel::gentle:
            return {0.10, Micros(300), Micros(700), 500, 100};
        case PaceLevel::normal:
            return {0.50, Micros(300), Micros(700), 500, 100};
        case PaceLevel::full:
            break;
    }
    return {1.0, Micros(800), Micros(1600), 1000, 500};
}

constexpr int k_pings = 3;
constexpr Micros k_short_link{1'000}, k_long_link{5'000};
constexpr double k_surely_spent = 0.3;  // of the time that was planned for a slice
constexpr Micros k_noise{500};          // of our own waking up
constexpr Micros k_catch_up{300};       // of a timer that was late
constexpr milliseconds k_rate_step{100};
constexpr std::size_t k_most_slices_in_flight = 64;

SteadyTime::duration steps(Micros time) {
    return std::chrono::duration_cast<SteadyTime::duration>(time);
}

}  // namespace

Pace::Pace(Client& client, PaceOptions options, std::optional<std::chrono::microseconds> round_trip)
    : m_client(client),
      m_options(options),
      m_watches(!client.server().info.text("evicted_keys").empty()),
      m_watch(client, [this](const ServerSigns& signs) { take_signs(signs); }),
      m_latency(client, options.latency,
                {.is_connected = [this] { return m_holds == 0; },
                 .note =
                     [this](const std::string& note) {
                         if (on_note) {
                             on_note(note);
                         }
                     },
                 .resume = [this] { pump(); },
                 .stop = [this](Error reason) { stop(std::move(reason)); }}) {
    if (round_trip) {
        m_round_trip = *round_trip;
    } else {
        measure_round_trip();
    }
}

// The shortest of a few: what is longer, is so by chance. On a long link the login and one PING are
// enough, for the time of the login's commands is little beside it. An error is an answer as good
// as any.
void Pace::measure_round_trip() {
    const Micros login = m_client.server().login_answered_in;
    int measured = login.count() > 0 ? 1 : 0;
    m_round_trip = login;
    for (int i = 0; i < k_pings; ++i) {
        const SteadyTime sent = m_client.now();
        const Reply reply = m_client.call({"PING"});
        const Micros took = m_client.now() - sent;
        m_round_trip = measured++ == 0 ? took : std::min(m_round_trip, took);
        if (reply.is_broken() || (measured == 2 && took > k_long_link)) {
            return;
        }
    }
}

void Pace::submit(Owner owner, Cost cost, std::function<void()> send, std::uint64_t changes) {
    m_fixed.push_back({std::move(owner), std::move(cost), changes, std::move(send)});
    pump();
}

void Pace::submit_elastic(Owner owner, SendElastic send) {
    m_elastic.push_back({std::move(owner), std::move(send)});
    pump();
}

Pace::Micros Pace::slice_time() const { return level_of(m_options.level).slice; }

unsigned Pace::portion(const Cost& each) const {
    return std::max(1U, static_cast<unsigned>(slice_time() / 2 / m_speed.time_of(each)));
}

// A rate is kept to within a tenth of a second.
unsigned Pace::within_rate(RateOf what, unsigned keys) const {
    if (!m_options.max_rate || what != m_options.rate_of) {
        return keys;
    }
    return static_cast<unsigned>(std::clamp<std::uint64_t>(*m_options.max_rate / 10, 1, keys));
}

bool Pace::uses_up_rate() const { return m_rate_not_before >= m_client.now() + k_rate_step; }

unsigned Pace::max_keys() const {
    return within_rate(RateOf::walked, level_of(m_options.level).max_keys);
}

unsigned Pace::max_changes() const {
    return within_rate(RateOf::changed, level_of(m_options.level).max_changes);
}

// What the server does while a request and its reply are on their way, and some more: at full pace,
// so that it always finds the next one there; else for answers that come late.
Pace::Micros Pace::time_on_the_way(double caution) const {
    const Level level = level_of(m_options.level);
    return m_round_trip * level.share * caution + level.late_slices;
}

std::size_t Pace::slices_in_flight() const {
    const auto slices = static_cast<std::size_t>(time_on_the_way(1) / slice_time());
    return std::min(k_most_slices_in_flight, 1 + slices);
}

void Pace::pump() {
    if (m_sending) {
        return;
    }
    const ScopedFlag sending(m_sending);
    while (!idle() && may_send()) {
        send_slice();
    }
}

bool Pace::may_send() {
    if (m_holds != 0 || m_latency.pauses() || m_stopped) {
        return false;
    }
    const SteadyTime when = std::max(m_not_before, m_rate_not_before);
    const bool room = m_in_flight < time_on_the_way(caution());
    if (room && when <= m_client.now()) {
        return true;
    }
    m_waits = true;
    if (room) {
        wake_at(when);  // else an answer comes back here
    }
    return false;
}

void Pace::wake_at(SteadyTime when) {
    if (m_wake && *m_wake <= when) {
        return;
    }
    m_wake = when;
    m_client.after(std::chrono::ceil<std::chrono::microseconds>(when - m_client.now()),
                   m_lifetime.guard([this] {
                       m_wake.reset();
                       pump();
                   }));
}

void Pace::send_slice() {
    Slice slice{m_client.now(), {}};
    while (!m_fixed.empty()) {
        if (m_fixed.front().owner.expired()) {
            m_fixed.pop_front();
            continue;
        }
        const Micros time = m_speed.time_of(m_fixed.front().cost);
        if (slice.time != Micros(0) && (slice.time + time > slice_time() || uses_up_rate())) {
            break;
        }
        const Fixed next = std::move(m_fixed.front());
        m_fixed.pop_front();
        grow(slice, next.cost);
        charge(RateOf::changed, next.changes);
        next.send();
    }
    // The rest of a slice is not worth a request of its own.
    while (!m_elastic.empty() && m_fixed.empty() && slice.time < slice_time() * 2 / 3 &&
           (slice.time == Micros(0) || !uses_up_rate())) {
        const Elastic next = std::move(m_elastic.front());
        m_elastic.pop_front();
        if (next.owner.expired()) {
            continue;
        }
        const Micros left = slice_time() - slice.time;
        const Sent sent = next.send(left.count() / m_speed.factor(Verb::scan));
        if (sent.cost == 0) {
            continue;
        }
        grow(slice, VerbCost{Verb::scan, 1, sent.cost});
        charge(RateOf::walked, sent.keys);
    }
    if (slice.time == Micros(0)) {
        return;
    }
    if (m_client.pending() == 0) {  // it could not be sent, and says nothing of the server
        m_not_before = m_client.now() + steps(gap(slice));
    } else {
        close(slice);
    }
}

void Pace::grow(Slice& slice, const Cost& cost) {
    for (const VerbCost& part : cost.parts()) {
        slice.cost.add(part);
    }
    slice.time += m_speed.time_of(cost);
}

void Pace::wait_for(const Cost& cost, std::uint64_t changes) {
    const bool limited = m_options.max_rate || m_options.latency.max_latency || m_back_off > 1;
    if (m_options.level == PaceLevel::full && !limited) {
        return;
    }
    if (m_open && (m_open->time + m_speed.time_of(cost) > slice_time() || uses_up_rate())) {
        close(*m_open);
        m_open.reset();
    }
    if (!m_open) {
        m_client.run_until([this] { return m_stopped || stop_signal() != 0 || may_send(); });
        m_open = Slice{m_client.now(), {}};
    }
    grow(*m_open, cost);
    charge(RateOf::changed, changes);
}

void Pace::close(const Slice& slice) {
    const Micros catch_up = std::exchange(m_waits, false) ? k_catch_up : Micros(0);
    m_not_before = std::max(m_not_before, slice.sent - steps(catch_up)) + steps(gap(slice));
    m_in_flight += slice.time;
    m_latency.expect(m_round_trip + m_in_flight, m_round_trip);
    m_speed.sent(slice.cost);
    if (m_watches && m_watch.look() == ServerWatch::Looked::yes) {
        m_speed.asked();
    }
    m_client.when_answered(m_lifetime.guard([this, slice] { take_answer(slice); }));
}

// From the beginning of one slice to that of the next. At full pace the answers alone give the
// time where they come at once; where they take long, it keeps slices from coming in one burst.
Pace::Micros Pace::gap(const Slice& slice) const {
    const double share = level_of(m_options.level).share * caution() / m_back_off;
    if (share < 1) {
        return slice.time / share;
    }
    return m_round_trip > k_short_link ? slice.time * 0.95 : Micros(0);
}

// A server that is not known yet may be slower than we think; far away, that is seen only when much
// has been sent already.
double Pace::caution() const {
    return m_speed.is_known() || m_round_trip <= k_short_link ? 1 : 0.5;
}

void Pace::charge(RateOf what, std::uint64_t keys) {
    if (!m_options.max_rate || what != m_options.rate_of || keys == 0) {
        return;
    }
    const std::chrono::duration<double> time(static_cast<double>(keys) /
                                             static_cast<double>(*m_options.max_rate));
    m_rate_not_before = std::max(m_rate_not_before, m_client.now()) + steps(time);
}

// The server has worked on the slice since it arrived, or since the one before was done.
void Pace::take_answer(const Slice& slice) {
    m_in_flight = std::max(Micros(0), m_in_flight - slice.time);
    const SteadyTime now = m_client.now();
    const Micros on_the_way = Micros(now - slice.sent) - k_surely_spent * slice.time;
    m_round_trip = std::clamp(on_the_way, Micros(0), m_round_trip);
    Micros spent = now - std::max(slice.sent + steps(m_round_trip), m_last_answer);
    spent -= std::min(spent, newly_held_up());
    m_last_answer = now;
    m_speed.timed(slice.cost, spent);
    const Micros late = spent - slice.time;
    // Where the server does not tell, what has taken longer than was thought is paid for, within
    // reason.
    if (!m_speed.is_reported() && gap(slice) != Micros(0) && late > k_noise) {
        m_not_before += steps(std::min(late, 2 * slice.time));
    }
    judge(late);
    m_latency.answered(late);
    pump();
}

// Since this was asked the last time: the way from the reply's arrival to here.
Pace::Micros Pace::newly_held_up() {
    const SteadyTime::duration before = std::exchange(m_held_up, m_client.held_up());
    return m_held_up - before;
}

}  // namespace cachectl
