#include "walk/server_watch.hpp"

#include <algorithm>
#include <charconv>

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_between_looks{300};
constexpr unsigned k_looks_to_health = 3;        // every so many, the other sections as well
constexpr double k_evictions_that_are_few = 50;  // a second
constexpr std::uint64_t k_lag_that_is_much = 16 << 20;

/// "name=123" out of "a=1,name=123,b=2".
std::optional<std::uint64_t> value_in(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        const std::string_view part = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!part.starts_with(name) || part.substr(name.size(), 1) != "=") continue;
        std::uint64_t value = 0;
        const std::string_view digits = part.substr(name.size() + 1);
        if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec ==
            std::errc()) {
            return value;
        }
    }
    return std::nullopt;
}

std::optional<std::uint64_t> lag_in(const InfoFields& info) {
    const auto offset = info.integer("master_repl_offset");
    std::optional<std::uint64_t> slowest;
    for (const auto& [name, value] : info.all()) {
        const bool is_replica = name.starts_with("slave") && name.size() > 5 &&
                                name.find_first_not_of("0123456789", 5) == std::string::npos;
        if (!is_replica || value.find("state=online") == std::string::npos) continue;
        const auto at = value_in(value, "offset");
        if (!offset || !at) continue;
        const auto total = static_cast<std::uint64_t>(*offset);
        slowest = std::max(slowest.value_or(0), total - std::min(total, *at));
    }
    return slowest;
}

}  // namespace

ServerSigns signs_in(const InfoFields& info) {
    ServerSigns signs;
    const std::string_view scan = info.text("cmdstat_scan");
    const auto calls = value_in(scan, "calls");
    const auto usec = value_in(scan, "usec");
    if (calls && usec) signs.scan = {*calls, *usec};
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
            if (!m_first_rate) m_first_rate = rate;
            if (rate > 2 * *m_first_rate + k_evictions_that_are_few) kind = Kind::evictions;
        }
    }
    if (signs.replica_lag_bytes) {
        const std::uint64_t last = std::exchange(m_last_lag, *signs.replica_lag_bytes);
        if (m_last_lag > k_lag_that_is_much && m_last_lag > last) kind = Kind::replica_lag;
    }
    return kind;
}

void ServerWatch::look() {
    const SteadyTime now = m_client.now();
    if (m_waiting || m_refused || (m_looked && now - *m_looked < k_between_looks)) return;
    m_looked = now;
    ask("commandstats");
    if (m_looks++ % k_looks_to_health != 0) return;
    ask("stats");
    ask("replication");
}

void ServerWatch::ask(const char* section) {
    m_waiting = true;
    m_client.send({"INFO", section},
                  [this, alive = std::weak_ptr<void>(m_alive)](const Reply& reply) {
                      if (alive.expired()) return;
                      m_waiting = false;
                      m_refused |= reply.is_error();
                      if (reply.is_text()) m_on_signs(signs_in(InfoFields(reply.text)));
                  });
}

}  // namespace cachectl
