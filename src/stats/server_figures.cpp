#include "stats/server_figures.hpp"

#include <array>
#include <string_view>

#include "stats/info_figures.hpp"
#include "util/saturating.hpp"

namespace cachectl {

namespace {

using Kind = Figure::Kind;
using Unit = Figure::Unit;
using Shape = FigureGroup::Shape;

constexpr FieldFigure k_memory[] = {
    {"used_bytes", "used_memory", Kind::gauge, Unit::bytes, "Bytes the server has allocated"},
    {"peak_bytes", "used_memory_peak", Kind::gauge, Unit::bytes, "The most it ever had allocated"},
    {"rss_bytes", "used_memory_rss", Kind::gauge, Unit::bytes, "Bytes the process has in RAM"},
    {"max_bytes", "maxmemory", Kind::gauge, Unit::bytes, "Limit that evicts keys; 0: none"},
    {"policy", "maxmemory_policy", Kind::text, Unit::none, "What is evicted at the limit"},
    {"fragmentation_ratio", "mem_fragmentation_ratio", Kind::gauge, Unit::none,
     "Bytes in RAM per byte allocated"},
    {"dataset_bytes", "used_memory_dataset", Kind::gauge, Unit::bytes, "Bytes of keys and values"},
};

constexpr FieldFigure k_more_memory[] = {
    {"overhead_bytes", "used_memory_overhead", Kind::gauge, Unit::bytes,
     "Bytes of all that is not keys and values"},
    {"startup_bytes", "used_memory_startup", Kind::gauge, Unit::bytes,
     "Bytes the server had allocated when it started"},
    {"clients_bytes", "mem_clients_normal", Kind::gauge, Unit::bytes,
     "Bytes of clients' buffers, which count towards the limit"},
    {"replicas_bytes", "mem_clients_slaves", Kind::gauge, Unit::bytes,
     "Bytes of replicas' buffers"},
    {"replication_backlog_bytes", "mem_replication_backlog", Kind::gauge, Unit::bytes,
     "Bytes of the replication backlog"},
    {"aof_buffer_bytes", "mem_aof_buffer", Kind::gauge, Unit::bytes, "Bytes of the AOF's buffers"},
    {"lua_bytes", "used_memory_lua", Kind::gauge, Unit::bytes, "Bytes of the Lua engine"},
    {"not_counted_for_evict_bytes", "mem_not_counted_for_evict", Kind::gauge, Unit::bytes,
     "Bytes that do not count towards the limit"},
    {"allocator_fragmentation_ratio", "allocator_frag_ratio", Kind::gauge, Unit::none,
     "Bytes in the allocator's pages per byte allocated"},
    {"allocator", "mem_allocator", Kind::text, Unit::none, "The memory allocator"},
    {"lazyfree_pending_objects", "lazyfree_pending_objects", Kind::gauge, Unit::none,
     "Objects that wait to be freed in the background"},
    {"system_bytes", "total_system_memory", Kind::gauge, Unit::bytes, "RAM of the machine"},
};

constexpr FieldFigure k_cache[] = {
    {"hits", "keyspace_hits", Kind::counter, Unit::none, "Look-ups of keys that were there"},
    {"misses", "keyspace_misses", Kind::counter, Unit::none, "Look-ups of keys that were not"},
    {"expired_keys", "expired_keys", Kind::counter, Unit::none, "Keys whose time to live was over"},
    {"evicted_keys", "evicted_keys", Kind::counter, Unit::none,
     "Keys removed because memory had reached its limit"},
    {"errors", "total_error_replies", Kind::counter, Unit::none, "Commands that got an error"},
};

constexpr FieldFigure k_clients[] = {
    {"connected", "connected_clients", Kind::gauge, Unit::none, "Clients connected"},
    {"blocked", "blocked_clients", Kind::gauge, Unit::none,
     "Clients that wait in a blocking command"},
    {"max", "maxclients", Kind::gauge, Unit::none, "Clients that may be connected at most"},
    {"tracking", "tracking_clients", Kind::gauge, Unit::none, "Clients that track keys"},
    {"largest_input_buffer_bytes", "client_recent_max_input_buffer", Kind::gauge, Unit::bytes,
     "Largest recent input buffer of a client"},
    {"largest_output_buffer_bytes", "client_recent_max_output_buffer", Kind::gauge, Unit::bytes,
     "Largest recent output buffer of a client"},
    {"connections_total", "total_connections_received", Kind::counter, Unit::none,
     "Connections accepted"},
    {"rejected_total", "rejected_connections", Kind::counter, Unit::none,
     "Connections refused because there were too many"},
    {"commands_total", "total_commands_processed", Kind::counter, Unit::none, "Commands processed"},
    {"commands_per_s", "instantaneous_ops_per_sec", Kind::gauge, Unit::none,
     "Commands processed in a second, just now"},
    {"input_kb_per_s", "instantaneous_input_kbps", Kind::gauge, Unit::none,
     "Kilobytes received in a second, just now"},
    {"output_kb_per_s", "instantaneous_output_kbps", Kind::gauge, Unit::none,
     "Kilobytes sent in a second, just now"},
};

}  // namespace

FigureGroup server_figures(const ServerInfo& server) {
    return {"server",
            Shape::one,
            {{text_figure("name", server.name, "The product"),
              text_figure("version", server.version, "Its version"),
              text_figure("mode", server.mode, "standalone, cluster or sentinel"),
              text_figure("role", server.role, "master or replica"),
              {"uptime_s", figure_value(server.info.text("uptime_in_seconds"), Kind::gauge),
               Kind::gauge, Unit::seconds, "Seconds since the server was started"}}}};
}

FigureGroup memory_figures(const InfoFields& info, MemoryDetail detail) {
    FigureRow row;
    add_figures(row, k_memory, info);
    const auto used = info.integer("used_memory");
    const auto max = info.integer("maxmemory");
    if (used && max && *max > 0) {
        row[0].fraction = share_of(*used, *max);
    }
    if (max == 0) {
        row[3].shown = "no limit";
    }
    if (detail == MemoryDetail::all) {
        add_figures(row, k_more_memory, info);
    }
    return {"memory", Shape::one, {std::move(row)}};
}

FigureGroup cache_figures(const InfoFields& info) {
    FigureRow row;
    add_figures(row, k_cache, info);
    const auto hits = info.integer("keyspace_hits");
    const auto misses = info.integer("keyspace_misses");
    Figure ratio{"hit_ratio", {}, Kind::gauge, Unit::share, "Hits among the look-ups, 0 to 1"};
    Figure requests{"total_requests", {}, Kind::counter, Unit::none, "Look-ups of keys"};
    if (hits && misses) {
        const std::int64_t all = saturating_add(*hits, *misses);
        requests.value = all;
        if (all > 0) {
            ratio.fraction = share_of(*hits, all);
            ratio.value = *ratio.fraction;
        } else {
            ratio.shown = "no requests yet";
        }
    }
    row.insert(row.begin() + 2, {std::move(ratio), std::move(requests)});
    return {"cache", Shape::one, {std::move(row)}};
}

void add_interval(FigureGroup& cache, const IntervalLookups& lookups) {
    FigureRow& row = cache.rows[0];
    const std::int64_t all = saturating_add(lookups.hits, lookups.misses);
    Figure ratio{"interval_hit_ratio",
                 {},
                 Kind::gauge,
                 Unit::share,
                 "Hits among the look-ups of the interval, 0 to 1"};
    if (all > 0) {
        ratio.fraction = share_of(lookups.hits, all);
        ratio.value = *ratio.fraction;
    } else {
        ratio.shown = "no requests";
    }
    row.push_back({"interval_ms", lookups.interval.count(), Kind::gauge, Unit::milliseconds,
                   "Length of the interval that was just watched"});
    row.push_back(
        {"interval_requests", all, Kind::gauge, Unit::none, "Look-ups of keys in the interval"});
    row.push_back(std::move(ratio));
}

std::int64_t inspection_requests(const InfoFields& command_stats) {
    constexpr std::array<std::string_view, 7> k_commands = {
        "type",  "pttl", "object|encoding", "object|freq", "object|idletime", "object|refcount",
        "object"};
    std::int64_t calls = 0;
    for (const std::string_view name : k_commands) {
        calls = saturating_add(calls, command_stats.command(name).integer("calls").value_or(0));
    }
    return calls;
}

void add_inspection(FigureGroup& cache, const InfoFields& command_stats) {
    Figure inspection{"inspection_requests",
                      {},
                      Kind::counter,
                      Unit::none,
                      "Look-ups that were TYPE, PTTL or OBJECT, as tools send them"};
    if (!command_stats.empty()) {
        inspection.value = inspection_requests(command_stats);
    }
    cache.rows[0].push_back(std::move(inspection));
}

FigureGroup client_figures(const InfoFields& info) {
    FigureRow row;
    add_figures(row, k_clients, info);
    const auto connected = info.integer("connected_clients");
    const auto max = info.integer("maxclients");
    if (connected && max && *max > 0) {
        row[0].fraction = share_of(*connected, *max);
    }
    return {"clients", Shape::one, {std::move(row)}};
}

}  // namespace cachectl
