// A look into SQL dumps before anything is written: whether it is clear which tables are meant.
// What the rows themselves are is not looked at.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "dump/source.hpp"
#include "dump/sql/options.hpp"
#include "keyspace/policy.hpp"
#include "warm/plan.hpp"
#include "warm/rows/dataset.hpp"

namespace cachectl {

/// So much of the files is looked at, unpacked and in all: what comes later, or through a pipe, is
/// found when it is read.
inline constexpr std::uint64_t k_table_check_bytes = std::uint64_t{8} << 20;

/// Throws Error, located(), if a dataset names no table and a file has rows of several, or if a
/// name means several tables of a file. All other faults are left to whoever reads the rows.
/// Returns early when `stop`, asked now and then, says true.
void check_tables(const WarmPlan& plan, const std::vector<KeyPolicy>& policies,
                  const UnpackLimits& unpack, const std::function<bool()>& stop);

/// The error as the first of these datasets tells it that asks for the table.
Error located(const SqlTableError& error, const std::vector<const DatasetOptions*>& datasets);

}  // namespace cachectl
