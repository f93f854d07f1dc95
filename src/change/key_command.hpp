// The verbs of commands that change keys.
#pragma once

#include <string_view>

namespace cachectl {

constexpr std::string_view k_unlink = "UNLINK", k_del = "DEL", k_persist = "PERSIST";

/// Keys of a batch whose sizes are asked for, as a sample of the others.
constexpr unsigned k_sampled_keys = 4;

}  // namespace cachectl
