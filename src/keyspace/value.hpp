// One key with all that can be told of it, its value read in slices and never further than asked.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "redis/client.hpp"

namespace cachectl {

/// Elements by where they stand, as LRANGE has it: from 0 on, or from -1 on backwards.
struct IndexRange {
    std::int64_t first = 0;
    std::int64_t last = -1;

    /// Which those are of so many elements: the first of them, and how many.
    [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> of(std::uint64_t elements) const;
};

/// "3", "-1", "0..9", "10..", "..9", "-5..-1": with both ends. Throws Error(usage).
IndexRange parse_index_range(const std::string& text);

/// What counts the elements of a value of that type, the bytes of a string; empty for other types.
std::string_view length_command(std::string_view type);

struct ValueLimits {
    std::uint64_t bytes = 4096;          // of a string; 0: all of it
    std::uint64_t element_bytes = 4096;  // of each element; 0: all of it
    std::uint64_t elements = 100;        // of a collection; 0: all of them
    // What is asked for of a collection; nothing: its elements from the first one on.
    std::vector<std::string> fields;  // of a hash
    std::optional<IndexRange> range;  // of a list, or of a sorted set by rank

    /// Whether an element of that many bytes is to be read even where it can only be read whole.
    [[nodiscard]] bool wants_all_of(std::uint64_t size) const {
        return element_bytes == 0 || size <= element_bytes;
    }
};

/// One element of a collection; which members count depends on the type.
struct ValueElement {
    std::string name;   // a hash's field, a stream entry's id
    std::string bytes;  // a hash's value, a member of a list, set or sorted set
    std::string score;  // of a sorted set, as the server writes it: "1.5", "-inf"
    std::vector<std::pair<std::string, std::string>> fields;  // of a stream's entry
    /// A hash's value that was not read, because it can only be read whole: its size in bytes.
    std::optional<std::uint64_t> unread_bytes;
    std::optional<std::chrono::milliseconds> ttl;  // of a hash's field that expires by itself
};

struct KeyRecord {
    std::string key;
    std::string type;                              // "string", "hash" …, or a module's own
    std::optional<std::chrono::milliseconds> ttl;  // nothing: never expires
    // Nothing where the server does not tell (NOPERM, LFU, a command it does not have).
    std::string encoding;
    std::optional<std::uint64_t> size_bytes;  // in memory
    std::optional<std::chrono::seconds> idle;
    /// Bytes of a string, elements of a collection; nothing for a module's type.
    std::optional<std::uint64_t> length;

    /// Whether there is more of the value than was read: a limit, or a signal, stopped it.
    bool truncated = false;
    bool elements_cut = false;  // an element was longer than the limit
    /// A list or sorted set, whose pages are not known to be of one version of it: elements may be
    /// missing or come twice.
    bool changed = false;
    std::string text;                    // of a string
    std::vector<ValueElement> elements;  // of a collection
    std::uint64_t first_index = 0;       // of a list or sorted set: where the first of them stands
    /// How many elements were asked for: all, the fields, or what the list has of the range.
    std::uint64_t asked_for = 0;
    std::vector<std::string> missing_fields;  // that were asked for
    /// The mean size in bytes of a collection's elements that are too large to be read unasked.
    std::optional<std::uint64_t> unread_element_bytes;

    /// A type whose value we can read; else a module's.
    [[nodiscard]] bool is_readable() const { return length.has_value(); }
};

/// Callbacks while a value is read; either may be empty.
struct ValueEvents {
    /// Takes a string's bytes as they come, instead of the record.
    std::function<void(std::string_view)> on_text;
    /// Called after each part of a value that comes in several; the record has what was read.
    std::function<void(const KeyRecord&)> on_page;
};

/// Reads the key; nothing if it does not exist. What may be asked without touching the key's LRU
/// and LFU clock is asked first, and no reply is larger than redis/reply_slice says, as far as
/// lengths can be known before. Throws Error(refused) where the server does not let us,
/// Error(partial) when the key changes its type, or a string its value, while it is read,
/// Error(usage) where fields or a range are asked for of a type that has none.
std::optional<KeyRecord> read_key(Client& client, const std::string& key, const ValueLimits& limits,
                                  const ValueEvents& events = {});

/// Removes the beginning of a character that a cut has left at the end of a UTF-8 text.
void drop_cut_character(std::string& text);

}  // namespace cachectl
