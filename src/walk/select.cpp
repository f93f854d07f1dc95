#include "walk/select.hpp"

#include <algorithm>

#include "redis/error.hpp"
#include "redis/server_info.hpp"
#include "util/signals.hpp"
#include "walk/cluster_walk.hpp"

namespace cachectl {

namespace {

constexpr int k_tries_per_page = 3;

FactsWanted operator|(const FactsWanted& a, const FactsWanted& b) {
    return {a.existence || b.existence, a.type || b.type, a.ttl || b.ttl, a.size || b.size,
            a.idle || b.idle};
}

}  // namespace

Selector::Selector(Client& client, Selection selection)
    : m_client(client), m_selection(std::move(selection)) {
    const bool listed = static_cast<bool>(m_selection.next_listed_key);
    m_selection.facts = m_selection.facts | m_selection.filter.facts_needed();
    if (listed && !m_selection.filter.type.empty()) m_selection.facts.type = true;
    if (m_selection.filter.idle_over &&
        client.server().info.text("maxmemory_policy").find("lfu") != std::string_view::npos) {
        throw Error(ExitCode::refused, "the server keeps no idle times under an LFU policy",
                    "leave --idle-over out");
    }
}

SelectionOutcome Selector::run(const KeysHandler& on_keys) {
    if (m_selection.next_listed_key) {
        take_list(on_keys);
    } else {
        walk(on_keys);
    }
    if (m_refused) m_outcome.walk.failure = m_refused;
    return std::move(m_outcome);
}

void Selector::stop() {
    m_flow = Flow::stop;
    if (m_walker != nullptr) m_walker->stop();
}

void Selector::walk(const KeysHandler& on_keys) {
    const auto nodes = m_client.nodes();
    if (nodes.size() == 1 && nodes.front().client == &m_client) {
        m_outcome.walk = walk_server(m_client, {}, on_keys);
        return;
    }
    const auto walk_nodes = [&](const std::vector<NodeWalk>& walks) {
        std::vector<WalkOutcome> outcomes;
        m_servers = walks.size();
        m_walked_before = 0;
        for (const NodeWalk& node : walks) {
            if (m_flow == Flow::stop || stop_signal() != 0) break;
            outcomes.push_back(walk_server(node.node, node.wants, on_keys));
            ++m_walked_before;
        }
        return outcomes;
    };
    ClusterWalk walk(m_client, walk_nodes, [&](std::vector<std::string> keys) {
        take_listed_slots(std::move(keys), on_keys);
    });
    walk.on_again = [&](const std::string&) {
        m_recent.clear();
        if (on_resume) on_resume(false);
    };
    m_outcome.walk = walk.run([&] { return m_flow == Flow::stop; });
}

void Selector::take_listed_slots(std::vector<std::string> keys, const KeysHandler& on_keys) {
    if (m_flow == Flow::stop) return;
    const KeyFilter& filter = m_selection.filter;
    std::erase_if(keys, [&](const std::string& key) { return !filter.matches_name(key); });
    FactsWanted facts = m_selection.facts;
    facts.type |= !filter.type.empty();
    bool told = false;
    probe_keys(m_client, std::move(keys), facts, [&](PageFacts page) {
        told = true;
        if (page.connection_lost) {
            page.refused = Error(ExitCode::unreachable,
                                 "cannot look at keys: the connection to "
                                 "their node was lost");
        }
        hand_on(std::move(page), on_keys);
    });
    m_client.run_until([&] { return told && m_client.pending() == 0; });
}

WalkOutcome Selector::walk_server(Client& server, const Wants& wants, const KeysHandler& on_keys) {
    Walker walker(server, {m_selection.filter.server_side_match(), m_selection.filter.type,
                           m_selection.count});
    m_walker = &walker;
    walker.on_resume = [&](bool from_start) {
        m_recent.clear();
        // Of a cluster only this server's keys come again, and others have been taken already.
        if (on_resume) on_resume(from_start && !wants);
    };
    bool facts_lost = false;
    WalkOutcome outcome = walker.run([&](std::vector<std::string> keys) {
        m_recent.begin_page(keys.size());
        std::erase_if(keys, [&](const std::string& key) {
            return (wants && !wants(key)) || !m_recent.add(key) ||
                   !m_selection.filter.matches_name(key);
        });
        probe_keys(m_client, std::move(keys), m_selection.facts, [&](PageFacts facts) {
            if (m_flow == Flow::stop) return;
            if (facts.connection_lost) {
                // A cluster has tried it again already.
                facts_lost = static_cast<bool>(wants);
                if (!facts_lost) walker.repeat_page();
                return;
            }
            hand_on(std::move(facts), on_keys);
            if (on_progress)
                on_progress((m_walked_before + walker.fraction()) / static_cast<double>(m_servers),
                            m_outcome.selected);
            if (m_flow == Flow::stop) walker.stop();
        });
    });
    // The facts of a cluster's key may come from another node than the key.
    m_client.run_until([&] { return m_client.pending() == 0; });
    m_walker = nullptr;
    if (facts_lost) outcome.complete = false;
    return outcome;
}

void Selector::take_list(const KeysHandler& on_keys) {
    bool more = true;
    while (more && m_flow == Flow::go_on && stop_signal() == 0) {
        std::vector<std::string> keys;
        std::string key;
        while (keys.size() < m_selection.count && (more = m_selection.next_listed_key(key))) {
            ++m_outcome.walk.keys;
            if (m_selection.filter.matches_name(key)) keys.push_back(std::move(key));
        }
        auto page = probe_listed(keys);
        if (!page) break;
        hand_on(std::move(*page), on_keys);
        m_client.run_until([&] { return m_client.pending() == 0; });
    }
    // A signal also ends the wait for a list that comes through a pipe.
    m_outcome.walk.interrupted = stop_signal() != 0;
    if (m_outcome.walk.interrupted) m_outcome.walk.failure.reset();
    m_outcome.walk.complete =
        !more && !m_refused && !m_outcome.walk.failure && !m_outcome.walk.interrupted;
}

// Nothing, and the reason in the outcome, if the connection cannot be had again.
std::optional<PageFacts> Selector::probe_listed(const std::vector<std::string>& keys) {
    for (int tries = 1;; ++tries) {
        std::optional<PageFacts> page;
        probe_keys(m_client, keys, m_selection.facts,
                   [&](PageFacts facts) { page = std::move(facts); });
        m_client.run_until([&] { return page.has_value(); });
        if (!page->connection_lost) return page;
        try {
            if (tries == k_tries_per_page) {
                throw Error(ExitCode::unreachable, "the connection was lost again and again");
            }
            const bool same_server = m_client.reconnect();
            if (on_resume) on_resume(!same_server);
        } catch (const Error& error) {
            m_outcome.walk.failure = error;
            return std::nullopt;
        }
    }
}

void Selector::hand_on(PageFacts page, const KeysHandler& on_keys) {
    if (page.refused) {
        m_refused = page.refused;
        m_flow = Flow::stop;
        return;
    }
    std::vector<KeyFacts>& keys = page.keys;
    std::erase_if(keys, [&](const KeyFacts& key) {
        if (!key.exists && !m_selection.keep_missing) {
            ++m_outcome.vanished;
            return true;
        }
        return key.exists && !m_selection.filter.matches_facts(key);
    });
    if (m_selection.limit != 0 && keys.size() >= m_selection.limit - m_outcome.selected) {
        keys.resize(m_selection.limit - m_outcome.selected);
        m_outcome.limit_reached = true;
        m_flow = Flow::stop;
    }
    m_outcome.selected += keys.size();
    if (!keys.empty() && on_keys(keys) == Flow::stop) m_flow = Flow::stop;
}

}  // namespace cachectl
