// cachectl-health(5): each check of health, out of the table that runs them.
#include <fmt/format.h>

#include <optional>
#include <string>

#include "docs/topics.hpp"
#include "health/check.hpp"

namespace cachectl {

namespace {

constexpr const char* k_begin =
    R"topic(cachectl-health(5): the checks of cachectl health, and how to change them
see also: cachectl(1), cachectl-health(1), cachectl-policy(5)

# DESCRIPTION

`cachectl health` takes two readings of each server, `--interval` DUR apart, and holds them against
the checks below, each of which has an id that stays. What it finds is `ok`, `warn`, `crit`, or
`unknown` where the server does not tell, or does not let the user see all that the check goes by. A
rate is never taken from one reading. Of several servers the worst is told. A check that does not
apply, such as those of a cluster on a single server, is not listed.

A connection that is closed within the interval is made anew. If another process answers then, rates
are unknown.

A value that reaches a limit counts, and a limit of 0 means any value above 0. Of checks that alarm
when a value is too low, one that is below its limit counts.

# CHANGING THEM

The key policy, see `cachectl-policy`(5), may have two members more:

: health
    An object of ids. `{"warn": NUMBER, "crit": NUMBER}` are limits, in the check's unit, in place
    of all that it has by default; one that is left out is never reached. The conditions of a check,
    such as "only where they are more than 100 MiB apart", hold under any limits. `"off"` leaves the
    check out.
: mute
    An object of ids and dates, as `"2026-12-01"`: until that day begins, in UTC, the check is shown
    as muted and does not change the verdict. `--mute` ID mutes one for one run.

```json
{
  "keys": [{"pattern": "sess:*", "protected": true}],
  "health": {
    "HIT_RATIO_LOW": {"warn": 0.9, "crit": 0.5},
    "CLIENTS_TOO_FEW": {"warn": 3},
    "MEMORY_NO_LIMIT": "off"
  },
  "mute": {"EVICTIONS": "2026-12-01"}
}
```

# FORMATS

`--json` has `status` (healthy, degraded, down or unknown), `server`, `interval_ms`, `keys`,
`memory`, `checks` (each with `id`, `status`, `value`, `unit`, `threshold`, `message`, `remedy`,
`node`, `muted` and `info`), `recommendation` and `error`.

`-o prometheus` has `cachectl_health_check{id}` (0 ok, 1 warning, 2 critical),
`cachectl_health_check_unknown{id}`, `cachectl_health_check_muted{id}`, `cachectl_health_status`,
`cachectl_up` and `cachectl_last_run_timestamp_seconds`, all with the label `target`.

`-o nagios` has each value that is a number as performance data, with its limits as ranges.

# THE CHECKS
)topic";

/// "warning from 0.8", "critical if any", "warning below 0.5", of a flag "warning"; empty: never.
std::string limit_text(const HealthCheck& check, const std::optional<double>& limit,
                       const std::string& name) {
    if (!limit || check.unit == HealthCheck::Unit::flag) {
        return limit ? name : "";
    }
    if (check.bad == HealthCheck::Bad::low) {
        return fmt::format("{} below {:.10g}", name, *limit);
    }
    return *limit == 0 ? name + " if any" : fmt::format("{} from {:.10g}", name, *limit);
}

/// "Warning from 0.8, critical from 0.9."
std::string limits_text(const HealthCheck& check) {
    const std::string warn = limit_text(check, check.limits.warn, "Warning");
    if (!check.limits.any()) {
        return "Off by default.";
    }
    if (warn.empty()) {
        return limit_text(check, check.limits.crit, "Critical") + '.';
    }
    const std::string crit = limit_text(check, check.limits.crit, "critical");
    return warn + (crit.empty() ? "" : ", " + crit) + '.';
}

std::string section_of(const HealthCheck& check) {
    std::string text = fmt::format("\n: {}\n    {}", check.id, check.about);
    text += check.informs ? " It only informs." : ' ' + limits_text(check);
    if (check.unit != HealthCheck::Unit::flag) {
        text += fmt::format(" Unit: {}.", describe(check.unit));
    }
    return text;
}

}  // namespace

std::string_view health_topic() {
    static const std::string text = [] {
        std::string all = k_begin;
        for (const HealthCheck& check : health_checks()) {
            all += section_of(check);
        }
        return all + '\n';
    }();
    return text;
}

}  // namespace cachectl
