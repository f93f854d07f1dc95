#include "stats/look.hpp"

#include <algorithm>

#include "redis/error_reply.hpp"

namespace cachectl {

namespace {

/// Empty where a login was not told: the user may not have it.
std::vector<Reading> readings_of_logins(const std::vector<ServerNode>& nodes) {
    std::vector<Reading> readings;
    for (const ServerNode& node : nodes) {
        if (node.client->server().info.empty()) {
            return {};
        }
        readings.emplace_back();
        readings.back().node = node.name;
        readings.back().server = node.client->server();
    }
    return readings;
}

/// INFO commandstats is needed for the section of commands, and is a help to the overview.
void ask_for_commands(Look& look, const std::vector<ServerNode>& nodes, Reader& reader,
                      const Sections& sections, Lacking& lacking) {
    const bool section = sections.wants("commands");
    std::vector<Reader::Command> commands = {{"INFO", "commandstats"}};
    if (section) {
        commands.push_back({"INFO", "latencystats"});
    }
    const auto replies = reader.ask(nodes, commands);
    for (std::size_t i = 0; i < look.readings.size(); ++i) {
        Reading& reading = look.readings[i];
        const Reply& stats = replies[0][i];
        if (stats.is_text()) {
            reading.commands = InfoFields(stats.text);
        } else if (section && reading.answered()) {
            constexpr const char* k_attempted = "read the figures of the commands";
            if (stats.is_error()) {
                lacking.note(stats, k_attempted, reading.server);
            } else {
                reading.failure = refusal(stats, k_attempted, reading.server);
            }
        }
        if (section && replies[1][i].is_text()) {
            look.latencies.emplace_back(replies[1][i].text);
        }
    }
}

/// Garnet counts its keys only for whoever asks for the section by its name.
void ask_for_keyspace(Look& look, const std::vector<ServerNode>& nodes, Reader& reader) {
    const auto tells_none = [](const Reading& reading) {
        return reading.answered() && reading.server.info.databases().empty();
    };
    if (std::none_of(look.readings.begin(), look.readings.end(), tells_none)) {
        return;
    }
    const auto replies = reader.ask(nodes, [](std::size_t) {
        return Reader::Command{"INFO", "keyspace"};
    });
    for (std::size_t i = 0; i < look.readings.size(); ++i) {
        if (replies[i].is_text() && tells_none(look.readings[i])) {
            look.readings[i].server.info.add(InfoFields(replies[i].text));
        }
    }
}

}  // namespace

Look take_look(Client& client, Reader& reader, const Sections& sections,
               std::chrono::milliseconds interval, Lacking& lacking) {
    const std::vector<ServerNode> nodes = client.nodes();
    Look look;
    std::vector<Reading> before;
    if (sections.wants("overview") && interval.count() > 0) {
        before = reader.read({}).value_or(std::vector<Reading>());
        client.sleep(interval);
    } else {
        look.readings = readings_of_logins(nodes);
    }
    if (look.readings.empty()) {
        look.readings = reader.read({}).value_or(std::vector<Reading>());
    }
    std::vector<Rates> own;
    for (const Reading& reading : look.readings) {
        own.push_back(instantaneous_rates(reading.server.info));
    }
    look.rates = before.empty() ? total_rates(own) : rates_between(before, look.readings);
    if (sections.wants("overview") || sections.wants("commands")) {
        ask_for_commands(look, nodes, reader, sections, lacking);
    }
    if (sections.wants("keyspace")) {
        ask_for_keyspace(look, nodes, reader);
    }
    return look;
}

}  // namespace cachectl
