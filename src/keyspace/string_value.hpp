// A string's value, read in slices of one and the same version of it.
#pragma once

#include "keyspace/value.hpp"

namespace cachectl {

/// Reads what `limits` want of `record.key` into `record`, its text into `on_text` if there is one.
/// What is longer than a slice is watched (WATCH), so that a value that somebody rewrites
/// meanwhile, or that is at another node by then, is read anew; throws Error(partial) where that
/// happens again and again, or when `on_text` already has a part of it.
void read_string(Client& client, KeyRecord& record, const ValueLimits& limits,
                 const ValueEvents& events);

}  // namespace cachectl
