// A hash's value: first its fields' names, then how long their values are, then those.
#pragma once

#include "keyspace/value.hpp"

namespace cachectl {

/// Reads what `limits` want of `record.key` into `record`; its length, encoding and memory are
/// known. A hash that is smaller than a slice is read at once. Servers that cannot list the names
/// alone (Redis before 7.4) are asked for some fields by lot if not all of them are wanted; if all
/// are, their values come in pages whose size goes by the mean.
void read_hash(Client& client, KeyRecord& record, const ValueLimits& limits,
               const ValueEvents& events);

/// Cuts what is longer than the limits want, and notes that in the record.
void cut_element(KeyRecord& record, const ValueLimits& limits, std::string& bytes);

}  // namespace cachectl
