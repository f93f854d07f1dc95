// What becomes of a key that is there already.
#pragma once

#include <optional>
#include <string_view>

namespace cachectl {

enum class IfExists {
    skip,
    overwrite,
    refresh,  // written again if it expires soon
    update,   // written again if its value or its type is another one
};

/// skip, overwrite, refresh, update; nothing for any other name.
std::optional<IfExists> parse_if_exists(std::string_view name) noexcept;

}  // namespace cachectl
