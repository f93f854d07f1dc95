// What servers list: CLIENT LIST as text; the slow log and LATENCY LATEST as made_reply() has them.
#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/made_reply.hpp"
#include "fuzz/target.hpp"
#include "stats/client_list.hpp"
#include "stats/command_shape.hpp"
#include "stats/held.hpp"
#include "stats/latency.hpp"
#include "stats/slow_log.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_most_text = 128;
constexpr std::size_t k_most_shape = 64 + std::string_view("…").size();

void check_clients(std::string_view input) {
    const auto lines = std::count(input.begin(), input.end(), '\n') + 1;
    const std::vector<ListedClient> clients = parse_client_list(input);
    expect(clients.size() <= static_cast<std::size_t>(lines), "a client is a line");
    for (const ListedClient& client : clients) {
        for (const std::string* text :
             {&client.address, &client.name, &client.user, &client.library, &client.last_command}) {
            expect(text->size() <= k_most_text, "what clients call themselves is bounded");
        }
        expect(client.address.starts_with(host_of(client.address)), "an address has its host");
    }
}

void check_slow_log(const Reply& reply) {
    const std::vector<SlowCommand> commands = parse_slow_log(reply);
    expect(commands.size() <= reply.elements.size(), "an entry is an element");
    for (const SlowCommand& command : commands) {
        expect(command.shape.size() <= k_most_shape, "a shape is bounded");
    }
    const auto recent =
        within(commands, std::chrono::seconds(1'700'000'000), std::chrono::minutes(1));
    expect(recent.size() <= commands.size(), "some of them are recent");
    for (const HeldBy& held : held_by(commands, std::chrono::minutes(1))) {
        expect(held.calls > 0 && held.calls <= commands.size(), "a call is an entry");
        expect(held.longest <= held.took || held.took.count() < 0, "one call is a part of all");
    }
}

}  // namespace

void fuzz_listings(std::string_view input) {
    check_clients(input);
    const Reply reply = made_reply(input);
    check_slow_log(reply);
    const auto events = parse_latency_latest(reply);
    expect(events.size() <= reply.elements.size(), "an event is an element");
    latency_event_figures(events);

    std::vector<std::string> args;
    for (const Reply& element : reply.elements) {
        args.push_back(element.text);
    }
    if (!args.empty()) {
        expect(shape_of(args).size() <= k_most_shape, "a shape is bounded");
        stats_name_of(args);
    }
}

}  // namespace cachectl
