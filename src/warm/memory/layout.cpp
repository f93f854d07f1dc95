#include "warm/memory/layout.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <span>
#include <vector>

#include "warm/memory/table.hpp"
#include "warm/name_table.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_listpack_header = 7;  // and its end
// redis.conf: hash-, set-, zset-max-listpack-entries, …-value and list-max-listpack-size.
constexpr std::size_t k_listpack_value = 64;
constexpr std::size_t k_hash_entries = 512;
constexpr std::size_t k_intset_entries = 512;
constexpr std::size_t k_set_entries = 128;
constexpr std::size_t k_zset_entries = 128;
constexpr std::size_t k_list_bytes = 8192;

using Parts = std::span<const std::string_view>;

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

std::size_t table_memory(const MemoryModel& model, std::size_t entries, double moves_per_entry,
                         std::size_t made_for) {
    return static_cast<std::size_t>(value_table_size(model, entries, moves_per_entry, made_for));
}

/// The parts of a value as one listpack.
struct Listpack {
    std::size_t parts = 0;
    std::size_t bytes = k_listpack_header;
    std::size_t longest = 0;

    explicit Listpack(Parts of) : parts(of.size()) {
        for (const std::string_view part : of) {
            bytes += listpack_entry_size(part);
            longest = std::max(longest, part.size());
        }
    }
    [[nodiscard]] bool is_allowed(std::size_t most_parts) const {
        return parts <= most_parts && longest <= k_listpack_value;
    }
};

/// What is left of the parts: of a field or member that occurs twice the last, at its first place.
/// They are in `kept` if some are left out, or else the value's own.
Parts kept_parts(const Encoded& value, std::vector<std::string_view>& kept) {
    const std::size_t step = value.as == EncodeAs::set ? 1 : 2;
    const std::size_t name = value.as == EncodeAs::zset ? 1 : 0;
    const std::vector<std::string_view>& parts = value.parts;
    bool are_all_kept = true;
    NameTable names(parts.size() / step);
    std::size_t count = 0;
    for (std::size_t i = 0; i + step <= parts.size(); i += step) {
        const std::size_t place = names.find_or_add(parts[i + name], count, [&](std::size_t at) {
            return (are_all_kept ? parts : kept)[at * step + name];
        });
        const auto part = parts.begin() + static_cast<std::ptrdiff_t>(i);
        if (place == count) {
            ++count;
            if (!are_all_kept) {
                kept.insert(kept.end(), part, part + static_cast<std::ptrdiff_t>(step));
            }
            continue;
        }
        if (are_all_kept) {
            are_all_kept = false;
            kept.assign(parts.begin(), part);
        }
        std::copy_n(part, step, kept.begin() + static_cast<std::ptrdiff_t>(place * step));
    }
    return are_all_kept ? Parts(parts) : Parts(kept);
}

std::size_t field_memory(const MemoryModel& model, std::string_view field, std::string_view text) {
    if (uses_dict(model)) {
        return allocated_size(k_dict_entry) + allocated_size(name_size(field)) +
               allocated_size(name_size(text));
    }
    constexpr std::size_t k_longest_embedded = 128;
    const std::size_t embedded = 1 + name_size(field) + text_size(text);
    if (embedded <= k_longest_embedded) {
        return allocated_size(embedded);
    }
    return allocated_size(k_pointer + 1 + name_size(field)) + allocated_size(text_size(text));
}

std::size_t hash_memory(const MemoryModel& model, Parts parts) {
    const Listpack listpack(parts);
    if (listpack.is_allowed(2 * k_hash_entries)) {
        return allocated_size(listpack.bytes);
    }
    const std::size_t made_for = listpack.longest <= k_listpack_value ? k_hash_entries + 1 : 0;
    std::size_t bytes = empty_table(model) + table_memory(model, parts.size() / 2, 2, made_for);
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
        bytes += field_memory(model, parts[i], parts[i + 1]);
    }
    return bytes;
}

std::size_t list_memory(const MemoryModel& model, Parts parts) {
    const Listpack listpack(parts);
    if (model.small_lists_and_sets && listpack.bytes <= k_list_bytes) {
        return allocated_size(listpack.bytes);
    }
    constexpr std::size_t k_quicklist = 40;  // and so large is a node
    const std::size_t rest = listpack.bytes % k_list_bytes;
    const std::size_t nodes = listpack.bytes / k_list_bytes + (rest != 0 ? 1 : 0);
    return (nodes + 1) * allocated_size(k_quicklist) +
           listpack.bytes / k_list_bytes * k_list_bytes + (rest != 0 ? allocated_size(rest) : 0);
}

/// Of numbers only: all as wide as the widest needs it; nothing if one is no number.
std::optional<std::size_t> intset_memory(Parts parts) {
    std::size_t width = sizeof(std::int16_t);
    for (const std::string_view part : parts) {
        const auto number = stored_number(part);
        if (!number) {
            return std::nullopt;
        }
        if (*number != static_cast<std::int32_t>(*number)) {
            width = sizeof(std::int64_t);
        } else if (*number != static_cast<std::int16_t>(*number)) {
            width = std::max(width, sizeof(std::int32_t));
        }
    }
    constexpr std::size_t k_header = 8;
    return allocated_size(k_header + parts.size() * width);
}

