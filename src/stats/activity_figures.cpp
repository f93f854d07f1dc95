#include "stats/activity_figures.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "stats/info_figures.hpp"

namespace cachectl {

namespace {

using Kind = Figure::Kind;
using Unit = Figure::Unit;
using Shape = FigureGroup::Shape;

Figure count_figure(const char* name, std::int64_t value, const char* help) {
    return {name, value, Kind::gauge, Unit::none, help};
}

Figure bytes_figure(const char* name, std::int64_t value, const char* help) {
    return {name, value, Kind::gauge, Unit::bytes, help};
}

struct RateFigure {
    const char* name;
    std::optional<double> Rates::*rate;
    const char* help;
};

constexpr RateFigure k_rate_figures[] = {
    {"commands_per_s", &Rates::commands, "Commands processed in a second"},
    {"input_bytes_per_s", &Rates::input_bytes, "Bytes received in a second"},
    {"output_bytes_per_s", &Rates::output_bytes, "Bytes sent in a second"},
    {"hits_per_s", &Rates::hits, "Look-ups of keys that were there, in a second"},
    {"misses_per_s", &Rates::misses, "Look-ups of keys that were not, in a second"},
    {"evicted_per_s", &Rates::evicted, "Keys evicted in a second"},
    {"expired_per_s", &Rates::expired, "Keys whose time was over, in a second"},
    {"errors_per_s", &Rates::errors, "Commands that got an error, in a second"},
    {"connections_per_s", &Rates::connections, "Connections accepted in a second"},
    {"cpu_share", &Rates::cpu, "Seconds of CPU time in a second, of the main thread"},
};

/// Connections that belong together.
struct Connections {
    std::int64_t count = 0, blocked = 0, buffer_bytes = 0, memory_bytes = 0;
    std::int64_t least_idle_s = 0, most_idle_s = 0;
    std::string last_command;  // of the one that was last at work
};

void add_connection(Connections& group, const ListedClient& client) {
    if (group.count == 0 || client.idle_s < group.least_idle_s) {
        group.least_idle_s = client.idle_s;
        group.last_command = client.last_command;
    }
    ++group.count;
    group.blocked += client.blocked ? 1 : 0;
    group.most_idle_s = std::max(group.most_idle_s, client.idle_s);
    group.buffer_bytes += client.input_bytes + client.output_bytes;
    group.memory_bytes += client.memory_bytes;
}

std::string name_of(const ListedClient& client) {
    return client.name.empty() ? client.library : client.name;
}

FigureRow connection_row(const std::string& name, const std::string& host, const std::string& user,
                         const Connections& group) {
    FigureRow row{text_figure("group", name + ' ' + user + '@' + host, "Name, user and host"),
                  text_figure("client", name, "The name or library of the clients"),
                  text_figure("address", host, "Their host"),
                  text_figure("user", user, "Their user"),
                  count_figure("connections", group.count, "Connections"),
                  count_figure("blocked", group.blocked, "Those that wait in a blocking command"),
                  {"least_idle_s", group.least_idle_s, Kind::gauge, Unit::seconds,
                   "Seconds since one of them was last at work"},
                  {"most_idle_s", group.most_idle_s, Kind::gauge, Unit::seconds,
                   "Seconds since the idlest was at work"},
                  text_figure("last_command", group.last_command, "The last command"),
                  bytes_figure("buffer_bytes", group.buffer_bytes, "Bytes of their buffers"),
                  bytes_figure("memory_bytes", group.memory_bytes, "Bytes they take in all")};
    row[0].for_people = false;
    row.back().for_people = false;
    row[6].title = "idle";
    row[7].title = "up to";
    row[9].title = "buffers";
    return row;
}

}  // namespace

FigureGroup rate_figures(const Rates& rates) {
    FigureRow row{{"interval_ms",
                   {},
                   Kind::gauge,
                   Unit::milliseconds,
                   "Length of the interval; none: the server's own figures of just now"}};
    if (rates.interval) {
        row[0].value = std::int64_t{rates.interval->count()};
    }
    for (const RateFigure& figure : k_rate_figures) {
        row.push_back({figure.name, {}, Kind::gauge, Unit::none, figure.help});
        if (const auto& rate = rates.*figure.rate) {
            row.back().value = *rate;
        }
    }
    return {"rates", Shape::one, {std::move(row)}};
}

FigureGroup slow_figures(std::span<const HeldBy> slow, bool of_cluster) {
    FigureGroup group{"slow", Shape::list, {}, "command"};
    std::chrono::microseconds total{0};
    for (const HeldBy& one : slow) {
        total += one.took;
    }
    for (const HeldBy& one : slow) {
        Figure took{"usec_total", std::int64_t{one.took.count()}, Kind::gauge, Unit::microseconds,
                    "Microseconds of all its calls in the slow log"};
        if (total.count() > 0) {
            took.fraction = share_of(one.took.count(), total.count());
        }
        FigureRow row{
            text_figure("command", one.shape, "Command and first argument"),
            count_figure("calls", static_cast<std::int64_t>(one.calls), "Calls in the slow log"),
            std::move(took),
            {"usec_longest", std::int64_t{one.longest.count()}, Kind::gauge, Unit::microseconds,
             "Microseconds of the longest"},
            text_figure("client", one.client, "Name of the client that took most"),
            text_figure("address", one.address, "Its address"),
            count_figure("clients", static_cast<std::int64_t>(one.clients),
                         "Addresses that called it")};
        if (of_cluster) {
            row.push_back(text_figure("node", one.node, "Where it took most"));
        }
        group.rows.push_back(std::move(row));
    }
    return group;
}

FigureGroup connection_figures(const ClientList& list) {
    using Name = std::tuple<std::string, std::string, std::string>;
    std::map<Name, Connections> groups;
    for (const ListedClient& client : list.clients) {
        if (!client.own) {
            add_connection(
                groups[{name_of(client), std::string(host_of(client.address)), client.user}],
                client);
        }
    }
    std::vector<std::pair<Name, Connections>> sorted(groups.begin(), groups.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
    FigureGroup group{"connections", Shape::list, {}, "group"};
    for (const auto& [name, connections] : sorted) {
        group.rows.push_back(
            connection_row(std::get<0>(name), std::get<1>(name), std::get<2>(name), connections));
    }
    return group;
}

FigureGroup buffer_figures(const ClientList& list) {
    constexpr std::size_t k_most_rows = 10;
    const auto bytes = [](const ListedClient& client) {
        return std::max(client.memory_bytes, client.input_bytes + client.output_bytes);
    };
    std::vector<const ListedClient*> largest;
    for (const ListedClient& client : list.clients) {
        if (!client.own) {
            largest.push_back(&client);
        }
    }
    std::stable_sort(largest.begin(), largest.end(),
                     [&](const auto* a, const auto* b) { return bytes(*a) > bytes(*b); });
    largest.resize(std::min(largest.size(), k_most_rows));
    FigureGroup group{"largest_connections", Shape::list, {}, "connection"};
    for (const ListedClient* client : largest) {
        const std::string id = std::to_string(client->id);
        FigureRow row{
            text_figure("connection", client->node.empty() ? id : client->node + '#' + id,
                        "Its id"),
            text_figure("client", name_of(*client), "The name or library of the client"),
            text_figure("address", client->address, "Its address"),
            text_figure("last_command", client->last_command, "The last command"),
            bytes_figure("input_bytes", client->input_bytes, "Bytes of its input buffer"),
            bytes_figure("output_bytes", client->output_bytes, "Bytes of its output buffer"),
            bytes_figure("memory_bytes", client->memory_bytes, "Bytes it takes in all")};
        row.back().title = "in all";
        group.rows.push_back(std::move(row));
    }
    return group;
}

}  // namespace cachectl
