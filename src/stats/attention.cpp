#include "stats/attention.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <set>
#include <string_view>

#include "stats/figure_text.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using Level = Attention::Level;

// Each call of these may hold the server for as long as there is data.
constexpr std::array<std::string_view, 9> k_dangerous = {
    "keys", "eval", "evalsha", "fcall", "flushall", "flushdb", "smembers", "hgetall", "sort"};

/// "10.0.0.5:7000", "10.0.0.5:7000 and 2 others"
std::string names_of(const std::vector<std::string>& nodes) {
    switch (nodes.size()) {
        case 1:
            return nodes[0];
        case 2:
            return nodes[0] + " and " + nodes[1];
        default:
            return fmt::format("{} and {} others", nodes[0], nodes.size() - 1);
    }
}

class Findings {
public:
    void look(std::string sentence, std::string section = "") {
        m_found.push_back({Level::look, std::move(sentence), std::move(section)});
    }
    void act(std::string sentence, std::string section = "") {
        m_found.push_back({Level::act, std::move(sentence), std::move(section)});
    }
    [[nodiscard]] std::vector<Attention> take() { return std::move(m_found); }

protected:
    std::vector<Attention> m_found;
};

/// Out of one server's figures.
class ServerFindings : public Findings {
public:
    explicit ServerFindings(const InfoFields& info) : m_info(info) {
        persistence();
        memory();
        clients();
        replication();
    }

private:
    void persistence() {
        if (m_info.text("rdb_last_bgsave_status") == "err") {
            act("the last save to disk failed");
        }
        if (m_info.text("aof_last_write_status") == "err") {
            act("the last write to the AOF failed");
        }
        if (m_info.text("loading") == "1") {
            act("it is still loading its dataset");
        }
    }

    void memory() {
        const auto used = m_info.number("used_memory");
        const auto most = m_info.number("maxmemory");
        const bool full = used && most && *most > 0 && *used >= 0.98 * *most;
        if (full && m_info.text("maxmemory_policy") == "noeviction") {
            act("memory is full and nothing may be evicted: writes are refused", "memory");
        }
    }

    void clients() {
        const auto connected = m_info.number("connected_clients");
        const auto most = m_info.number("maxclients");
        if (connected && most && *most > 0 && *connected >= 0.9 * *most) {
            act(fmt::format("{:.0f} of {:.0f} clients are connected: soon none more is let in",
                            *connected, *most),
                "clients");
        }
    }

    void replication() {
        if (m_info.text("master_link_status") == "down") {
            act("the link to the master is down: the data get older", "replication");
        }
        constexpr std::int64_t k_late_s = 10;
        for (const InfoParts& replica : m_info.replicas()) {
            const auto lag = replica.integer("lag");
            if (lag && *lag > k_late_s) {
                look(fmt::format("a replica has not been heard of for {} s: {}:{}", *lag,
                                 replica.text("ip"), replica.text("port")),
                     "replication");
            }
        }
    }

    const InfoFields& m_info;
};

class AllFindings : public Findings {
public:
    void evictions(const Rates& rates) {
        if (rates.evicted && *rates.evicted > 0) {
            const auto evicted = static_cast<std::uint64_t>(std::clamp(*rates.evicted, 1.0, 1e18));
            look(fmt::format("the cache is full: {} keys/s are evicted", format_count(evicted)),
                 "memory");
        }
    }

    /// Each by itself, for sums hide the one that is full; what is the same of several, once.
    void servers(std::span<const Reading> readings) {
        std::vector<Attention> found;
        std::vector<std::vector<std::string>> nodes;  // of these
        for (const Reading& reading : readings) {
            if (!reading.answered()) {
                continue;
            }
            for (Attention& one : ServerFindings(reading.server.info).take()) {
                const auto same = std::find_if(found.begin(), found.end(), [&](const auto& other) {
                    return other.sentence == one.sentence;
                });
                const auto at = static_cast<std::size_t>(same - found.begin());
                if (same == found.end()) {
                    found.push_back(std::move(one));
                    nodes.emplace_back();
                }
                nodes[at].push_back(reading.node);
            }
        }
        for (std::size_t i = 0; i < found.size(); ++i) {
            const std::string names = names_of(nodes[i]);
            found[i].sentence.insert(0, names.empty() ? "" : names + ": ");
            m_found.push_back(std::move(found[i]));
        }
    }

    void held(std::span<const HeldBy> held) {
        for (const HeldBy& one : held) {
            if (one.share < k_worth_showing || !one.in_slow_log) {
                continue;
            }
            const std::string caller = describe_caller(one);
            m_named.insert(one.shape.substr(0, one.shape.find(' ')));
            act(fmt::format("{}{} held the server for {} of the last minute", one.shape,
                            caller.empty() ? "" : " by " + caller, format_share(one.share)),
                "slow");
        }
    }

    /// Since the start, of all the time that commands took.
    void dangerous(const InfoFields& commands) {
        double total = 0;
        for (const CommandInfo& command : commands.commands()) {
            total += command.parts.number("usec").value_or(0);
        }
        for (const CommandInfo& command : commands.commands()) {
            const double usec = command.parts.number("usec").value_or(0);
            constexpr double k_least_usec = 1e6;  // a second: below it is nobody's trouble
            if (holds_server(command.name) && usec >= k_least_usec &&
                usec >= k_worth_showing * total) {
                std::string name(command.name);
                std::transform(name.begin(), name.end(), name.begin(),
                               [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
                if (m_named.contains(name)) {
                    continue;
                }
                look(fmt::format("{} has taken {} of the time of all commands since the start",
                                 name, format_share(usec / total)),
                     "commands");
            }
        }
    }

    [[nodiscard]] std::vector<Attention> take() {
        std::stable_partition(m_found.begin(), m_found.end(), [](const Attention& attention) {
            return attention.level == Level::act;
        });
        return Findings::take();
    }

private:
    std::set<std::string> m_named;  // commands that held the server just now
};

}  // namespace

bool holds_server(std::string_view command) {
    return std::find(k_dangerous.begin(), k_dangerous.end(), command) != k_dangerous.end();
}

std::vector<Attention> needs_attention(std::span<const Reading> servers, const Rates& rates,
                                       const InfoFields& commands, std::span<const HeldBy> held) {
    AllFindings found;
    found.evictions(rates);
    found.servers(servers);
    found.held(held);
    found.dangerous(commands);
    return found.take();
}

}  // namespace cachectl
