// MONITOR: the server repeats every command to us. It halves what a busy server can do, so it is
// used for a short time only, when it is asked for, and left at once where we cannot keep up: what
// we do not read, the server has to hold.
#include <fmt/format.h>

#include <memory>
#include <unordered_map>

#include "hot/hot_keys.hpp"
#include "hot/hottest.hpp"
#include "hot/monitor_line.hpp"
#include "redis/error_reply.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_most_counted = 200'000;
constexpr std::size_t k_most_bytes = 8U << 20U;  // that the names counted may take together
constexpr double k_most_lag = 1.0;               // seconds that we may be behind the server
constexpr std::chrono::milliseconds k_between_checks{50};

class Uses {
public:
    explicit Uses(unsigned database) : m_database(database) {}

    void take(const Reply& reply, double now) {
        if (reply.is_broken()) {
            m_lost = reply.text;
            return;
        }
        const auto line = reply.is_text() ? parse_monitor_line(reply.text) : std::nullopt;
        if (!line) {
            return;
        }
        ++m_commands;
        // Both clocks from the first line on.
        m_offset = m_commands == 1 ? now - line->at : m_offset;
        m_lag = now - line->at - m_offset;
        if (line->database != m_database) {
            return;
        }
        for (const std::string_view key : keys_of_command(line->args)) {
            count(std::string(key));
        }
    }

    [[nodiscard]] bool lags() const { return m_lag > k_most_lag; }
    /// The connection that was lost has never told anything.
    void forget_loss() { m_lost.clear(); }
    /// Why a server's commands are no longer seen; empty while they are.
    [[nodiscard]] const std::string& lost() const { return m_lost; }
    [[nodiscard]] std::uint64_t commands() const { return m_commands; }
    [[nodiscard]] bool overflowed() const { return m_overflowed; }
    [[nodiscard]] const std::unordered_map<std::string, std::uint64_t>& by_key() const {
        return m_uses;
    }

private:
    void count(std::string key) {
        const auto found = m_uses.find(key);
        if (found != m_uses.end()) {
            ++found->second;
        } else if (m_uses.size() < k_most_counted && m_bytes + key.size() <= k_most_bytes) {
            m_bytes += key.size();
            m_uses.emplace(std::move(key), 1);
        } else {
            m_overflowed = true;
        }
    }

    unsigned m_database;
    std::uint64_t m_commands = 0;
    double m_offset = 0;
    double m_lag = 0;
    std::size_t m_bytes = 0;
    bool m_overflowed = false;
    std::string m_lost;
    std::unordered_map<std::string, std::uint64_t> m_uses;
};

}  // namespace

HotKeys hot_by_monitor(Context& ctx, const HotQuestion& question) {
    // Connections of their own, which end with this: nothing else can be asked over them.
    const std::unique_ptr<Client> client = ctx.open_client();
    client->connect_all();
    const auto began = client->now();
    const auto seconds = [&] {
        return std::chrono::duration<double>(client->now() - began).count();
    };
    const auto uses = std::make_shared<Uses>(static_cast<unsigned>(ctx.settings.address.db));
    HotKeys found{.method = HotMethod::monitor, .unit = "uses_per_s"};
    bool is_watching = false;
    for (const ServerNode& node : client->nodes()) {
        node.client->listen([uses, seconds](const Reply& line) { uses->take(line, seconds()); });
        const Reply begun = node.client->call({"MONITOR"});
        if (begun.is_text()) {
            is_watching = true;
            continue;
        }
        Error why = refusal(begun, "watch what clients do (MONITOR)", node.client->server());
        if (!begun.is_broken()) {
            throw why;
        }
        found.failure.emplace(std::move(why));  // what the other masters do is seen
        uses->forget_loss();
    }
    if (!is_watching && found.failure) {
        throw Error(*found.failure);
    }
    ctx.warn(
        fmt::format("MONITOR for {}: the server repeats every command to us, which may halve "
                    "what it can do",
                    format_duration(question.interval)));
    while (client->now() - began < question.interval && stop_signal() == 0 && !uses->lags() &&
           uses->lost().empty()) {
        client->sleep(k_between_checks);
    }
    found.interval = std::chrono::duration_cast<std::chrono::milliseconds>(client->now() - began);
    const double time = std::max(seconds(), 0.001);
    Hottest hottest(question.count);
    for (const auto& [key, count] : uses->by_key()) {
        if (!question.filter.matches_name(key)) {
            continue;
        }
        KeyFacts facts;
        facts.key = key;
        hottest.add(facts, static_cast<double>(count) / time);
    }
    found.keys = hottest.keys();
    keep_hottest(found.keys, question);
    found.notes.push_back(fmt::format("{} commands were seen", format_count(uses->commands())));
    if (uses->lags()) {
        found.notes.emplace_back("stopped early: we could not keep up with the server");
    }
    if (!uses->lost().empty()) {
        found.failure.emplace(ExitCode::unreachable, "MONITOR ended early: " + uses->lost());
    }
    if (uses->overflowed()) {
        found.notes.push_back(fmt::format("only the first {} different keys are counted",
                                          format_count(uses->by_key().size())));
    }
    return found;
}

}  // namespace cachectl
