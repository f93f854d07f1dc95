#include "keyspace/key_selector.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "redis/error_reply.hpp"
#include "redis/info.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr int k_tries_per_page = 3;
constexpr std::uint64_t k_least_sample = 2;

}  // namespace

Selector::Selector(Client& client, Paces& paces, Selection selection)
    : m_client(client), m_paces(paces), m_selection(std::move(selection)) {
    const bool listed = static_cast<bool>(m_selection.next_listed_key);
    if (m_selection.sample != 0) {
        m_selection.sample = std::max(m_selection.sample, k_least_sample);
    }
    // What the filter goes by has to be known.
    m_selection.facts = m_selection.facts.with(m_selection.filter.facts_needed());
    if (listed && !m_selection.filter.type.empty()) {
        m_selection.facts.type = true;
    }
    if (m_selection.of_names && !m_selection.facts.ttl) {
        m_selection.facts.existence = true;
    }
    if (m_selection.filter.idle_over &&
        client.server().info.text("maxmemory_policy").find("lfu") != std::string_view::npos) {
        throw Error(ExitCode::refused, "the server keeps no idle times under an LFU policy",
                    "leave --idle-over out");
    }
}

SelectionOutcome Selector::run(const KeysHandler& on_keys) {
    if (m_selection.next_listed_key) {
        take_list(on_keys);
    } else if (m_selection.sample == 0 || !draw(on_keys)) {
        walk(on_keys);
    }
    if (m_refused) {
        m_outcome.walk.failure = m_refused;
    }
    return std::move(m_outcome);
}

/// False if there are too few keys to draw from. Each server gives as large a part of the sample as
/// it has of the keys, so that the whole is as fair as one from a single table.
bool Selector::draw(const KeysHandler& on_keys) {
    const auto [nodes, lacking] = sampled_servers(m_client);
    std::vector<std::uint64_t> sizes;
    for (const ServerNode& node : nodes) {
        const Reply size = node.client->call({"DBSIZE"});
        // Whether there are so many that a sample pays is not known: then every key is looked at.
        if (m_selection.sample_above != 0 && denied_by(size) == Denied::command) {
            return false;
        }
        if (!size.is_integer() || size.integer < 0) {
            m_outcome.walk.failure = refusal(size, "count the keys", node.client->server());
            return true;
        }
        sizes.push_back(static_cast<std::uint64_t>(size.integer));
    }
    const auto all = std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
    if (all <= std::max(m_selection.sample, m_selection.sample_above)) {
        return false;
    }
    const auto wanted_of_first = [&](std::uint64_t keys) {
        return static_cast<std::uint64_t>(static_cast<double>(m_selection.sample) *
                                          static_cast<double>(keys) / static_cast<double>(all));
    };
    SampleOutcome sum;
    sum.population = all;
    std::uint64_t passed = 0;
    double squares = 0;  // of the population's errors
    for (std::size_t i = 0; i < nodes.size() && !sum.failure && m_flow != Flow::stop; ++i) {
        const std::uint64_t before = std::exchange(passed, passed + sizes[i]);
        const std::uint64_t wanted = wanted_of_first(passed) - wanted_of_first(before);
        if (wanted == 0 || sizes[i] == 1) {
            continue;
        }
        // There have to be more keys than are drawn.
        const SampleOutcome part =
            draw_from(*nodes[i].client, std::min(wanted, sizes[i] - 1), on_keys);
        if (part.drawn != 0) {
            sum.population = sum.population - sizes[i] + part.population;
            squares += std::pow(part.population_error * static_cast<double>(part.population), 2);
        }
        sum.drawn += part.drawn;
        sum.repeats |= part.repeats;
        sum.interrupted |= part.interrupted;
        sum.failure = part.failure;
    }
    sum.population_error = std::sqrt(squares) / static_cast<double>(sum.population);
    if (sum.population_error != 0 && on_note) {
        on_note("the server counts " + format_count(all) + " keys, of which about " +
                format_count(all - std::min(all, sum.population)) + " have expired");
    }
    if (!sum.failure) {
        sum.failure = lacking;
    }
    if (sum.drawn == 0 && !sum.failure && !sum.interrupted && m_flow != Flow::stop) {
        // They have all expired, or the server is not what it says it is.
        if (m_selection.sample_above != 0) {
            return false;
        }
        sum.failure = Error(ExitCode::refused,
                            "cannot draw a sample of the keys: the server counts " +
                                format_count(all) + ", and none is where it should be",
                            "without --sample every key is looked at");
    }
    m_outcome.sample = sum;
    m_outcome.walk.keys = sum.drawn;
    m_outcome.walk.failure = sum.failure;
    m_outcome.walk.interrupted = sum.interrupted;
    m_outcome.walk.complete = !sum.failure && !m_refused && !sum.interrupted;
    return true;
}

SampleOutcome Selector::draw_from(Client& server, std::uint64_t wanted,
                                  const KeysHandler& on_keys) {
    Pace& pace = m_paces.of(server);
    Sampler sampler(server, pace, wanted);
    std::optional<Error> lost;
    SampleOutcome sample = sampler.run([&](ScanPage page) {
        look_at(std::move(page), pace, [&](PageFacts facts) {
            if (facts.connection_lost) {
                lost = Error(ExitCode::unreachable, "cannot look at keys: the connection was lost");
            } else if (m_flow != Flow::stop) {
                hand_on(std::move(facts), on_keys);
            }
            if (lost || m_flow == Flow::stop) {
                sampler.stop();
            }
        });
    });
    // The facts of a key may come from another node than the key.
    m_client.drain();
    m_lifetime.renew();
    if (!sample.failure) {
        sample.failure = lost;
    }
    return sample;
}

