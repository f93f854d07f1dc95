#include "load/value_memory.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>
#include <optional>

namespace cachectl {

namespace {

constexpr std::size_t k_pointer = 8;
constexpr std::size_t k_dict_entry = 24;
constexpr std::size_t k_dict = 56;
constexpr std::size_t k_hashtable = 88;
constexpr std::size_t k_listpack_header = 7;  // and its end
// redis.conf: hash-, set-, zset-max-listpack-entries, …-value and list-max-listpack-size.
constexpr std::size_t k_listpack_value = 64;
constexpr std::size_t k_hash_entries = 512;
constexpr std::size_t k_intset_entries = 512;
constexpr std::size_t k_set_entries = 128;
constexpr std::size_t k_zset_entries = 128;
constexpr std::size_t k_list_bytes = 8192;

std::optional<std::int64_t> as_number(std::string_view text) {
    if (text.empty() || text.size() > 20) return std::nullopt;
    const std::string_view digits = text.substr(text[0] == '-' ? 1 : 0);
    if (digits.empty() || (digits[0] == '0' && text.size() > 1)) return std::nullopt;
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return number;
}

std::size_t sds_size(std::size_t bytes) {
    std::size_t header = 17;
    if (bytes < 256) {
        header = 3;
    } else if (bytes < 65536) {
        header = 5;
    } else if (bytes <= 0xffffffff) {
        header = 9;
    }
    return header + bytes + 1;
}

bool uses_dict(const MemoryModel& model) { return model.tables != MemoryModel::Tables::hashtable; }

std::size_t empty_table(const MemoryModel& model) {
    return allocated_size(uses_dict(model) ? k_dict : k_hashtable);
}

/// The parts of a value as one listpack.
struct Listpack {
    std::size_t parts = 0;
    std::size_t bytes = k_listpack_header;
    std::size_t longest = 0;

