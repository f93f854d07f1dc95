#include "dump/boolean_word.hpp"

#include <algorithm>
#include <array>

#include "dump/sql/dialect.hpp"

namespace cachectl {

std::optional<bool> boolean_word(std::string_view text) noexcept {
    constexpr std::array<std::string_view, 6> k_true = {"true", "t", "yes", "y", "on", "1"};
    constexpr std::array<std::string_view, 6> k_false = {"false", "f", "no", "n", "off", "0"};
    const auto same = [text](std::string_view word) { return same_sql_name(text, word); };
    if (std::ranges::any_of(k_true, same)) {
        return true;
    }
    if (std::ranges::any_of(k_false, same)) {
        return false;
    }
    return std::nullopt;
}

}  // namespace cachectl
