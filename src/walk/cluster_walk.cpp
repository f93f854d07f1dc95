#include "walk/cluster_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "redis/error_reply.hpp"
#include "redis/info.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds k_pause{500};
// Rounds that bring nothing new: a slot that is being moved takes its time, unlike one of which
// no node that answers knows anything.
constexpr int k_idle_rounds = 4;
constexpr int k_idle_rounds_of_unknown = 1;

Error about(const std::string& node, const Error& failure) {
    const bool is_named = failure.subject() == node;
    return {failure.code(), is_named ? failure.what() : node + ": " + failure.what(),
            failure.hint(), node};
}

/// Whose keys may be at more than one node, and on their way between them.
SlotSet slots_of_several(const SlotWatch& watch) {
    SlotSet once, several;
    for (const SlotWatch::Node& node : watch.nodes()) {
        several |= once & node.here;
        once |= node.here;
    }
    return several;
}

}  // namespace

ClusterWalk::ClusterWalk(Client& cluster, Paces& paces, WalkNodes walk_nodes, TakeKeys take_keys)
    : m_cluster(cluster),
      m_paces(paces),
      m_walk_nodes(std::move(walk_nodes)),
      m_take_keys(std::move(take_keys)),
      m_lister(cluster, paces) {}

WalkOutcome ClusterWalk::run(const std::function<bool()>& stopped) {
    auto progress_at = Clock::now();
    int idle_rounds = 0;
    for (bool first = true;; first = false) {
        m_node_failure.reset();
        Round round;
        if (some_late_one_is_there()) {
            walk_once(round, Walked::late);
        }
        if (!first && m_late.empty() && !m_lister.is_refused()) {
            list_missing(round);
        }
        const bool some_are_large = (m_lister.large() & ~m_coverage.walked()).any();
        if (first || m_lister.is_refused() || some_are_large) {
            walk_once(round, Walked::all);
        }
        if (m_outcome.interrupted || m_outcome.failure || stopped()) {
            break;
        }
        if (m_coverage.complete()) {
            m_outcome.complete = true;
            break;
        }
        const bool waits_for_late = !m_late.empty();
        if (round.newly_walked != 0 || waits_for_late) {
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
        if (on_again && !waits_for_late) {
            on_again(m_node_failure
                         ? std::string(m_node_failure->what())
                         : "slots of the cluster moved: " + format_slots(m_coverage.missing()));
        }
        if (!wait_for_next_round(round)) {
            break;
        }
    }
    return std::move(m_outcome);
}

/// False if there will be none.
bool ClusterWalk::wait_for_next_round(const Round& round) {
    if (!m_late.empty()) {
        wait_for_late_one();
    } else if (round.newly_walked == 0) {
        m_cluster.sleep(k_pause);
    }
    if (stop_signal() != 0) {
        m_outcome.interrupted = true;
        return false;
    }
    try {
        m_cluster.reconnect();
    } catch (const Error& error) {
        m_outcome.failure = error;
        return false;
    }
    return true;
}

bool ClusterWalk::some_late_one_is_there() const {
    return std::any_of(m_late.begin(), m_late.end(),
                       [](const Client* node) { return !node->connecting(); });
}

void ClusterWalk::wait_for_late_one() {
    m_cluster.run_until([this] { return some_late_one_is_there() || stop_signal() != 0; });
}

/// Keys that have been handed on may come again.
void ClusterWalk::begin_pass() {
    m_seen.begin_pass();
    m_outcome.may_repeat |= m_seen.overflowed();
}

void ClusterWalk::walk_once(Round& round, Walked which) {
    begin_pass();
    SlotWatch watch(m_cluster);
    take_news(watch, round);
    if (m_outcome.failure) {
        return;
    }
    const SlotSet shared = slots_of_several(watch);
    const std::set<const Client*> late = std::exchange(m_late, {});
    std::vector<std::size_t> walked;
    std::vector<NodeWalk> walks;
    for (std::size_t i = 0; i < watch.nodes().size(); ++i) {
        const SlotWatch::Node& node = watch.nodes()[i];
        const SlotSet wanted = node.here & ~m_coverage.walked();
        const Client* const client = node.server.client;
        if (client->connecting() && m_were_late.insert(client).second) {
            m_late.insert(client);
        }
        if (node.failed_reply || wanted.none()) {
            continue;
        }
        if (which == Walked::late && !late.contains(client)) {
            continue;
        }
        walks.push_back({*node.server.client,
                         [this, wanted](std::string_view key) {
                             return wanted[m_cluster.slot(key)] && !m_seen.has(key);
                         },
                         [this, shared](std::string_view key) {
                             using enum SeenKeys::Counts;
                             return m_seen.note(key, shared[m_cluster.slot(key)] ? at_once : later);
                         },
                         [this] { begin_pass(); }, wanted});
        walked.push_back(i);
    }
    watch.keep_looking();
    const std::vector<WalkOutcome> outcomes = m_walk_nodes(walks);
    watch.end();
    take_news(watch, round);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const WalkOutcome& outcome = outcomes[i];
        const SlotWatch::Node& node = watch.nodes()[walked[i]];
        m_outcome.keys += outcome.keys;
        m_outcome.restarts += outcome.restarts;
        m_outcome.interrupted |= outcome.interrupted;
        if (outcome.failure && outcome.failure->code() != ExitCode::unreachable) {
            m_outcome.failure = outcome.failure;  // it would be the same again
        } else if (outcome.failure) {
            round.node_lost = true;
            m_node_failure = about(node.server.name, *outcome.failure);
        }
        if (!outcome.complete) {
            continue;
        }
        round.newly_walked += m_coverage.add(watch.steady(node, SlotWatch::Way::page_by_page));
    }
}