    explicit Listpack(const Encoded& value) : parts(value.parts.size()) {
        for (const std::string_view part : value.parts) {
            bytes += listpack_entry_size(part);
            longest = std::max(longest, part.size());
        }
    }
    [[nodiscard]] bool is_allowed(std::size_t most_parts) const {
        return parts <= most_parts && longest <= k_listpack_value;
    }
};

std::size_t field_memory(const MemoryModel& model, std::string_view field, std::string_view text) {
    if (uses_dict(model)) {
        return allocated_size(k_dict_entry) + allocated_size(name_size(field)) +
               allocated_size(name_size(text));
    }
    constexpr std::size_t k_longest_embedded = 128;
    const std::size_t embedded = 1 + name_size(field) + text_size(text);
    if (embedded <= k_longest_embedded) return allocated_size(embedded);
    return allocated_size(k_pointer + 1 + name_size(field)) + allocated_size(text_size(text));
}

std::size_t hash_memory(const MemoryModel& model, const Encoded& value) {
    const Listpack listpack(value);
    if (listpack.is_allowed(2 * k_hash_entries)) return allocated_size(listpack.bytes);
    std::size_t bytes = empty_table(model) + table_size(model, value.parts.size() / 2);
    for (std::size_t i = 0; i + 1 < value.parts.size(); i += 2) {
        bytes += field_memory(model, value.parts[i], value.parts[i + 1]);
    }
    return bytes;
}

std::size_t list_memory(const MemoryModel& model, const Encoded& value) {
    const Listpack listpack(value);
    if (model.small_lists_and_sets && listpack.bytes <= k_list_bytes) {
        return allocated_size(listpack.bytes);
    }
    constexpr std::size_t k_quicklist = 40;  // and so large is a node
    const std::size_t rest = listpack.bytes % k_list_bytes;
    const std::size_t nodes = listpack.bytes / k_list_bytes + (rest != 0 ? 1 : 0);
    return (nodes + 1) * allocated_size(k_quicklist) +
           listpack.bytes / k_list_bytes * k_list_bytes + (rest != 0 ? allocated_size(rest) : 0);
}

std::size_t set_memory(const MemoryModel& model, const Encoded& value) {
    if (value.parts.size() <= k_intset_entries &&
        std::all_of(value.parts.begin(), value.parts.end(), is_stored_as_number)) {
        return allocated_size(8 + value.parts.size() * sizeof(std::int64_t));
    }
    const Listpack listpack(value);
    if (model.small_lists_and_sets && listpack.is_allowed(k_set_entries)) {
        return allocated_size(listpack.bytes);
    }
    // Since 7.2 an element that is alone in its bucket needs no entry; about a third are not.
    std::size_t entry = uses_dict(model) ? allocated_size(k_dict_entry) : 0;
    if (uses_dict(model) && model.small_lists_and_sets) entry = allocated_size(2 * k_pointer) / 3;
    std::size_t bytes = empty_table(model) + table_size(model, value.parts.size());
    for (const std::string_view part : value.parts)
        bytes += entry + allocated_size(name_size(part));
    return bytes;
}

// A node has 1.33 levels on average, the head of the list all 32.
std::size_t zset_memory(const MemoryModel& model, const Encoded& value) {
    const Listpack listpack(value);
    if (listpack.is_allowed(2 * k_zset_entries)) return allocated_size(listpack.bytes);
    constexpr std::size_t k_node = 24;
    constexpr std::size_t k_level = 16;
    constexpr std::size_t k_further_levels = k_level / 3;
    const std::size_t members = value.parts.size() / 2;
    std::size_t bytes = allocated_size(2 * k_pointer) + allocated_size(4 * k_pointer) +
                        allocated_size(k_node + 32 * k_level) + empty_table(model) +
                        table_size(model, members) + members * k_further_levels;
    for (std::size_t i = 1; i < value.parts.size(); i += 2) {
        const std::size_t member = text_size(value.parts[i]);
        bytes += uses_dict(model) ? allocated_size(k_node + k_level) + allocated_size(member) +
                                        allocated_size(k_dict_entry)
                                  : allocated_size(k_node + k_level + 1 + member);
    }
    return bytes;
}

/// "8.1.3": at least that?
bool is_at_least(std::string_view version, int major, int minor) {
    int has_major = 0;
    int has_minor = 0;
    const char* const end = version.data() + version.size();
    const auto parsed = std::from_chars(version.data(), end, has_major);
    if (parsed.ptr != end) std::from_chars(parsed.ptr + 1, end, has_minor);
    return has_major > major || (has_major == major && has_minor >= minor);
}

}  // namespace

MemoryModel MemoryModel::of(const ServerInfo& server) {
    MemoryModel model;
    model.small_lists_and_sets = is_at_least(server.version, 7, 2);
    const bool is_valkey = server.name == "valkey";
    if (is_valkey && is_at_least(server.version, 8, 0)) {
        model.tables = is_at_least(server.version, 8, 1) ? Tables::hashtable : Tables::embedded_key;
    }
    if (server.mode != "cluster") return model;
    if (model.tables == Tables::hashtable) {
        model.slot_keys = model.slot_expiries = allocated_size(k_hashtable + k_pointer);
    } else if (model.tables == Tables::embedded_key) {
        model.slot_keys = model.slot_expiries = allocated_size(k_dict + 2 * k_pointer);
    } else if (!is_valkey && is_at_least(server.version, 7, 4)) {
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

// Four classes for each power of two, and none closer than 16 bytes (jemalloc(3), "SIZE CLASSES").
std::size_t allocated_size(std::size_t bytes) {
    constexpr std::size_t k_quantum = 16;
    if (bytes <= 8) return 8;
    const std::size_t step = std::max(std::bit_ceil(bytes) / 8, k_quantum);
    return (bytes + step - 1) / step * step;
}

std::size_t text_size(std::string_view text) { return sds_size(text.size()); }

std::size_t name_size(std::string_view text) {
    constexpr std::size_t k_shortest_header = 1;
    return text.size() < 32 ? k_shortest_header + text.size() + 1 : sds_size(text.size());
}

bool is_stored_as_number(std::string_view text) { return as_number(text).has_value(); }

std::size_t listpack_entry_size(std::string_view text) {
    if (const auto number = as_number(text)) {
        const auto fits = [n = *number](int bits) {
            return n >= -(std::int64_t{1} << (bits - 1)) && n < std::int64_t{1} << (bits - 1);
        };
        if (*number >= 0 && *number < 128) return 2;
        if (fits(13)) return 3;
        if (fits(16)) return 4;
        if (fits(24)) return 5;
        if (fits(32)) return 6;
        return 10;
    }
    std::size_t header = 5;
    if (text.size() < 64) {
        header = 1;
    } else if (text.size() < 4096) {
        header = 2;
    }
    // The size stands behind it once more, in digits of 7 bits, to be read backwards.
    const std::size_t size = header + text.size();
    const auto bits = static_cast<std::size_t>(std::bit_width(size));
    return size + (bits + 6) / 7;
}

// hashtable.c: a bucket is a cache line of 7 entries, and a table is filled to 77 %.
std::size_t table_size(const MemoryModel& model, std::size_t entries) {
    if (uses_dict(model)) {
        return allocated_size(std::bit_ceil(std::max<std::size_t>(entries, 4)) * k_pointer);
    }
    constexpr std::size_t k_bucket = 64;
    const std::size_t buckets = std::bit_ceil(std::max<std::size_t>(entries * 100 / (7 * 77), 1));
    return buckets * k_bucket;
}

std::size_t collection_memory(const MemoryModel& model, const Encoded& value) {
    switch (value.as) {
        case EncodeAs::hash:
            return hash_memory(model, value);
        case EncodeAs::list:
            return list_memory(model, value);
        case EncodeAs::set:
            return set_memory(model, value);
        case EncodeAs::zset:
            return zset_memory(model, value);
        case EncodeAs::json:
        case EncodeAs::string:
            break;
    }
    return 0;
}

}  // namespace cachectl
