#include "gate/node_reading.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <utility>

namespace cachectl {

namespace {

std::string at(const std::string& node, std::string what) {
    return node.empty() ? std::move(what) : fmt::format("{}: {}", node, what);
}

void note_unready(GateReading& reading, std::string why) {
    if (reading.unready.empty()) {
        reading.unready = std::move(why);
    }
}

/// A user who may not PING is answered all the same.
bool is_answer(const Reply& pong) { return pong.is_text() || pong.error_prefix() == "NOPERM"; }

void ask(Client& node, GateReading& reading, std::size_t i) {
    const auto broken = [&reading, i](const Reply& reply) {
        reading.broken = true;
        note_unready(reading, at(reading.nodes[i].name, reply.text));
    };
    node.send({"PING"}, [&reading, i, broken](const Reply& reply) {
        if (reply.is_broken()) {
            broken(reply);
        } else if (!is_answer(reply)) {
            note_unready(reading, at(reading.nodes[i].name, reply.text));
        }
    });
    node.send({"INFO"}, [&reading, i, broken](const Reply& reply) {
        if (reply.is_broken()) {
            broken(reply);
        } else if (reply.is_text()) {
            reading.nodes[i].info = InfoFields(reply.text);
        } else {
            reading.no_info = reply.text;
        }
    });
}

void check_cluster(Client& client, GateReading& reading) {
    for (const SlotGap& gap : client.gaps()) {
        note_unready(reading, gap.why.what());
    }
    const Reply reply = client.nodes().front().client->call({"CLUSTER", "INFO"});
    if (reply.is_text() && reply.text.find("cluster_state:ok") == std::string::npos) {
        note_unready(reading, "the cluster's state is not ok");
    }
}

}  // namespace

GateReading read_nodes(Client& client) {
    client.connect_all();
    GateReading reading;
    const std::vector<ServerNode> nodes = client.nodes();
    for (const ServerNode& node : nodes) {
        reading.nodes.push_back({node.name, {}});
    }
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        ask(*nodes[i].client, reading, i);
    }
    client.drain();
    reading.at = client.now();
    for (const NodeReading& node : reading.nodes) {
        if (node.info.text("loading") == "1") {
            note_unready(reading, at(node.name, "it is loading its dataset"));
        }
    }
    if (client.masters() != 0 && !reading.broken) {
        check_cluster(client, reading);
    }
    return reading;
}

}  // namespace cachectl