void ClusterWalk::list_missing(Round& round) {
    begin_pass();
    SlotSet handed_on;
    std::map<const Client*, SlotSet> asked;
    for (bool more = true; more && !m_outcome.failure && !m_lister.is_refused();) {
        m_lister.await_turn();
        SlotWatch watch(m_cluster);
        take_news(watch, round);
        more = false;
        std::vector<std::size_t> listed;
        std::vector<SlotLister::Part> parts;
        for (std::size_t i = 0; i < watch.nodes().size(); ++i) {
            const SlotWatch::Node& node = watch.nodes()[i];
            SlotSet& asked_here = asked[node.server.client];
            const SlotSet missing =
                node.here & ~m_coverage.walked() & ~m_lister.large() & ~asked_here;
            if (node.failed_reply || missing.none()) {
                continue;
            }
            const SlotSet some = m_lister.some_of(missing, *node.server.client);
            asked_here |= some;
            more |= some != missing;
            parts.push_back({*node.server.client, some, {}});
            listed.push_back(i);
        }
        m_lister.list(parts);
        watch.end();
        take_news(watch, round);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const SlotWatch::Node& node = watch.nodes()[listed[i]];
            round.newly_walked +=
                m_coverage.add(parts[i].slots & watch.steady(node, SlotWatch::Way::slot_by_slot));
            if ((handed_on & parts[i].slots).any()) {
                begin_pass();  // the other node may have had some of the keys
            }
            handed_on |= parts[i].slots;
            hand_on(std::move(parts[i].keys), node.here);
        }
        if (m_paces.stopped()) {
            m_outcome.failure = m_paces.stopped();
        }
        m_outcome.interrupted |= stop_signal() != 0;
        if (m_outcome.interrupted) {
            return;
        }
    }
}

/// Those that have not been handed on yet. What is left at a node of a slot that has gone is not
/// the cluster's any more.
void ClusterWalk::hand_on(std::vector<std::string> keys, const SlotSet& here) {
    std::erase_if(keys, [&](const std::string& key) {
        return !here[m_cluster.slot(key)] || !m_seen.note(key);
    });
    m_outcome.keys += keys.size();
    m_take_keys(std::move(keys));
}

/// Which slots are where, and why a node does not tell.
void ClusterWalk::take_news(const SlotWatch& watch, Round& round) {
    m_moving |= watch.moving();
    round.held |= watch.held();
    for (const SlotWatch::Node& node : watch.nodes()) {
        const ServerNode& server = node.server;
        if (node.first) {
            m_answered.insert(server.client);
        }
        if (!node.failed_reply) {
            continue;
        }
        round.node_lost |= m_answered.contains(server.client);
        if (node.failed_reply->is_broken()) {
            m_node_failure =
                about(server.name, Error(ExitCode::unreachable, node.failed_reply->text, {},
                                         node.failed_reply->lost_at()));
        } else {
            m_outcome.failure =
                refusal(*node.failed_reply, "read which slots " + server.name + " serves",
                        server.client->server());
        }
    }
}

Error ClusterWalk::uncertain() const {
    const std::string missing = format_slots(m_coverage.missing());
    if (m_node_failure) {
        return {ExitCode::partial,
                fmt::format("slots {} could not be walked: {}", missing, m_node_failure->what()),
                m_node_failure->hint(), missing};
    }
    const SlotSet unserved = ~m_coverage.walked() & ~m_moving;
    if ((~m_coverage.walked() & m_moving).any()) {
        return {ExitCode::partial,
                fmt::format("slots {} are being moved from one node to another: not all of their "
                            "keys are certain",
                            missing),
                "run it again when CLUSTER NODES shows them as settled", missing};
    }
    const std::string slots = format_slots(ranges_of(unserved));
    return {ExitCode::partial,
            fmt::format("no master serves slots {}: their keys are out of reach", slots),
            "redis-cli --cluster check tells what the cluster lacks", slots};
}

}  // namespace cachectl
