#include "health/gather.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>

#include "health/key_sample.hpp"
#include "health/measuring.hpp"
#include "health/stray_keys.hpp"
#include "stats/last_minute.hpp"
#include "stats/reader.hpp"
#include "stats/slow_log.hpp"
#include "util/interruption.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

// Before the first reading: one that is denied counts as an error, which is none of the interval's.
constexpr std::string_view k_ping = "PING";
constexpr std::array<std::string_view, 3> k_of_each = {"CONFIG GET save",
                                                       "CONFIG GET min-replicas-to-write", k_ping};
constexpr std::array<std::string_view, 2> k_of_masters_with_replicas = {
    "CLIENT LIST TYPE replica", "CONFIG GET client-output-buffer-limit"};
constexpr std::array<std::string_view, 2> k_of_clusters = {"CLUSTER INFO", "CLUSTER NODES"};
constexpr std::string_view k_afterwards = "LATENCY LATEST";

constexpr int k_pings = 10;

Reader::Command words_of(std::string_view command) {
    std::istringstream words{std::string(command)};
    Reader::Command args;
    for (std::string word; words >> word;) {
        args.push_back(word);
    }
    return args;
}

void check_signal() {
    if (stop_signal() != 0) {
        throw interruption("interrupted");
    }
}

class Gatherer {
public:
    Gatherer(Context& ctx, Client& client, const HealthQuestion& question)
        : m_ctx(ctx),
          m_client(client),
          m_question(question),
          m_nodes(client.nodes()),
          m_reader(client, [] { return stop_signal() != 0; }),
          m_slow_logs(client, m_reader, m_lacking) {
        m_evidence.nodes.resize(m_nodes.size());
        m_pings =
            std::make_shared<std::vector<std::vector<std::chrono::microseconds>>>(m_nodes.size());
        m_evidence.is_cluster = client.masters() > 0;
        m_evidence.interval = question.interval;
        m_evidence.now =
            std::chrono::duration_cast<std::chrono::seconds>(ctx.wall_now().time_since_epoch());
    }

    HealthEvidence run() {
        ask_beforehand();
        std::vector<SlowCommand> slow = m_slow_logs.read_new();
        const std::map<std::string, std::int64_t> logged = newest_ids(slow);
        read(&NodeEvidence::before, {});
        if (any_answers(&NodeEvidence::before)) {
            wait_with_pings();
            read(&NodeEvidence::after, {.commands = true});
            for (std::size_t i = 0; i < m_nodes.size(); ++i) {
                m_evidence.nodes[i].pings = std::move((*m_pings)[i]);
            }
        } else {
            read_nothing_more();
        }
        for (NodeEvidence& node : m_evidence.nodes) {
            node.rates = rates_between(node.before, node.after);
        }
        if (!any_answers(&NodeEvidence::after)) {
            return std::move(m_evidence);
        }
        ask(k_afterwards, [](const NodeEvidence&) { return true; });
        take_slow_log(std::move(slow), logged);
        if (m_evidence.is_cluster) {
            count_stray_keys(m_ctx, m_nodes, m_evidence.nodes);
            check_signal();
        }
        if (m_question.keys) {
            take_key_sample(m_ctx, m_client, m_question, m_evidence);
        } else {
            m_evidence.keys_lacking = "no keys were looked at";
        }
        check_signal();
        return std::move(m_evidence);
    }

private:
    void ask(std::string_view command, const std::function<bool(const NodeEvidence&)>& wanted) {
        std::vector<Reply> replies = m_reader.ask(m_nodes, [&](std::size_t i) {
            return wanted(m_evidence.nodes[i]) ? words_of(command) : Reader::Command();
        });
        for (std::size_t i = 0; i < m_nodes.size(); ++i) {
            if (wanted(m_evidence.nodes[i])) {
                m_evidence.nodes[i].replies[std::string(command)] = std::move(replies[i]);
            }
        }
        check_signal();
    }

    /// In one round trip, but for what only some are asked.
    void ask_beforehand() {
        std::vector<std::string_view> names(k_of_each.begin(), k_of_each.end());
        if (m_evidence.is_cluster) {
            names.insert(names.end(), k_of_clusters.begin(), k_of_clusters.end());
        }
        std::vector<Reader::Command> commands;
        for (const std::string_view name : names) {
            commands.push_back(words_of(name));
        }
        auto replies = m_reader.ask(m_nodes, commands);
        for (std::size_t command = 0; command < replies.size(); ++command) {
            for (std::size_t i = 0; i < m_nodes.size(); ++i) {
                m_evidence.nodes[i].replies[std::string(names[command])] =
                    std::move(replies[command][i]);
            }
        }
        check_signal();
        for (std::size_t i = 0; i < m_nodes.size(); ++i) {
            m_evidence.nodes[i].after.server = m_nodes[i].client->server();
        }
        const auto has_replicas = [](const NodeEvidence& node) {
            return !node.info().replicas().empty();
        };
        const bool any =
            std::any_of(m_evidence.nodes.begin(), m_evidence.nodes.end(), has_replicas);
        for (const std::string_view name : k_of_masters_with_replicas) {
            if (any) {
                ask(name, has_replicas);
            }
        }
    }

