// A look at a key before it is replaced: whether it is there, expires soon, or has the value that
// is to be written. Replies are bounded by that value: what is longer is another one.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "redis/reply.hpp"
#include "warm/stored_value.hpp"

namespace cachectl {

enum class Existing {
    unknown,     // the server would not say
    absent,      // or an empty string, which only a conditional write tells from it
    stays,       // has enough time left, or the value that is to be written
    replaced,    // is to be
    to_be_read,  // may have the value: PiecewiseComparison tells
};

/// By the reply to PTTL: what has `below` left, or less, is to be replaced. What never expires
/// stays.
Existing judge_ttl(const Reply& reply, std::chrono::milliseconds below);

/// What asks whether `key` may have the value: GETRANGE, or the number of its parts. The command
/// lies in `key`, which has to outlive it, and in `scratch`.
std::vector<std::string_view> look_command(const StoredValue& value, std::string_view key,
                                           std::string& scratch);
/// By the reply to it.
Existing judge_look(const StoredValue& value, const Reply& reply);

}  // namespace cachectl
