// How long this server takes for what takes the reference server (pace/cost) a microsecond.
//
// Its own figures tell best: the CPU time it has used, shared out by what INFO commandstats says
// each command took. Those are times of its clock, in which it may have waited for a CPU, so they
// serve for the shares alone. Where it tells nothing, the replies are timed; all that disturbs
// that makes it longer: the shortest of a few stretches counts.
#pragma once

#include <array>
#include <chrono>

#include "pace/cost.hpp"
#include "pace/server_watch.hpp"

namespace cachectl {

class ServerSpeed {
public:
    using Micros = std::chrono::duration<double, std::micro>;

    [[nodiscard]] Micros time_of(const Cost& cost) const;
    [[nodiscard]] double factor(Verb verb) const;

    /// What we ask of the server.
    void sent(const Cost& cost);
    /// From what we sent before this, the figures will tell that are being asked for now.
    void asked();
    /// The figures have come.
    void take(const ServerSigns& signs);

    /// Requests that cost `cost` have kept the server busy for that long, by our clock.
    void timed(const Cost& cost, Micros spent);
    /// The server's own figures are known: no need for the clock.
    [[nodiscard]] bool is_reported() const { return m_reported; }
    /// False at first: all times are those of the reference server.
    [[nodiscard]] bool is_known() const { return m_reported || m_stretches_timed != 0; }

private:
    struct Work {
        double calls = 0;
        double cost = 0;
    };
    struct Known {
        double factor = 1;
        bool is_reported = false;
        Work sent;               // so far
        Work at_asking, judged;  // when the figures were asked for: the latest, and those before
    };
    void judge(Known& known, const CommandCalls& now, const CommandCalls& before,
               double cpu_for_usec);

    std::array<Known, k_verbs> m_verbs;
    ServerSigns m_before;
    bool m_reported = false;

    static constexpr std::size_t k_stretches = 4;
    std::array<double, k_stretches> m_stretches{};  // factors
    std::size_t m_stretches_timed = 0;
    double m_stretch_cost = 0;
    Micros m_stretch_spent{0};
    unsigned m_stretch_slices = 0;
    double m_timed = 1;
};

}  // namespace cachectl
