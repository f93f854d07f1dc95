// The verbs of commands that change keys, and what servers say that do not have one.
#pragma once

#include <string_view>

#include "redis/reply.hpp"

namespace cachectl {

constexpr std::string_view k_unlink = "UNLINK", k_del = "DEL", k_persist = "PERSIST";

/// So many keys of a batch tell how large the others are.
constexpr unsigned k_sampled_keys = 4;

inline bool is_unknown_command(const Reply& reply) {
    return reply.error_prefix() == "ERR" && reply.text.find("unknown command") != std::string::npos;
}

}  // namespace cachectl
