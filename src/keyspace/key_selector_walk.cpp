// The part of keyspace/key_selector.hpp that walks: one server, or all masters of a cluster side by
// side.
#include <algorithm>

#include "keyspace/key_selector.hpp"
#include "util/signals.hpp"
#include "walk/cluster_walk.hpp"

namespace cachectl {

/// One server's walk, and what it needs.
struct Selector::ServerWalk {
    NodeWalk part;  // without functions if the server is not of a cluster
    Walker walker;
    Walker::PageHandler on_page;
    unsigned begun_anew = 0;
    bool facts_lost = false;
    bool over = false;

    ServerWalk(NodeWalk of, Pace& pace, ScanOptions options)
        : part(std::move(of)), walker(part.node, pace, std::move(options)) {}

    [[nodiscard]] bool of_cluster() const { return static_cast<bool>(part.wants); }
};

// The walk of one server; `walks` of them run side by side.
std::unique_ptr<Selector::ServerWalk> Selector::make_walk(const NodeWalk& part, std::size_t walks,
                                                          const KeysHandler& on_keys) {
    const KeyFilter& filter = m_selection.filter;
    Pace& pace = m_paces.of(part.node);
    auto walk =
        std::make_unique<ServerWalk>(part, pace,
                                     ScanOptions{.match = filter.server_side_match(),
                                                 .type = filter.type,
                                                 .count = m_selection.count,
                                                 .mode = m_selection.mode,
                                                 .remember = m_selection.remember,
                                                 .what_fits = Duplicates::k_what_fits / walks,
                                                 .after_restart = m_selection.after_restart,
                                                 .slots = part.slots});
    ServerWalk* const self = walk.get();
    self->walker.on_resume = [this, self](bool from_start) {
        self->begun_anew += from_start ? 1 : 0;
        if (from_start && self->of_cluster()) {
            self->part.begins_anew();
        }
        // Of a cluster only this server's keys come again, and those are known.
        const bool all_again = from_start && !self->of_cluster();
        if (all_again && m_selection.after_restart == AfterRestart::all_again) {
            m_outcome.vanished = 0;
            m_outcome.selected = m_selection.limit_is_final ? m_outcome.selected : 0;
        }
        if (on_resume) {
            on_resume(all_again);
        }
    };
    self->walker.on_note = on_note;
    self->on_page = [this, self, &pace, &on_keys](ScanPage page) {
        if (self->of_cluster()) {
            std::erase_if(page.keys,
                          [&](const std::string& key) { return !self->part.wants(key); });
        }
        const std::size_t partition = page.partition;
        const unsigned begun_anew = self->begun_anew;
        look_at(std::move(page), pace, [=, this, &on_keys](PageFacts facts) {
            const bool comes_again = begun_anew != self->begun_anew &&
                                     m_selection.after_restart == AfterRestart::all_again;
            if (m_flow == Flow::stop || comes_again) {
                return;
            }
            // A cluster has tried it again already, and a page of an earlier walk has no place any
            // more from which it could come again.
            if (facts.connection_lost && (self->of_cluster() || begun_anew != self->begun_anew)) {
                self->facts_lost = true;
                return;
            }
            if (facts.connection_lost) {
                self->walker.repeat_page(partition);
                return;
            }
            if (self->of_cluster()) {
                std::erase_if(facts.keys, [self](const KeyFacts& key) {
                    return key.exists && !self->part.note(key.key);
                });
            }
            hand_on(std::move(facts), on_keys);
            tell_progress();
            if (m_flow == Flow::stop) {
                stop();
            }
        });
    };
    m_walks.push_back(self);
    return walk;
}

void Selector::stop() {
    m_flow = Flow::stop;
    for (ServerWalk* walk : m_walks) {
        walk->walker.stop();
    }
}

std::uint64_t Selector::looked_at() const {
    if (m_walks.empty()) {
        return m_outcome.walk.keys;
    }
    std::uint64_t sum = 0;
    for (const ServerWalk* walk : m_walks) {
        sum += walk->walker.looked_at();
    }
    return sum;
}

// Of a cluster by its slots: those that certainly have been walked, and those on their way.
void Selector::tell_progress() const {
    if (!on_progress) {
        return;
    }
    double walked = 0;
    for (const ServerWalk* walk : m_walks) {
        const double slots =
            m_cluster_walk == nullptr ? 1 : static_cast<double>(walk->part.slots.count());
        walked += slots * walk->walker.fraction();
    }
    on_progress(m_cluster_walk == nullptr ? walked : m_cluster_walk->fraction(walked),
                m_outcome.selected);
}

void Selector::walk(const KeysHandler& on_keys) {
    const auto nodes = m_client.nodes();
    if (nodes.size() == 1 && nodes.front().client == &m_client) {
        const auto walk = make_walk({m_client, {}, {}, {}, {}}, 1, on_keys);
        m_outcome.walk = walk->walker.run(walk->on_page);
        m_outcome.walk.complete = m_outcome.walk.complete && !walk->facts_lost;
        forget_walks();
        return;
    }
    const auto walk_nodes = [&](const std::vector<NodeWalk>& parts) {
        return walk_side_by_side(parts, on_keys);
    };
    ClusterWalk walk(m_client, m_paces, walk_nodes, [&](std::vector<std::string> keys) {
        take_listed_slots(std::move(keys), on_keys);
    });
    walk.leave_out(m_selection.without);
    walk.on_again = [&](const std::string&) {
        if (on_resume) {
            on_resume(false);
        }
    };
    m_cluster_walk = &walk;
    m_outcome.walk = walk.run([&] { return m_flow == Flow::stop; });
    m_cluster_walk = nullptr;
}

std::vector<WalkOutcome> Selector::walk_side_by_side(const std::vector<NodeWalk>& parts,
                                                     const KeysHandler& on_keys) {
    std::vector<std::unique_ptr<ServerWalk>> walks;
    for (const NodeWalk& part : parts) {
        walks.push_back(make_walk(part, parts.size(), on_keys));
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
            if (!walk->over && walk->walker.has_paused()) {
                walk->over = !walk->walker.go_on();
            }
        }
    }
    // The facts of a key may come from another node than the key.
    m_client.drain();
    std::vector<WalkOutcome> outcomes;
    for (const auto& walk : walks) {
        outcomes.push_back(walk->walker.finish());
        if (walk->facts_lost) {
            outcomes.back().complete = false;
        }
    }
    forget_walks();
    return outcomes;
}

void Selector::forget_walks() {
    m_walks.clear();
    m_lifetime.renew();  // what was still to be asked for nobody awaits any more
}

void Selector::take_listed_slots(std::vector<std::string> keys, const KeysHandler& on_keys) {
    if (m_flow == Flow::stop) {
        return;
    }
    bool answered = false;
    look_at({std::move(keys), 0, false}, m_paces.common(), [&](PageFacts page) {
        answered = true;
        if (page.connection_lost) {
            page.refused = Error(ExitCode::unreachable,
                                 "cannot look at keys: the connection to their node was lost");
        }
        hand_on(std::move(page), on_keys);
        tell_progress();
    });
    m_client.run_until([&] {
        return m_client.pending() == 0 && (answered || m_paces.stopped() || stop_signal() != 0);
    });
    if (!answered) {
        m_lifetime.renew();  // it refers to this frame
    }
}

}  // namespace cachectl
