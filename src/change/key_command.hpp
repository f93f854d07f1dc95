// The verbs of commands that change keys.
#pragma once

#include <string_view>

namespace cachectl {

constexpr std::string_view k_unlink = "UNLINK", k_del = "DEL", k_persist = "PERSIST";

/// So many keys of a batch tell how large the others are.
constexpr unsigned k_sampled_keys = 4;

}  // namespace cachectl
