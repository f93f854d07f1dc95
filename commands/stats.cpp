// stats: a server's figures, out of INFO.
#include <algorithm>
#include <array>
#include <memory>

#include "cli/context.hpp"
#include "cli/lookup_interval.hpp"
#include "cli/option.hpp"
#include "cli/option_groups.hpp"
#include "commands/commands.hpp"
#include "output/figures.hpp"
#include "redis/error_reply.hpp"
#include "stats/cluster_totals.hpp"
#include "stats/server_figures.hpp"
#include "util/error.hpp"
#include "util/parse.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_rows_for_people = 20;

constexpr std::array<std::string_view, 6> k_sections = {"overview", "memory",  "keyspace",
                                                        "commands", "clients", "replication"};

struct StatsOptions {
    std::vector<std::string> sections;
    FormatChoice output;
    std::optional<std::chrono::milliseconds> interval;

    [[nodiscard]] bool wants(std::string_view section) const {
        return std::find(sections.begin(), sections.end(), section) != sections.end();
    }
};

void check_sections(StatsOptions& options) {
    if (options.sections.empty()) {
        options.sections.emplace_back("overview");
    }
    for (const std::string& section : options.sections) {
        if (std::find(k_sections.begin(), k_sections.end(), section) != k_sections.end()) {
            continue;
        }
        std::string known;
        for (const std::string_view name : k_sections) {
            known += (known.empty() ? "" : ", ") + std::string(name);
        }
        throw Error(ExitCode::usage, "'" + section + "' is not a section of stats",
                    "the sections are " + known);
    }
}

[[noreturn]] void refuse(const Reply& reply, const ServerNode& node) {
    throw refusal(
        reply, node.name.empty() ? "read the server's figures" : "read the figures of " + node.name,
        node.client->server());
}

/// What the servers have answered, each by itself.
struct Answers {
    std::vector<const ServerInfo*> servers;
    std::vector<InfoFields> commands;
    std::vector<InfoFields> latencies;
    std::optional<IntervalLookups> lookups;
};

// The INFO of the login is from just now; it is missing where the user may not have it.
void ask(const ServerNode& node, const StatsOptions& options, Answers& answers) {
    Client& client = *node.client;
    if (client.server().info.empty()) {
        refuse(client.call({"INFO"}), node);
    }
    if (options.wants("commands") || options.wants("overview")) {
        Reply commands;
        Reply latencies;
        client.send({"INFO", "commandstats"}, [&](Reply reply) { commands = std::move(reply); });
        if (options.wants("commands")) {
            client.send({"INFO", "latencystats"},
                        [&](Reply reply) { latencies = std::move(reply); });
        }
        client.drain();
        if (!commands.is_text() && options.wants("commands")) {
            refuse(commands, node);
        }
        answers.commands.emplace_back(commands.is_text() ? commands.text : "");
        answers.latencies.emplace_back(latencies.is_text() ? latencies.text : "");
    }
    answers.servers.push_back(&client.server());
}

std::vector<FigureGroup> make_figures(const ServerInfo& server, const Answers& answers,
                                      const StatsOptions& options) {
    const InfoFields& info = server.info;
    const bool overview = options.wants("overview");
    const bool memory = options.wants("memory");
    std::vector<FigureGroup> groups;
    if (overview) {
        groups.push_back(server_figures(server));
    }
    if (overview || memory) {
        groups.push_back(memory_figures(info, memory ? MemoryDetail::all : MemoryDetail::overview));
    }
    if (overview || options.wants("keyspace")) {
        groups.push_back(keyspace_figures(info));
    }
    if (overview) {
        groups.push_back(cache_figures(info));
        if (answers.lookups) {
            add_interval(groups.back(), *answers.lookups);
        }
        add_inspection(groups.back(), total_info(answers.commands));
    }
    if (options.wants("clients")) {
        groups.push_back(client_figures(info));
    }
    if (options.wants("replication")) {
        groups.push_back(replication_figures(server));
    }
    if (options.wants("commands")) {
        groups.push_back(
            answers.commands.size() == 1
                ? command_figures(answers.commands[0], answers.latencies[0])
                : command_figures(total_info(answers.commands), total_info(answers.latencies)));
    }
    return groups;
}

