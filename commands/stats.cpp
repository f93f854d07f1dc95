// stats: a server's figures, out of INFO and the slow log; once, or again and again.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/option.hpp"
#include "cli/option_groups.hpp"
#include "cli/output_run.hpp"
#include "cli/target.hpp"
#include "commands/commands.hpp"
#include "output/aligned.hpp"
#include "output/figures.hpp"
#include "stats/cluster_totals.hpp"
#include "stats/key_sizes.hpp"
#include "stats/look.hpp"
#include "stats/overview_table.hpp"
#include "stats/sections.hpp"
#include "stats/server_title.hpp"
#include "stats/watch_run.hpp"
#include "util/error.hpp"
#include "util/parse.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_rows_for_people = 20;

struct StatsOptions {
    std::vector<std::string> sections;
    FormatChoice output;
    std::optional<std::chrono::milliseconds> interval;
    std::optional<std::chrono::milliseconds> watch;
};

std::chrono::milliseconds parse_watch(const std::string& text) {
    const auto every = parse_duration(text);
    if (every < 100ms) {
        throw Error(ExitCode::usage, "'" + text + "' is less than 100ms");
    }
    return every;
}

ServerTitle title_of(const Context& ctx, Client& client) {
    return {name_of_database(ctx.settings.address), ctx.settings.context, client.masters(),
            command_for(ctx.settings)};
}

/// The stats command, run once.
class StatsRun {
public:
    StatsRun(Context& ctx, Client& client, const Sections& sections, Format format)
        : m_ctx(ctx), m_client(client), m_sections(sections), m_format(format), m_reader(client) {}

    ExitCode run(std::chrono::milliseconds interval) {
        m_client.connect_all();
        m_look = take_look(m_client, m_reader, m_sections, interval, m_lacking);
        write(told_of_all());
        if (stop_signal() != 0) {
            return stopped_exit_code();
        }
        return m_complete ? ExitCode::ok : ExitCode::partial;
    }

private:
    Told told_of_all() {
        for (const Reading& reading : m_look.readings) {
            if (!reading.failure) {
                continue;
            }
            if (reading.node.empty()) {
                throw Error(*reading.failure);
            }
            m_complete = false;
            m_ctx.warn(std::string(reading.failure->what()) + "; its figures are missing");
        }
        auto told = told_by(m_look.readings, m_look.rates);
        if (!told && stop_signal() != 0) {
            throw Error(stopped_exit_code(), "interrupted");
        }
        if (!told) {
            throw Error(ExitCode::unreachable, "no master of the cluster tells its figures");
        }
        told->latencies = std::move(m_look.latencies);
        return std::move(*told);
    }

    void write(const Told& told) {
        const bool for_people = m_format == Format::table;
        if (for_people) {
            write_lines(lines_for_people(told));
        }
        const Sections sections = for_people ? m_sections.without("overview") : m_sections;
        std::vector<FigureGroup> groups = info_sections(sections, told);
        const Asked asked = asked_sections(sections, m_client, m_reader, m_lacking);
        for (const std::string& warning : m_lacking.take()) {
            m_ctx.warn(warning + "; it is left out");
        }
        groups.insert(groups.end(), asked.groups.begin(), asked.groups.end());
        if (!told.nodes.empty()) {
            groups.push_back(nodes_figures(told));
        }
        const Display display = m_ctx.out_display();
        if (for_people && sections.wants("sizes")) {
            m_ctx.out.write("\n");
            write_lines(size_lines(asked.sizes, display, view_columns(display)));
        } else if (sections.wants("sizes")) {
            groups.push_back(size_figures(asked.sizes));
        }
        if (for_people && groups.empty()) {
            return;
        }
        m_ctx.out.write(for_people ? "\n" : "");
        write_figures(m_ctx.out,
                      {.format = m_format,
                       .display = display,
                       .escaped = m_ctx.out_terminal.attached,
                       .most_rows = k_rows_for_people},
                      groups);
    }

