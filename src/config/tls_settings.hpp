// The flags for TLS, on top of what the URL and the context say.
#pragma once

#include "config/settings.hpp"

namespace cachectl {

/// `settings` has the address that counts. Throws Error(usage) for a flag that means nothing there.
void apply_tls_flags(const ConnectionFlags& flags, Settings& settings);

}  // namespace cachectl
