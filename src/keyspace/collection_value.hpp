// The value of a list, set, sorted set or stream, read page by page.
#pragma once

#include "keyspace/value.hpp"

namespace cachectl {

/// Reads what `limits` want of `record.key` into `record`; its length and memory are known, and how
/// many elements are asked for. How long an element is, is not known before it comes, so pages go
/// by the mean.
void read_collection(Client& client, KeyRecord& record, const ValueLimits& limits,
                     const ValueEvents& events);

}  // namespace cachectl
