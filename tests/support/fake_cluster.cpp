#include "support/fake_cluster.hpp"
#include "support/replies.hpp"

#include <algorithm>

#include "walk/coverage.hpp"

namespace cachectl::test {

namespace {

/// " 0-99 [7->-x]" as CLUSTER NODES ends its lines.
std::string slots_text(const FakeCluster::Node& node) {
    std::string text;
    for (const SlotRange& range : ranges_of(node.served)) {
        text += ' ' + std::to_string(range.first) + '-' + std::to_string(range.last);
    }
    for (std::size_t slot = 0; slot < k_slots; ++slot) {
        if (node.leaving[slot]) {
            text += " [" + std::to_string(slot) + "->-x]";
        }
        if (node.arriving[slot]) {
            text += " [" + std::to_string(slot) + "-<-x]";
        }
    }
    return text;
}

std::string stat_line(const std::string& command, std::uint64_t calls) {
    if (calls == 0) {
        return "";
    }
    return "cmdstat_" + command + ":calls=" + std::to_string(calls) + ",usec=1\r\n";
}

}  // namespace

FakeCluster::Node::Node(FakeCluster& cluster, std::string its_id)
    : id(std::move(its_id)), m_cluster(cluster) {
    info.mode = "cluster";
    info.info = InfoFields("redis_version:7.0.15\r\n");
    on("CLUSTER", [this](const Args& args) {
        return answers ? answer_cluster(args)
                       : broken_reply(Reply::Type::lost, "the connection was lost");
    });
    on("INFO", [this](const Args&) {
        if (!answers) {
            return broken_reply(Reply::Type::lost, "the connection was lost");
        }
        return Reply::make_string("# Commandstats\r\n" + stat_line("migrate", migrate_calls) +
                                  stat_line("get", other_calls) +
                                  stat_line("cluster|syncslots", syncslots_calls) +
                                  stat_line("restore-asking", restore_calls));
    });
}

Reply FakeCluster::Node::answer_cluster(const Args& args) {
    if (args.at(1) == "NODES") {
        return Reply::make_string(id + " 127.0.0.1:1@2 myself,master - 0 0 " +
                                  std::to_string(epoch) + " connected" + slots_text(*this) + '\n');
    }
    if (args.at(1) == "GETKEYSINSLOT") {
        std::vector<Reply> found;
        for (const auto& [key, value] : keys) {
            if (slot_of(key) == std::stoul(args.at(2))) {
                found.push_back(Reply::make_string(key));
            }
        }
        return Reply::make_array(std::move(found));
    }
    return Reply::make_error("ERR unknown subcommand");
}

FakeCluster::FakeCluster(std::size_t masters) {
    info.mode = "cluster";
    for (std::size_t i = 0; i < masters; ++i) {
        m_nodes.push_back(
            std::make_unique<Node>(*this, std::string(1, static_cast<char>('a' + i))));
        for (std::size_t slot = k_slots * i / masters; slot < k_slots * (i + 1) / masters; ++slot) {
            m_nodes.back()->served.set(slot);
        }
    }
}

void FakeCluster::open(std::uint16_t slot, std::size_t from, std::size_t to) {
    node(to).arriving.set(slot);
    node(from).leaving.set(slot);
}

void FakeCluster::move_keys(std::uint16_t slot, std::size_t from, std::size_t to) {
    auto& held = node(from).keys;
    for (auto key = held.begin(); key != held.end();) {
        const auto next = std::next(key);
        if (slot_of(key->first) == slot) {
            node(to).keys.insert(held.extract(key));
            ++node(from).migrate_calls;
            ++node(to).restore_calls;
        }
        key = next;
    }
}

void FakeCluster::make_stable(std::uint16_t slot) {
    for (const auto& node : m_nodes) {
        node->leaving.reset(slot);
        node->arriving.reset(slot);
    }
}

void FakeCluster::pass(std::chrono::milliseconds time) {
    bool over = false;
    after(time, [&] { over = true; });
    run_until([&] { return over; });
}

std::vector<ServerNode> FakeCluster::nodes() {
    std::vector<ServerNode> nodes;
    for (const auto& node : m_nodes) {
        nodes.push_back({node->id, node.get()});
    }
    return nodes;
}

bool FakeCluster::answer_next() {
    if (FakeClient::answer_next()) {
        return true;
    }
    return std::any_of(m_nodes.begin(), m_nodes.end(),
                       [](const auto& node) { return node->answer_next(); });
}

}  // namespace cachectl::test
