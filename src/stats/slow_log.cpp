#include "stats/slow_log.hpp"

#include <algorithm>

#include "redis/reply_slice.hpp"
#include "stats/command_shape.hpp"

namespace cachectl {

namespace {

// An argument is logged with 128 bytes, a command with 32 arguments (slowlog.h).
constexpr std::size_t k_largest_entry = 6 * 1024;
constexpr std::size_t k_first_look = 8;

Reader::Command get_command(std::size_t count) {
    return count == 0 ? Reader::Command()
                      : Reader::Command{"SLOWLOG", "GET", std::to_string(count)};
}

std::int64_t id_of(const Reply& entry) {
    const bool has_id =
        entry.is_array() && !entry.elements.empty() && entry.elements.front().is_integer();
    return has_id ? entry.elements.front().integer : -1;
}

/// [id, time, microseconds, [argument …], address, name]; the last two from Redis 4.0 on.
bool parse_entry(const Reply& entry, SlowCommand& command) {
    if (!entry.is_array() || entry.elements.size() < 4 || !entry.elements[0].is_integer() ||
        !entry.elements[1].is_integer() || !entry.elements[2].is_integer() ||
        !entry.elements[3].is_array()) {
        return false;
    }
    command.id = entry.elements[0].integer;
    command.at = std::chrono::seconds(entry.elements[1].integer);
    command.took = std::chrono::microseconds(std::clamp<std::int64_t>(
        entry.elements[2].integer, 0, std::chrono::microseconds(std::chrono::hours(24)).count()));
    std::vector<std::string> args;
    for (const Reply& argument : entry.elements[3].elements) {
        args.push_back(argument.text);
    }
    command.shape = shape_of(args);
    command.command = stats_name_of(args);
    constexpr std::size_t k_longest_name = 128;
    if (entry.elements.size() > 4) {
        command.address = entry.elements[4].text.substr(0, k_longest_name);
    }
    if (entry.elements.size() > 5) {
        command.client = entry.elements[5].text.substr(0, k_longest_name);
    }
    return true;
}

}  // namespace

std::vector<SlowCommand> parse_slow_log(const Reply& reply) {
    std::vector<SlowCommand> commands;
    for (const Reply& entry : reply.elements) {
        SlowCommand command;
        if (parse_entry(entry, command)) {
            commands.push_back(std::move(command));
        }
    }
    return commands;
}

/// How many entries to ask for after a first look at `newest`; 0: that is all.
std::size_t SlowLogs::more_wanted(const ServerNode& node, const Reply& newest) const {
    if (!newest.is_array() || newest.elements.empty()) {
        return 0;
    }
    const auto seen = m_newest.find(node.name);
    const std::int64_t first = id_of(newest.elements.front());
    std::size_t wanted = k_most;
    if (seen != m_newest.end() && first >= seen->second) {  // else the server was restarted
        wanted = static_cast<std::size_t>(
            std::min<std::int64_t>(first - seen->second, static_cast<std::int64_t>(k_most)));
    }
    const std::size_t mean = reply_bytes(newest) / newest.elements.size() + 1;
    const std::size_t room = reply_slice(node.client->server()) / (2 * mean);
    wanted = std::min(wanted, std::max(room, newest.elements.size()));
    return wanted > newest.elements.size() ? wanted : 0;
}

std::vector<SlowCommand> SlowLogs::read_new() {
    const std::vector<ServerNode> nodes = m_client.nodes();
    const auto server = [&](std::size_t i) -> const ServerInfo& {
        return nodes[i].client->server();
    };
    std::vector<Reply> replies = m_reader.ask(nodes, [&](std::size_t i) {
        const std::size_t room = std::max<std::size_t>(1, reply_slice(server(i)) / k_largest_entry);
        const bool first = !m_newest.contains(nodes[i].name);
        return get_command(first ? std::min(k_first_look, room) : 1);
    });
    std::vector<std::size_t> more(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        more[i] = more_wanted(nodes[i], replies[i]);
    }
    if (std::any_of(more.begin(), more.end(), [](std::size_t n) { return n > 0; })) {
        std::vector<Reply> longer =
            m_reader.ask(nodes, [&](std::size_t i) { return get_command(more[i]); });
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (more[i] > 0 && longer[i].is_array()) {
                replies[i] = std::move(longer[i]);
            }
        }
    }
    std::vector<SlowCommand> fresh;
    m_refusing.clear();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (replies[i].is_error()) {
            m_lacking.note(replies[i], k_attempted, server(i));
            m_refusing.insert(nodes[i].name);
        }
        if (!replies[i].is_array()) {
            continue;
        }
        auto& newest = m_newest.try_emplace(nodes[i].name, -1).first->second;
        std::vector<SlowCommand> commands = parse_slow_log(replies[i]);
        const bool restarted = !commands.empty() && commands.front().id < newest;
        for (SlowCommand& command : commands) {
            if (restarted || command.id > newest) {
                command.node = nodes[i].name;
                fresh.push_back(std::move(command));
            }
        }
        if (!commands.empty()) {
            newest = commands.front().id;
        }
    }
    return fresh;
}

}  // namespace cachectl
