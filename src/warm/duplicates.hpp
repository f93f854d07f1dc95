// The rows of a run whose key another row had made before.
#pragma once

#include "warm/made_keys.hpp"
#include "warm/summary.hpp"

namespace cachectl {

/// Counts them in the summary, and no more as what became of them: written over the first, or
/// skipped because of it. That is no success of theirs.
void count_duplicates(MadeKeys& made, WarmSummary& summary);

}  // namespace cachectl
