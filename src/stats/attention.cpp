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

class Finder {
public:
    explicit Finder(const InfoFields& info) : m_info(info) {}

    void look(std::string sentence, std::string section = "") {
        m_found.push_back({Level::look, std::move(sentence), std::move(section)});
    }
    void act(std::string sentence, std::string section = "") {
        m_found.push_back({Level::act, std::move(sentence), std::move(section)});
    }

    void memory(const Rates& rates) {
        const auto used = m_info.number("used_memory");
        const auto most = m_info.number("maxmemory");
        const bool full = used && most && *most > 0 && *used >= 0.98 * *most;
        if (full && m_info.text("maxmemory_policy") == "noeviction") {
            act("memory is full and nothing may be evicted: writes are refused", "memory");
        }
        if (rates.evicted && *rates.evicted > 0) {
            const auto evicted = static_cast<std::uint64_t>(std::clamp(*rates.evicted, 1.0, 1e18));
            look(fmt::format("the cache is full: {} keys/s are evicted", format_count(evicted)),
                 "memory");
        }
    }

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

    std::vector<Attention> take() {
        std::stable_partition(m_found.begin(), m_found.end(), [](const Attention& attention) {
            return attention.level == Level::act;
        });
        return std::move(m_found);
    }

private:
    const InfoFields& m_info;
    std::vector<Attention> m_found;
    std::set<std::string> m_named;  // commands that held the server just now
};

}  // namespace

bool holds_server(std::string_view command) {
    return std::find(k_dangerous.begin(), k_dangerous.end(), command) != k_dangerous.end();
}

std::vector<Attention> needs_attention(const ServerInfo& server, const Rates& rates,
                                       const InfoFields& commands, std::span<const HeldBy> held) {
    Finder finder(server.info);
    finder.persistence();
    finder.memory(rates);
    finder.clients();
    finder.replication();
    finder.held(held);
    finder.dangerous(commands);
    return finder.take();
}

}  // namespace cachectl
