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

Selector::Selector(Client& client, Pace& pace, Selection selection)
    : m_client(client), m_pace(pace), m_selection(std::move(selection)) {
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
    for (Walker* walker : m_walkers) walker->stop();
}

/// One server's walk, and what it needs.
struct Selector::ServerWalk {
    Walker walker;
    Walker::PageHandler on_page;
    bool facts_lost = false;
    bool over = false;

    ServerWalk(Client& server, Pace& pace, ScanOptions options)
        : walker(server, pace, std::move(options)) {}
};

std::unique_ptr<Selector::ServerWalk> Selector::make_walk(Client& server, Pace& pace,
                                                          const Wants& wants,
                                                          const KeysHandler& on_keys) {
    const KeyFilter& filter = m_selection.filter;
    auto walk = std::make_unique<ServerWalk>(
        server, pace,
        ScanOptions{filter.server_side_match(), filter.type, m_selection.count, m_selection.mode,
                    m_selection.remember, m_selection.after_restart});
    ServerWalk* const self = walk.get();
    self->walker.on_resume = [this, wants](bool from_start) {
        // Of a cluster only this server's keys come again, and those are known.
        const bool all_again = from_start && !wants;
        if (all_again && m_selection.after_restart == AfterRestart::all_again) {
            m_outcome.selected = m_outcome.vanished = 0;
        }
        if (on_resume) on_resume(all_again);
    };
    self->walker.on_note = on_note;
    self->on_page = [this, self, &pace, wants, &on_keys](ScanPage page) {
        const KeyFilter& names = m_selection.filter;
        std::erase_if(page.keys, [&](const std::string& key) {
            return !names.matches_name(key) || (wants && !wants(key));
        });
        FactsWanted facts = m_selection.facts;
        facts.type |= !page.filtered && !names.type.empty();
        probe_keys(m_client, pace, m_alive, std::move(page.keys), facts,
                   [this, self, wants, &on_keys, partition = page.partition](PageFacts looked_at) {
                       if (m_flow == Flow::stop) return;
                       if (looked_at.connection_lost && wants) {
                           self->facts_lost = true;  // a cluster has tried it again already
                           return;
                       }
                       if (looked_at.connection_lost) {
                           self->walker.repeat_page(partition);
                           return;
                       }
                       hand_on(std::move(looked_at), on_keys);
                       if (on_progress) on_progress(fraction(), m_outcome.selected);
                       if (m_flow == Flow::stop) stop();
                   });
    };
    m_walkers.push_back(&self->walker);
    return walk;
}

double Selector::fraction() const {
    double sum = 0;
    for (const Walker* walker : m_walkers) sum += walker->fraction();
    return m_walkers.empty() ? 0 : sum / static_cast<double>(m_walkers.size());
}

void Selector::walk(const KeysHandler& on_keys) {
    const auto nodes = m_client.nodes();
    if (nodes.size() == 1 && nodes.front().client == &m_client) {
        const auto walk = make_walk(m_client, m_pace, {}, on_keys);
        m_outcome.walk = walk->walker.run(walk->on_page);
        forget_walks();
        return;
    }
    const auto walk_nodes = [&](const std::vector<NodeWalk>& parts) {
        return walk_side_by_side(parts, on_keys);
    };
    ClusterWalk walk(m_client, walk_nodes, [&](std::vector<std::string> keys) {
        take_listed_slots(std::move(keys), on_keys);
    });
    walk.on_again = [&](const std::string&) {
        if (on_resume) on_resume(false);
    };
    m_outcome.walk = walk.run([&] { return m_flow == Flow::stop; });
}