void Selector::look_at(ScanPage page, Pace& pace, std::function<void(PageFacts)> done) {
    const KeyFilter& filter = m_selection.filter;
    std::erase_if(page.keys, [&](const std::string& key) { return !filter.matches_name(key); });
    FactsWanted facts = m_selection.facts;
    facts.type |= !page.filtered && !filter.type.empty();
    read_facts(m_client, pace, m_lifetime, std::move(page.keys), facts, std::move(done));
}

void Selector::take_list(const KeysHandler& on_keys) {
    const unsigned count = m_selection.count == 0 ? m_paces.common().max_keys() : m_selection.count;
    if (m_selection.members_of) {
        m_selection.members_of->read_over({m_client, m_paces, [this] { reconnect(); }, on_note});
    }
    bool more = true;
    while (more && m_flow == Flow::go_on && stop_signal() == 0 && !m_paces.stopped()) {
        std::vector<std::string> keys;
        std::string key;
        try {
            while (keys.size() < count && (more = m_selection.next_listed_key(key))) {
                ++m_outcome.walk.keys;
                if (m_selection.filter.matches_name(key)) {
                    keys.push_back(std::move(key));
                }
            }
        } catch (const Error& error) {
            // The outcome still says what was done before.
            m_outcome.walk.failure = error;
            break;
        }
        std::vector<std::string> unseen;
        if (m_selection.looks_at) {
            const auto first_unseen =
                std::stable_partition(keys.begin(), keys.end(), m_selection.looks_at);
            unseen.assign(std::make_move_iterator(first_unseen),
                          std::make_move_iterator(keys.end()));
            keys.erase(first_unseen, keys.end());
        }
        auto page = facts_of_listed(keys);
        if (!page) {
            break;
        }
        for (std::string& unseen_key : unseen) {
            page->keys.emplace_back().key = std::move(unseen_key);
        }
        hand_on(std::move(*page), on_keys);
        m_client.run_until([&] {
            return m_client.pending() == 0 &&
                   (m_paces.idle() || m_paces.stopped() || stop_signal() != 0);
        });
    }
    if (!more && m_flow == Flow::go_on && m_selection.members_of && !m_outcome.walk.failure) {
        m_outcome.walk.failure = m_selection.members_of->failure();
    }
    if (m_paces.stopped()) {
        m_outcome.walk.failure = m_paces.stopped();
    }
    // A signal also ends the wait for a list that comes through a pipe.
    m_outcome.walk.interrupted = stop_signal() != 0;
    if (m_outcome.walk.interrupted) {
        m_outcome.walk.failure.reset();
    }
    m_outcome.walk.complete =
        !more && !m_refused && !m_outcome.walk.failure && !m_outcome.walk.interrupted;
}

void Selector::reconnect() {
    bool same_server = false;
    {
        const Paces::Hold hold(m_paces);
        same_server = m_client.reconnect();
    }
    if (on_resume) {
        on_resume(!same_server);
    }
}

// Nothing, and the reason in the outcome, if the connection cannot be had again; nothing also when
// there is no time left for it.
std::optional<PageFacts> Selector::facts_of_listed(const std::vector<std::string>& keys) {
    for (int tries = 1;; ++tries) {
        std::optional<PageFacts> page;
        const auto owner = std::make_shared<char>();
        read_facts(m_client, m_paces.common(), owner, keys, m_selection.facts,
                   [&](PageFacts facts) { page = std::move(facts); });
        m_client.run_until([&] {
            return page.has_value() || m_paces.stopped() ||
                   (stop_signal() != 0 && m_client.pending() == 0);
        });
        if (!page) {
            m_client.drain();
            return std::nullopt;
        }
        if (!page->connection_lost) {
            return page;
        }
        try {
            if (tries == k_tries_per_page) {
                throw Error(ExitCode::unreachable, "the connection was lost again and again");
            }
            reconnect();
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
    if (page.lacking) {
        m_outcome.lacking = page.lacking;
    }
    if (page.denial && !m_outcome.denial) {
        m_outcome.denial = page.denial;
    }
    std::vector<KeyFacts>& keys = page.keys;
    std::erase_if(keys, [&](const KeyFacts& key) {
        if (key.denied) {
            if (m_selection.keep_doubtful) {
                return false;
            }
            if (m_outcome.denied++ == 0) {
                m_outcome.first_denied = key.key;
            }
            return true;
        }
        if (!key.exists && !m_selection.keep_missing) {
            if (!m_selection.of_names) {
                ++m_outcome.vanished;
            }
            return true;
        }
        const bool doubtful = key.unreadable && m_selection.keep_doubtful;
        return key.exists && !doubtful && !m_selection.filter.matches_facts(key);
    });
    if (m_selection.limit != 0 && keys.size() >= m_selection.limit - m_outcome.selected) {
        keys.resize(m_selection.limit - m_outcome.selected);
        m_outcome.limit_reached = true;
        m_flow = Flow::stop;
    }
    m_outcome.selected += keys.size();
    if (!keys.empty() && on_keys(keys) == Flow::stop) {
        m_flow = Flow::stop;
    }
}

}  // namespace cachectl
