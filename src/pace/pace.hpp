// How much of the server's time may be taken, and when the next request may go.
//
// A server does one thing at a time, and runs what one client has sent it back to back. So the
// unit is the slice: all that leaves in one write. A slice is made no larger than other clients
// may have to wait, and after it the server is left alone for long enough that our share of its
// time holds. Slices are spaced in time, not by waiting for replies: over a long link several are
// on their way, and each meets the server by itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "pace/cost.hpp"
#include "pace/latency_guard.hpp"
#include "pace/server_speed.hpp"
#include "pace/server_watch.hpp"
#include "redis/client.hpp"
#include "util/error.hpp"
#include "util/lifetime.hpp"

namespace cachectl {

enum class PaceLevel {
    gentle,  // about a tenth of the server's time
    normal,  // about half of it
    full,    // all that one well-behaved client may take
};

/// Which keys --max-rate counts.
enum class RateOf { walked, changed };

struct PaceOptions {
    PaceLevel level = PaceLevel::normal;
    std::optional<std::uint64_t> max_rate;  // keys a second
    RateOf rate_of = RateOf::walked;
    LatencyLimits latency = {};
};

/// What a request costs is given in microseconds of a reference server (pace/cost); what this one
/// takes for it, pace/server_speed finds out. That, and not the time a reply took to come, is what
/// is budgeted: when an answer is late, because its server or we ourselves had to wait for a CPU,
/// the next slices still leave in their turn, until about a millisecond's work is on its way.
///
/// It steps back when replies come late for a while, when the server begins to evict keys, and
/// when its replicas fall behind.
class Pace {
public:
    /// Asks the server for the round trip (PING), unless it is given. INFO is asked now and then,
    /// if the server told its figures at the login.
    Pace(Client& client, PaceOptions options,
         std::optional<std::chrono::microseconds> round_trip = std::nullopt);
    Pace(const Pace&) = delete;
    Pace& operator=(const Pace&) = delete;

    /// Does not call back whoever is no more.
    using Owner = std::weak_ptr<void>;

    /// Calls `send` when its commands may leave, now or from within run_until(); they cost `cost`,
    /// better no more than portion() says. `changes`: keys that they change. They go before all
    /// that is asked for with submit_elastic(), and in their order.
    void submit(Owner owner, Cost cost, std::function<void()> send, std::uint64_t changes = 0);
    /// The same for a SCAN, whose COUNT can be chosen: `send` gets the cost there is room for and
    /// returns the cost of what it sent, which is more only if a SCAN cannot cost less; 0 if it
    /// sent nothing.
    struct Sent {
        double cost = 0;
        std::uint64_t keys = 0;  // walked
    };
    using SendElastic = std::function<Sent(double room)>;
    void submit_elastic(Owner owner, SendElastic send);

    /// Counts keys that were walked otherwise than by SCAN.
    void charge_walked(std::uint64_t keys) { charge(RateOf::walked, keys); }

    /// For those who send as they read: waits, while replies come in, until what costs `cost` may
    /// leave, and leaves the sending to the caller; not any longer once it has stopped, or for a
    /// signal. At full pace without further limits it does not wait.
    void wait_for(const Cost& cost, std::uint64_t changes);

    [[nodiscard]] std::chrono::microseconds round_trip() const {
        return std::chrono::ceil<std::chrono::microseconds>(m_round_trip);
    }
    /// How many requests, each of which costs `each`, one call of submit() is to send; at least
    /// one.
    [[nodiscard]] unsigned portion(const Cost& each) const;
    /// Nothing waits to be sent.
    [[nodiscard]] bool idle() const { return m_fixed.empty() && m_elastic.empty(); }

    /// COUNT for a SCAN at most.
    [[nodiscard]] unsigned max_keys() const;
    /// How many of `keys` --max-rate lets be walked, or changed, at once.
    [[nodiscard]] unsigned within_rate(RateOf what, unsigned keys) const;
    /// Keys that one command may change.
    [[nodiscard]] unsigned max_changes() const;

    /// How many slices may be on their way at the same time.
    [[nodiscard]] std::size_t slices_in_flight() const;

    /// Why nothing is sent any more: the server has been too slow for --max-pause.
    [[nodiscard]] const std::optional<Error>& stopped() const { return m_stopped; }

    /// Nothing leaves while one of these lives: for the time of a reconnect.
    class Hold {
    public:
        explicit Hold(Pace& pace) : m_pace(pace) { ++m_pace.m_holds; }
        ~Hold() { --m_pace.m_holds, m_pace.pump(); }
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;

    private:
        Pace& m_pace;
    };

    /// Gets a sentence when the pace steps back by itself, once for each cause.
    std::function<void(const std::string&)> on_note;

private:
    using Micros = std::chrono::duration<double, std::micro>;

    struct Fixed {
        Owner owner;
        Cost cost;
        std::uint64_t changes;
        std::function<void()> send;
    };
    struct Elastic {
        Owner owner;
        SendElastic send;
    };
    struct Slice {
        SteadyTime sent;
        Cost cost;
        Micros time{0};  // of the server
    };
    enum class Cause { late, evictions, replica_lag, count };

    void measure_round_trip();
    void pump();
    bool may_send();
    void send_slice();
    void grow(Slice& slice, const Cost& cost);
    void close(const Slice& slice);
    [[nodiscard]] bool uses_up_rate() const;
    void charge(RateOf what, std::uint64_t keys);
    void take_answer(const Slice& slice);
    [[nodiscard]] Micros newly_held_up();
    void judge(Micros late);
    void take_signs(const ServerSigns& signs);
    void step_back(Cause cause);
    void wake_at(SteadyTime when);
    [[nodiscard]] Micros slice_time() const;
    [[nodiscard]] Micros time_on_the_way(double caution) const;
    [[nodiscard]] Micros gap(const Slice& slice) const;
    [[nodiscard]] double caution() const;

    void stop(Error reason);
    void note_once(bool& noted, const std::string& sentence) const;

    Client& m_client;
    PaceOptions m_options;
    Micros m_round_trip{0};
    ServerSpeed m_speed;
    SteadyTime::duration m_held_up{0};  // when we last looked
    unsigned m_answered = 0;            // slices
    Micros m_usually_late{0}, m_late_at_first{0};
    double m_back_off = 1;      // the factor by which pauses are longer
    SteadyTime m_stepped_back;  // or forward again
    std::deque<Fixed> m_fixed;
    std::deque<Elastic> m_elastic;
    std::optional<Slice> m_open;  // what has been waited for, and may grow
    Micros m_in_flight{0};        // the server's time for what it has not answered
    SteadyTime m_not_before;
    SteadyTime m_rate_not_before;
    SteadyTime m_last_answer;
    std::optional<SteadyTime> m_wake;
    bool m_waits = false;  // something could not leave when it was ready to
    unsigned m_holds = 0;
    bool m_sending = false;
    std::optional<Error> m_stopped;
    bool m_noted[static_cast<std::size_t>(Cause::count)] = {};
    Distress m_distress;
    bool m_watches;  // the server tells its figures
    ServerWatch m_watch;
    LatencyGuard m_latency;
    Lifetime m_lifetime;
};

}  // namespace cachectl
