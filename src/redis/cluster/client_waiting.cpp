// The part of redis/cluster/client.hpp for requests that cannot go on at once: their node, or their
// slot's owner, is not there at the moment.
#include <algorithm>
#include <unordered_set>

#include "redis/cluster/client.hpp"
#include "redis/error_reply.hpp"
#include "util/scoped_flag.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// Between two maps nobody serves a slot for an instant only: this is a hole that stays.
constexpr milliseconds k_unserved_patience{1'000};

}  // namespace

void ClusterClient::put_aside(const Request& request, Delay delay) {
    if (!request->delayed_since) {
        request->delayed_since = Clock::now();
    }
    if (request->slot()) {
        ++m_blocked[*request->slot()];
    }
    m_waiting.push_back(request);
    schedule_recovery(delay);
}

void ClusterClient::put_aside_within(const Request& request, Delay delay, Delay patience) {
    if (stop_signal() != 0 ||
        (request->delayed_since && since(*request->delayed_since) > patience)) {
        finish(request);
    } else {
        put_aside(request, delay);
    }
}

// Commands on one key are executed in the order of sending, so none may overtake one that waits.
bool ClusterClient::is_blocked(const ClusterRequest& request) const {
    return request.slot() && m_blocked.contains(*request.slot());
}

void ClusterClient::schedule_recovery(Delay delay) {
    if (m_recovery_due) {
        return;
    }
    m_recovery_due = true;
    m_loop.after(delay, m_lifetime.guard([this] { recover(); }));
}

void ClusterClient::recover() {
    m_recovery_due = false;
    if (m_nodes.are_old() && !m_nodes.refreshing()) {
        m_nodes.begin_refresh();
        // Its end comes back here by itself; one that takes long holds nobody up.
        if (m_nodes.refreshing()) {
            schedule_recovery(k_step);
            return;
        }
    }
    retry_waiting();
}

void ClusterClient::retry_waiting() {
    if (m_retrying) {
        return;  // what comes meanwhile gets its own recovery
    }
    const ScopedFlag retrying(m_retrying);
    std::unordered_set<std::uint16_t> stuck;
    const std::size_t count = m_waiting.size();
    for (std::size_t i = 0; i < count; ++i) {
        const Request request = m_waiting[i];
        const auto slot = request->slot();
        if (slot && stuck.contains(*slot)) {
            continue;
        }
        if (!retry(request)) {
            if (slot) {
                stuck.insert(*slot);
            }
            continue;
        }
        m_waiting[i].reset();
        if (slot && --m_blocked[*slot] == 0) {
            m_blocked.erase(*slot);
        }
    }
    const bool some_are_stuck =
        std::any_of(m_waiting.begin(), m_waiting.begin() + static_cast<std::ptrdiff_t>(count),
                    [](const Request& request) { return request != nullptr; });
    std::erase(m_waiting, nullptr);
    if (some_are_stuck) {
        m_nodes.mark_old();
    }
    if (!m_waiting.empty()) {
        schedule_recovery(some_are_stuck ? k_step : Delay(0));
    }
}

/// False if it has to wait longer.
bool ClusterClient::retry(const Request& request) {
    ClusterNode* asked_to = std::exchange(request->asked_to, nullptr);
    ClusterNode* node = asked_to != nullptr ? asked_to : node_for(*request);
    if (node != nullptr && stop_signal() == 0) {
        node->begin_connect();
        if (node->connected()) {
            transmit(request, *node, asked_to != nullptr ? Asking::yes : Asking::no);
            return true;
        }
        if (node->connecting()) {
            request->asked_to = asked_to;
            return false;
        }
    }
    ++request->waits;
    m_nodes.mark_old();
    if (!is_hopeless(*request, node)) {
        return false;
    }
    if (node == nullptr) {
        const std::string slot = request->slot() ? " " + std::to_string(*request->slot()) : "s";
        request->finish(Reply::make_error("CLUSTERDOWN no master serves slot" + slot));
    } else if (const auto& failure = node->failure()) {
        request->finish(unsent_for(*failure));
    } else {
        request->finish(Reply::make_unsent("interrupted"));
    }
    deliver(request->stream);
    return true;
}

bool ClusterClient::is_hopeless(const ClusterRequest& request, const ClusterNode* node) const {
    if (stop_signal() != 0) {
        return true;
    }
    const Delay waited = since(*request.delayed_since);
    if (node == nullptr) {
        return waited > k_unserved_patience;
    }
    // One that has never answered is more likely the wrong address than about to be replaced.
    const bool was_there = node->was_connected() || request.lost_a_node;
    if (was_there) {
        return waited > std::max(failover_patience(), m_session_options.wait);
    }
    return request.waits >= 2 && waited > m_session_options.wait;
}

}  // namespace cachectl
