// MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) as a tree.
#pragma once

#include <string_view>

#include "values/node.hpp"

namespace cachectl {

/// A map or array that has members. The format has no mark of its own: what is called msgpack is
/// not UTF-8, names the members of its maps by texts or numbers, and ends where the input ends.
Decoded decode_msgpack(std::string_view bytes, const NodeBounds& bounds);

}  // namespace cachectl
