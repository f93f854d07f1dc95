#include "stats/watch.hpp"

#include <algorithm>
#include <utility>

#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr std::chrono::milliseconds k_idle_step{50};

std::string first_failure(std::span<const Reading> readings) {
    const auto failed = std::find_if(readings.begin(), readings.end(),
                                     [](const Reading& reading) { return !reading.answered(); });
    return failed == readings.end() ? "" : failed->failure->what();
}

Rates first_rates(std::span<const Reading> readings) {
    std::vector<Rates> rates;
    for (const Reading& reading : readings) {
        rates.push_back(instantaneous_rates(reading.server.info));
    }
    return total_rates(rates);
}

}  // namespace

Watch::Watch(Client& client, std::chrono::milliseconds every, Hooks hooks)
    : m_client(client),
      m_every(every),
      m_hooks(std::move(hooks)),
      m_reader(client, [this] { return over(); }),
      m_slow_logs(client, m_reader, m_lacking),
      m_heard(client.now()) {}

bool Watch::over() const { return stop_signal() != 0 || (m_hooks.finished && m_hooks.finished()); }

void Watch::run() {
    arm_idle();
    // Turns keep to the clock; those that a slow server has made us miss are left out.
    for (SteadyTime next = m_client.now(); !over();) {
        turn();
        const SteadyTime now = m_client.now();
        next += m_every * ((now - next) / m_every + 1);
        wait_until(next);
    }
}

void Watch::turn() {
    if (!m_trouble.empty()) {
        m_client.connect_all();  // there may be another master by now
    }
    auto readings = m_reader.read({.commands = true, .round_trip = true});
    if (!readings || over()) {
        return;
    }
    const std::string failure = first_failure(*readings);
    const bool any = std::any_of(readings->begin(), readings->end(),
                                 [](const Reading& reading) { return reading.answered(); });
    m_trouble = failure;
    std::vector<SlowCommand> slow;
    if (any) {
        m_heard = m_client.now();
        slow = m_slow_logs.read_new();
    }
    if (over()) {
        return;
    }
    const auto wall =
        std::chrono::duration_cast<std::chrono::seconds>(m_hooks.wall_now().time_since_epoch());
    m_minute.add(m_before, *readings, std::move(slow), wall);
    const Rates rates =
        m_before.empty() ? first_rates(*readings) : rates_between(m_before, *readings);
    WatchTurn found{any ? *readings : std::vector<Reading>(), rates, m_trouble, m_minute};
    m_hooks.on_turn(found);
    m_before = std::move(*readings);
}

void Watch::wait_until(SteadyTime when) {
    const auto due = std::make_shared<bool>(false);
    const auto delay = std::chrono::duration_cast<std::chrono::microseconds>(when - m_client.now());
    m_client.after(std::max(delay, std::chrono::microseconds(0)), [due] { *due = true; });
    arm_idle();
    m_client.run_until([&] { return *due || over(); });
}

void Watch::arm_idle() {
    if (!m_hooks.on_idle || m_idle_armed) {
        return;
    }
    m_idle_armed = true;
    m_client.after(k_idle_step, [this, alive = std::weak_ptr<bool>(m_alive)] {
        if (alive.expired()) {
            return;
        }
        m_idle_armed = false;
        m_hooks.on_idle(
            std::chrono::duration_cast<std::chrono::milliseconds>(m_client.now() - m_heard));
        arm_idle();
    });
}

}  // namespace cachectl
