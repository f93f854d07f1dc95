#include "load/memory_estimate.hpp"

#include <algorithm>
#include <cmath>

#include "redis/slot.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_object = 16;
constexpr std::size_t k_dict_entry = 24;
constexpr std::size_t k_command = 70;  // "SET", "PXAT" and so on, as replicas get it

bool is_string(const Encoded& value) {
    return value.as == EncodeAs::json || value.as == EncodeAs::string;
}

/// The object and, of a string, its text: in the object if it is short.
std::size_t object_memory(const Encoded& value) {
    constexpr std::size_t k_longest_embedded = 44;  // OBJ_ENCODING_EMBSTR_SIZE_LIMIT
    if (!is_string(value)) return k_object;
    const std::string_view text = value.parts.at(0);
    if (is_stored_as_number(text)) return k_object;
    if (text.size() <= k_longest_embedded) return allocated_size(k_object + text_size(text));
    return k_object + allocated_size(text_size(text));
}

/// An object that holds its key and expiry, and a string's text too if all that is a cache line.
std::size_t keyed_object_memory(std::string_view key, const Encoded& value, bool expires) {
    constexpr std::size_t k_cache_line = 64;
    constexpr std::size_t k_expiry = 8;
    const std::size_t object = k_object + (expires ? k_expiry : 0) + 1 + name_size(key);
    if (!is_string(value) || is_stored_as_number(value.parts.at(0))) return allocated_size(object);
    const std::size_t text = text_size(value.parts.at(0));
    if (object + text <= k_cache_line) return allocated_size(object + text);
    return allocated_size(object) + allocated_size(text);
}

/// Tables that so many entries are in: one, or that of each slot which has any.
struct Tables {
    double count = 0;
    double size = 0;  // of each, in bytes

    // Keys fall into slots by chance, so that some slots have none for long.
    Tables(const MemoryModel& model, std::size_t slot_head, double entries) {
        if (entries < 1) return;
        count = slot_head == 0 ? 1 : std::max(1.0, k_slots * -std::expm1(-entries / k_slots));
        size = static_cast<double>(table_size(model, static_cast<std::size_t>(entries / count)));
    }
};

/// What tables need more than they have when they grow, the old ones included; `slot_head` is what
/// each slot's has besides.
double table_growth(const MemoryModel& model, std::size_t slot_head, std::uint64_t before,
                    double more) {
    if (more == 0) return 0;
    const Tables has(model, slot_head, static_cast<double>(before));
    const Tables needs(model, slot_head, static_cast<double>(before) + more);
    const double tables = needs.count - has.count;
    const double grown = needs.size > has.size
                             ? needs.count * needs.size * 1.5 - has.count * has.size
                             : tables * needs.size;
    return tables * static_cast<double>(slot_head) + grown;
}

}  // namespace

std::size_t key_memory(const MemoryModel& model, std::string_view key, const Encoded& value,
                       bool expires) {
    const std::size_t collection = collection_memory(model, value);
    const std::size_t entries = allocated_size(k_dict_entry + model.slot_link) +
                                (expires ? allocated_size(k_dict_entry) : 0);
    switch (model.tables) {
        case MemoryModel::Tables::hashtable:
            return keyed_object_memory(key, value, expires) + collection;
        case MemoryModel::Tables::embedded_key: {
            const std::size_t entry = k_dict_entry - sizeof(void*) + 1 + name_size(key);
            return allocated_size(entry) + entries - allocated_size(k_dict_entry) +
                   object_memory(value) + collection;
        }
        case MemoryModel::Tables::dict:
            break;
    }
    return entries + allocated_size(name_size(key)) + object_memory(value) + collection;
}

std::size_t MemoryEstimate::add(std::string_view key, const Encoded& value, bool expires) {
    const std::size_t bytes = key_memory(m_model, key, value, expires);
    m_key_bytes += static_cast<double>(bytes);
    m_sent_bytes += static_cast<double>(k_command + key.size() + value.bytes());
    m_largest = std::max(m_largest, bytes);
    m_keys += 1;
    if (expires) m_expiring += 1;
    return bytes;
}

void MemoryEstimate::add(const MemoryEstimate& other, double factor) {
    m_key_bytes += other.m_key_bytes * factor;
    m_sent_bytes += other.m_sent_bytes * factor;
    m_keys += other.m_keys * factor;
    m_expiring += other.m_expiring * factor;
    if (factor > 0) m_largest = std::max(m_largest, other.m_largest);
}

std::uint64_t MemoryEstimate::bytes(const KeyCounts& existing) const {
    return m_largest +
           static_cast<std::uint64_t>(
               m_key_bytes + table_growth(m_model, m_model.slot_keys, existing.keys, m_keys) +
               table_growth(m_model, m_model.slot_expiries, existing.expiring, m_expiring));
}

}  // namespace cachectl
