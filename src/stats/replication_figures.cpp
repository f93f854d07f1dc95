// The part of stats/server_figures.hpp that is about replication.
#include <string_view>

#include "stats/info_figures.hpp"
#include "stats/server_figures.hpp"

namespace cachectl {

namespace {

using Kind = Figure::Kind;
using Unit = Figure::Unit;
using Shape = FigureGroup::Shape;

constexpr FieldFigure k_master[] = {
    {"link", "master_link_status", Kind::text, Unit::none, "Whether the master is connected"},
    {"last_io_s", "master_last_io_seconds_ago", Kind::gauge, Unit::seconds,
     "Seconds since the master was last heard of"},
    {"sync_in_progress", "master_sync_in_progress", Kind::gauge, Unit::none,
     "1 while the dataset comes from the master"},
    {"link_down_s", "master_link_down_since_seconds", Kind::gauge, Unit::seconds,
     "Seconds since the link has been down"},
    {"offset", "slave_repl_offset", Kind::counter, Unit::none, "Bytes of the stream received"},
};

/// Some servers write addresses in their old way, "[::1]" without brackets.
std::string address(std::string_view host, std::string_view port) {
    const bool ipv6 = host.find(':') != std::string_view::npos && !host.starts_with('[');
    return (ipv6 ? '[' + std::string(host) + ']' : std::string(host)) + ':' + std::string(port);
}

}  // namespace

FigureGroup replication_figures(const ServerInfo& server) {
    const InfoFields& info = server.info;
    FigureGroup replicas{"replicas", Shape::list, {}, "address"};
    for (const InfoParts& parts : info.replicas()) {
        replicas.rows.push_back(
            {text_figure("address", address(parts.text("ip"), parts.text("port")),
                         "Of the replica"),
             text_figure("state", std::string(parts.text("state")), "online once it is in step"),
             {"lag_s", figure_value(parts.text("lag"), Kind::gauge), Kind::gauge, Unit::seconds,
              "Seconds since the replica was last heard of"},
             {"offset", figure_value(parts.text("offset"), Kind::gauge), Kind::counter, Unit::none,
              "Bytes of the stream the replica has"}});
    }
    FigureGroup master{"master"};
    if (const auto host = info.text("master_host"); !host.empty()) {
        master.rows.push_back(
            {text_figure("address", address(host, info.text("master_port")), "Of the master")});
        add_figures(master.rows[0], k_master, info);
    }
    FigureGroup group{
        "replication",
        Shape::one,
        {{text_figure("role", server.role, "master or replica"),
          {"connected_replicas", figure_value(info.text("connected_slaves"), Kind::gauge),
           Kind::gauge, Unit::none, "Replicas that are connected"},
          {"offset", figure_value(info.text("master_repl_offset"), Kind::gauge), Kind::counter,
           Unit::none, "Bytes of the replication stream"}}}};
    group.inner = {std::move(replicas), std::move(master)};
    return group;
}

}  // namespace cachectl
