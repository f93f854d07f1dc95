// How many keys the files of a run make: read from their beginning to their end before the first
// key is written.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "dump/source.hpp"
#include "keyspace/policy.hpp"
#include "warm/plan.hpp"

namespace cachectl {

/// Nothing if one of them can be read only once, as a pipe, or `stop`, asked now and then, says
/// true. Throws Error where reading cannot go on.
std::optional<std::uint64_t> count_keys(const WarmPlan& plan,
                                        const std::vector<KeyPolicy>& policies,
                                        const UnpackLimits& unpack,
                                        const std::function<bool()>& stop);

}  // namespace cachectl
