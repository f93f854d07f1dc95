#include "stats/overview_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "stats/figure_text.hpp"
#include "stats/held_table.hpp"
#include "stats/overview_lines.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_rows_of_held = 5;

std::string size_text(double bytes) {
    return format_size(static_cast<std::uint64_t>(std::clamp(bytes, 0.0, 9e18)));
}

std::string count_text(double count) {
    return format_count(static_cast<std::uint64_t>(std::clamp(count, 0.0, 9e18)));
}

struct MemoryText {
    std::string figure, note;
    double fraction = 0;
    Style style = Style::cyan;
};

MemoryText memory_text(const InfoFields& info) {
    const double used = info.number("used_memory").value_or(0);
    const double most = info.number("maxmemory").value_or(0);
    const std::string policy(info.text("maxmemory_policy"));
    if (most <= 0) {
        return {size_text(used), "no limit", 0};
    }
    MemoryText text{size_text(used) + " of " + size_text(most), "", used / most};
    const bool full = used >= 0.995 * most;
    text.note = full ? "full  " + policy : fmt::format("{:.0f} %  {}", 100 * used / most, policy);
    text.style = !full ? Style::cyan : policy == "noeviction" ? Style::red : Style::yellow;
    return text;
}

void add_memory(OverviewLines& lines, const InfoFields& info) {
    if (!info.number("used_memory")) {
        return;
    }
    const MemoryText text = memory_text(info);
    if (text.fraction > 0) {
        lines.barred("memory", text.figure, text.fraction, text.note, text.style);
    } else {
        lines.sentence("memory", text.figure + ", " + text.note);
    }
    std::string more;
    const auto part = [&](const char* name, const char* field) {
        if (const auto bytes = info.number(field)) {
            more += fmt::format("{}{} {}", more.empty() ? "" : ", ", name, size_text(*bytes));
        }
    };
    part("dataset", "used_memory_dataset");
    part("peak", "used_memory_peak");
    part("process", "used_memory_rss");
    if (const auto ratio = info.number("mem_fragmentation_ratio"); ratio && !more.empty()) {
        more += fmt::format(" ({:.2f} of used)", *ratio);
    }
    lines.sentence("", more);
}

/// Redis and Valkey leave out a database without keys. Garnet tells of none unless it is asked for
/// them, and Kvrocks says 0 until it has counted them (DBSIZE SCAN).
bool tells_keys(const ServerInfo& server) {
    return server.info.databases().empty() ? server.is_of_known_kind()
                                           : server.info.text("last_dbsize_scan_timestamp") != "0";
}

void add_keys(OverviewLines& lines, const ServerInfo& server) {
    const InfoFields& info = server.info;
    double keys = 0, expires = 0, ttl = 0, estimated = 0;
    const auto databases = info.databases();
    for (const DatabaseInfo& database : databases) {
        const double of = database.parts.number("keys").value_or(0);
        const double expiring = database.parts.number("expires").value_or(0);
        const double average = database.parts.number("avg_ttl").value_or(0);
        keys += of;
        expires += expiring;
        ttl += average > 0 ? average * expiring : 0;
        estimated += average > 0 ? expiring : 0;
    }
    if (databases.empty() || keys <= 0) {
        lines.sentence("keys", tells_keys(server) ? "none" : "not told");
        return;
    }
    const std::string where = databases.size() == 1 ? fmt::format("db {}", databases[0].number)
                                                    : fmt::format("{} databases", databases.size());
    std::string note = expires > 0 ? fmt::format("{:.0f} % expire", 100 * expires / keys)
                                   : std::string("none expires");
    if (estimated > 0) {
        constexpr double k_longest_ms = 1e15;
        const std::chrono::milliseconds average(
            static_cast<std::int64_t>(std::min(ttl / estimated, k_longest_ms)));
        note += ", on average in " + format_duration(average);
    }
    lines.barred("keys", count_text(keys) + " in " + where, expires / keys, note, Style::cyan);
}

