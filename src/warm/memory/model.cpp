#include "warm/memory/model.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>

namespace cachectl {

namespace {

/// "8.1.3": at least that?
bool is_at_least(std::string_view version, int major, int minor) {
    int has_major = 0;
    int has_minor = 0;
    const char* const end = version.data() + version.size();
    const auto parsed = std::from_chars(version.data(), end, has_major);
    if (parsed.ptr != end) {
        std::from_chars(parsed.ptr + 1, end, has_minor);
    }
    return has_major > major || (has_major == major && has_minor >= minor);
}

}  // namespace

MemoryModel MemoryModel::of(const ServerInfo& server) {
    MemoryModel model;
    model.small_lists_and_sets = is_at_least(server.version, 7, 2);
    const std::string_view policy = server.info.text("maxmemory_policy");
    const bool has_clock = policy.ends_with("lru") || policy.ends_with("lfu");
    const bool has_limit = server.info.integer("maxmemory").value_or(0) != 0;
    // server.h, MAXMEMORY_FLAG_NO_SHARED_INTEGERS: each object has a clock of its own then.
    model.shared_numbers = !policy.empty() && !(has_clock && has_limit);
    const bool is_valkey = server.name == "valkey";
    if (is_valkey && is_at_least(server.version, 8, 0)) {
        model.tables = is_at_least(server.version, 8, 1) ? Tables::hashtable : Tables::embedded_key;
    }
    model.lean_objects = is_valkey && is_at_least(server.version, 9, 1);
    if (server.mode != "cluster") {
        return model;
    }
    if (model.tables == Tables::hashtable) {
        model.slot_keys = model.slot_expiries = allocated_size(k_hashtable + k_pointer);
    } else if (model.tables == Tables::embedded_key) {
        model.slot_keys = model.slot_expiries = allocated_size(k_dict + 2 * k_pointer);
    } else if (!is_valkey && is_at_least(server.version, 7, server.name == "redict" ? 3 : 4)) {
        model.slot_expiries = allocated_size(k_dict + k_pointer);
        // Redis 8.0 counts a slot's keys by type and size: kvstore.c, kvstoreDictMetadata.
        constexpr std::size_t k_histograms = 5 * 60 * sizeof(std::int64_t);
        const bool counts_sizes = is_at_least(server.version, 8, 0);
        model.slot_keys = allocated_size(k_dict + k_pointer + (counts_sizes ? k_histograms : 0));
    } else {
        model.slot_link = 2 * k_pointer;  // Redis 7.0, cluster.h: clusterDictEntryMetadata
    }
    return model;
}

std::string_view MemoryModel::name() const {
    switch (tables) {
        case Tables::hashtable:
            return lean_objects ? "valkey-9.1" : "valkey-8.1";
        case Tables::embedded_key:
            return "valkey-8.0";
        case Tables::dict:
            break;
    }
    return small_lists_and_sets ? "redis-7.2" : "redis-7.0";
}

// Four classes for each power of two, and none closer than 16 bytes (jemalloc(3), "SIZE CLASSES").
std::size_t allocated_size(std::size_t bytes) {
    constexpr std::size_t k_quantum = 16;
    if (bytes <= 8) {
        return 8;
    }
    const std::size_t step = std::max(std::bit_ceil(bytes) / 8, k_quantum);
    return (bytes + step - 1) / step * step;
}

}  // namespace cachectl