struct Figures {
    std::vector<FigureGroup> groups;
    bool complete = true;  // every node has answered
};

Figures read_figures(Context& ctx, Client& client, const StatsOptions& options) {
    client.connect_all();
    const std::vector<ServerNode> nodes = client.nodes();
    Answers answers;
    const auto interval = options.interval.value_or(0ms);
    if (options.wants("overview") && interval > 0ms) {
        answers.lookups = read_lookups(client, nodes, interval);
    }
    if (nodes.size() == 1 && nodes.front().client == &client) {
        ask(nodes.front(), options, answers);
        return {make_figures(client.server(), answers, options)};
    }
    Figures figures;
    FigureGroup rows{"nodes", FigureGroup::Shape::list, {}, "node"};
    for (const ServerNode& node : nodes) {
        try {
            ask(node, options, answers);
            rows.rows.push_back(node_figures(node.name, answers.servers.back()));
        } catch (const Error& error) {
            figures.complete = false;
            rows.rows.push_back(node_figures(node.name, nullptr));
            ctx.warn(std::string(error.what()) + "; its figures are missing");
        }
    }
    if (answers.servers.empty()) {
        throw Error(ExitCode::unreachable, "no master of the cluster tells its figures");
    }
    figures.groups = make_figures(total_of_servers(answers.servers), answers, options);
    figures.groups.push_back(std::move(rows));
    return figures;
}

ExitCode run_stats(Context& ctx, StatsOptions options) {
    check_sections(options);
    // A table for people waits a second, to show rates; scripts get the totals at once.
    const Format format = options.output.resolve(ctx.out_terminal);
    if (!options.interval && format == Format::table) {
        options.interval = 1s;
    }
    const auto client = ctx.connect();
    const Figures figures = read_figures(ctx, *client, options);
    write_figures(ctx.out,
                  {.format = format,
                   .display = ctx.out_display(),
                   .escaped = ctx.out_terminal.attached,
                   .most_rows = k_rows_for_people},
                  figures.groups);
    if (stop_signal() != 0) {
        return stopped_exit_code();
    }
    return figures.complete ? ExitCode::ok : ExitCode::partial;
}

constexpr std::array k_stats_rights = {AclRight{"+info", "", ""}};

void add_stats(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<StatsOptions>();
    syntax.description(
        "Show a server's figures. The overview has what it is, its memory, its databases and how "
        "well the cache is hit; memory, keyspace, commands, clients and replication tell more. On "
        "a terminal in human units, with bars; of the commands, those that took the most time. "
        "Into a pipe one figure a line: its name, a tab and its value, whose unit the name "
        "says.\n\n"
        "A hit ratio since the start says little of an incident: beside it stands that of "
        "--interval. Both count the look-ups of tools too; inspection_requests says how many of "
        "them were TYPE, PTTL or OBJECT, which keys -l and ttl send for every key.");
    Option& section = add_text_option(
        syntax, "SECTION", options->sections, "",
        "Which figures: overview (default), memory, keyspace, commands, clients, replication");
    section.choices({k_sections.begin(), k_sections.end()});
    add_parsed_option(syntax, "--interval", options->interval, parse_duration, "DUR",
                      "Of the overview: also the hit ratio of this while, which is waited for "
                      "(default 1s as a table, else 0s: none)")
        .group("Output");
    add_output_options(syntax, options->output,
                       {Format::table, Format::plain, Format::json, Format::ndjson, Format::csv,
                        Format::prometheus});
    syntax.footer(
        "Examples:\n"
        "  cachectl stats\n"
        "      is the cache full, and is it hit?\n"
        "  cachectl stats commands\n"
        "      what the server spends its time on\n"
        "  cachectl stats overview clients -o prometheus\n"
        "      metrics for a textfile collector\n");
    action = [options](Context& ctx) { return run_stats(ctx, *options); };
}

}  // namespace

Command stats_command() {
    return {"stats",   "Look",        "Show the server's figures", Command::Needs::server,
            add_stats, k_stats_rights};
}

}  // namespace cachectl
