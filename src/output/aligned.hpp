// Text whose columns are aligned by blanks.
#pragma once

#include <functional>

#include "output/writer.hpp"

namespace cachectl {

/// Has `write` write to `out`. Where Markdown is asked for, what it writes stands between fences,
/// so that its lines and blanks are kept.
void write_aligned(Writer& out, const std::function<void(Writer&)>& write);

}  // namespace cachectl
