// From the options that choose keys to the selection that keyspace/key_selector works through.
#pragma once

#include <memory>

#include "cli/context.hpp"
#include "cli/option_groups.hpp"
#include "keyspace/key_selector.hpp"

namespace cachectl {

/// Opens --keys-from if it is given. Throws Error(usage) for a pattern that cannot mean what it
/// says, Error(bad_input) for a list that cannot be read.
Selection make_selection(const KeyOptions& options, Context& ctx);

/// Turns how a walk ended into the exit code of a command that only looks: throws what stopped
/// it, says on stderr what the user should know.
ExitCode finish_look(Context& ctx, const SelectionOutcome& outcome);

}  // namespace cachectl
