#include "gate/replica_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::chrono::milliseconds k_between_acknowledgements{1'000};

void refuse(ReplicaWatch::Verdict& verdict, std::string why) {
    if (verdict.near) {
        verdict.why = std::move(why);
    }
    verdict.near = false;
}

void note_lag(ReplicaWatch::Verdict& verdict, std::int64_t seconds) {
    verdict.lag_ms = std::max(verdict.lag_ms.value_or(0), seconds * 1'000);
}

std::string name_of(const InfoParts& replica) {
    return fmt::format("{}:{}", replica.text("ip"), replica.text("port"));
}

}  // namespace

ReplicaWatch::Verdict ReplicaWatch::take(const GateReading& reading) {
    Verdict verdict;
    verdict.near = true;
    for (const NodeReading& node : reading.nodes) {
        check_node(node, reading.at, verdict);
    }
    return verdict;
}

void ReplicaWatch::check_node(const NodeReading& node, SteadyTime now, Verdict& verdict) {
    if (node.info.text("role") == "slave") {
        check_link(node.info, verdict);
        return;
    }
    const std::vector<InfoParts> replicas = node.info.replicas();
    if (replicas.empty()) {
        refuse(verdict, node.name.empty() ? std::string("no replica is connected")
                                          : fmt::format("{} has no replica", node.name));
        return;
    }
    const auto offset = node.info.integer("master_repl_offset").value_or(0);
    const std::int64_t wanted = offset_wanted(node.name, now, offset);
    for (const InfoParts& replica : replicas) {
        check_replica(replica, wanted, verdict);
    }
}

void ReplicaWatch::check_replica(const InfoParts& replica, std::int64_t wanted,
                                 Verdict& verdict) const {
    const std::string_view state = replica.text("state");
    const auto lag = replica.integer("lag");
    if (state != "online" || !lag || *lag < 0) {
        refuse(verdict, fmt::format("{} is not online: {}", name_of(replica),
                                    state.empty() ? "its state is not told" : state));
        return;
    }
    note_lag(verdict, *lag);
    if (std::chrono::seconds(*lag) > m_most) {
        refuse(verdict, fmt::format("{} is {} s behind", name_of(replica), *lag));
        return;
    }
    const std::int64_t missing = wanted - replica.integer("offset").value_or(0);
    if (missing > 0) {
        refuse(verdict, fmt::format("{} lacks {} of what was written", name_of(replica),
                                    format_size(static_cast<std::uint64_t>(missing))));
    }
}

/// Of a server that is a replica itself.
void ReplicaWatch::check_link(const InfoFields& info, Verdict& verdict) const {
    verdict.of_link = true;
    const auto heard = info.integer("master_last_io_seconds_ago");
    if (info.text("master_link_status") != "up" || !heard || *heard < 0) {
        refuse(verdict, "this replica is not connected to its master");
        return;
    }
    note_lag(verdict, *heard);
    // A master that has nothing to send says so every ten seconds, so that one of these looks is
    // soon enough after it.
    if (std::chrono::seconds(*heard) > m_most) {
        refuse(verdict, fmt::format("this replica has not heard of its master for {} s", *heard));
    }
}

std::int64_t ReplicaWatch::offset_wanted(const std::string& node, SteadyTime now,
                                         std::int64_t offset) {
    std::deque<Written>& written = m_written[node];
    if (!written.empty() && offset < written.back().offset) {
        written.clear();  // another master, or another history
    }
    written.push_back({now, offset});
    const SteadyTime then = now - m_most - k_between_acknowledgements;
    while (written.size() > 1 && written[1].at <= then) {
        written.pop_front();
    }
    return written.front().at <= then ? written.front().offset : offset;
}

}  // namespace cachectl
