// The table of checks. Adding one is a row here, a measure, and a case of its test.
#include <algorithm>
#include <array>

#include "health/check.hpp"
#include "health/measures.hpp"

namespace cachectl {

namespace {

using Unit = HealthCheck::Unit;
using Bad = HealthCheck::Bad;
using Shown = HealthCheck::Shown;

constexpr HealthLimits k_off = {};
constexpr HealthLimits k_warn_if_so = {1, {}};
constexpr HealthLimits k_crit_if_so = {{}, 1};
constexpr bool k_informs = true;

using namespace measure;

constexpr std::array k_checks = {
    // The server itself.
    HealthCheck{"SERVER_DOWN", "server", Unit::flag, Bad::high, k_crit_if_so, down,
                "The server, or a master of the cluster, cannot be connected to, does not let us "
                "in, or does not answer within `--timeout`."},
    HealthCheck{"SERVER_LOADING", "loading", Unit::flag, Bad::high, k_crit_if_so, loading,
                "It still reads its dataset from disk, and refuses commands meanwhile. "
                "`--wait` DUR waits for that."},
    HealthCheck{"SERVER_BUSY", "busy", Unit::flag, Bad::high, k_crit_if_so, busy,
                "A script or function runs for longer than the server allows, and everybody else "
                "is answered BUSY."},

    // Memory.
    HealthCheck{"MEMORY_NEAR_MAX",
                "memory",
                Unit::ratio,
                Bad::high,
                {0.8, 0.9},
                memory_near_max,
                "Memory in use of maxmemory, without the buffers that do not count. A cache that "
                "evicts is full in normal times, so with a policy that can evict it never alarms: "
                "EVICTIONS does.",
                Shown::always},
    HealthCheck{"MEMORY_NO_LIMIT", "memory limit", Unit::flag, Bad::high, k_warn_if_so,
                memory_no_limit,
                "maxmemory is 0: the server takes what it needs, until the system ends it."},
    HealthCheck{"MEMORY_NEAR_HOST",
                "host memory",
                Unit::ratio,
                Bad::high,
                {0.9, {}},
                memory_near_host,
                "Memory in use of what the host has."},
    HealthCheck{"MEMORY_FRAGMENTED",
                "fragmentation",
                Unit::ratio,
                Bad::high,
                {1.5, 2.0},
                memory_fragmented,
                "What the process takes of the host against what is used, 1.0 at best. Only where "
                "they are more than 100 MiB apart.",
                Shown::always},
    HealthCheck{"MEMORY_OVERHEAD",
                "buffers",
                Unit::ratio,
                Bad::high,
                {0.3, 0.5},
                memory_overhead,
                "What clients, replicas, their backlog and the AOF take of maxmemory."},
    HealthCheck{"MEMORY_SWAPPED",
                "swapped",
                Unit::bytes,
                Bad::high,
                {50.0 * 1024 * 1024, {}},
                memory_swapped,
                "Bytes that are used and not in the host's memory, which the host has swapped "
                "out."},
    HealthCheck{"EVICTIONS",
                "evictions",
                Unit::per_second,
                Bad::high,
                {10, {}},
                evictions,
                "Keys evicted per second within the interval, without those that went for our own "
                "replies. Where an allkeys policy may take "
                "protected keys, and a sample has met some, any is critical.",
                Shown::always},
    HealthCheck{"EVICTION_MAY_TAKE_PROTECTED",
                "protected",
                Unit::count,
                Bad::high,
                {1, {}},
                eviction_may_take_protected,
                "Keys that are protected, by the policy or the context, on a server whose allkeys "
                "policy may evict them; of those in a sample."},
    HealthCheck{"EVICTION_STARVED",
                "evictable",
                Unit::ratio,
                Bad::high,
                {0.5, {}},
                eviction_starved,
                "With a volatile policy, which evicts only keys that expire: the share of the "
                "sampled memory that never does."},

    // The cache and its clients.
    HealthCheck{"HIT_RATIO_LOW",
                "hit ratio",
                Unit::ratio,
                Bad::low,
                {0.8, 0.5},
                hit_ratio,
                "Hits of the look-ups within the interval, without our own. Only with 100 look-ups "
                "or more; a longer `--interval` says more.",
                Shown::always},
    HealthCheck{"CLIENTS_NEAR_MAX",
                "connections",
                Unit::ratio,
                Bad::high,
                {0.8, 0.9},
                clients_near_max,
                "Connected clients of maxclients.",
                Shown::always},
    HealthCheck{"CLIENTS_REJECTED",
                "rejected",
                Unit::count,
                Bad::high,
                {0, 5},
                clients_rejected,
                "Connections that were refused within the interval, because there were too many "
                "clients; a minute's worth of an interval that is longer than one."},
    HealthCheck{"CLIENTS_BLOCKED", "blocked", Unit::count, Bad::high, k_off, clients_blocked,
                "Clients that wait in BLPOP, XREAD, WAIT and the like."},
    HealthCheck{"CLIENTS_TOO_FEW", "clients", Unit::count, Bad::low, k_off, clients_too_few,
                "Connected clients besides ourselves, where fewer than a number mean that the "
                "application is gone."},
    HealthCheck{"AUTH_DENIED",
                "denied",
                Unit::count,
                Bad::high,
                {10, 50},
                auth_denied,
                "Log-ins and commands that access rules have denied since the start, if there are "
                "more of them within the interval. Our own are not among these."},

    // What it spends its time on.
    HealthCheck{"CPU_SATURATED",
                "cpu",
                Unit::ratio,
                Bad::high,
                {0.75, 0.9},
                cpu,
                "CPU time of the main thread within the interval, of one core."},
    HealthCheck{"LATENCY_HIGH",
                "latency",
                Unit::seconds,
                Bad::high,
                {0.010, 0.050},
                latency,
                "The median of our PINGs within the interval beyond the fastest of them, which is "
                "the round trip. A warning also where the latency monitor has recorded 100 ms or "
                "more within the last minute.",
                Shown::always},
    HealthCheck{"SERVER_HELD",
                "held",
                Unit::ratio,
                Bad::high,
                {0.1, 0.3},
                held,
                "The share of the last minute that commands of the slow log have held the server, "
                "with their clients. Everybody else waits meanwhile. A server that has just "
                "started has a whole minute too."},
    HealthCheck{"SLOW_COMMANDS",
                "slow commands",
                Unit::per_second,
                Bad::high,
                {1, {}},
                slow_commands,
                "Entries per second that have come into the slow log within the interval, counted "
                "by their numbers."},
    HealthCheck{"DANGEROUS_COMMANDS",
                "dangerous",
                Unit::ratio,
                Bad::high,
                {0.1, {}},
                dangerous_commands,
                "The share that one of KEYS, EVAL, FCALL, FLUSHALL, FLUSHDB, SMEMBERS, HGETALL and "
                "SORT has had of the time of all commands since the start."},
    HealthCheck{"ERRORS_RATE",
                "errors",
                Unit::per_second,
                Bad::high,
                {5, {}},
                errors_rate,
                "Error replies per second within the interval."},

    // Replicas and persistence.
    HealthCheck{"REPLICA_LINK_DOWN",
                "replicas",
                Unit::seconds,
                Bad::high,
                {0, 120},
                replica_link,
                "Of a replica: for how long it has not reached its master. Of a master: a replica "
                "that is connected and not in step, at both readings.",
                Shown::always},
    HealthCheck{"REPLICA_LAG",
                "replica lag",
                Unit::seconds,
                Bad::high,
                {10, 30},
                replica_lag,
                "For how long a replica has not acknowledged anything, as its master knows it. A "
                "warning also where it is 10 MiB of changes behind.",
                Shown::always},
    HealthCheck{"REPLICA_LOST",
                "replicas lost",
                Unit::count,
                Bad::high,
                {0, {}},
                replica_lost,
                "Replicas that there were at the beginning of the interval and are no more, or "
                "that are missing for min-replicas-to-write."},
    HealthCheck{"REPLICA_BUFFER",
                "replica buffer",
                Unit::ratio,
                Bad::high,
                {0.6, 0.9},
                replica_buffer,
                "What waits to be sent to a replica, of the limit at which its connection is "
                "closed and it begins anew."},
    HealthCheck{"SAVE_FAILED", "persistence", Unit::flag, Bad::high, k_crit_if_so, save_failed,
                "The last save to disk, or the last write to the AOF, has failed.", Shown::always},
    HealthCheck{"SAVE_SLOW",
                "save time",
                Unit::seconds,
                Bad::high,
                {600, 1200},
                save_slow,
                "How long the last save or rewrite took, or the one that runs has taken so far."},
    HealthCheck{"SAVE_OLD",
                "last save",
                Unit::seconds,
                Bad::high,
                {48.0 * 3600, {}},
                save_old,
                "The age of the last save, where saving is configured and there are changes since "
                "then."},
    HealthCheck{"FORK_MEMORY",
                "fork memory",
                Unit::ratio,
                Bad::high,
                {0.8, 0.9},
                fork_memory,
                "What the process and the copies that it made during its last save take of the "
                "host's memory."},

    // A cluster.
    HealthCheck{"CLUSTER_STATE", "cluster", Unit::flag, Bad::high, k_crit_if_so, cluster_state,
                "The cluster is not ok by a master's own word: it refuses commands on keys.",
                Shown::always},
    HealthCheck{"CLUSTER_SLOTS_FAIL",
                "failed slots",
                Unit::count,
                Bad::high,
                {{}, 0},
                cluster_slots_fail,
                "Slots whose master has failed, by the word of the others."},
    HealthCheck{"CLUSTER_SLOTS_PFAIL",
                "doubtful slots",
                Unit::count,
                Bad::high,
                {0, {}},
                cluster_slots_pfail,
                "Slots whose master one node does not reach."},
    HealthCheck{"CLUSTER_TWO_OWNERS",
                "two owners",
                Unit::count,
                Bad::high,
                {{}, 0},
                cluster_two_owners,
                "Slots that two masters, which both answer, say that they serve."},
    HealthCheck{"CLUSTER_OPEN_SLOTS",
                "open slots",
                Unit::count,
                Bad::high,
                {0, {}},
                cluster_open_slots,
                "Slots that are marked as being moved. Where nobody moves them just now, they were "
                "left over."},
    HealthCheck{"CLUSTER_ORPHAN_KEYS",
                "orphan keys",
                Unit::count,
                Bad::high,
                {0, {}},
                cluster_orphan_keys,
                "Keys in slots that the node does not serve, nor takes over just now."},
    HealthCheck{"CLUSTER_UNBALANCED",
                "balance",
                Unit::ratio,
                Bad::high,
                {1.5, {}},
                cluster_unbalanced,
                "Memory of the fullest master against the mean of all. Only from 64 MiB on."},
    HealthCheck{"CONFIG_DRIFT",
                "configuration",
                Unit::count,
                Bad::high,
                {0, {}},
                config_drift,
                "Which of maxmemory, maxmemory-policy and appendonly differ among the masters."},

    // A sample of the keys.
    HealthCheck{"BIG_KEYS",
                "big keys",
                Unit::count,
                Bad::high,
                {0, {}},
                big_keys,
                "Keys in a sample of 2,000 that take more than 1 MiB or have more than 10,000 "
                "elements; where the policy has a max_size for them, that."},
    HealthCheck{"KEYS_WITHOUT_TTL", "no TTL", Unit::ratio, Bad::high, k_off, keys_without_ttl,
                "The share of sampled keys that never expire: of those that should by the policy, "
                "where any is a warning; without TTLs in a policy it is off, and of all keys."},
    HealthCheck{"EXPIRY_CLIFF",
                "expiry cliff",
                Unit::ratio,
                Bad::high,
                {0.25, {}},
                expiry_cliff,
                "The largest share of the sampled keys that expire which do so within the same "
                "60 s: the database behind the cache is asked for all of them at once. Only with "
                "100 of them or more."},

    // Worth knowing.
    HealthCheck{"NO_PASSWORD", "password", Unit::flag, Bad::high, k_warn_if_so, no_password,
                "We have got in without a password.", Shown::when_bad, k_informs},
    HealthCheck{"LOGICAL_DBS",
                "databases",
                Unit::count,
                Bad::high,
                {2, {}},
                logical_databases,
                "More than one of the numbered databases holds keys.",
                Shown::when_bad,
                k_informs},
    HealthCheck{"OLD_VERSION", "version", Unit::flag, Bad::high, k_warn_if_so, old_version,
                "The server is older than Redis or Valkey 7.2.", Shown::when_bad, k_informs},
    HealthCheck{"SCRIPTS_MANY",
                "scripts",
                Unit::count,
                Bad::high,
                {1000, {}},
                many_scripts,
                "Lua scripts that the server keeps.",
                Shown::when_bad,
                k_informs},
};

}  // namespace

std::span<const HealthCheck> health_checks() { return k_checks; }

const HealthCheck* find_health_check(std::string_view id) {
    const auto* const found = std::find_if(
        k_checks.begin(), k_checks.end(), [&](const HealthCheck& check) { return check.id == id; });
    return found == k_checks.end() ? nullptr : found;
}

std::string_view name_of(HealthStatus status) {
    constexpr std::array<std::string_view, 4> k_names = {"ok", "warn", "crit", "unknown"};
    return k_names[static_cast<std::size_t>(status)];
}

std::string_view describe(HealthCheck::Unit unit) {
    constexpr std::array<std::string_view, 6> k_names = {"flag",  "count",   "ratio",
                                                         "bytes", "seconds", "per_second"};
    return k_names[static_cast<std::size_t>(unit)];
}

}  // namespace cachectl
