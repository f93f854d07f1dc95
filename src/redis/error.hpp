// Error replies, told apart by their first word, as messages, remedies and exit codes.
#pragma once

#include <string_view>

#include "redis/reply.hpp"
#include "redis/server_info.hpp"
#include "util/error.hpp"

namespace cachectl {

/// What to throw when `reply`, an error, lost or unsent, stops the command before anything has
/// changed. `attempted` completes "cannot …": "list keys", "delete keys".
Error refusal(const Reply& reply, std::string_view attempted, const ServerInfo& server);

/// Whether waiting a little may help: BUSY, LOADING, TRYAGAIN, CLUSTERDOWN. A replica that has lost
/// its master (MASTERDOWN) stays so for longer than anyone wants to wait.
bool is_passing(const Reply& reply);

}  // namespace cachectl
