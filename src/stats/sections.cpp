#include "stats/sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "redis/error_reply.hpp"
#include "stats/activity_figures.hpp"
#include "stats/cluster_totals.hpp"
#include "stats/last_minute.hpp"
#include "stats/latency.hpp"
#include "stats/server_figures.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

using Kind = Figure::Kind;
using Unit = Figure::Unit;

constexpr std::array<std::string_view, 10> k_section_names = {
    "overview", "memory", "keyspace", "sizes",       "commands",
    "clients",  "slow",   "latency",  "replication", "all"};
constexpr std::array<std::string_view, 3> k_need_more = {"sizes", "slow", "latency"};

/// Joins the answers of the servers to one command; notes those that would not answer.
template <typename Take>
void take_each(const std::vector<Reply>& replies, const std::vector<ServerNode>& nodes,
               std::string_view attempted, Lacking& lacking, const Take& take) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (replies[i].is_error()) {
            lacking.note(replies[i], attempted, nodes[i].client->server());
        } else if (!replies[i].is_broken()) {
            take(replies[i], nodes[i]);
        }
    }
}

std::vector<KeySizes> read_sizes(const std::vector<ServerNode>& nodes, Reader& reader,
                                 Lacking& lacking) {
    std::vector<std::vector<KeySizes>> sizes;
    bool any_text = false;
    const auto replies = reader.ask(nodes, [](std::size_t) {
        return Reader::Command{"INFO", "keysizes"};
    });
    take_each(replies, nodes, "read the sizes of keys", lacking,
              [&](const Reply& reply, const ServerNode&) {
                  any_text |= !reply.text.empty();
                  sizes.push_back(parse_key_sizes(InfoFields(reply.text)));
              });
    if (!any_text && !nodes.empty()) {
        lacking.note(Reply::make_error("the server does not count them (Redis does from 8.0 on)"),
                     "read the sizes of keys", nodes.front().client->server());
    }
    return total_key_sizes(sizes);
}

void add_slow(std::vector<FigureGroup>& groups, Client& client, Reader& reader, Lacking& lacking) {
    const std::vector<SlowCommand> slow = SlowLogs(client, reader, lacking).read_new();
    std::vector<HeldBy> held = held_by(slow, std::chrono::microseconds(0));
    const bool unnamed =
        std::any_of(held.begin(), held.end(), [](const HeldBy& one) { return one.client.empty(); });
    if (unnamed) {
        name_clients(held, read_clients_if_few(client, reader));
    }
    groups.push_back(slow_figures(held, client.masters() > 0));
}

void add_latency(std::vector<FigureGroup>& groups, const std::vector<ServerNode>& nodes,
                 Client& client, Reader& reader, Lacking& lacking) {
    constexpr int k_pings = 10;
    std::vector<std::chrono::microseconds> round_trips;
    for (int i = 0; i < k_pings; ++i) {
        for (const ServerNode& node : nodes) {
            const SteadyTime begin = client.now();
            const Reply pong =
                reader.ask({&node, 1}, [](std::size_t) { return Reader::Command{"PING"}; })[0];
            if (!pong.is_broken()) {
                round_trips.push_back(
                    std::chrono::duration_cast<std::chrono::microseconds>(client.now() - begin));
            }
        }
    }
    groups.push_back(ping_figures(std::move(round_trips)));

    const std::array<Reader::Command, 2> commands = {Reader::Command{"LATENCY", "LATEST"},
                                                     Reader::Command{"INFO", "latencystats"}};
    const auto replies = reader.ask(nodes, commands);
    std::vector<LatencyEvent> events;
    take_each(replies[0], nodes, "read the latency monitor", lacking,
              [&](const Reply& reply, const ServerNode& node) {
                  for (LatencyEvent& event : parse_latency_latest(reply)) {
                      event.node = node.name;
                      events.push_back(std::move(event));
                  }
              });
    groups.push_back(latency_event_figures(std::move(events)));
    std::vector<InfoFields> stats;
    take_each(replies[1], nodes, "read the quantiles of commands", lacking,
              [&](const Reply& reply, const ServerNode&) { stats.emplace_back(reply.text); });
    groups.push_back(latency_command_figures(total_info(stats)));
}

}  // namespace

Sections::Sections(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (std::find(k_section_names.begin(), k_section_names.end(), name) ==
            k_section_names.end()) {
            throw Error(ExitCode::usage, "'" + name + "' is not a section of stats",
                        fmt::format("the sections are {}", fmt::join(k_section_names, ", ")));
        }
        if (name == "all") {
            m_names.insert(k_section_names.begin(), k_section_names.end() - 1);
        } else {
            m_names.insert(name);
        }
    }
}

Sections Sections::without(std::string_view section) const {
    Sections others = *this;
    others.m_names.erase(std::string(section));
    return others;
}

