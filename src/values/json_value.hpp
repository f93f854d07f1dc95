// JSON of a cache: read to its end, whatever its depth, so that only JSON is called JSON.
#pragma once

#include <string_view>

#include "values/node.hpp"

namespace cachectl {

/// An object or array; a text, number or word alone is not called JSON here. Names and texts have
/// their escapes undone, numbers stay as they are written.
Decoded decode_json(std::string_view text, const NodeBounds& bounds);

}  // namespace cachectl
