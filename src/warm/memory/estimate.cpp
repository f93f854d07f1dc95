#include "warm/memory/estimate.hpp"

#include <algorithm>
#include <cmath>

#include "redis/slot.hpp"
#include "warm/memory/table.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_command = 70;  // "SET", "PXAT" and so on, as replicas get it

/// The object and, of a string, its text: in the object if it is short.
std::size_t object_memory(const MemoryModel& model, const Encoded& value) {
    constexpr std::size_t k_longest_embedded = 44;  // OBJ_ENCODING_EMBSTR_SIZE_LIMIT
    if (!is_string(value.as)) {
        return k_object;
    }
    const std::string_view text = value.parts.at(0);
    if (const auto number = stored_number(text)) {
        constexpr std::int64_t k_shared = 10'000;  // OBJ_SHARED_INTEGERS
        return model.shared_numbers && *number >= 0 && *number < k_shared ? 0 : k_object;
    }
    if (text.size() <= k_longest_embedded) {
        return allocated_size(k_object + text_size(text));
    }
    return k_object + allocated_size(text_size(text));
}

/// An object that holds its key and expiry, and a string's text too if all that is no more than a
/// cache line, or two.
std::size_t keyed_object_memory(const MemoryModel& model, std::string_view key,
                                const Encoded& value, bool expires) {
    constexpr std::size_t k_cache_line = 64;
    constexpr std::size_t k_expiry = 8;
    const std::size_t object = k_object + (expires ? k_expiry : 0) + 1 + name_size(key);
    if (!is_string(value.as) || stored_number(value.parts.at(0))) {
        return allocated_size(object);
    }
    const std::size_t text = text_size(value.parts.at(0));
    const std::size_t holding_it = object + text - (model.lean_objects ? k_pointer : 0);
    if (holding_it <= (model.lean_objects ? 2 * k_cache_line : k_cache_line)) {
        return allocated_size(holding_it);
    }
    return allocated_size(object) + allocated_size(text);
}

/// A table of keys, or of their expiries: one, one of each master, or one of each slot that has any
/// keys, with `slot_head` bytes besides.
struct DatabaseTable {
    const MemoryModel& model;
    std::size_t slot_head;

    [[nodiscard]] double size(double entries) const {
        const auto masters = static_cast<double>(model.masters);
        if (slot_head == 0) {
            return masters * table_size(model, entries / masters);
        }
        // Keys fall into slots by chance, so that some have none for long.
        const double used_slots = k_slots * -std::expm1(-entries / k_slots);
        return used_slots * static_cast<double>(slot_head) + tables_size(model, entries, k_slots);
    }
    [[nodiscard]] double growth(std::uint64_t before, double more) const {
        const auto entries = static_cast<double>(before);
        return more == 0 ? 0 : std::max(0.0, size(entries + more) - size(entries));
    }
    /// With how many entries it was, or will be, made as large as it then is. Those of slots are
    /// made one by one.
    [[nodiscard]] double grown_at(double entries) const {
        if (slot_head != 0) {
            return 0;
        }
        const auto masters = static_cast<double>(model.masters);
        return masters * entries_at_growth(model, entries / masters);
    }
    [[nodiscard]] double moved_at(double full, double moves_per_key) const {
        const auto masters = static_cast<double>(model.masters);
        return masters * entries_when_moved(model, full / masters, moves_per_key);
    }
};

}  // namespace

std::size_t key_memory(const MemoryModel& model, std::string_view key, const Encoded& value,
                       bool expires) {
    const std::size_t collection = collection_memory(model, value);
    const std::size_t entries = allocated_size(k_dict_entry + model.slot_link) +
                                (expires ? allocated_size(k_dict_entry) : 0);
    switch (model.tables) {
        case MemoryModel::Tables::hashtable:
            return keyed_object_memory(model, key, value, expires) + collection;
        case MemoryModel::Tables::embedded_key: {
            const std::size_t entry = k_dict_entry - sizeof(void*) + 1 + name_size(key);
            return allocated_size(entry) + entries - allocated_size(k_dict_entry) +
                   object_memory(model, value) + collection;
        }
        case MemoryModel::Tables::dict:
            break;
    }
    return entries + allocated_size(name_size(key)) + object_memory(model, value) + collection;
}

std::size_t MemoryEstimate::add(std::string_view key, const Encoded& value, bool expires) {
    const std::size_t bytes = key_memory(m_model, key, value, expires);
    m_key_bytes += static_cast<double>(bytes);
    m_largest = std::max(m_largest, static_cast<double>(bytes));
    m_sent_bytes += static_cast<double>(k_command + key.size() + value.bytes());
    const auto arrival = static_cast<double>(arrival_memory(value));
    m_arrival = std::max(m_arrival, arrival - static_cast<double>(bytes));
    if (is_string(value.as)) {
        m_large_text = std::max(m_large_text, text_size(value.parts.at(0)));
    }
    m_keys += 1;
    if (expires) {
        m_expiring += 1;
    }
    return bytes;
}

