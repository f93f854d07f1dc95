#include "stats/server_title.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "output/escape.hpp"
#include "output/styled_line.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

std::string role_of(const ServerTitle& title, const ServerInfo& server) {
    if (title.masters > 0) {
        return fmt::format("cluster of {} {}", title.masters,
                           title.masters == 1 ? "master" : "masters");
    }
    const auto replicas = server.info.integer("connected_slaves").value_or(0);
    if (server.role == "replica") {
        return fmt::format("replica of {}:{}", server.info.text("master_host"),
                           server.info.text("master_port"));
    }
    if (replicas > 0) {
        return fmt::format("{} of {} {}", server.role, replicas,
                           replicas == 1 ? "replica" : "replicas");
    }
    return server.role;
}

std::string up_time(const InfoFields& info) {
    const auto uptime = info.integer("uptime_in_seconds");
    if (!uptime) {
        return "";
    }
    constexpr std::int64_t k_longest = 1'000'000'000;
    const std::chrono::seconds time(std::clamp<std::int64_t>(*uptime, 0, k_longest));
    return ", up " + format_duration(time);
}

}  // namespace

std::vector<std::string> title_lines(const ServerTitle& title, const ServerInfo& server,
                                     const Display& display, std::size_t columns,
                                     const std::string& right, const std::string& below) {
    StyledLine line(display);
    line.add(title.target, Style::bold).add("  ");
    std::string product = server.name;
    if (!server.version.empty()) {
        product += (product.empty() ? "" : " ") + server.version;
    }
    const std::string role = role_of(title, server);
    line.add(product + (product.empty() || role.empty() ? "" : ", ") + role + up_time(server.info));
    const std::size_t width = display_width(escape_for_terminal(right));
    const bool fits = width == 0 || line.width() + 2 + width <= columns;
    if (width > 0 && fits) {
        line.add_right(right, columns);
    }
    std::vector<std::string> lines{line.text(columns)};
    if (!fits || !below.empty()) {
        StyledLine second(display);
        second.add(below);
        if (!fits) {
            second.add_right(right, columns);
        }
        lines.push_back(second.text(columns));
    }
    return lines;
}

std::string context_note(const ServerTitle& title) {
    return title.context.empty() ? "" : "context " + title.context;
}

std::size_t view_columns(const Display& display) {
    constexpr std::size_t k_without_terminal = 100;
    return display.columns == 0 ? k_without_terminal : display.columns;
}

}  // namespace cachectl
