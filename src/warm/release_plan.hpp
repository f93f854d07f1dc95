// What a warm run does when all is loaded: which keys go because it did not make them, and which
// key points at what it made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "warm/rows/template_values.hpp"

namespace cachectl {

struct ReleasePlan {
    struct Pointer {
        std::string key;
        std::string value;
    };

    std::vector<std::string> patterns;  // --sync
    std::optional<Pointer> pointer;     // --switch

    /// Fills what was said with the values. Throws Error(guard) for a pattern that every key
    /// matches, Error(usage) for one that is no glob and for a pointer without a value.
    static ReleasePlan of(const std::vector<std::string>& sync, const std::string& switch_to,
                          TemplateValues& values);
};

}  // namespace cachectl
