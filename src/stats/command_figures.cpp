// The part of stats/server_figures.hpp that is about commands.
#include <algorithm>

#include "stats/info_figures.hpp"
#include "stats/server_figures.hpp"

namespace cachectl {

namespace {

using Kind = Figure::Kind;
using Unit = Figure::Unit;
using Shape = FigureGroup::Shape;

}  // namespace

FigureGroup command_figures(const InfoFields& command_stats, const InfoFields& latency_stats) {
    const auto usec = [](const CommandInfo& command) {
        return command.parts.integer("usec").value_or(0);
    };
    std::vector<CommandInfo> commands = command_stats.commands();
    std::int64_t total = 0;
    for (const CommandInfo& command : commands) {
        total += usec(command);
    }
    // They came by name: so does what took the same time.
    std::stable_sort(commands.begin(), commands.end(),
                     [&](const CommandInfo& a, const CommandInfo& b) { return usec(a) > usec(b); });

    FigureGroup group{"commands", Shape::list, {}, "command"};
    for (const CommandInfo& command : commands) {
        const auto field = [&](const char* name, const char* of, Kind kind, Unit unit,
                               const char* help) -> Figure {
            return {name, figure_value(command.parts.text(of), Kind::gauge), kind, unit, help};
        };
        const InfoParts latency = latency_stats.latency(command.name);
        Figure time =
            field("usec_total", "usec", Kind::counter, Unit::microseconds, "Microseconds spent");
        if (total > 0) {
            time.fraction = share_of(usec(command), total);
        }
        group.rows.push_back(
            {text_figure("name", std::string(command.name), "The command"),
             field("calls", "calls", Kind::counter, Unit::none, "Calls"),
             std::move(time),
             field("usec_per_call", "usec_per_call", Kind::gauge, Unit::microseconds,
                   "Microseconds of the average call"),
             field("failed", "failed_calls", Kind::counter, Unit::none,
                   "Calls that failed while they were executed"),
             field("rejected", "rejected_calls", Kind::counter, Unit::none,
                   "Calls that were refused before"),
             {"p99_usec", figure_value(latency.text("p99"), Kind::gauge), Kind::gauge,
              Unit::microseconds, "Microseconds that 99 % of the calls did not exceed"}});
    }
    return group;
}

}  // namespace cachectl
