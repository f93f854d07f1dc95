#include "stats/reading.hpp"

#include <algorithm>
#include <string_view>

#include "util/saturating.hpp"

namespace cachectl {

namespace {

using Rate = std::optional<double> Rates::*;

struct CountedRate {
    Rate rate;
    const char* field;
};

constexpr CountedRate k_counted[] = {
    {&Rates::commands, "total_commands_processed"},
    {&Rates::input_bytes, "total_net_input_bytes"},
    {&Rates::output_bytes, "total_net_output_bytes"},
    {&Rates::hits, "keyspace_hits"},
    {&Rates::misses, "keyspace_misses"},
    {&Rates::evicted, "evicted_keys"},
    {&Rates::expired, "expired_keys"},
    {&Rates::errors, "total_error_replies"},
    {&Rates::connections, "total_connections_received"},
};

constexpr Rate k_rates[] = {&Rates::commands, &Rates::input_bytes, &Rates::output_bytes,
                            &Rates::hits,     &Rates::misses,      &Rates::evicted,
                            &Rates::expired,  &Rates::errors,      &Rates::connections,
                            &Rates::cpu};

/// Nothing if the counter is not there, or has gone back.
std::optional<double> growth(const Reading& before, const Reading& after, const char* field) {
    const auto from = before.server.info.number(field);
    const auto to = after.server.info.number(field);
    if (!from || !to || *to < *from) {
        return std::nullopt;
    }
    return *to - *from;
}

std::optional<double> cpu_growth(const Reading& before, const Reading& after) {
    const auto sum = [&](const char* system, const char* user) -> std::optional<double> {
        const auto a = growth(before, after, system);
        const auto b = growth(before, after, user);
        return a && b ? std::optional(*a + *b) : std::nullopt;
    };
    const auto main_thread = sum("used_cpu_sys_main_thread", "used_cpu_user_main_thread");
    return main_thread ? main_thread : sum("used_cpu_sys", "used_cpu_user");
}

bool is_same_process(const Reading& before, const Reading& after) {
    const auto uptime = [](const Reading& reading) {
        return reading.server.info.integer("uptime_in_seconds").value_or(0);
    };
    return before.answered() && after.answered() && before.server.run_id == after.server.run_id &&
           uptime(before) <= uptime(after);
}

void subtract(std::optional<double>& rate, std::uint64_t own, double seconds) {
    if (rate) {
        *rate = std::max(0.0, *rate - static_cast<double>(own) / seconds);
    }
}

std::optional<IntervalLookups> lookups_between(const Reading& before, const Reading& after,
                                               std::chrono::milliseconds interval) {
    const auto hits = growth(before, after, "keyspace_hits");
    const auto misses = growth(before, after, "keyspace_misses");
    if (!hits || !misses) {
        return std::nullopt;
    }
    return IntervalLookups{static_cast<std::int64_t>(*hits), static_cast<std::int64_t>(*misses),
                           interval};
}

}  // namespace

Rates rates_between(const Reading& before, const Reading& after) {
    Rates rates;
    rates.interval = std::chrono::duration_cast<std::chrono::milliseconds>(after.at - before.at);
    const double seconds = std::chrono::duration<double>(after.at - before.at).count();
    if (!is_same_process(before, after) || seconds <= 0) {
        return rates;
    }
    for (const CountedRate& counted : k_counted) {
        if (const auto grown = growth(before, after, counted.field)) {
            rates.*counted.rate = *grown / seconds;
        }
    }
    subtract(rates.commands, after.own_commands - before.own_commands, seconds);
    subtract(rates.output_bytes, after.own_reply_bytes - before.own_reply_bytes, seconds);
    if (const auto cpu = cpu_growth(before, after)) {
        rates.cpu = *cpu / seconds;
    }
    rates.lookups = lookups_between(before, after, *rates.interval);
    return rates;
}

Rates instantaneous_rates(const InfoFields& info) {
    // The servers' "kbps" are kibibytes in a second (server.c, getInstantaneousMetric() / 1024).
    const auto bytes = [&](const char* field) -> std::optional<double> {
        const auto kib = info.number(field);
        // Dragonfly says -1 of what it does not measure.
        return kib && *kib >= 0 ? std::optional(*kib * 1024) : std::nullopt;
    };
    Rates rates;
    rates.commands = info.number("instantaneous_ops_per_sec");
    rates.input_bytes = bytes("instantaneous_input_kbps");
    rates.output_bytes = bytes("instantaneous_output_kbps");
    return rates;
}

Rates total_rates(std::span<const Rates> servers) {
    if (servers.empty()) {
        return {};
    }
    Rates total = servers.front();
    for (const Rates& server : servers.subspan(1)) {
        for (const Rate rate : k_rates) {
            const bool known = total.*rate && server.*rate;
            total.*rate = known ? std::optional(*(total.*rate) + *(server.*rate)) : std::nullopt;
        }
        if (total.interval && server.interval) {
            total.interval = std::max(*total.interval, *server.interval);
        }
        if (!total.lookups || !server.lookups) {
            total.lookups.reset();
            continue;
        }
        total.lookups->hits = saturating_add(total.lookups->hits, server.lookups->hits);
        total.lookups->misses = saturating_add(total.lookups->misses, server.lookups->misses);
        total.lookups->interval = std::max(total.lookups->interval, server.lookups->interval);
    }
    return total;
}

Rates rates_between(std::span<const Reading> before, std::span<const Reading> after) {
    std::vector<Rates> rates;
    for (const Reading& reading : after) {
        const auto earlier = std::find_if(before.begin(), before.end(), [&](const Reading& other) {
            return other.node == reading.node;
        });
        rates.push_back(earlier == before.end() ? Rates() : rates_between(*earlier, reading));
    }
    return total_rates(rates);
}

std::vector<CommandTime> command_times_between(const Reading& before, const Reading& after) {
    std::vector<CommandTime> times;
    if (!is_same_process(before, after)) {
        return times;
    }
    for (const CommandInfo& command : after.commands.commands()) {
        const InfoParts earlier = before.commands.command(command.name);
        const auto grown = [&](const char* part) {
            return command.parts.integer(part).value_or(0) - earlier.integer(part).value_or(0);
        };
        CommandTime time{std::string(command.name), grown("calls"), grown("usec")};
        if (time.calls < 0 || time.usec < 0) {
            return {};
        }
        if (time.calls > 0) {
            times.push_back(std::move(time));
        }
    }
    return times;
}

}  // namespace cachectl
