// A look at a key before it is replaced: whether it is there, expires soon, or has the value that
// is to be written. Replies are bounded: what is longer than that value is another one, and what is
// large is read piece by piece.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "redis/reply.hpp"
#include "warm/rows/encode.hpp"

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

/// Longer strings are compared in pieces.
inline constexpr std::size_t k_most_text_read = std::size_t{256} << 10;

/// HLEN, LLEN, SCARD, ZCARD or STRLEN.
std::string_view length_verb(EncodeAs as);

/// What asks whether `key` may have the value: GETRANGE, or its length, or the number of its parts.
/// The command lies in `key`, which has to outlive it, and in `scratch`.
std::vector<std::string_view> look_command(const Encoded& value, std::string_view key,
                                           std::string& scratch);
/// By the reply to it.
Existing judge_look(const Encoded& value, const Reply& reply);

}  // namespace cachectl