    void write_lines(const std::vector<std::string>& lines) {
        write_aligned(m_ctx.out, [&](Writer& to) {
            for (const std::string& line : lines) {
                to.write(line + '\n');
            }
        });
    }

    std::vector<std::string> lines_for_people(const Told& told) {
        const Display display = m_ctx.out_display();
        const ServerTitle title = title_of(m_ctx, m_client);
        const std::size_t columns = view_columns(display);
        std::vector<std::string> lines =
            title_lines(title, told.server, display, columns, context_note(title));
        if (!m_sections.wants("overview")) {
            return lines;
        }
        Overview overview{told.server, told.rates, total_info(told.commands),
                          {},          "",         m_look.readings};
        Lacking lacking;  // whoever has no right to the slow log has an overview all the same
        overview.held = recent_holders(
            m_client, m_reader, lacking, m_look.readings,
            std::chrono::duration_cast<std::chrono::seconds>(m_ctx.wall_now().time_since_epoch()));
        for (const std::string& why : lacking.take()) {
            overview.unknown = why;
        }
        lines.emplace_back();
        for (std::string& line : overview_lines(title, overview, display)) {
            lines.push_back(std::move(line));
        }
        return lines;
    }

    Context& m_ctx;
    Client& m_client;
    const Sections& m_sections;
    Format m_format;
    Reader m_reader;
    Lacking m_lacking;
    Look m_look;
    bool m_complete = true;  // every node has answered
};

/// What --watch writes: a screen, sentences or JSON.
enum class WatchForm { screen, sentences, ndjson };

WatchForm watch_form(const Context& ctx, const StatsOptions& options) {
    const bool wants_table = options.output.resolve(ctx.out_terminal) == Format::table;
    if (wants_table && ctx.out_terminal.attached) {
        const bool can_draw = ctx.out.is_terminal() && !ctx.out_terminal.dumb;
        return can_draw ? WatchForm::screen : WatchForm::sentences;
    }
    if (options.output.chosen.value_or(Format::ndjson) != Format::ndjson) {
        throw Error(ExitCode::usage, "--watch writes a screen on a terminal, or else -o ndjson",
                    "-o ndjson has a line of JSON for each reading");
    }
    return WatchForm::ndjson;
}

void check_watched(const StatsOptions& options, const Sections& sections, WatchForm form) {
    if (!options.output.to_file.empty()) {
        throw Error(ExitCode::usage, "--to is for output that ends, and --watch goes on",
                    "-o ndjson >> FILE keeps all readings");
    }
    if (options.interval) {
        throw Error(ExitCode::usage, "--interval is not for --watch",
                    "--watch DUR is the interval");
    }
    if (form != WatchForm::ndjson && options.sections != std::vector<std::string>{"overview"}) {
        throw Error(ExitCode::usage, "on a terminal --watch shows the overview",
                    "-o ndjson has the other sections");
    }
    if (const std::string section = sections.not_to_be_watched(); !section.empty()) {
        throw Error(ExitCode::usage, "the section " + section + " cannot be watched",
                    "--watch is for what INFO tells");
    }
}

ExitCode run_watch(Context& ctx, const StatsOptions& options, const Sections& sections) {
    const WatchForm form = watch_form(ctx, options);
    check_watched(options, sections, form);
    const auto client = ctx.connect();
    client->connect_all();
    const WatchPlace place{ctx.out, ctx.out_display(), title_of(ctx, *client),
                           [&ctx](const std::string& text) { ctx.warn(text); }, ctx.wall_now};
    if (form == WatchForm::screen) {
        ctx.out.flush();
        const WatchEnd end = watch_on_screen(*client, *options.watch, place, STDOUT_FILENO);
        return end == WatchEnd::quit ? ExitCode::ok : stopped_exit_code();
    }
    if (form == WatchForm::sentences) {
        watch_as_sentences(*client, *options.watch, place);
    } else {
        watch_as_json(*client, *options.watch, place, sections);
    }
    return stopped_exit_code();
}

