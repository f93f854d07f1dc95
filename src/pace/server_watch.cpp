#include "pace/server_watch.hpp"

#include <algorithm>

#include "redis/error_reply.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_between_looks_at_first{40}, k_between_looks{320};
constexpr unsigned k_looks_to_health =
    3;  // every third time the other sections are asked for as well
constexpr double k_evictions_that_are_few = 50;  // a second
constexpr std::uint64_t k_lag_that_is_much = 16 << 20;

void take_commands(ServerSigns& signs, const InfoFields& info) {
    const auto take = [&](std::string_view name, CommandCalls& calls) {
        const InfoParts parts = info.command(name);
        const auto count = parts.count("calls");
        const auto usec = parts.count("usec");
        if (count && usec) {
            calls = {*count, *usec};
        }
        return count && usec;
    };
    for (std::size_t i = 0; i < k_verbs; ++i) {
        const std::string_view name = stats_name(static_cast<Verb>(i));
        if (!take(name, signs.commands[i])) {
            take(name.substr(0, name.find('|')), signs.commands[i]);
        }
    }
    for (const CommandInfo& command : info.commands()) {
        if (command.name == "exec") {
            continue;  // what it executes is counted by itself as well
        }
        if (const auto usec = command.parts.count("usec")) {
            signs.commands_usec = signs.commands_usec.value_or(0) + *usec;
        }
    }
}

// Before 6.2 the server tells only what all of its threads have used.
std::optional<std::uint64_t> cpu_in(const InfoFields& info) {
    for (const char* whose : {"_main_thread", ""}) {
        const auto user = info.number(std::string("used_cpu_user") + whose);
        const auto system = info.number(std::string("used_cpu_sys") + whose);
        if (user && system) {
            return static_cast<std::uint64_t>((*user + *system) * 1e6);
        }
    }
    return std::nullopt;
}

std::optional<std::uint64_t> lag_in(const InfoFields& info) {
    const auto offset = info.integer("master_repl_offset");
    std::optional<std::uint64_t> slowest;
    for (const InfoParts& replica : info.replicas()) {
        const auto at = replica.count("offset");
        if (replica.text("state") != "online" || !offset || !at) {
            continue;
        }
        const auto total = static_cast<std::uint64_t>(*offset);
        slowest = std::max(slowest.value_or(0), total - std::min(total, *at));
    }
    return slowest;
}

}  // namespace

ServerSigns signs_in(const InfoFields& info) {
    ServerSigns signs;
    take_commands(signs, info);
    signs.cpu_usec = cpu_in(info);
    if (const auto evicted = info.integer("evicted_keys")) {
        signs.evicted_keys = static_cast<std::uint64_t>(*evicted);
    }
    signs.replica_lag_bytes = lag_in(info);
    return signs;
}

Distress::Kind Distress::judge(const ServerSigns& signs, SteadyTime now) {
    Kind kind = Kind::none;
    if (signs.evicted_keys) {
        const auto last = std::exchange(m_last, Evictions{*signs.evicted_keys, now});
        if (last && now > last->at && *signs.evicted_keys >= last->keys) {
            const double rate = static_cast<double>(*signs.evicted_keys - last->keys) /
                                std::chrono::duration<double>(now - last->at).count();
            if (!m_first_rate) {
                m_first_rate = rate;
            }
            if (rate > 2 * *m_first_rate + k_evictions_that_are_few) {
                kind = Kind::evictions;
            }
        }
    }
    if (signs.replica_lag_bytes) {
        const std::uint64_t last = std::exchange(m_last_lag, *signs.replica_lag_bytes);
        if (m_last_lag > k_lag_that_is_much && m_last_lag > last) {
            kind = Kind::replica_lag;
        }
    }
    return kind;
}

ServerWatch::Looked ServerWatch::look() {
    const SteadyTime now = m_client.now();
    const milliseconds pause =
        std::min(k_between_looks, k_between_looks_at_first * (1U << std::min(m_looks, 4U)) / 2);
    if (m_waiting != 0 || m_refused || (m_looked && now - *m_looked < pause)) {
        return Looked::no;
    }
    m_looked = now;
    m_sections.clear();
    const bool health = m_looks++ % k_looks_to_health == 0;
    m_waiting = health ? 4 : 2;
    ask("commandstats");
    ask("cpu");
    if (health) {
        ask("stats");
        ask("replication");
    }
    return Looked::yes;
}

void ServerWatch::ask(const char* section) {
    m_client.send({"INFO", section}, m_lifetime.guard([this](const Reply& reply) { take(reply); }));
}

// What the sections say belongs together: they were asked for in one write.
void ServerWatch::take(const Reply& reply) {
    m_refused |= reply.is_error() && !is_passing(reply);
    if (reply.is_text()) {
        m_sections.append(reply.text).append("\r\n");
    }
    if (--m_waiting == 0 && !m_sections.empty()) {
        m_on_signs(signs_in(InfoFields(m_sections)));
    }
}

}  // namespace cachectl
