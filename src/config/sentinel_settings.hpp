// The flags for Sentinels and replicas, on top of what the URL and the context say.
#pragma once

#include <optional>
#include <string>

#include "config/settings.hpp"

namespace cachectl {

/// `password` is the Sentinels' own, from the environment. Throws Error(usage) for a flag that is
/// wrong, or means nothing where the server is named and not found by Sentinels.
void apply_sentinel_flags(const ConnectionFlags& flags, const std::optional<std::string>& password,
                          Settings& settings);

}  // namespace cachectl
