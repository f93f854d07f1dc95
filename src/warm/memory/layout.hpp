// How much memory a value takes in a server: what its allocator hands out for each part of it.
//
// The layouts are those of the servers' sources (Redis 7.0 and 8.0: src/dict.c, sds.c, object.c,
// listpack.c, intset.c; Valkey 8.1: src/hashtable.c), the limits of small encodings their defaults,
// the size classes jemalloc's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "warm/memory/model.hpp"
#include "warm/rows/encode.hpp"

namespace cachectl {

/// A text with its header and the zero byte behind it (sds.h); a name may have a shorter header.
std::size_t text_size(std::string_view text);
std::size_t name_size(std::string_view text);

/// The number as which a text is stored: one that is written back as the same text.
std::optional<std::int64_t> stored_number(std::string_view text);

/// A text as an element of a listpack.
std::size_t listpack_entry_size(std::string_view text);

/// Of a hash, list, set or zset, what stands behind its object; 0 for strings. Of a field or member
/// that occurs twice the last counts.
std::size_t collection_memory(const MemoryModel& model, const Encoded& value);

/// What a value takes while it arrives, in bytes: a large string beside the buffer for the next
/// one, the others as the arguments of a transaction's commands, until its EXEC.
std::size_t arrival_memory(const Encoded& value);

}  // namespace cachectl
