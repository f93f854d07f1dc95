#include "stats/server_figures.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string_view>

namespace cachectl {

namespace {

using Kind = Figure::Kind;
using Unit = Figure::Unit;
using Shape = FigureGroup::Shape;

/// A figure that is a field of INFO.
struct Known {
    const char* name;
    const char* field;
    Kind kind;
    Unit unit;
    const char* help;
};

constexpr Known k_memory[] = {
    {"used_bytes", "used_memory", Kind::gauge, Unit::bytes, "Bytes the server has allocated"},
    {"peak_bytes", "used_memory_peak", Kind::gauge, Unit::bytes, "The most it ever had allocated"},
    {"rss_bytes", "used_memory_rss", Kind::gauge, Unit::bytes, "Bytes the process has in RAM"},
    {"max_bytes", "maxmemory", Kind::gauge, Unit::bytes, "Limit that evicts keys; 0: none"},
    {"policy", "maxmemory_policy", Kind::text, Unit::none, "What is evicted at the limit"},
    {"fragmentation_ratio", "mem_fragmentation_ratio", Kind::gauge, Unit::none,
     "Bytes in RAM per byte allocated"},
    {"dataset_bytes", "used_memory_dataset", Kind::gauge, Unit::bytes, "Bytes of keys and values"},
};

constexpr Known k_more_memory[] = {
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

constexpr Known k_cache[] = {
    {"hits", "keyspace_hits", Kind::counter, Unit::none, "Look-ups of keys that were there"},
    {"misses", "keyspace_misses", Kind::counter, Unit::none, "Look-ups of keys that were not"},
    {"expired_keys", "expired_keys", Kind::counter, Unit::none, "Keys whose time to live was over"},
    {"evicted_keys", "evicted_keys", Kind::counter, Unit::none,
     "Keys removed because memory had reached its limit"},
    {"errors", "total_error_replies", Kind::counter, Unit::none, "Commands that got an error"},
};

constexpr Known k_clients[] = {
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

constexpr Known k_master[] = {
    {"link", "master_link_status", Kind::text, Unit::none, "Whether the master is connected"},
    {"last_io_s", "master_last_io_seconds_ago", Kind::gauge, Unit::seconds,
     "Seconds since the master was last heard of"},
    {"sync_in_progress", "master_sync_in_progress", Kind::gauge, Unit::none,
     "1 while the dataset comes from the master"},
    {"link_down_s", "master_link_down_since_seconds", Kind::gauge, Unit::seconds,
     "Seconds since the link has been down"},
    {"offset", "slave_repl_offset", Kind::counter, Unit::none, "Bytes of the stream received"},
};

/// Text as the number it is, or as text, or as nothing.
decltype(Figure::value) parse(std::string_view text, Kind kind) {
    if (text.empty()) return {};
    if (kind == Kind::text) return std::string(text);
    std::int64_t integer = 0;
    const char* end = text.data() + text.size();
    // A counter that has run below zero is told as a number beyond int64.
    const auto is_whole = [&](std::from_chars_result read) {
        return read.ptr == end && read.ec == std::errc();
    };
    if (is_whole(std::from_chars(text.data(), end, integer))) return integer;
    double number = 0;
    if (is_whole(std::from_chars(text.data(), end, number))) return number;
    return {};
}

void add_known(FigureRow& row, std::span<const Known> all, const InfoFields& info) {
    for (const Known& known : all) {
        row.push_back({known.name, parse(info.text(known.field), known.kind), known.kind,
                       known.unit, known.help});
    }
}

/// "keys=1,expires=0" by name.
InfoFields parts_of(std::string_view text) {
    std::string lines(text);
    std::replace(lines.begin(), lines.end(), '=', ':');
    std::replace(lines.begin(), lines.end(), ',', '\n');
    return InfoFields(lines);
}

double share(std::int64_t part, std::int64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
}

std::optional<std::int64_t> index_in(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix)) return std::nullopt;
    const auto number = parse(name.substr(prefix.size()), Kind::gauge);
    const auto* index = std::get_if<std::int64_t>(&number);
    return index == nullptr ? std::nullopt : std::optional(*index);
}

/// The fields PREFIX0, PREFIX1, … in the order of their numbers.
std::vector<std::pair<std::int64_t, InfoFields>> numbered(const InfoFields& info,
                                                          std::string_view prefix) {
    std::vector<std::pair<std::int64_t, InfoFields>> found;
    for (const auto& [name, text] : info.all()) {
        if (const auto index = index_in(name, prefix)) found.emplace_back(*index, parts_of(text));
    }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    return found;
}

/// Some servers write addresses in their old way, "[::1]" without brackets.
std::string address(std::string_view host, std::string_view port) {
    const bool ipv6 = host.find(':') != std::string_view::npos && !host.starts_with('[');
    return (ipv6 ? '[' + std::string(host) + ']' : std::string(host)) + ':' + std::string(port);
}

Figure text(const char* name, std::string value, const char* help) {
    decltype(Figure::value) content;
    if (!value.empty()) content = std::move(value);
    return {name, std::move(content), Kind::text, Unit::none, help};
}

}  // namespace

FigureGroup server_figures(const ServerInfo& server) {
    return {"server",
            Shape::one,
            {{text("name", server.name, "The product"),
              text("version", server.version, "Its version"),
              text("mode", server.mode, "standalone, cluster or sentinel"),
              text("role", server.role, "master or replica"),
              {"uptime_s", parse(server.info.text("uptime_in_seconds"), Kind::gauge), Kind::gauge,
               Unit::seconds, "Seconds since the server was started"}}}};
}

FigureGroup memory_figures(const InfoFields& info, MemoryDetail detail) {
    FigureRow row;
    add_known(row, k_memory, info);
    const auto used = info.integer("used_memory");
    const auto max = info.integer("maxmemory");
    if (used && max && *max > 0) row[0].fraction = share(*used, *max);
    if (max == 0) row[3].shown = "no limit";
    if (detail == MemoryDetail::all) add_known(row, k_more_memory, info);
    return {"memory", Shape::one, {std::move(row)}};
}

FigureGroup keyspace_figures(const InfoFields& info) {
    FigureGroup group{"keyspace", Shape::list, {}, "db"};
    const auto databases = numbered(info, "db");
    const bool counts_fields = std::any_of(databases.begin(), databases.end(), [](const auto& db) {
        return !db.second.text("subexpiry").empty();
    });
    for (const auto& [db, parts] : databases) {
        const auto keys = parts.integer("keys");
        const auto expires = parts.integer("expires");
        Figure expiring{"expires", parse(parts.text("expires"), Kind::gauge), Kind::gauge,
                        Unit::none, "Keys that have a time to live"};
        if (keys && expires && *keys > 0) expiring.fraction = share(*expires, *keys);
        Figure ttl{"avg_ttl_ms", parse(parts.text("avg_ttl"), Kind::gauge), Kind::gauge,
                   Unit::milliseconds, "Average time to live of the keys that have one, estimated"};
        if (parts.integer("avg_ttl") == 0) ttl.shown = "-";  // not estimated yet
        group.rows.push_back(
            {{"db", db, Kind::gauge, Unit::none, "Number of the database"},
             {"keys", parse(parts.text("keys"), Kind::gauge), Kind::gauge, Unit::none, "Keys"},
             std::move(expiring),
             std::move(ttl)});
        if (counts_fields) {
            group.rows.back().push_back({"subexpiry", parse(parts.text("subexpiry"), Kind::gauge),
                                         Kind::gauge, Unit::none,
                                         "Hashes with fields that have a time to live"});
        }
    }
    return group;
}

FigureGroup cache_figures(const InfoFields& info) {
    FigureRow row;
    add_known(row, k_cache, info);
    const auto hits = info.integer("keyspace_hits");
    const auto misses = info.integer("keyspace_misses");
    Figure ratio{"hit_ratio", {}, Kind::gauge, Unit::share, "Hits among the look-ups, 0 to 1"};
    Figure requests{"total_requests", {}, Kind::counter, Unit::none, "Look-ups of keys"};
    if (hits && misses) {
        const std::int64_t all = *hits + *misses;
        requests.value = all;
        if (all > 0) {
            ratio.fraction = share(*hits, all);
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
    const std::int64_t all = lookups.hits + lookups.misses;
    Figure ratio{"interval_hit_ratio",
                 {},
                 Kind::gauge,
                 Unit::share,
                 "Hits among the look-ups of the interval, 0 to 1"};
    if (all > 0) {
        ratio.fraction = share(lookups.hits, all);
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

void add_inspection(FigureGroup& cache, const InfoFields& command_stats) {
    constexpr std::array<std::string_view, 6> k_commands = {"cmdstat_type",
                                                            "cmdstat_pttl",
                                                            "cmdstat_object|encoding",
                                                            "cmdstat_object|freq",
                                                            "cmdstat_object|idletime",
                                                            "cmdstat_object"};
    Figure inspection{"inspection_requests",
                      {},
                      Kind::counter,
                      Unit::none,
                      "Look-ups that were TYPE, PTTL or OBJECT, as tools send them"};
    std::int64_t calls = 0;
    for (const std::string_view command : k_commands) {
        calls +=
            static_cast<std::int64_t>(info_part(command_stats.text(command), "calls").value_or(0));
    }
    if (!command_stats.empty()) inspection.value = calls;
    cache.rows[0].push_back(std::move(inspection));
}

FigureGroup client_figures(const InfoFields& info) {
    FigureRow row;
    add_known(row, k_clients, info);
    const auto connected = info.integer("connected_clients");
    const auto max = info.integer("maxclients");
    if (connected && max && *max > 0) row[0].fraction = share(*connected, *max);
    return {"clients", Shape::one, {std::move(row)}};
}

FigureGroup replication_figures(const ServerInfo& server) {
    const InfoFields& info = server.info;
    FigureGroup replicas{"replicas", Shape::list, {}, "address"};
    for (const auto& [index, parts] : numbered(info, "slave")) {
        replicas.rows.push_back(
            {text("address", address(parts.text("ip"), parts.text("port")), "Of the replica"),
             text("state", std::string(parts.text("state")), "online once it is in step"),
             {"lag_s", parse(parts.text("lag"), Kind::gauge), Kind::gauge, Unit::seconds,
              "Seconds since the replica was last heard of"},
             {"offset", parse(parts.text("offset"), Kind::gauge), Kind::counter, Unit::none,
              "Bytes of the stream the replica has"}});
    }
    FigureGroup master{"master"};
    if (const auto host = info.text("master_host"); !host.empty()) {
        master.rows.push_back(
            {text("address", address(host, info.text("master_port")), "Of the master")});
        add_known(master.rows[0], k_master, info);
    }
    FigureGroup group{"replication",
                      Shape::one,
                      {{text("role", server.role, "master or replica"),
                        {"connected_replicas", parse(info.text("connected_slaves"), Kind::gauge),
                         Kind::gauge, Unit::none, "Replicas that are connected"},
                        {"offset", parse(info.text("master_repl_offset"), Kind::gauge),
                         Kind::counter, Unit::none, "Bytes of the replication stream"}}}};
    group.inner = {std::move(replicas), std::move(master)};
    return group;
}

FigureGroup command_figures(const InfoFields& command_stats, const InfoFields& latency_stats) {
    constexpr std::string_view k_prefix = "cmdstat_";
    struct Command {
        std::string name;
        InfoFields stats;
        std::int64_t usec;
    };
    std::vector<Command> commands;
    std::int64_t total = 0;
    for (const auto& [name, stats] : command_stats.all()) {
        if (!name.starts_with(k_prefix)) continue;
        Command command{name.substr(k_prefix.size()), parts_of(stats), 0};
        command.usec = command.stats.integer("usec").value_or(0);
        total += command.usec;
        commands.push_back(std::move(command));
    }
    // The map was sorted by name: so is what took the same time.
    std::stable_sort(commands.begin(), commands.end(),
                     [](const Command& a, const Command& b) { return a.usec > b.usec; });

    FigureGroup group{"commands", Shape::list, {}, "command"};
    for (Command& command : commands) {
        const auto field = [&](const char* name, const char* of, Kind kind, Unit unit,
                               const char* help) -> Figure {
            return {name, parse(command.stats.text(of), Kind::gauge), kind, unit, help};
        };
        const InfoFields latency =
            parts_of(latency_stats.text("latency_percentiles_usec_" + command.name));
        Figure time =
            field("usec_total", "usec", Kind::counter, Unit::microseconds, "Microseconds spent");
        if (total > 0) time.fraction = share(command.usec, total);
        group.rows.push_back(
            {text("name", command.name, "The command"),
             field("calls", "calls", Kind::counter, Unit::none, "Calls"),
             std::move(time),
             field("usec_per_call", "usec_per_call", Kind::gauge, Unit::microseconds,
                   "Microseconds of the average call"),
             field("failed", "failed_calls", Kind::counter, Unit::none,
                   "Calls that failed while they were executed"),
             field("rejected", "rejected_calls", Kind::counter, Unit::none,
                   "Calls that were refused before"),
             {"p99_usec", parse(latency.text("p99"), Kind::gauge), Kind::gauge, Unit::microseconds,
              "Microseconds that 99 % of the calls did not exceed"}});
    }
    return group;
}

}  // namespace cachectl
