// The job "wait": looks again and again until all conditions hold at once, or the time is over.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/summary_head.hpp"
#include "gate/condition.hpp"
#include "gate/lookup_window.hpp"
#include "gate/node_reading.hpp"
#include "gate/replica_watch.hpp"
#include "output/format.hpp"
#include "output/progress.hpp"
#include "pace/paces.hpp"
#include "redis/client.hpp"
#include "util/exit_code.hpp"

namespace cachectl {

struct GateOptions {
    std::optional<std::string> keys;   // pattern
    std::optional<std::uint64_t> min;  // of these; 1 without it
    std::optional<double> hit_ratio;   // 0..1
    std::optional<std::chrono::milliseconds> replica_lag;
    bool ready = false;  // also where nothing else is asked for
    std::chrono::milliseconds within{std::chrono::minutes(5)};
    FormatChoice output;
};

/// What is told at the end.
struct GateReport {
    SummaryHead head;
    std::string server;
    bool ready = false;
    std::chrono::milliseconds waited{0};
    std::chrono::milliseconds within{0};
    std::uint64_t polls = 0;
    std::vector<Condition> conditions;
    std::string unready;  // what stood between us and the server at the last look; empty: nothing
};

void write_gate_report(Context& ctx, const GateReport& report, Format format);

class Gate {
public:
    Gate(Context& ctx, const GateOptions& options);
    ~Gate();

    /// ExitCode::ok when all conditions hold; ExitCode::no when the time is over. A server that is
    /// not there or is loading is waited for; a refused login, a missing right and a mistake in the
    /// settings are thrown.
    ExitCode run();

private:
    [[nodiscard]] bool poll();
    [[nodiscard]] std::chrono::milliseconds longest_pause() const;
    bool connect();
    void lose_server(const std::string& why);
    void set_unready(const std::string& why);
    void judge(const GateReading& reading);
    void judge_hit_ratio(const GateReading& reading);
    void judge_replicas(const GateReading& reading);
    void count_keys();
    void wait_between_polls(std::chrono::milliseconds time);
    void tell();
    [[nodiscard]] std::string missing() const;
    ExitCode finish(bool ready);
    Condition* find(std::string_view id);
    [[nodiscard]] bool all_hold() const;
    [[nodiscard]] std::chrono::milliseconds waited() const;
    [[nodiscard]] std::chrono::milliseconds left() const;

    Context& m_ctx;
    const GateOptions& m_options;
    std::chrono::steady_clock::time_point m_began;
    std::vector<Condition> m_conditions;
    LookupWindow m_lookups;
    std::optional<ReplicaWatch> m_replicas;
    bool m_waits_for_link = false;
    std::unique_ptr<Progress> m_progress;
    std::unique_ptr<Client> m_client;
    std::unique_ptr<Paces> m_paces;  // of m_client
    std::chrono::milliseconds m_connect_timeout, m_reply_timeout, m_loading_wait;
    std::string m_server;
    std::string m_unready;
    std::uint64_t m_polls = 0;
    SummaryHead m_head;
};

}  // namespace cachectl
