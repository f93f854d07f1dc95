#include "warm/rows/if_exists.hpp"

namespace cachectl {

std::optional<IfExists> parse_if_exists(std::string_view name) noexcept {
    if (name == "skip") {
        return IfExists::skip;
    }
    if (name == "overwrite") {
        return IfExists::overwrite;
    }
    if (name == "refresh") {
        return IfExists::refresh;
    }
    if (name == "update") {
        return IfExists::update;
    }
    return std::nullopt;
}

}  // namespace cachectl
