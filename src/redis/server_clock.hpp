// What time it is by a server's clock.
#pragma once

#include <functional>

#include "redis/client.hpp"
#include "util/time.hpp"

namespace cachectl {

/// The clock of the server, which is asked once (TIME) and waited for; after that it goes on by a
/// clock of ours that nobody can set. Where the server does not tell, it begins at `here`. The
/// client has to outlive it.
std::function<WallTime()> server_clock(Client& client, WallTime here);

}  // namespace cachectl
