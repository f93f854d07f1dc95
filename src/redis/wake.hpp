// Connections that were idle, as while a person reads a question.
#pragma once

#include "redis/client.hpp"

namespace cachectl {

/// Makes anew what the server has closed meanwhile (`timeout`); what cannot be made anew shows with
/// the next command. False if another process answers by now. Waits for replies.
bool wake(Client& client);

}  // namespace cachectl
