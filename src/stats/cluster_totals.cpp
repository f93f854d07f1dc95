#include "stats/cluster_totals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace cachectl {

namespace {

using Kind = Figure::Kind;
using Unit = Figure::Unit;

template <std::size_t Count>
bool is_one_of(std::string_view name, const std::array<std::string_view, Count>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 2> k_smallest = {"uptime_in_seconds", "uptime_in_days"};
constexpr std::array<std::string_view, 3> k_largest = {"client_recent_max_input_buffer",
                                                       "client_recent_max_output_buffer",
                                                       "lazyfree_pending_objects"};
// Of one process, or of a machine that several nodes may share.
constexpr std::array<std::string_view, 8> k_of_one = {
    "total_system_memory", "master_repl_offset", "process_id",         "tcp_port",
    "lru_clock",           "server_time_usec",   "rdb_last_save_time", "mem_fragmentation_bytes"};

std::optional<double> number(std::string_view text) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (text.empty() || read.ptr != end || read.ec != std::errc() || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

std::string text_of(double value) {
    // Counters of up to 2^53 come out exactly.
    if (!(std::abs(value) < 9.0e18)) {
        return fmt::format("{:.0f}", value);
    }
    return value == static_cast<double>(static_cast<std::int64_t>(value))
               ? std::to_string(static_cast<std::int64_t>(value))
               : fmt::format("{:.3f}", value);
}

using Parts = std::map<std::string, double>;

// Averages are of what another part counts.
void add_parts(Parts& total, const InfoParts& parts) {
    for (const auto& [key, text] : parts.all()) {
        const std::string name(key);
        const double value = number(text).value_or(0);
        if (name == "avg_ttl") {
            // 0 is a node that has not estimated it yet.
            const double keys = value > 0 ? parts.number("expires").value_or(0) : 0;
            total["avg_ttl*expires"] += value * keys;
            total["estimated"] += keys;
        } else if (name.starts_with("p")) {  // p50, p99: no better bound can be had
            total[name] = std::max(total[name], value);
        } else if (name != "usec_per_call") {
            total[name] += value;
        }
    }
}

std::string join_parts(Parts total) {
    if (const auto ttl = total.extract("avg_ttl*expires")) {
        const double keys = total.extract("estimated").mapped();
        total["avg_ttl"] = keys > 0 ? std::trunc(ttl.mapped() / keys) : 0;
    }
    if (total.contains("usec") && total["calls"] > 0) {
        total["usec_per_call"] = total["usec"] / total["calls"];
    }
    std::string text;
    for (const auto& [name, value] : total) {
        text += (text.empty() ? "" : ",") + name + '=' + text_of(value);
    }
    return text;
}

/// The fields of several nodes.
class FieldTotals {
public:
    void add(const InfoFields& info) {
        for (const auto& [name, text] : info.all()) {
            const InfoFields::Kind kind = InfoFields::kind_of(name);
            if (kind == InfoFields::Kind::replica) {
                m_text["slave" + std::to_string(m_replicas++)] = text;
            } else if (kind != InfoFields::Kind::plain) {
                add_parts(m_parts[name], InfoParts(text));
            } else if (!name.starts_with("master_") && !is_one_of(name, k_of_one)) {
                add_field(name, text);
            }
        }
        m_unlimited |= info.integer("maxmemory") == 0;
    }

    InfoFields total() {
        if (m_unlimited) {
            m_numbers["maxmemory"] = 0;
        }
        divide("mem_fragmentation_ratio", "used_memory_rss", "used_memory");
        divide("allocator_frag_ratio", "allocator_active", "allocator_allocated");
        std::string lines;
        for (const auto& [name, value] : m_numbers) {
            line(lines, name, text_of(value));
        }
        for (const auto& [name, text] : m_text) {
            line(lines, name, text);
        }
        for (const auto& [name, parts] : m_parts) {
            line(lines, name, join_parts(parts));
        }
        return InfoFields(lines);
    }

private:
    static void line(std::string& lines, const std::string& name, const std::string& text) {
        if (!text.empty()) {
            lines += name + ':' + text + '\n';
        }
    }

    void add_field(const std::string& name, const std::string& text) {
        const auto value = number(text);
        if (!value) {
            const auto [at, is_new] = m_text.try_emplace(name, text);
            if (!is_new && at->second != text) {
                at->second.clear();
            }
            return;
        }
        const auto [at, is_new] = m_numbers.try_emplace(name, *value);
        if (is_new) {
            return;
        }
        if (is_one_of(name, k_smallest)) {
            at->second = std::min(at->second, *value);
        } else if (is_one_of(name, k_largest)) {
            at->second = std::max(at->second, *value);
        } else {
            at->second += *value;
        }
    }

    void divide(const char* ratio, const char* part, const char* whole) {
        const auto above = m_numbers.find(part);
        const auto below = m_numbers.find(whole);
        m_numbers.erase(ratio);
        if (above == m_numbers.end() || below == m_numbers.end() || below->second <= 0) {
            return;
        }
        m_numbers[ratio] = above->second / below->second;
    }

    std::map<std::string, double> m_numbers;
    std::map<std::string, std::string> m_text;
    std::map<std::string, Parts> m_parts;
    std::size_t m_replicas = 0;
    bool m_unlimited = false;
};

std::string join(const std::set<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

}  // namespace

InfoFields total_info(std::span<const InfoFields> nodes) {
    FieldTotals totals;
    for (const InfoFields& node : nodes) {
        totals.add(node);
    }
    return totals.total();
}

ServerInfo total_of_servers(std::span<const ServerInfo* const> nodes) {
    std::set<std::string> names;
    std::set<std::string> versions;
    std::vector<InfoFields> infos;
    for (const ServerInfo* node : nodes) {
        names.insert(node->name);
        versions.insert(node->version);
        infos.push_back(node->info);
    }
    ServerInfo total;
    total.name = join(names);
    total.version = join(versions);
    total.mode = "cluster";
    total.role = "master";
    total.info = total_info(infos);
    return total;
}

FigureRow node_figures(const std::string& name, const ServerInfo* server) {
    const InfoFields info = server == nullptr ? InfoFields() : server->info;
    FigureRow row{{"node", name, Kind::text, Unit::none, "Address of the node"},
                  {"status", std::string(server == nullptr ? "out of reach" : "up"), Kind::text,
                   Unit::none, "Whether it has answered"}};
    if (server == nullptr) {
        row[0].shown = name + " out of reach";
    }
    row[1].for_people = false;
    const auto add = [&](const char* figure, const std::optional<std::int64_t>& value, Kind kind,
                         Unit unit, const char* help) {
        row.push_back({figure, {}, kind, unit, help});
        if (value) {
            row.back().value = *value;
        }
    };
    const auto field = [&](const char* of) { return info.integer(of); };
    std::optional<std::int64_t> keys;
    if (server != nullptr) {
        keys = static_cast<std::int64_t>(info.keys());
    }
    add("uptime_s", field("uptime_in_seconds"), Kind::gauge, Unit::seconds,
        "Seconds since the node was started");
    add("used_bytes", field("used_memory"), Kind::gauge, Unit::bytes,
        "Bytes the node has allocated");
    add("max_bytes", field("maxmemory"), Kind::gauge, Unit::bytes,
        "Limit that evicts keys; 0: none");
    if (field("maxmemory") == 0) {
        row.back().shown = "no limit";
    }
    add("keys", keys, Kind::gauge, Unit::none, "Keys, of all databases");
    const auto hits = field("keyspace_hits"), misses = field("keyspace_misses");
    add("hits", hits, Kind::counter, Unit::none, "Look-ups of keys that were there");
    row.back().for_people = false;
    add("misses", misses, Kind::counter, Unit::none, "Look-ups of keys that were not");
    row.back().for_people = false;
    add("hit_ratio", {}, Kind::gauge, Unit::share, "Hits among the look-ups, 0 to 1");
    if (hits && misses && *hits + *misses > 0) {
        row.back().value = static_cast<double>(*hits) / static_cast<double>(*hits + *misses);
    }
    add("evicted_keys", field("evicted_keys"), Kind::counter, Unit::none,
        "Keys removed because memory had reached its limit");
    row.back().title = "evicted";
    add("connected_clients", field("connected_clients"), Kind::gauge, Unit::none,
        "Clients connected");
    row.back().title = "clients";
    return row;
}

}  // namespace cachectl
