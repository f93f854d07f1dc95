// Clients, look-ups, and what commands take.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <string>
#include <vector>

#include "health/measures.hpp"
#include "health/measuring.hpp"
#include "stats/attention.hpp"
#include "stats/figure_text.hpp"
#include "stats/latency.hpp"
#include "util/text.hpp"

namespace cachectl::measure {

namespace {

double seconds_between(const NodeEvidence& node) {
    return std::max(1e-3, std::chrono::duration<double>(node.after.at - node.before.at).count());
}

/// Of both directions since the server's start; empty without any look-up.
std::string ratio_since_start(const NodeEvidence& node) {
    const double hits = figure(node, "keyspace_hits"), misses = figure(node, "keyspace_misses");
    return hits + misses > 0 ? format_share(hits / (hits + misses)) + " since the start" : "";
}

}  // namespace

Measurement hit_ratio(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    if (!node.rates.lookups) {
        return uncounted(node, "its hits and misses");
    }
    constexpr std::int64_t k_least = 100;
    const std::int64_t lookups = node.rates.lookups->hits + node.rates.lookups->misses;
    const std::string since = ratio_since_start(node);
    const std::string seen = counted(static_cast<double>(lookups), "look-up", "look-ups") + " in " +
                             format_duration(node.rates.lookups->interval);
    Measurement found;
    if (lookups < k_least) {
        found.message = "only " + seen + (since.empty() ? "" : "; " + since);
        return found;
    }
    found.value = static_cast<double>(node.rates.lookups->hits) / static_cast<double>(lookups);
    found.shown = format_share(*found.value);
    found.message = "of " + seen + (since.empty() ? "" : "; " + since);
    found.remedy = "compare what is looked up with what was evicted, expired or deleted lately";
    return found;
}

Measurement clients_near_max(const NodeEvidence& node, const HealthEvidence& all) {
    Needed info(node);
    const double now = info.number("connected_clients"), most = info.number("maxclients");
    if (info.lacks()) {
        return info.unknown();
    }
    if (most == 0) {
        return Measurement::not_applicable();
    }
    return {.value = now / most,
            .shown = fmt::format("{} of {}", count_text_of(now), count_text_of(most)),
            .message = now / most >= 0.8 ? "when all are taken nobody else is let in" : "",
            .remedy = all.command + " stats clients",
            .gives = "shows whose they are"};
}

Measurement clients_rejected(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    Needed info(node);
    const double rejected = info.growth("rejected_connections");
    if (info.lacks()) {
        return info.unknown();
    }
    // A minute at least: one in a second is not sixty.
    const double minutes = std::max(1.0, seconds_between(node) / 60);
    return {.value = rejected / minutes,
            .shown = count_text_of(rejected),
            .message = fmt::format("refused in the interval, {} since the start",
                                   count_text_of(figure(node, "rejected_connections"))),
            .remedy = "CONFIG GET maxclients",
            .gives = "is the limit that they met"};
}

Measurement clients_blocked(const NodeEvidence& node, const HealthEvidence& all) {
    Needed info(node);
    const double blocked = info.number("blocked_clients");
    if (info.lacks()) {
        return info.unknown();
    }
    return {.value = blocked,
            .shown = count_text_of(blocked),
            .message = "clients wait in a blocking command",
            .remedy = all.command + " stats clients",
            .gives = "shows which"};
}

Measurement clients_too_few(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    Needed info(node);
    const double now = info.number("connected_clients");
    if (info.lacks()) {
        return info.unknown();
    }
    const double others = std::max(0.0, now - 1);
    return {.value = others,
            .shown = count_text_of(others),
            .message = "clients besides ourselves are connected",
            .remedy = "see whether the application reaches the server"};
}

Measurement auth_denied(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    double before = 0, after = 0;
    bool told_any = false;
    for (const char* field : {"acl_access_denied_auth", "acl_access_denied_cmd",
                              "acl_access_denied_key", "acl_access_denied_channel"}) {
        told_any = told_any || node.info().number(field).has_value();
        after += figure(node, field);
        before += node.before.server.info.number(field).value_or(0);
    }
    if (!told_any) {
        return Measurement::not_applicable();  // before Redis 7.0
    }
    Measurement found{.value = after, .shown = count_text_of(after)};
    found.message = "log-ins and commands were denied since the start";
    if (after <= before) {
        found.is_harmless = true;
        found.message += ", none in the interval";
    }
    found.remedy = "ACL LOG 10";
    found.gives = "says who was denied what";
    return found;
}

Measurement cpu(const NodeEvidence& node, const HealthEvidence& all) {
    if (!node.rates.cpu) {
        return uncounted(node, "its CPU time");
    }
    return {.value = *node.rates.cpu,
            .shown = format_share(*node.rates.cpu),
            .message = "of one core, which is all that it has for commands",
            .remedy = all.command + " stats commands",
            .gives = "shows what it spends it on"};
}

Measurement latency(const NodeEvidence& node, const HealthEvidence& all) {
    Measurement found{.remedy = all.command + " stats slow", .gives = "shows what others wait for"};
    const Reply* latest = told(node, "LATENCY LATEST");
    const auto now = server_clock(node.info(), all.now);
    for (const LatencyEvent& event :
         latest == nullptr ? std::vector<LatencyEvent>() : parse_latency_latest(*latest)) {
        const double ago = static_cast<double>(now.count()) - static_cast<double>(event.at_s);
        const bool is_recent = std::abs(ago) <= 60;
        if (is_recent && event.latest.count() >= 100) {
            found.at_least = HealthStatus::warn;
            found.message = fmt::format("{} held it for {} within the last minute", event.event,
                                        format_wait(event.latest));
        }
    }
    std::vector<std::chrono::microseconds> pings = node.pings;
    if (pings.empty() && found.at_least == HealthStatus::ok) {
        return node.replies.contains("PING") ? untold(node, "PING")
                                             : Measurement::unknown("no PING of ours was answered");
    }
    if (pings.empty()) {
        return found;
    }
    std::sort(pings.begin(), pings.end());
    const auto median = pings[pings.size() / 2], least = pings.front();
    found.value = std::chrono::duration<double>(median - least).count();
    found.shown = format_wait(median);
    if (found.message.empty()) {
        found.message = fmt::format("median of {} PINGs, the fastest took {}", pings.size(),
                                    format_wait(least));
    }
    return found;
}

Measurement slow_commands(const NodeEvidence& node, const HealthEvidence& all) {
    if (!node.slow_logged) {
        return Measurement::unknown(node.slow_lacking);
    }
    const double rate = static_cast<double>(*node.slow_logged) / seconds_between(node);
    Measurement found{.value = rate, .shown = format_per_second(rate)};
    found.message =
        *node.slow_logged == 0 ? "none came into the slow log" : "came into the slow log";
    if (!node.held.empty() && *node.slow_logged > 0) {
        const std::string caller = describe_caller(node.held.front());
        found.message += fmt::format("; most time took {}{}", node.held.front().shape,
                                     caller.empty() ? "" : " by " + caller);
    }
    found.remedy = all.command + " stats slow";
    found.gives = "shows which, and whose";
    return found;
}

Measurement held(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    if (!node.slow_lacking.empty()) {
        return Measurement::unknown(node.slow_lacking);
    }
    double share = 0;
    std::string message;
    const HeldBy* worst = nullptr;
    for (const HeldBy& one : node.held) {
        if (!one.in_slow_log) {
            continue;
        }
        share += one.share;
        worst = worst == nullptr ? &one : worst;
        if (one.share >= 0.01) {
            const std::string caller = describe_caller(one);
            message += fmt::format("{}{}{} ({})", message.empty() ? "" : ", ", one.shape,
                                   caller.empty() ? "" : " by " + caller, format_wait(one.longest));
        }
    }
    Measurement found{.value = std::min(1.0, share)};
    found.shown = fmt::format("{:.0f} % of a minute", 100 * *found.value);
    found.message = message;
    if (worst != nullptr) {
        const std::string caller = describe_caller(*worst);
        found.remedy =
            fmt::format("stop what calls {}{}{}", worst->shape.substr(0, worst->shape.find(' ')),
                        caller.empty() ? "" : ": ", caller);
    }
    return found;
}

Measurement dangerous_commands(const NodeEvidence& node, const HealthEvidence& all) {
    double total = 0, most = 0;
    std::string name;
    const std::vector<CommandInfo> commands = node.after.commands.commands();
    for (const CommandInfo& command : commands) {
        const double usec = command.parts.number("usec").value_or(0);
        total += usec;
        if (holds_server(command.name) && usec > most) {
            most = usec;
            name = command.name;
        }
    }
    if (commands.empty()) {
        return Measurement::unknown("the server does not tell INFO commandstats");
    }
    constexpr double k_least_usec = 1e6;
    if (most < k_least_usec) {
        return {.value = 0, .shown = "0 %"};
    }
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return {.value = most / total,
            .shown = format_share(most / total),
            .message = fmt::format("of the time of all commands since the start went to {}", name),
            .remedy = all.command + " stats clients",
            .gives = "shows who calls it now"};
}

Measurement errors_rate(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    if (!node.rates.errors) {
        return uncounted(node, "total_error_replies");
    }
    return {.value = *node.rates.errors,
            .shown = format_per_second(*node.rates.errors),
            .message = "error replies",
            .remedy = "INFO errorstats",
            .gives = "says which errors"};
}

}  // namespace cachectl::measure