std::string in_the_interval(const Rates& rates) {
    const auto interval = *rates.interval;
    return interval >= std::chrono::milliseconds(950) && interval < std::chrono::milliseconds(1'500)
               ? "in the last second"
               : "in the last " + format_duration(interval);
}

void add_cache(OverviewLines& lines, const InfoFields& info, const Rates& rates,
               const InfoFields& commands) {
    const double hits = info.number("keyspace_hits").value_or(0);
    const double all = hits + info.number("keyspace_misses").value_or(0);
    if (all > 0) {
        lines.barred("cache", format_share(hits / all) + " hits since start", hits / all,
                     count_text(hits) + " of " + count_text(all), Style::cyan);
    } else {
        lines.sentence("cache", info.number("keyspace_hits") ? "no requests yet" : "not told");
    }
    constexpr double k_worth_telling = 0.01;
    const auto by_tools = static_cast<double>(inspection_requests(commands));
    if (by_tools > 0 && by_tools >= k_worth_telling * all) {
        lines.sentence("", count_text(by_tools) +
                               " of the look-ups were TYPE, PTTL or OBJECT, as tools send them");
    }
    std::string now;
    if (rates.lookups && rates.interval) {
        const double of = static_cast<double>(rates.lookups->hits + rates.lookups->misses);
        now = of > 0 ? fmt::format("{} {}; ",
                                   format_share(static_cast<double>(rates.lookups->hits) / of),
                                   in_the_interval(rates))
                     : fmt::format("no requests {}; ", in_the_interval(rates));
    }
    const auto evicted = info.number("evicted_keys");
    const auto expired = info.number("expired_keys");
    if (rates.evicted && rates.expired && evicted && expired) {
        now += fmt::format("evicting {} keys/s, {} so far; expired {} keys/s, {} so far",
                           count_text(std::round(*rates.evicted)), count_text(*evicted),
                           count_text(std::round(*rates.expired)), count_text(*expired));
    } else if (evicted && expired) {
        now += fmt::format("evicted {} so far, expired {}", count_text(*evicted),
                           count_text(*expired));
    }
    if (now.ends_with("; ")) {
        now.resize(now.size() - 2);
    }
    if (!now.empty()) {
        lines.sentence("", now, rates.evicted.value_or(0) > 0 ? Style::yellow : Style::plain);
    }
}

void add_load(OverviewLines& lines, const InfoFields& info, const Rates& rates) {
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    if (rates.commands) {
        add(count_text(std::round(*rates.commands)) + " commands/s");
    }
    if (const auto clients = info.number("connected_clients")) {
        const auto most = info.number("maxclients");
        add(count_text(*clients) + " clients" + (most ? " of " + count_text(*most) : ""));
    }
    if (const auto blocked = info.number("blocked_clients")) {
        add(count_text(*blocked) + " blocked");
    }
    if (rates.input_bytes && rates.output_bytes) {
        add("in " + format_bytes_per_second(*rates.input_bytes));
        add("out " + format_bytes_per_second(*rates.output_bytes));
    }
    if (rates.cpu) {
        add(fmt::format("{:.0f} % of a CPU", 100 * *rates.cpu));
    }
    if (!text.empty()) {
        lines.sentence("load", text);
    }
}

void add_replicas(OverviewLines& lines, const InfoFields& info) {
    const auto replicas = info.replicas();
    if (replicas.empty()) {
        return;
    }
    std::size_t online = 0;
    std::int64_t lag = 0;
    const InfoParts* latest = &replicas.front();
    for (const InfoParts& replica : replicas) {
        online += replica.text("state") == "online" ? 1 : 0;
        if (const auto of = replica.integer("lag"); of && *of >= lag) {
            lag = *of;
            latest = &replica;
        }
    }
    std::string text = fmt::format("{} online", online);
    if (online < replicas.size()) {
        text += fmt::format(", {} not yet in step", replicas.size() - online);
    }
    text += fmt::format(", {} s behind ({}:{})", lag, latest->text("ip"), latest->text("port"));
    lines.sentence("replicas", text);
}

}  // namespace

std::string memory_line(const InfoFields& info, const Display& display, std::size_t columns) {
    OverviewLines lines(display, columns);
    const MemoryText text = memory_text(info);
    if (text.fraction > 0) {
        lines.barred("memory", text.figure, text.fraction, text.note, text.style);
    } else {
        lines.sentence("memory", text.figure + ", " + text.note);
    }
    return lines.take().front();
}

std::vector<std::string> overview_lines(const ServerTitle& title, const Overview& overview,
                                        const Display& display) {
    const std::size_t columns = view_columns(display);
    const InfoFields& info = overview.server.info;
    OverviewLines lines(display, columns);
    add_memory(lines, info);
    add_keys(lines, overview.server);
    add_cache(lines, info, overview.rates, overview.commands);
    add_load(lines, info, overview.rates);
    add_replicas(lines, info);

    const auto found =
        needs_attention(overview.servers, overview.rates, overview.commands, overview.held);
    if (!found.empty()) {
        lines.blank();
    }
    for (const Attention& attention : found) {
        lines.attention(attention, title.command);
    }
    const bool worth_a_table =
        std::any_of(overview.held.begin(), overview.held.end(),
                    [](const HeldBy& one) { return one.share >= k_worth_showing; });
    if (worth_a_table) {
        lines.blank();
        for (std::string& line : held_table(overview.held, display, columns, k_rows_of_held)) {
            lines.add(std::move(line));
        }
    }
    if (!overview.unknown.empty()) {
        lines.blank();
        lines.sentence("", "who held the server is not known: " + overview.unknown, Style::dim);
    }
    return lines.take();
}

}  // namespace cachectl
