// Whether two addresses lead to one server, as far as their spelling tells.
#pragma once

#include <string_view>

#include "redis/uri.hpp"

namespace cachectl {

/// Names of hosts know no case, and may end with a dot; those of this machine are all the same.
bool is_same_host(std::string_view a, std::string_view b);

/// Whatever the database and the login are. Where Sentinels find it, both have to know one of them:
/// masters of many groups have the name "mymaster".
bool is_same_server(const ServerAddress& a, const ServerAddress& b);

}  // namespace cachectl
