// Replicas and persistence.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>

#include "health/measures.hpp"
#include "health/measuring.hpp"
#include "stats/client_list.hpp"
#include "stats/figure_text.hpp"

namespace cachectl::measure {

namespace {

std::string address_of(const InfoParts& replica) {
    return fmt::format("{}:{}", replica.text("ip"), replica.text("port"));
}

bool is_online(const InfoParts& replica) {
    const auto state = replica.text("state");
    return state.empty() || state == "online";
}

/// Of the limits "normal 0 0 0 slave 268435456 67108864 60 pubsub …" the hard one of replicas.
double replica_limit(const std::string& limits) {
    std::istringstream words(limits);
    std::string name, hard, soft, seconds;
    while (words >> name >> hard >> soft >> seconds) {
        if (name == "slave" || name == "replica") {
            return std::strtod(hard.c_str(), nullptr);
        }
    }
    return 0;
}

}  // namespace

Measurement replica_link(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    const InfoFields& info = node.info();
    if (!is_master(node)) {
        const bool is_down = info.text("master_link_status") == "down";
        const double seconds =
            std::max(1.0, info.number("master_link_down_since_seconds").value_or(1));
        const std::string master =
            fmt::format("{}:{}", info.text("master_host"), info.text("master_port"));
        return {.value = is_down ? seconds : 0,
                .shown = is_down ? "down" : "up",
                .message = is_down ? "its master " + master + " does not reach it: data get older"
                                   : "to its master " + master,
                .remedy = "see the logs of both servers"};
    }
    const auto replicas = info.replicas();
    if (replicas.empty()) {
        return Measurement::not_applicable();
    }
    const auto earlier = node.before.server.info.replicas();
    for (const InfoParts& replica : replicas) {
        const bool was_offline =
            std::any_of(earlier.begin(), earlier.end(), [&](const InfoParts& other) {
                return address_of(other) == address_of(replica) && !is_online(other);
            });
        if (!is_online(replica) && was_offline) {
            return {.value = 1,
                    .shown = std::string(replica.text("state")),
                    .message = address_of(replica) + " is not in step with it yet",
                    .remedy = "see the logs of both servers"};
        }
    }
    return {.value = 0, .shown = fmt::format("{} online", replicas.size())};
}

Measurement replica_lag(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    const auto replicas = node.info().replicas();
    if (!is_master(node) || replicas.empty()) {
        return Measurement::not_applicable();
    }
    constexpr double k_most_behind = 10.0 * 1024 * 1024;
    Measurement found{.value = 0, .remedy = "see whether the replica's host or network is busy"};
    const double written = figure(node, "master_repl_offset");
    for (const InfoParts& replica : replicas) {
        if (!is_online(replica)) {
            continue;
        }
        const double lag = std::max(0.0, replica.number("lag").value_or(0));
        const double behind = std::max(0.0, written - replica.number("offset").value_or(written));
        if (behind >= k_most_behind) {
            found.at_least = HealthStatus::warn;
        }
        if (found.message.empty() || lag > *found.value) {
            found.value = lag;
            found.message = fmt::format("{} is {} behind", address_of(replica), bytes_text(behind));
        }
    }
    found.shown = fmt::format("{:.0f} s", *found.value);
    return found;
}

Measurement replica_lost(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    const auto now = node.info().number("connected_slaves");
    if (!is_master(node) || !now) {
        return Measurement::not_applicable();
    }
    const double before = node.before.server.info.number("connected_slaves").value_or(*now);
    const auto wanted_text = config(node, "min-replicas-to-write");
    const double wanted = wanted_text ? std::strtod(wanted_text->c_str(), nullptr) : 0;
    const double good = node.info().number("min_slaves_good_slaves").value_or(*now);
    if (before == 0 && *now == 0 && wanted == 0) {
        return Measurement::not_applicable();
    }
    const double lost = std::max({0.0, before - *now, wanted - good});
    Measurement found{
        .value = lost,
        .shown = fmt::format("{:.0f} of {:.0f}", good, std::max({before, *now, wanted}))};
    if (wanted > good) {
        found.message = "fewer than min-replicas-to-write: writes are refused";
    } else if (lost > 0) {
        found.message = "fewer than at the beginning of the interval";
    }
    found.remedy = "see whether the replica runs and reaches its master";
    return found;
}

Measurement replica_buffer(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    if (!is_master(node) || node.info().replicas().empty()) {
        return Measurement::not_applicable();
    }
    const Reply* list = told(node, "CLIENT LIST TYPE replica");
    const auto limits = config(node, "client-output-buffer-limit");
    if (list == nullptr || !limits) {
        return untold(node, list == nullptr ? "CLIENT LIST TYPE replica"
                                            : "CONFIG GET client-output-buffer-limit");
    }
    const double most = replica_limit(*limits);
    if (most == 0) {
        return Measurement::not_applicable();
    }
    Measurement found{.value = 0,
                      .remedy =
                          "CONFIG SET client-output-buffer-limit \"replica 512mb "
                          "128mb 60\"",
                      .gives = "else a replica that falls behind begins anew"};
    for (const ListedClient& replica : parse_client_list(list->text)) {
        const double share = static_cast<double>(replica.output_bytes) / most;
        if (share >= *found.value) {
            found.value = share;
            found.message =
                fmt::format("{} waits to be sent to {}",
                            bytes_text(static_cast<double>(replica.output_bytes)), replica.address);
        }
    }
    found.shown = fmt::format("{} of {}", format_share(*found.value), bytes_text(most));
    return found;
}

Measurement save_failed(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    const InfoFields& info = node.info();
    if (info.text("rdb_last_bgsave_status").empty()) {
        return Measurement::unknown("the server does not tell rdb_last_bgsave_status");
    }
    Measurement found{.value = 0, .shown = "last save ok"};
    const auto look = [&](const char* field, const char* what) {
        if (info.text(field) == "err") {
            found.value = 1;
            found.shown = "failed";
            found.message = std::string(what) + " failed: writes may be refused (MISCONF)";
        }
    };
    look("aof_last_bgrewrite_status", "the last rewrite of the AOF");
    look("aof_last_write_status", "the last write to the AOF");
    look("rdb_last_bgsave_status", "the last save to disk");
    found.remedy = "look at the server's log, its disk and its memory";
    return found;
}

Measurement save_slow(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    double longest = 0;
    bool is_told = false;
    for (const char* field : {"rdb_last_bgsave_time_sec", "rdb_current_bgsave_time_sec",
                              "aof_last_rewrite_time_sec", "aof_current_rewrite_time_sec"}) {
        is_told |= node.info().number(field).has_value();
        longest = std::max(longest, figure(node, field));
    }
    if (!is_told) {
        return Measurement::unknown("the server does not tell how long saving takes");
    }
    return {.value = longest,
            .shown = seconds_text(longest),
            .message = "the last save or rewrite, or the one that runs",
            .remedy = "look at the server's disk, and at whether the host swaps"};
}

Measurement save_old(const NodeEvidence& node, const HealthEvidence& all) {
    const auto saving = config(node, "save");
    if (!saving) {
        return untold(node, "CONFIG GET save");
    }
    Needed info(node);
    const double saved = info.number("rdb_last_save_time");
    if (info.lacks()) {
        return info.unknown();
    }
    const double changes = figure(node, "rdb_changes_since_last_save");
    if (saving->empty()) {
        return Measurement::not_applicable();
    }
    const auto now = server_clock(node.info(), all.now);
    const double age = changes == 0 ? 0 : std::max(0.0, static_cast<double>(now.count()) - saved);
    return {.value = age,
            .shown = seconds_text(age),
            .message = fmt::format("{} are not on disk", counted(changes, "change", "changes")),
            .remedy = "BGSAVE",
            .gives = "saves now, in a process of its own"};
}

Measurement fork_memory(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    Needed info(node);
    const double host = info.number("total_system_memory");
    const double resident = info.number("used_memory_rss");
    if (info.lacks()) {
        return info.unknown();
    }
    const double copied =
        std::max({figure(node, "rdb_last_cow_size"), figure(node, "aof_last_cow_size"),
                  figure(node, "current_cow_size")});
    if (host == 0 || copied == 0) {
        return Measurement::not_applicable();  // it has never forked
    }
    const double share = (resident + copied) / host;
    return {.value = share,
            .shown = format_share(share),
            .message = fmt::format("{} and {} of copies while it saves, of the host's {}",
                                   bytes_text(resident), bytes_text(copied), bytes_text(host)),
            .remedy = "give the host more memory, or the server a lower maxmemory"};
}

}  // namespace cachectl::measure
