// What hot says, in each of its forms.
#pragma once

#include "hot/hot_keys.hpp"
#include "output/display.hpp"
#include "output/format.hpp"
#include "output/writer.hpp"

namespace cachectl {

/// {method, interval_ms, unit, keys:[{key, type, node, score, unit, size_bytes, ttl_ms}], notes};
/// without ttl_ms where it is not known.
void write_hot_keys(Writer& out, const Display& display, Format format, const HotKeys& found);

}  // namespace cachectl