std::string Sections::not_to_be_watched() const {
    for (const std::string_view section : k_need_more) {
        if (wants(section)) {
            return std::string(section);
        }
    }
    return "";
}

std::span<const std::string_view> Sections::known() { return k_section_names; }

std::optional<Told> told_by(std::span<const Reading> readings, const Rates& rates) {
    Told told;
    told.rates = rates;
    std::vector<const ServerInfo*> servers;
    const bool of_cluster = readings.size() > 1 || (!readings.empty() && !readings[0].node.empty());
    for (const Reading& reading : readings) {
        const ServerInfo* server = reading.answered() ? &reading.server : nullptr;
        if (of_cluster) {
            told.nodes.push_back(node_figures(reading.node, server));
        }
        if (server != nullptr) {
            servers.push_back(server);
            told.commands.push_back(reading.commands);
        }
    }
    if (servers.empty()) {
        return std::nullopt;
    }
    told.server = of_cluster ? total_of_servers(servers) : *servers.front();
    return told;
}

FigureGroup nodes_figures(const Told& told) {
    return {"nodes", FigureGroup::Shape::list, told.nodes, "node"};
}

std::vector<FigureGroup> info_sections(const Sections& sections, const Told& told) {
    const InfoFields& info = told.server.info;
    const bool overview = sections.wants("overview");
    const bool memory = sections.wants("memory");
    std::vector<FigureGroup> groups;
    if (overview) {
        groups.push_back(server_figures(told.server));
    }
    if (overview || memory) {
        groups.push_back(memory_figures(info, memory ? MemoryDetail::all : MemoryDetail::overview));
    }
    if (overview || sections.wants("keyspace")) {
        groups.push_back(keyspace_figures(info));
    }
    if (overview) {
        groups.push_back(cache_figures(info));
        if (told.rates.lookups) {
            add_interval(groups.back(), *told.rates.lookups);
        }
        add_inspection(groups.back(), total_info(told.commands));
        groups.push_back(rate_figures(told.rates));
    }
    if (sections.wants("clients")) {
        groups.push_back(client_figures(info));
    }
    if (sections.wants("replication")) {
        groups.push_back(replication_figures(told.server));
    }
    if (sections.wants("commands")) {
        groups.push_back(
            told.commands.size() == 1
                ? command_figures(told.commands[0], total_info(told.latencies))
                : command_figures(total_info(told.commands), total_info(told.latencies)));
    }
    return groups;
}

Asked asked_sections(const Sections& sections, Client& client, Reader& reader, Lacking& lacking) {
    const std::vector<ServerNode> nodes = client.nodes();
    Asked asked;
    if (sections.wants("sizes")) {
        asked.sizes = read_sizes(nodes, reader, lacking);
    }
    if (sections.wants("slow")) {
        add_slow(asked.groups, client, reader, lacking);
    }
    if (sections.wants("clients")) {
        const ClientList list = read_clients(client, reader, lacking);
        asked.groups.push_back(connection_figures(list));
        asked.groups.push_back(buffer_figures(list));
    }
    if (sections.wants("latency")) {
        add_latency(asked.groups, nodes, client, reader, lacking);
    }
    return asked;
}

std::vector<HeldBy> recent_holders(Client& client, Reader& reader, Lacking& lacking,
                                   std::span<const Reading> readings,
                                   std::chrono::seconds otherwise) {
    LastMinute minute;
    minute.add({}, readings, SlowLogs(client, reader, lacking).read_new(), otherwise);
    std::vector<HeldBy> held = minute.held();
    const bool unnamed =
        std::any_of(held.begin(), held.end(), [](const HeldBy& one) { return one.client.empty(); });
    if (unnamed) {
        name_clients(held, read_clients_if_few(client, reader));
    }
    return held;
}

FigureGroup held_figures(std::span<const HeldBy> held) {
    FigureGroup group{"held", FigureGroup::Shape::list, {}, "command"};
    const auto text = [](const char* name, const std::string& value, const char* help) -> Figure {
        Figure figure{name, {}, Kind::text, Unit::none, help};
        if (!value.empty()) {
            figure.value = value;
        }
        return figure;
    };
    for (const HeldBy& one : held) {
        Figure longest{"usec_longest",
                       {},
                       Kind::gauge,
                       Unit::microseconds,
                       "Microseconds of the longest; none: it is not in the slow log"};
        if (one.in_slow_log) {
            longest.value = std::int64_t{one.longest.count()};
        }
        group.rows.push_back(
            {text("command", one.shape, "Command and first argument"),
             {"calls", static_cast<std::int64_t>(one.calls), Kind::gauge, Unit::none,
              "Calls within the last minute"},
             {"share", one.share, Kind::gauge, Unit::share, "Of the time of its server, 0 to 1"},
             std::move(longest),
             text("client", one.client, "Name of the client that took most"),
             text("address", one.address, "Its address"),
             text("node", one.node, "Where it took most")});
    }
    return group;
}

}  // namespace cachectl