ExitCode run_stats(Context& ctx, StatsOptions options) {
    if (options.sections.empty()) {
        options.sections.emplace_back("overview");
    }
    const Sections sections(options.sections);
    if (options.watch) {
        return run_watch(ctx, options, sections);
    }
    // A table for people waits a second, to show rates; scripts get the totals at once.
    const Format format = options.output.resolve(ctx.out_terminal);
    const auto interval = options.interval.value_or(format == Format::table ? 1'000ms : 0ms);
    const auto client = ctx.connect();
    return StatsRun(ctx, *client, sections, format).run(interval);
}

constexpr std::array k_stats_rights = {
    AclRight{"+info", "", ""},
    AclRight{"+slowlog|get", "as a table, with `--watch`, or for `slow`",
             "it is not known who held the server"},
    AclRight{"+client|id", "for `clients`", "the connections are not shown"},
    AclRight{"+client|list", "for `clients`", "the connections are not shown"},
    AclRight{"+latency|latest", "for `latency`", "what the server waited for is not shown"},
};

void add_stats(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<StatsOptions>();
    syntax.description(
        "Show a server's figures. The overview has its memory, keys, hits, load and replicas, what "
        "needs somebody's attention, and who has held the server for long within the last minute. "
        "Other sections tell more: sizes, how many keys are how large (Redis from 8.0 on); "
        "clients, "
        "who is connected; slow, the slow log by command and client; all, each of them. Into a "
        "pipe "
        "there is one figure a line: its name, a tab and its value, whose unit the name says.\n\n"
        "A hit ratio since the start says little of an incident: beside it stands that of "
        "--interval. Both count the look-ups of tools too; inspection_requests says how many of "
        "them were TYPE, PTTL or OBJECT, which keys -l and ttl send for every key. Rates are those "
        "of the interval, without our own commands; without an interval, what the server says "
        "itself of the last moments.\n\n"
        "Of slow commands the first argument is shown, with <n> and <hex> for numbers and "
        "identifiers in a key; values never are. Commands that are faster than the server's "
        "slowlog-log-slower-than are not in its slow log.\n\n"
        "--watch reads again and again until q or Ctrl-C: on a terminal a screen that is redrawn "
        "in "
        "place, into a pipe a line of JSON for each reading, with the date in at. A server that "
        "goes away is waited for.");
    Option& section = add_text_option(syntax, "SECTION", options->sections, "",
                                      fmt::format("Which figures: {}; overview if none is given",
                                                  fmt::join(Sections::known(), ", ")));
    section.choices({Sections::known().begin(), Sections::known().end()});
    add_parsed_option(syntax, "--watch", options->watch, parse_watch, "[DUR]",
                      "Go on reading, each DUR (default 1s, 100ms at least), until q or Ctrl-C")
        .value_optional("1s")
        .group("Output");
    add_parsed_option(syntax, "--interval", options->interval, parse_duration, "DUR",
                      "Of the overview: also the rates and the hit ratio of this while, which is "
                      "waited for (default 1s as a table, else 0s: none)")
        .group("Output");
    add_output_options(syntax, options->output,
                       {Format::table, Format::plain, Format::json, Format::ndjson, Format::csv,
                        Format::prometheus});
    syntax.footer(
        "Examples:\n"
        "  cachectl stats\n"
        "      is the cache full, is it hit, and does anybody hold the server?\n"
        "  cachectl stats --watch\n"
        "      the same as it goes\n"
        "  cachectl stats slow\n"
        "      which commands take long, and whose they are\n"
        "  cachectl stats commands\n"
        "      what the server spends its time on\n"
        "  cachectl stats --watch 10s -o ndjson >> stats.ndjson\n"
        "      a log of figures and rates\n"
        "  cachectl stats overview clients -o prometheus --to cache.prom\n"
        "      metrics for a textfile collector\n");
    action = [options](Context& ctx) {
        return run_with_output(ctx, options->output, [&] { return run_stats(ctx, *options); });
    };
}

}  // namespace

Command stats_command() {
    return {"stats",   "Look",        "Show the server's figures", Command::Needs::server,
            add_stats, k_stats_rights};
}

}  // namespace cachectl
