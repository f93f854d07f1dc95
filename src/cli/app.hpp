// From argv to an exit code: parse, run, and turn whatever went wrong into one message.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/context.hpp"

namespace cachectl {

/// Parses `args` (without the program's name), runs the command in `ctx` and flushes its streams.
/// Settings come from flags and `environment`. Never throws.
ExitCode run_app(const std::vector<std::string>& args, std::span<const Command> table, Context& ctx,
                 const Environment& environment);

/// Tells the error on stderr as every command does, as JSON or in words; its exit code.
ExitCode report_error(Context& ctx, const Error& error, bool as_json);

/// main(): the real streams, terminal, signals and servers.
int run(int argc, char** argv, std::span<const Command> table);

}  // namespace cachectl