void MemoryEstimate::add(const MemoryEstimate& other, double factor, double value_factor) {
    m_key_bytes += other.m_key_bytes * factor;
    m_sent_bytes += other.m_sent_bytes * factor;
    m_keys += other.m_keys * factor;
    m_expiring += other.m_expiring * factor;
    m_largest = std::max(m_largest, other.m_largest * value_factor);
    if (factor <= 0) {
        return;
    }
    double arrival = other.m_arrival * value_factor;
    if (value_factor != 1 && other.m_keys == 1 && other.m_large_text != 0) {
        // One string that becomes larger: what the allocator rounds it up to does not.
        const auto grown = static_cast<double>(other.m_large_text) * value_factor;
        const auto rounded = static_cast<double>(allocated_size(static_cast<std::size_t>(grown)));
        m_key_bytes += rounded - static_cast<double>(allocated_size(other.m_large_text)) * factor;
        arrival = rounded;
    }
    m_arrival = std::max(m_arrival, arrival);
}

/// When this share of the keys has been written.
double MemoryEstimate::at_rest(const KeyCounts& existing, double share) const {
    const DatabaseTable keys{m_model, m_model.slot_keys};
    const DatabaseTable expiries{m_model, m_model.slot_expiries};
    return m_key_bytes * share + keys.growth(existing.keys, m_keys * share) +
           expiries.growth(existing.expiring, m_expiring * share);
}

std::uint64_t MemoryEstimate::bytes(const KeyCounts& existing) const {
    return static_cast<std::uint64_t>(at_rest(existing, 1));
}

// server.c, dictExpandAllowed(): where the larger table would not fit below the limit, the smaller
// one is kept until it is overfull. Only the last growth matters: at the ones before it there are
// half the keys or less.
MemoryPeak MemoryEstimate::peak(const KeyCounts& existing, std::uint64_t room) const {
    constexpr double k_overfull = 1.618;  // HASHTABLE_MAX_LOAD_FACTOR
    // Each key that is written looks into the table several times, and moves a place each time; the
    // server moves on in between too.
    constexpr double k_moves_per_key = 3;
    double bytes = at_rest(existing, 1) + m_arrival;
    double grown = 0;        // tables that are larger already
    double left_behind = 0;  // the smaller ones
    double moved_at = 0;     // the share of the keys with which they are empty
    double forced_peak = 0;  // of tables that grow whatever the room is
    const auto consider = [&](const DatabaseTable& table, std::uint64_t existing_entries,
                              double more) {
        const auto before = static_cast<double>(existing_entries);
        const double after = before + more;
        const double full = table.grown_at(after);
        if (more == 0 || full <= before) {
            return;
        }
        const auto share = [&](double entries) { return (entries - before) / more; };
        const double old_size = table.size(full);
        const double new_size = table.size(after);
        const double used = at_rest(existing, share(full)) + grown;
        if (used + new_size > static_cast<double>(room)) {
            if (after <= full * k_overfull) {
                bytes -= new_size - old_size;
                return;
            }
            forced_peak = at_rest(existing, share(full * k_overfull)) + old_size;
        }
        grown += new_size;
        left_behind += old_size;
        moved_at =
            std::max(moved_at, share(std::min(after, table.moved_at(full, k_moves_per_key))));
    };
    consider({m_model, m_model.slot_keys}, existing.keys, m_keys);
    consider({m_model, m_model.slot_expiries}, existing.expiring, m_expiring);
    const double least = std::max({bytes, forced_peak, 0.0});
    const double most =
        std::max(least, left_behind == 0 ? 0 : at_rest(existing, moved_at) + left_behind);
    return {static_cast<std::uint64_t>(most), static_cast<std::uint64_t>(least)};
}

std::uint64_t MemoryEstimate::passing(const KeyCounts& existing) const {
    double left_behind = 0;
    const auto consider = [&](const DatabaseTable& table, std::uint64_t before, double more) {
        const double after = static_cast<double>(before) + more;
        const double full = table.grown_at(after);
        if (more != 0 && full > static_cast<double>(before) && after < table.moved_at(full, 1)) {
            left_behind += table.size(full);
        }
    };
    consider({m_model, m_model.slot_keys}, existing.keys, m_keys);
    consider({m_model, m_model.slot_expiries}, existing.expiring, m_expiring);
    return static_cast<std::uint64_t>(left_behind / static_cast<double>(m_model.masters));
}

}  // namespace cachectl
