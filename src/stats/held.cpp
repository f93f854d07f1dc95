#include "stats/held.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

namespace cachectl {

namespace {

using std::chrono::microseconds;

/// What is added up of one shape.
struct Calls {
    std::uint64_t count = 0;
    microseconds took{0}, longest{0};
    struct Caller {
        std::string name, address;
        microseconds took{0};
    };
    std::map<std::string, Caller> callers;        // by address; see who()
    std::map<std::string, microseconds> on_node;  // by name
};

/// All clients of a Unix socket have one address, "/run/redis.sock:0", which is nobody's.
bool is_shared(std::string_view address) { return address.ends_with(":0"); }

/// What tells a client from others: its address, or its name where the address does not.
std::string who(const SlowCommand& command) {
    return is_shared(command.address) ? command.address + ' ' + command.client : command.address;
}

template <typename Map, typename Took>
auto largest(const Map& map, Took took) {
    return std::max_element(map.begin(), map.end(), [&](const auto& a, const auto& b) {
        return took(a.second) < took(b.second);
    });
}

double share_of_time(microseconds part, microseconds window) {
    return window.count() <= 0
               ? 0
               : static_cast<double>(part.count()) / static_cast<double>(window.count());
}

void sort_by_time(std::vector<HeldBy>& held) {
    std::stable_sort(held.begin(), held.end(),
                     [](const HeldBy& a, const HeldBy& b) { return a.took > b.took; });
}

}  // namespace

std::vector<SlowCommand> within(std::span<const SlowCommand> commands, std::chrono::seconds now,
                                std::chrono::seconds window) {
    std::vector<SlowCommand> recent;
    std::copy_if(commands.begin(), commands.end(), std::back_inserter(recent),
                 [&](const SlowCommand& command) { return command.at > now - window; });
    return recent;
}

std::vector<HeldBy> held_by(std::span<const SlowCommand> commands, microseconds window) {
    std::map<std::string, Calls> shapes;
    for (const SlowCommand& command : commands) {
        Calls& calls = shapes[command.shape];
        ++calls.count;
        calls.took += command.took;
        calls.longest = std::max(calls.longest, command.took);
        calls.on_node[command.node] += command.took;
        Calls::Caller& caller = calls.callers[who(command)];
        caller.took += command.took;
        caller.address = command.address;
        caller.name = command.client.empty() ? caller.name : command.client;
    }
    std::vector<HeldBy> held;
    for (const auto& [shape, calls] : shapes) {
        const auto node = largest(calls.on_node, [](microseconds took) { return took; });
        const auto caller =
            largest(calls.callers, [](const Calls::Caller& one) { return one.took; });
        held.push_back({.shape = shape,
                        .calls = calls.count,
                        .took = calls.took,
                        .longest = calls.longest,
                        .share = share_of_time(node->second, window),
                        .client = caller->second.name,
                        .address = caller->second.address,
                        .clients = calls.callers.size(),
                        .node = node->first});
    }
    sort_by_time(held);
    return held;
}

std::vector<HeldBy> held_unlogged(std::span<const CommandTime> times, microseconds window,
                                  double least) {
    std::vector<HeldBy> held;
    for (const CommandTime& time : times) {
        const double share = share_of_time(microseconds(time.usec), window);
        if (time.calls <= 0 || share < least) {
            continue;
        }
        std::string name = time.command;
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
            return c == '|' ? ' ' : static_cast<char>(std::toupper(c));
        });
        held.push_back({.shape = name,
                        .calls = static_cast<std::uint64_t>(time.calls),
                        .took = microseconds(time.usec),
                        .share = share,
                        .in_slow_log = false});
    }
    sort_by_time(held);
    return held;
}

void name_clients(std::vector<HeldBy>& held, std::span<const ListedClient> clients) {
    for (HeldBy& one : held) {
        if (!one.client.empty() || one.address.empty() || is_shared(one.address)) {
            continue;
        }
        const auto found =
            std::find_if(clients.begin(), clients.end(),
                         [&](const ListedClient& client) { return client.address == one.address; });
        if (found == clients.end()) {
            continue;
        }
        one.client = found->name;
        const bool tells_user = !found->user.empty() && found->user != "default";
        if (one.client.empty() && tells_user) {
            one.client = "user " + found->user;
        } else if (one.client.empty()) {
            one.client = found->library;
        }
    }
}

std::string describe_caller(const HeldBy& held) {
    std::string text = held.client;
    if (!held.address.empty()) {
        text += (text.empty() ? "" : ", ") + held.address;
    }
    if (held.clients > 1) {
        text += fmt::format(" and {} {}", held.clients - 1, held.clients == 2 ? "other" : "others");
    }
    return text;
}

std::chrono::seconds server_clock(const InfoFields& info, std::chrono::seconds otherwise) {
    const auto usec = info.integer("server_time_usec");
    return usec && *usec > 0 ? std::chrono::duration_cast<std::chrono::seconds>(microseconds(*usec))
                             : otherwise;
}

}  // namespace cachectl
