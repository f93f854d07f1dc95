// SCAN cursors: opaque byte strings to all but this file.
#pragma once

#include <optional>
#include <string_view>

namespace cachectl {

/// How far a walk has come that got `cursor` back: 0..1. Redis and Valkey advance a cursor with
/// its bits in reverse order, so the reversed cursor counts straight through the keyspace
/// (dict.c, dictScan). Nothing for a cursor that is not a number.
std::optional<double> fraction_walked(std::string_view cursor);

}  // namespace cachectl
