#include "walk/cluster_walk.hpp"

#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "redis/error.hpp"
#include "redis/server_info.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds k_pause{500};
constexpr std::size_t k_slots_at_once = 64;
constexpr std::size_t k_keys_at_once = 2'000;  // of one slot: some 0.3 ms of the server's time
// Rounds that bring nothing new: a slot that is being moved takes its time, unlike one of which
// no node that answers knows anything.
constexpr int k_idle_rounds = 4;
constexpr int k_idle_rounds_of_unknown = 1;

Error about(const std::string& node, const Error& failure) {
    const std::string what = failure.what();
    const bool named = what.find(node) != std::string::npos;
    return {failure.code(), named ? what : node + ": " + what, failure.hint()};
}

}  // namespace

ClusterWalk::ClusterWalk(Client& cluster, WalkNodes walk_nodes, TakeKeys take_keys)
    : m_cluster(cluster), m_walk_nodes(std::move(walk_nodes)), m_take_keys(std::move(take_keys)) {}

WalkOutcome ClusterWalk::run(const std::function<bool()>& stopped) {
    auto progress_at = Clock::now();
    int idle_rounds = 0;
    for (bool first = true;; first = false) {
        m_seen.begin_round();
        Round round;
        if (!first && m_may_list) round = list_missing();
        if (first || !m_may_list || (m_large & ~m_coverage.walked()).any()) {
            const Round walked = walk_once();
            round.newly_walked += walked.newly_walked;
            round.node_failed |= walked.node_failed;
            round.node_lost |= walked.node_lost;
            round.held |= walked.held;
        }
        if (m_outcome.interrupted || m_outcome.failure || stopped()) break;
        if (m_coverage.complete()) {
            m_outcome.complete = true;
            break;
        }
        if (round.newly_walked != 0) {
            progress_at = Clock::now();
            idle_rounds = 0;
        } else {
            ++idle_rounds;
        }
        // One that has died may be replaced; one that never was there, and slots that nobody
        // serves, will not.
        const bool patient =
            round.node_lost && Clock::now() - progress_at < m_cluster.failover_patience();
        const bool unknown = (round.held & ~m_coverage.walked()).none();
        if (idle_rounds >= (unknown ? k_idle_rounds_of_unknown : k_idle_rounds) && !patient) {
            m_outcome.failure = uncertain();
            break;
        }
        if (on_again) {
            on_again(round.node_failed
                         ? std::string(m_node_failure->what())
                         : "slots of the cluster moved: " + format_slots(m_coverage.missing()));
        }
        if (round.newly_walked == 0) pause();
        if (stop_signal() != 0) {
            m_outcome.interrupted = true;
            break;
        }
        try {
            m_cluster.reconnect();
        } catch (const Error& error) {
            m_outcome.failure = error;
            break;
        }
    }
    return std::move(m_outcome);
}

ClusterWalk::Round ClusterWalk::walk_once() {
    struct Part {
        ServerNode node;
        SlotHoldings before;
    };
    Round round;
    m_node_failure.reset();
    std::vector<Part> parts;
    std::vector<NodeWalk> walks;
    for (const ServerNode& node : m_cluster.nodes()) {
        auto before = holdings_of(node, round);
        if (m_outcome.failure) return round;
        if (!before) continue;
        const SlotSet wanted = (before->served | before->arriving) & ~m_coverage.walked();
        if (wanted.none()) continue;
        walks.push_back({*node.client,
                         [this, wanted](std::string_view key) {
                             return wanted[m_cluster.slot(key)] && m_seen.add(key);
                         },
                         wanted});
        parts.push_back({node, std::move(*before)});
    }
    const std::vector<WalkOutcome> outcomes = m_walk_nodes(walks);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const WalkOutcome& outcome = outcomes[i];
        m_outcome.keys += outcome.keys;
        m_outcome.restarts += outcome.restarts;
        m_outcome.interrupted |= outcome.interrupted;
        if (outcome.failure && outcome.failure->code() != ExitCode::unreachable) {
            m_outcome.failure = outcome.failure;  // it would be the same again
        } else if (outcome.failure) {
            round.node_failed = round.node_lost = true;
            m_node_failure = about(parts[i].node.name, *outcome.failure);
        }
        if (!outcome.complete) continue;
        const auto after = holdings_of(parts[i].node, round);
        if (after) round.seen.push_back({parts[i].before, *after, std::nullopt});
    }
    settle(round);
    return round;
}

// When all of it is over, because what a node listed late may be what another one gave away early.
void ClusterWalk::settle(Round& round) {
    for (const ServerNode& node : m_cluster.nodes()) (void)holdings_of(node, round);
    for (const Seen& seen : round.seen) {
        round.newly_walked += seen.listed ? m_coverage.add_listed(seen.before, seen.after,
                                                                  *seen.listed, round.arriving)
                                          : m_coverage.add(seen.before, seen.after, round.arriving);
    }
}

