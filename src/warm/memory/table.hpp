// The hash tables of a server: how large they are for so many entries, and what of the smaller one
// before is still there while entries are moved out of it.
#pragma once

#include <cstddef>

#include "warm/memory/model.hpp"

namespace cachectl {

/// A table for so many entries, in bytes, without the entries: a dict's pointers, or the buckets of
/// a Tables::hashtable with those that hang behind full ones. 0 if it has never held any.
double table_size(const MemoryModel& model, double entries);

/// The same for entries that fall by chance into so many tables, each of which has its own size.
double tables_size(const MemoryModel& model, double entries, double tables);

/// With how many entries the table that so many are in was made, because the one before was full;
/// 0 if it is the first.
double entries_at_growth(const MemoryModel& model, double entries);

/// A table inside a value, in bytes, that was made for so many entries at first. It moves its
/// entries only when it is used, a few with each command that adds one: what they have not emptied
/// of the one before stays.
double value_table_size(const MemoryModel& model, std::size_t entries, double moves_per_entry,
                        std::size_t made_for = 0);

/// With how many entries a database's table that grew when it held `full` has surely been moved
/// out of the smaller one, if `moves_per_key` places are moved with each key that is added.
double entries_when_moved(const MemoryModel& model, double full, double moves_per_key);

}  // namespace cachectl
