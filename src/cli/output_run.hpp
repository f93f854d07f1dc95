// A run whose whole output may go into a file, and what monitoring is told of the run itself.
#pragma once

#include <functional>

#include "cli/context.hpp"
#include "output/format.hpp"

namespace cachectl {

/// Runs `work`. With --to FILE all that it writes to stdout is held, and replaces the file when it
/// is complete; an error leaves the file as it was. In Format::prometheus every sample gets the
/// label `target`, and cachectl_up and cachectl_last_run_timestamp_seconds come last: also where
/// the server is out of reach, and then into the file too.
ExitCode run_with_output(Context& ctx, const FormatChoice& output,
                         const std::function<ExitCode()>& work);

}  // namespace cachectl