// Since 7.2 a set is made for as many elements as its first command has, be they different or not.
std::size_t set_memory(const MemoryModel& model, Parts parts, std::size_t sent) {
    constexpr std::size_t k_most_of_a_command = 1000;  // KeyWriter::k_max_parts
    const bool is_planned = model.small_lists_and_sets;
    const std::size_t meant = is_planned ? std::min(sent, k_most_of_a_command) : parts.size();
    const auto intset = intset_memory(parts);
    if (intset && std::max(meant, parts.size()) <= k_intset_entries) {
        return *intset;
    }
    const std::size_t made_for = is_planned ? meant : (intset ? k_intset_entries + 1 : 0);
    const Listpack listpack(parts);
    if (is_planned && meant <= k_set_entries && listpack.is_allowed(k_set_entries)) {
        return allocated_size(listpack.bytes);
    }
    // Since 7.2 an element that is alone in its bucket needs no entry; about a third are not.
    std::size_t entry = uses_dict(model) ? allocated_size(k_dict_entry) : 0;
    if (uses_dict(model) && is_planned) {
        entry = allocated_size(2 * k_pointer) / 3;
    }
    std::size_t bytes = empty_table(model) + table_memory(model, parts.size(), 1, made_for);
    for (const std::string_view part : parts) {
        bytes += entry + allocated_size(name_size(part));
    }
    return bytes;
}

// A node has 1.33 levels on average, the head of the list all 32.
std::size_t zset_memory(const MemoryModel& model, Parts parts) {
    const Listpack listpack(parts);
    if (listpack.is_allowed(2 * k_zset_entries)) {
        return allocated_size(listpack.bytes);
    }
    constexpr std::size_t k_node = 24;
    constexpr std::size_t k_level = 16;
    constexpr std::size_t k_further_levels = k_level / 3;
    const std::size_t with_member = model.lean_objects ? k_node - k_pointer : k_node + 1;
    const std::size_t members = parts.size() / 2;
    const std::size_t made_for = listpack.longest <= k_listpack_value ? k_zset_entries + 1 : 0;
    std::size_t bytes = allocated_size(2 * k_pointer) + allocated_size(4 * k_pointer) +
                        allocated_size(k_node + 32 * k_level) + empty_table(model) +
                        table_memory(model, members, 2, made_for) + members * k_further_levels;
    for (std::size_t i = 1; i < parts.size(); i += 2) {
        const std::size_t member = text_size(parts[i]);
        bytes += uses_dict(model) ? allocated_size(k_node + k_level) + allocated_size(member) +
                                        allocated_size(k_dict_entry)
                                  : allocated_size(with_member + k_level + member);
    }
    return bytes;
}

}  // namespace

std::size_t text_size(std::string_view text) { return sds_size(text.size()); }

std::size_t name_size(std::string_view text) {
    constexpr std::size_t k_shortest_header = 1;
    return text.size() < 32 ? k_shortest_header + text.size() + 1 : sds_size(text.size());
}

std::optional<std::int64_t> stored_number(std::string_view text) {
    if (text.empty() || text.size() > 20) {
        return std::nullopt;
    }
    const std::string_view digits = text.substr(text[0] == '-' ? 1 : 0);
    if (digits.empty() || (digits[0] == '0' && text.size() > 1)) {
        return std::nullopt;
    }
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
        return std::nullopt;
    }
    return number;
}

std::size_t listpack_entry_size(std::string_view text) {
    if (const auto number = stored_number(text)) {
        const auto fits = [n = *number](int bits) {
            return n >= -(std::int64_t{1} << (bits - 1)) && n < std::int64_t{1} << (bits - 1);
        };
        if (*number >= 0 && *number < 128) {
            return 2;
        }
        if (fits(13)) {
            return 3;
        }
        if (fits(16)) {
            return 4;
        }
        if (fits(24)) {
            return 5;
        }
        if (fits(32)) {
            return 6;
        }
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

std::size_t collection_memory(const MemoryModel& model, const Encoded& value) {
    std::vector<std::string_view> kept;
    switch (value.as) {
        case EncodeAs::hash:
            return hash_memory(model, kept_parts(value, kept));
        case EncodeAs::list:
            return list_memory(model, value.parts);
        case EncodeAs::set:
            return set_memory(model, kept_parts(value, kept), value.parts.size());
        case EncodeAs::zset:
            return zset_memory(model, kept_parts(value, kept));
        case EncodeAs::json:
        case EncodeAs::string:
            break;
    }
    return 0;
}

// networking.c, processMultibulkBuffer(): a bulk string from PROTO_MBULK_BIG_ARG on becomes the
// argument with the buffer that it was read into, and another such buffer takes its place. What
// MULTI queues stays until EXEC (multi.c).
std::size_t arrival_memory(const Encoded& value) {
    constexpr std::size_t k_big_argument = 32 * 1024;
    constexpr std::size_t k_longest_embedded = 44;
    std::size_t bytes = 0;
    std::size_t largest = 0;
    for (const std::string_view part : value.parts) {
        const std::size_t text = text_size(part);
        bytes += k_pointer + (part.size() <= k_longest_embedded ? allocated_size(k_object + text)
                                                                : k_object + allocated_size(text));
        if (part.size() >= k_big_argument) {
            largest = std::max(largest, allocated_size(text));
        }
    }
    return bytes + largest;
}

}  // namespace cachectl
