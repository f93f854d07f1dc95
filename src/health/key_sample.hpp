// The one sample of keys that all checks of keys share.
#pragma once

#include "cli/context.hpp"
#include "health/evidence.hpp"
#include "redis/client.hpp"

namespace cachectl {

struct HealthQuestion;

/// Draws 2,000 keys, or looks at all where there are fewer; sets `keys` of the evidence, or else
/// `keys_lacking`; both, where the user may see some of them only.
void take_key_sample(Context& ctx, Client& client, const HealthQuestion& question,
                     HealthEvidence& evidence);

}  // namespace cachectl
