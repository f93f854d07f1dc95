// A verdict in each of the formats.
#pragma once

#include <chrono>
#include <string>

#include "health/judge.hpp"
#include "output/display.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"
#include "redis/info.hpp"
#include "stats/server_title.hpp"
#include "util/exit_code.hpp"

namespace cachectl {

/// From which status on a verdict is the exit code 1.
enum class FailOn { warn, crit };

struct HealthReport {
    HealthVerdict verdict;
    ServerTitle title;
    ServerInfo server;  // of several, their totals; empty where it could not be asked
    std::chrono::milliseconds interval{0};
    FailOn fail_on = FailOn::warn;
    bool all = false;  // for people, also checks that are ok

    /// 0 healthy, 1 degraded, 3 or 4 down or unknown.
    [[nodiscard]] ExitCode exit_code() const;
    /// As monitoring plugins have it: 0 ok, 1 warning, 2 critical, 3 unknown.
    [[nodiscard]] ExitCode plugin_exit_code() const;
    /// What to do first, in one line; empty if there is nothing.
    [[nodiscard]] std::string recommendation() const;
};

void write_health_table(Writer& out, const Display& display, const HealthReport& report);
/// id, status, value, evidence; tab-separated, a line each.
void write_health_lines(Writer& out, const HealthReport& report);
void write_health_json(JsonWriter& json, const HealthReport& report);
/// "STATE - text | label=value;warn;crit;min;max …" on one line, see
/// https://www.monitoring-plugins.org/doc/guidelines.html
void write_health_nagios(Writer& out, const HealthReport& report);
void write_health_prometheus(Writer& out, const HealthReport& report);

}  // namespace cachectl