/// Each server at a pace of its own.
std::vector<WalkOutcome> Selector::walk_side_by_side(const std::vector<NodeWalk>& parts,
                                                     const KeysHandler& on_keys) {
    std::vector<std::unique_ptr<Pace>> paces;
    std::vector<std::unique_ptr<ServerWalk>> walks;
    for (const NodeWalk& part : parts) {
        paces.push_back(std::make_unique<Pace>(part.node, m_pace.options_shared_by(parts.size())));
        paces.back()->on_note = m_pace.on_note;
        walks.push_back(make_walk(part.node, *paces.back(), part.wants, on_keys));
        walks.back()->walker.begin(walks.back()->on_page);
    }
    const auto is_running = [](const auto& walk) { return !walk->over; };
    while (std::any_of(walks.begin(), walks.end(), is_running)) {
        m_client.run_until([&] {
            return std::any_of(walks.begin(), walks.end(), [](const auto& walk) {
                return !walk->over && walk->walker.has_paused();
            });
        });
        for (const auto& walk : walks) {
            if (!walk->over && walk->walker.has_paused()) walk->over = !walk->walker.go_on();
        }
    }
    // The facts of a key may come from another node than the key.
    m_client.run_until([&] { return m_client.pending() == 0; });
    std::vector<WalkOutcome> outcomes;
    for (const auto& walk : walks) {
        outcomes.push_back(walk->walker.finish());
        if (walk->facts_lost) outcomes.back().complete = false;
    }
    forget_walks();
    return outcomes;
}

void Selector::forget_walks() {
    m_walkers.clear();
    m_alive = std::make_shared<char>();  // what was still to be asked for nobody awaits any more
}

void Selector::take_listed_slots(std::vector<std::string> keys, const KeysHandler& on_keys) {
    if (m_flow == Flow::stop) return;
    const KeyFilter& filter = m_selection.filter;
    std::erase_if(keys, [&](const std::string& key) { return !filter.matches_name(key); });
    FactsWanted facts = m_selection.facts;
    facts.type |= !filter.type.empty();
    bool told = false;
    probe_keys(m_client, m_pace, m_alive, std::move(keys), facts, [&](PageFacts page) {
        told = true;
        if (page.connection_lost) {
            page.refused = Error(ExitCode::unreachable,
                                 "cannot look at keys: the connection to their node was lost");
        }
        hand_on(std::move(page), on_keys);
    });
    m_client.run_until([&] {
        return m_client.pending() == 0 && (told || m_pace.stopped() || stop_signal() != 0);
    });
    if (!told) m_alive = std::make_shared<char>();  // it refers to this frame
}

void Selector::take_list(const KeysHandler& on_keys) {
    const unsigned count = m_selection.count == 0 ? m_pace.max_keys() : m_selection.count;
    bool more = true;
    while (more && m_flow == Flow::go_on && stop_signal() == 0 && !m_pace.stopped()) {
        std::vector<std::string> keys;
        std::string key;
        while (keys.size() < count && (more = m_selection.next_listed_key(key))) {
            ++m_outcome.walk.keys;
            if (m_selection.filter.matches_name(key)) keys.push_back(std::move(key));
        }
        auto page = probe_listed(keys);
        if (!page) break;
        hand_on(std::move(*page), on_keys);
        m_client.run_until([&] {
            return m_client.pending() == 0 &&
                   (m_pace.idle() || m_pace.stopped() || stop_signal() != 0);
        });
    }
    if (m_pace.stopped()) m_outcome.walk.failure = m_pace.stopped();
    // A signal also ends the wait for a list that comes through a pipe.
    m_outcome.walk.interrupted = stop_signal() != 0;
    if (m_outcome.walk.interrupted) m_outcome.walk.failure.reset();
    m_outcome.walk.complete =
        !more && !m_refused && !m_outcome.walk.failure && !m_outcome.walk.interrupted;
}

// Nothing, and the reason in the outcome, if the connection cannot be had again; nothing also when
// there is no time left for it.
std::optional<PageFacts> Selector::probe_listed(const std::vector<std::string>& keys) {
    for (int tries = 1;; ++tries) {
        std::optional<PageFacts> page;
        const auto owner = std::make_shared<char>();
        probe_keys(m_client, m_pace, owner, keys, m_selection.facts,
                   [&](PageFacts facts) { page = std::move(facts); });
        m_client.run_until([&] {
            return page.has_value() || m_pace.stopped() ||
                   (stop_signal() != 0 && m_client.pending() == 0);
        });
        if (!page) {
            m_client.run_until([&] { return m_client.pending() == 0; });
            return std::nullopt;
        }
        if (!page->connection_lost) return page;
        try {
            if (tries == k_tries_per_page) {
                throw Error(ExitCode::unreachable, "the connection was lost again and again");
            }
            bool same_server = false;
            {
                const Pace::Hold hold(m_pace);
                same_server = m_client.reconnect();
            }
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
