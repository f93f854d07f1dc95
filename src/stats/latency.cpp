#include "stats/latency.hpp"

#include <algorithm>
#include <optional>

#include "stats/info_figures.hpp"
#include "util/time.hpp"

namespace cachectl {

namespace {

using Kind = Figure::Kind;
using Unit = Figure::Unit;

/// Longer than any server has been held, and within all clocks.
constexpr std::int64_t k_longest_wait_ms = 1'000'000'000;

std::chrono::milliseconds waited(const Reply& reply) {
    return std::chrono::milliseconds(std::clamp<std::int64_t>(reply.integer, 0, k_longest_wait_ms));
}

}  // namespace

std::vector<LatencyEvent> parse_latency_latest(const Reply& reply) {
    std::vector<LatencyEvent> events;
    for (const Reply& entry : reply.elements) {
        const bool is_event = entry.elements.size() >= 4 && entry.elements[0].is_text() &&
                              entry.elements[1].is_integer() && entry.elements[2].is_integer() &&
                              entry.elements[3].is_integer();
        if (!is_event) {
            continue;
        }
        constexpr std::size_t k_longest_name = 64;
        events.push_back({"", entry.elements[0].text.substr(0, k_longest_name),
                          entry.elements[1].integer, waited(entry.elements[2]),
                          waited(entry.elements[3])});
    }
    return events;
}

FigureGroup ping_figures(std::vector<std::chrono::microseconds> round_trips) {
    std::sort(round_trips.begin(), round_trips.end());
    FigureRow row{{"pings", static_cast<std::int64_t>(round_trips.size()), Kind::gauge, Unit::none,
                   "PINGs of ours that were answered"}};
    const auto add = [&](const char* name, std::size_t index, const char* help) {
        row.push_back({name, {}, Kind::gauge, Unit::microseconds, help});
        if (!round_trips.empty()) {
            row.back().value = std::int64_t{round_trips[index].count()};
        }
    };
    add("ping_min_usec", 0, "Microseconds of the fastest");
    add("ping_median_usec", round_trips.size() / 2, "Microseconds of the middle one");
    add("ping_max_usec", round_trips.empty() ? 0 : round_trips.size() - 1,
        "Microseconds of the slowest");
    for (std::size_t i = 1; i < row.size(); ++i) {
        row[i].title = row[i].name.substr(5, row[i].name.size() - 10);
    }
    return {"latency", FigureGroup::Shape::one, {std::move(row)}};
}

FigureGroup latency_event_figures(std::vector<LatencyEvent> events) {
    std::stable_sort(
        events.begin(), events.end(),
        [](const LatencyEvent& a, const LatencyEvent& b) { return a.longest > b.longest; });
    FigureGroup group{"latency_events", FigureGroup::Shape::list, {}, "event"};
    for (const LatencyEvent& event : events) {
        const WallTime at = add_clamped(
            WallTime(), std::chrono::seconds(std::clamp<std::int64_t>(event.at_s, 0, 1LL << 40)));
        const std::string name = event.node.empty() ? event.event : event.node + ' ' + event.event;
        group.rows.push_back(
            {text_figure("event", name, "What the server waited for"),
             text_figure("at", format_utc(at).value_or(""), "When it was so the last time"),
             {"latest_ms", std::int64_t{event.latest.count()}, Kind::gauge, Unit::milliseconds,
              "Milliseconds of the last time"},
             {"longest_ms", std::int64_t{event.longest.count()}, Kind::gauge, Unit::milliseconds,
              "Milliseconds of the longest time"}});
    }
    return group;
}

FigureGroup latency_command_figures(const InfoFields& latency_stats) {
    struct Row {
        double p99;
        FigureRow figures;
    };
    std::vector<Row> rows;
    constexpr std::string_view k_prefix = "latency_percentiles_usec_";
    for (const auto& [field, text] : latency_stats.all()) {
        if (!field.starts_with(k_prefix)) {
            continue;
        }
        const InfoParts parts(text);
        const auto quantile = [&](const char* name, const char* part, const char* help) -> Figure {
            return {name, figure_value(parts.text(part), Kind::gauge), Kind::gauge,
                    Unit::microseconds, help};
        };
        rows.push_back(
            {parts.number("p99").value_or(0),
             {text_figure("name", field.substr(k_prefix.size()), "The command"),
              quantile("p50_usec", "p50", "Microseconds that half the calls kept to"),
              quantile("p99_usec", "p99", "Microseconds that 99 % of the calls did not exceed"),
              quantile("p999_usec", "p99.9",
                       "Microseconds that 99.9 % of the calls did not exceed")}});
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.p99 > b.p99; });
    FigureGroup group{"latency_commands", FigureGroup::Shape::list, {}, "command"};
    for (Row& row : rows) {
        group.rows.push_back(std::move(row.figures));
    }
    return group;
}

}  // namespace cachectl
