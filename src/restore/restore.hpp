// restore: the keys of a backup put back into a server.
#pragma once

#include <optional>
#include <string>

#include "change/options.hpp"
#include "cli/context.hpp"
#include "cli/option_groups.hpp"
#include "cli/pace_options.hpp"
#include "keyspace/key_filter.hpp"
#include "restore/key_restorer.hpp"

namespace cachectl {

struct RestoreRequest {
    std::string file;
    KeyFilter filter;  // patterns and exclusions alone
    KeyListOptions names;
    bool list = false;
    std::string repair_to;  // empty: nothing is repaired
    RestoreOptions how;
    PaceFlags pace;
    ChangeOptions change;
};

/// Throws Error, also for what was done in part.
ExitCode run_restore(Context& ctx, const RestoreRequest& request);

}  // namespace cachectl
