// What stands for true and false in text that has no types.
#pragma once

#include <optional>
#include <string_view>

namespace cachectl {

/// true, t, yes, y, on, 1, and false, f, no, n, off, 0, in any case; nothing for anything else.
[[nodiscard]] std::optional<bool> boolean_word(std::string_view text) noexcept;

}  // namespace cachectl
