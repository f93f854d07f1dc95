// The server that a change is about: what people read of it, in the question before the change and
// in the summaries after it, and whether it takes changes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "redis/info.hpp"
#include "redis/uri.hpp"

namespace cachectl {

/// "10.0.0.5:6379", "10.0.0.5:6379/2", "/run/redis.sock?db=2"
std::string name_of_database(const ServerAddress& server);

/// The server by the name that it was asked for; if it is a node of a cluster with that many
/// masters, "the cluster of 3 masters at 10.0.0.5:7000".
std::string describe_server(std::string_view name, std::size_t masters);

/// "cachectl --context prod", "cachectl -s /run/redis.sock -n 2": what a command begins with that
/// is to reach the same database as this one, without its passwords.
std::string command_for(const Settings& settings);

/// Throws Error(refused) for a replica that takes no changes. `attempted` completes "cannot …".
void check_writable(const ServerInfo& server, std::string_view attempted);

}  // namespace cachectl
