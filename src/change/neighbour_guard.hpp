// Neighbours in a change: what stops a catch-all that nobody is asked about, and how the databases
// of a server are looked through before FLUSHALL.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "change/confirm.hpp"
#include "cli/context.hpp"
#include "cli/pace_options.hpp"
#include "keyspace/neighbours.hpp"

namespace cachectl {

/// Throws NamedError(guard, "guard-neighbours") if there are any: it names them and says how to
/// protect them. `verb` as in PlannedChange.
void refuse_neighbours(const std::vector<NeighbourCount>& neighbours, std::string_view verb,
                       ChangeScope scope);

/// The neighbours in the databases of these names ("db0"), each walked over a connection of its
/// own. Throws Error if one cannot be walked to its end.
std::vector<NeighbourCount> look_for_neighbours(Context& ctx, const PaceFlags& pace,
                                                std::span<const std::string> databases);

}  // namespace cachectl