    void read(Reading NodeEvidence::*which, ReadingWanted wanted) {
        auto readings = m_reader.read(wanted);
        check_signal();
        for (std::size_t i = 0; readings && i < m_nodes.size(); ++i) {
            m_evidence.nodes[i].*which = std::move((*readings)[i]);
        }
    }

    /// A server that is silent is not waited for a second time.
    void read_nothing_more() {
        for (NodeEvidence& node : m_evidence.nodes) {
            node.after = node.before;
        }
    }

    [[nodiscard]] bool any_answers(Reading NodeEvidence::*which) const {
        return std::any_of(m_evidence.nodes.begin(), m_evidence.nodes.end(),
                           [&](const NodeEvidence& node) { return (node.*which).answered(); });
    }

    /// Lets the interval pass, with PINGs spread over it to those that may be asked.
    void wait_with_pings() {
        std::vector<bool> is_away(m_nodes.size());
        for (int i = 0; i < k_pings && m_question.interval.count() > 0; ++i) {
            for (std::size_t node = 0; node < m_nodes.size(); ++node) {
                // Where a reconnect was in vain, the second reading tries once more.
                is_away[node] = is_away[node] || (m_reader.is_closed(m_nodes[node]) &&
                                                  !m_reader.reconnect(m_nodes[node]));
                if (is_away[node] || measure::told(m_evidence.nodes[node], k_ping) == nullptr) {
                    continue;
                }
                m_reader.ping(m_nodes[node], [pings = m_pings, node](auto took) {
                    (*pings)[node].push_back(took);
                });
            }
            m_client.sleep(m_question.interval / k_pings);
            if (stop_signal() != 0) {
                break;
            }
        }
        check_signal();
    }

    [[nodiscard]] static std::map<std::string, std::int64_t> newest_ids(
        const std::vector<SlowCommand>& slow) {
        std::map<std::string, std::int64_t> newest;
        for (const SlowCommand& command : slow) {
            auto& id = newest.try_emplace(command.node, command.id).first->second;
            id = std::max(id, command.id);
        }
        return newest;
    }

    /// By the numbers of the entries: a slow log keeps only the newest.
    void take_slow_log(std::vector<SlowCommand> slow,
                       const std::map<std::string, std::int64_t>& before) {
        std::vector<SlowCommand> fresh = m_slow_logs.read_new();
        const std::map<std::string, std::int64_t> newest = newest_ids(fresh);
        std::string lacking;
        for (const std::string& why : m_lacking.take()) {
            lacking = why;
        }
        for (NodeEvidence& node : m_evidence.nodes) {
            if (m_slow_logs.are_refused_by(node.name())) {
                node.slow_lacking = lacking;
                continue;
            }
            if (!node.after.answered()) {
                continue;
            }
            const auto last = newest.find(node.name());
            const auto first = before.find(node.name());
            std::int64_t count = 0;
            if (last != newest.end() && first != before.end() && last->second >= first->second) {
                // As they may be anything: without overflow.
                constexpr std::uint64_t k_most = 1'000'000'000;
                const auto more = static_cast<std::uint64_t>(last->second) -
                                  static_cast<std::uint64_t>(first->second);
                count = static_cast<std::int64_t>(std::min(more, k_most));
            } else if (last != newest.end()) {
                count = std::count_if(fresh.begin(), fresh.end(), [&](const SlowCommand& one) {
                    return one.node == node.name();
                });
            }
            node.slow_logged = count;
        }
        slow.insert(slow.end(), fresh.begin(), fresh.end());
        take_holders(slow);
    }

    /// Of each server by itself: what holds one of them does not hold the others.
    void take_holders(const std::vector<SlowCommand>& slow) {
        bool any = false;
        for (NodeEvidence& node : m_evidence.nodes) {
            std::vector<SlowCommand> own;
            std::copy_if(slow.begin(), slow.end(), std::back_inserter(own),
                         [&](const SlowCommand& one) { return one.node == node.name(); });
            LastMinute minute;
            minute.add({}, {&node.after, 1}, std::move(own), m_evidence.now);
            node.held = minute.held();
            any = any || !node.held.empty();
        }
        if (!any) {
            return;
        }
        const std::vector<ListedClient> clients = read_clients_if_few(m_client, m_reader);
        for (NodeEvidence& node : m_evidence.nodes) {
            name_clients(node.held, clients);
        }
    }

    Context& m_ctx;
    Client& m_client;
    const HealthQuestion& m_question;
    std::vector<ServerNode> m_nodes;
    Reader m_reader;
    Lacking m_lacking;
    SlowLogs m_slow_logs;
    HealthEvidence m_evidence;
    // By server; shared with replies that may come late.
    std::shared_ptr<std::vector<std::vector<std::chrono::microseconds>>> m_pings;
};

}  // namespace

HealthEvidence gather_health(Context& ctx, Client& client, const HealthQuestion& question) {
    return Gatherer(ctx, client, question).run();
}

}  // namespace cachectl
