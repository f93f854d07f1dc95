// Memory, and what is evicted to have some.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>

#include "health/measures.hpp"
#include "health/measuring.hpp"
#include "stats/figure_text.hpp"

namespace cachectl::measure {

namespace {

constexpr double k_mib = 1024.0 * 1024.0;

std::string policy_of(const NodeEvidence& node) {
    return std::string(node.info().text("maxmemory_policy"));
}

/// Whether a full server makes room by itself: volatile-* only where keys expire at all.
bool evicts(const NodeEvidence& node) {
    const std::string policy = policy_of(node);
    if (policy.starts_with("allkeys-")) {
        return true;
    }
    const auto databases = node.info().databases();
    const bool any_expires = std::any_of(databases.begin(), databases.end(), [](const auto& db) {
        return db.parts.integer("expires").value_or(0) > 0;
    });
    return policy.starts_with("volatile-") && any_expires;
}

std::string of_limit(double used, double most) {
    return fmt::format("{} of {}", format_share(used / most), bytes_text(most));
}

/// Keys that went to make room for our own replies between the readings, at most: a full cache
/// evicts for these too.
double evicted_for_us(const NodeEvidence& node) {
    const auto keys = static_cast<double>(node.info().keys());
    const double bytes =
        static_cast<double>(node.after.own_reply_bytes - node.before.own_reply_bytes);
    const double dataset = figure(node, "used_memory_dataset");
    constexpr double k_smallest_key = 64;
    const double of_a_key = keys > 0 ? std::max(k_smallest_key, dataset / keys) : k_smallest_key;
    return std::ceil(bytes / of_a_key);
}

}  // namespace

Measurement memory_near_max(const NodeEvidence& node, const HealthEvidence& all) {
    Needed info(node);
    const double used = info.number("used_memory"), most = info.number("maxmemory");
    if (info.lacks()) {
        return info.unknown();
    }
    if (most == 0) {
        return Measurement::not_applicable();
    }
    const double counted = std::max(0.0, used - figure(node, "mem_not_counted_for_evict"));
    const std::string policy = policy_of(node);
    Measurement found{.value = counted / most, .shown = of_limit(counted, most)};
    if (evicts(node)) {
        found.is_harmless = true;
        found.message = policy + " makes room when it is full";
        return found;
    }
    found.message = policy.starts_with("volatile-")
                        ? policy + " finds no key that expires: writes are refused when it is full"
                        : "nothing may be evicted: writes are refused when it is full";
    found.remedy = all.command + " du";
    found.gives = "shows what takes the memory";
    return found;
}

Measurement memory_no_limit(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    Needed info(node);
    const double most = info.number("maxmemory");
    if (info.lacks()) {
        return info.unknown();
    }
    if (most > 0) {
        return {.value = 0, .message = bytes_text(most) + " are allowed"};
    }
    const double host = figure(node, "total_system_memory");
    Measurement found{.value = 1, .shown = "none"};
    found.message = "maxmemory is 0: it takes what there is, until the system ends it";
    found.remedy = host > 0 ? fmt::format("CONFIG SET maxmemory {:.0f}mb", host * 0.75 / k_mib)
                            : "set maxmemory in the server's configuration";
    found.gives = host > 0 ? "three quarters of the host" : "";
    return found;
}

Measurement memory_near_host(const NodeEvidence& node, const HealthEvidence& all) {
    Needed info(node);
    const double used = info.number("used_memory"), host = info.number("total_system_memory");
    if (info.lacks()) {
        return info.unknown();
    }
    if (host == 0) {
        return Measurement::not_applicable();
    }
    return {.value = used / host,
            .shown = of_limit(used, host),
            .message = fmt::format("the host has {}", bytes_text(host)),
            .remedy = all.command + " du",
            .gives = "shows what takes the memory"};
}

Measurement memory_fragmented(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    Needed info(node);
    const double used = info.number("used_memory"), resident = info.number("used_memory_rss");
    if (info.lacks() || used == 0) {
        return info.lacks() ? info.unknown() : Measurement::not_applicable();
    }
    constexpr double k_least = 100 * k_mib;
    const double ratio = resident / used;
    Measurement found{.value = ratio, .shown = fmt::format("{:.2f}", ratio)};
    if (resident - used < k_least) {
        found.is_harmless = true;
        found.message = "less than 100 MiB beyond what is used";
        return found;
    }
    found.message =
        fmt::format("the process takes {} for {}", bytes_text(resident), bytes_text(used));
    found.remedy = "CONFIG SET activedefrag yes";
    found.gives = "or restart it in a quiet hour";
    return found;
}

Measurement memory_overhead(const NodeEvidence& node, const HealthEvidence& all) {
    Needed info(node);
    const double most = info.number("maxmemory"), clients = info.number("mem_clients_normal");
    if (info.lacks()) {
        return info.unknown();
    }
    if (most == 0) {
        return Measurement::not_applicable();
    }
    double taken = clients;
    for (const char* field :
         {"mem_clients_slaves", "mem_replication_backlog", "mem_aof_buffer", "mem_cluster_links"}) {
        taken += figure(node, field);
    }
    return {.value = taken / most,
            .shown = of_limit(taken, most),
            .message = fmt::format("clients {}, replicas and their backlog {}", bytes_text(clients),
                                   bytes_text(taken - clients)),
            .remedy = all.command + " stats clients",
            .gives = "shows whose buffers are large"};
}

Measurement memory_swapped(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    Needed info(node);
    const double used = info.number("used_memory"), resident = info.number("used_memory_rss");
    if (info.lacks()) {
        return info.unknown();
    }
    const double swapped = std::max(0.0, used - resident);
    return {.value = swapped,
            .shown = bytes_text(swapped),
            .message = fmt::format("{} are used, {} of them are in the host's memory",
                                   bytes_text(used), bytes_text(std::min(used, resident))),
            .remedy = "give the host more memory, or the server a lower maxmemory"};
}

Measurement evictions(const NodeEvidence& node, const HealthEvidence& all) {
    if (!node.rates.evicted) {
        return uncounted(node, "evicted_keys");
    }
    const double seconds =
        std::max(1.0, std::chrono::duration<double>(node.after.at - node.before.at).count());
    Needed info(node);
    const double evicted = std::max(0.0, info.growth("evicted_keys") - evicted_for_us(node));
    const double rate = evicted / seconds;
    const std::string policy = policy_of(node);
    Measurement found{.value = rate, .shown = format_per_second(rate)};
    const bool takes_protected =
        policy.starts_with("allkeys-") && all.keys && all.keys->protected_keys > 0;
    found.message =
        fmt::format("{} so far{}{}", counted(figure(node, "evicted_keys"), "key", "keys"),
                    policy.empty() ? "" : " under ", policy);
    if (takes_protected) {
        found.limits = HealthLimits{{}, 0};
        found.at_least = rate > 0 ? HealthStatus::crit : HealthStatus::ok;
        found.message +=
            fmt::format("; protected keys such as {} may go too", all.keys->protected_example);
    }
    found.remedy = all.command + " du";
    found.gives = "shows what takes the memory";
    return found;
}

}  // namespace cachectl::measure
