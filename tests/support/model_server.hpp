// A model of a server that does one thing at a time at the end of a link, in simulated time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "redis/client.hpp"
#include "redis/info.hpp"

namespace cachectl::test {

/// Commands are "WORK MICROSECONDS"; PING and INFO cost nothing. Time is simulated.
class ModelServer : public Client {
public:
    explicit ModelServer(std::chrono::microseconds round_trip) : m_half(round_trip / 2) {}

    std::chrono::microseconds slower{0};  // added to each command, from now on
    /// Our own machine is busy: we are let run every so often, and know it.
    std::chrono::microseconds turn{0};
    /// The server's machine is busy: each command waits for a CPU so long, and counts it as its own
    /// time; what CPU time it has used it knows.
    std::chrono::microseconds waits{0};

    bool down = false;  // nothing can be sent

    void tell_figures() { m_info.info = InfoFields("evicted_keys:0\n"); }

    /// When the server began with each burst of commands, and how long it was busy with it.
    struct Busy {
        SteadyTime from, to;
    };
    std::vector<Busy> bursts;
    std::chrono::microseconds worked{0};
    SteadyTime::duration longest_queue{0};  // time that waits at the server, the newest included

    using Client::send;
    void send(std::span<const std::string_view> args, Callback done) override {
        if (down) {
            done({Reply::Type::unsent, 0, "down", {}});
            return;
        }
        const bool ping = args[0] != "WORK";
        const std::chrono::microseconds work(ping ? 0 : std::stol(std::string(args[1])));
        const std::chrono::microseconds cost =
            work + (ping ? std::chrono::microseconds(0) : waits) + slower;
        const SteadyTime begin = std::max(m_now + m_half, m_free);
        m_free = begin + cost;
        longest_queue = std::max(longest_queue, m_free - (m_now + m_half));
        if (!ping) {
            worked += work + slower;
            m_calls += 1;
            m_usec += cost.count();
            if (bursts.empty() || bursts.back().to != begin) {
                bursts.push_back({begin, begin});
            }
            bursts.back().to = m_free;
        }
        ++m_pending;
        m_last_reply = m_free + m_half;
        Reply reply = args[0] == "INFO" ? figures(args[1]) : Reply::make_status("OK");
        at(m_last_reply, [this, done = std::move(done), reply = std::move(reply)] {
            --m_pending;
            done(reply);
        });
    }
    void send(std::span<const std::string_view> args,
              const std::shared_ptr<ReplySink>& sink) override {
        send(args, [sink](Reply reply) { sink->take(std::move(reply)); });
    }
    void when_answered(std::function<void()> action) override {
        if (m_pending == 0) {
            action();
        } else {
            at(m_last_reply, std::move(action));
        }
    }
    [[nodiscard]] std::size_t pending() const override { return m_pending; }
    void after(std::chrono::microseconds delay, std::function<void()> action) override {
        at(m_now + delay, std::move(action));
    }
    [[nodiscard]] SteadyTime now() const override { return m_now; }
    void run_until(const std::function<bool()>& finished) override {
        while (!finished() && !m_events.empty()) {
            const auto event = m_events.extract(m_events.begin());
            if (event.key() > m_now) {
                let_run(event.key());
            }
            event.mapped()();
        }
    }
    [[nodiscard]] SteadyTime::duration held_up() const override { return m_held_up; }
    bool reconnect() override { return true; }
    [[nodiscard]] const ServerInfo& server() const override { return m_info; }

    [[nodiscard]] std::chrono::microseconds longest_burst() const {
        std::chrono::microseconds longest{0};
        for (const Busy& burst : bursts) {
            longest = std::max(longest, std::chrono::duration_cast<std::chrono::microseconds>(
                                            burst.to - burst.from));
        }
        return longest;
    }

private:
    void at(SteadyTime when, std::function<void()> action) {
        m_events.emplace(when, std::move(action));  // of equal times, in the order of coming
    }
    void let_run(SteadyTime when) {
        m_now = when;
        if (turn == std::chrono::microseconds(0)) {
            return;
        }
        const auto rest = when.time_since_epoch() % turn;
        if (rest.count() == 0) {
            return;
        }
        m_now += turn - rest;
        m_held_up += turn - rest;
    }
    [[nodiscard]] Reply figures(std::string_view section) const {
        if (section == "commandstats") {
            return Reply::make_string("cmdstat_scan:calls=" + std::to_string(m_calls) +
                                      ",usec=" + std::to_string(m_usec) + "\r\n");
        }
        if (section != "cpu") {
            return Reply::make_string("");
        }
        return Reply::make_string("used_cpu_sys:0.0\r\nused_cpu_user:" +
                                  std::to_string(double(worked.count()) / 1e6) + "\r\n");
    }

    std::chrono::microseconds m_half;
    SteadyTime m_now{std::chrono::hours(1)}, m_free{std::chrono::hours(1)},
        m_last_reply{std::chrono::hours(1)};
    SteadyTime::duration m_held_up{0};
    std::int64_t m_calls = 1, m_usec = 1;
    std::size_t m_pending = 0;
    std::multimap<SteadyTime, std::function<void()>> m_events;
    ServerInfo m_info;
};

}  // namespace cachectl::test
