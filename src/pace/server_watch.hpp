// How the server is while it is being worked: what our commands cost it by its own measure,
// whether it evicts keys, whether its replicas keep up. From INFO, now and then; what a server does
// not tell, or not to this user, is absent.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "pace/cost.hpp"
#include "redis/client.hpp"
#include "redis/info.hpp"
#include "util/lifetime.hpp"

namespace cachectl {

/// Of one command, since the server started.
struct CommandCalls {
    std::uint64_t calls = 0;
    std::uint64_t usec = 0;
};

struct ServerSigns {
    std::array<CommandCalls, k_verbs> commands{};  // by Verb
    std::optional<std::uint64_t> commands_usec;    // of all commands together
    std::optional<std::uint64_t> cpu_usec;         // used by the thread that executes them
    std::optional<std::uint64_t> evicted_keys;
    std::optional<std::uint64_t> replica_lag_bytes;  // of the slowest one that is online
};

/// From the fields of the sections commandstats, cpu, stats and replication, as far as they are
/// there.
ServerSigns signs_in(const InfoFields& info);

/// Whether a server that had been well does worse under us: it evicts more than twice as many keys
/// a second as at first, or a replica is many megabytes behind and falls further back.
class Distress {
public:
    enum class Kind { none, evictions, replica_lag };
    /// `now` only grows.
    Kind judge(const ServerSigns& signs, SteadyTime now);

private:
    struct Evictions {
        std::uint64_t keys;
        SteadyTime at;
    };
    std::optional<Evictions> m_last;
    std::optional<double> m_first_rate;  // a second
    std::uint64_t m_last_lag = 0;
};

/// Asks for the signs. INFO is some tens of microseconds of the server's time.
class ServerWatch {
public:
    ServerWatch(Client& client, std::function<void(const ServerSigns&)> on_signs)
        : m_client(client), m_on_signs(std::move(on_signs)) {}

    /// Asks, if it is time to: often at first. The answer comes from within run_until().
    enum class Looked { no, yes };
    Looked look();

private:
    void ask(const char* section);
    void take(const Reply& reply);

    Client& m_client;
    std::function<void(const ServerSigns&)> m_on_signs;
    unsigned m_waiting = 0;  // sections whose replies are still to come
    bool m_refused = false;
    std::string m_sections;  // that have come
    std::optional<SteadyTime> m_looked;
    unsigned m_looks = 0;
    Lifetime m_lifetime;
};

}  // namespace cachectl