ClusterWalk::Round ClusterWalk::list_missing() {
    Round round;
    m_node_failure.reset();
    for (const ServerNode& node : m_cluster.nodes()) {
        auto holdings = holdings_of(node, round);
        if (m_outcome.failure) break;
        if (!holdings) continue;
        const SlotSet here =
            (holdings->served | holdings->arriving) & ~m_coverage.walked() & ~m_large;
        std::vector<std::uint16_t> slots;
        for (std::uint16_t slot = 0; slot < k_slots; ++slot) {
            if (here[slot]) slots.push_back(slot);
            if (slots.size() == k_slots_at_once || (slot == k_slots - 1 && !slots.empty())) {
                list_slots(node, slots, round);
                slots.clear();
            }
            if (m_outcome.failure || !m_may_list || stop_signal() != 0) break;
        }
    }
    m_outcome.interrupted |= stop_signal() != 0;
    settle(round);
    return round;
}

// Replies of one connection come in order: the slots are served here all the while if they are
// before and after.
void ClusterWalk::list_slots(const ServerNode& node, const std::vector<std::uint16_t>& slots,
                             Round& round) {
    const auto before = holdings_of(node, round);
    if (!before) return;
    const auto replies = std::make_shared<std::vector<Reply>>();
    const std::string most = std::to_string(k_keys_at_once + 1);
    for (const std::uint16_t slot : slots) {
        node.client->send({"CLUSTER", "GETKEYSINSLOT", std::to_string(slot), most},
                          [replies](Reply reply) { replies->push_back(std::move(reply)); });
    }
    node.client->run_until([&] { return replies->size() == slots.size(); });
    const auto after = holdings_of(node, round);
    if (!after) return;
    SlotSet listed;
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        Reply& reply = (*replies)[i];
        if (reply.is_error()) m_may_list = false;
        if (!reply.is_array()) continue;
        if (reply.elements.size() > k_keys_at_once) {
            m_large.set(slots[i]);
            continue;
        }
        // What is left here of a slot that has gone is not the cluster's any more.
        if (!after->served[slots[i]] && !after->arriving[slots[i]]) continue;
        listed.set(slots[i]);
        for (Reply& key : reply.elements) {
            if (m_seen.add(key.text)) keys.push_back(std::move(key.text));
        }
    }
    m_outcome.keys += keys.size();
    m_take_keys(std::move(keys));
    round.seen.push_back({*before, *after, listed});
}

/// Nothing, and the reason in m_node_failure or m_outcome.failure, if it does not tell.
std::optional<SlotHoldings> ClusterWalk::holdings_of(const ServerNode& node, Round& round) {
    const Reply reply = node.client->call({"CLUSTER", "NODES"});
    if (auto holdings = parse_own_slots(reply)) {
        m_answered.insert(node.client);
        m_moving |= holdings->leaving | holdings->arriving;
        round.arriving |= holdings->arriving;
        if (holdings->is_master) round.held |= holdings->served | holdings->arriving;
        return holdings;
    }
    round.node_failed = true;
    round.node_lost |= m_answered.contains(node.client);
    if (reply.is_broken()) {
        m_node_failure = about(node.name, Error(ExitCode::unreachable, reply.text));
    } else {
        m_outcome.failure =
            refusal(reply, "read which slots " + node.name + " serves", node.client->server());
    }
    return std::nullopt;
}

void ClusterWalk::pause() {
    bool over = false;
    m_cluster.after(k_pause, [&] { over = true; });
    m_cluster.run_until([&] { return over || stop_signal() != 0; });
    // The timer must not outlive its flag.
    m_cluster.run_until([&] { return over; });
}

Error ClusterWalk::uncertain() const {
    const auto missing = m_coverage.missing();
    if (m_node_failure) {
        return {ExitCode::partial,
                fmt::format("slots {} could not be walked: {}", format_slots(missing),
                            m_node_failure->what()),
                m_node_failure->hint()};
    }
    const SlotSet unserved = ~m_coverage.walked() & ~m_moving;
    if ((~m_coverage.walked() & m_moving).any()) {
        return {ExitCode::partial,
                fmt::format("slots {} are being moved from one node to another: not all of their "
                            "keys are certain",
                            format_slots(missing)),
                "run it again when CLUSTER NODES shows them as settled"};
    }
    return {ExitCode::partial,
            fmt::format("no master serves slots {}: their keys are out of reach",
                        format_slots(ranges_of(unserved))),
            "redis-cli --cluster check tells what the cluster lacks"};
}

}  // namespace cachectl
