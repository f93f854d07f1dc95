// What PHP's serialize() writes, as a tree. Nothing is built of it but text.
#pragma once

#include <string_view>

#include "values/node.hpp"

namespace cachectl {

/// An array of PHP whose indexes are 0, 1, 2 … is an array, each other one an object. References,
/// enumerations and what a class has written itself are remarks.
Decoded decode_php(std::string_view text, const NodeBounds& bounds);

}  // namespace cachectl
