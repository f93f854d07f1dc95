// A server's version as far as its abilities go by it: "7.0.15" is 7.0.
#pragma once

#include <string_view>

namespace cachectl {

struct Version {
    unsigned major = 0;
    unsigned minor = 0;

    /// 0.0 for what is not a version.
    static Version parse(std::string_view text);

    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes what >= is made of for a pointer
    friend auto operator<=>(const Version&, const Version&) = default;
};

}  // namespace cachectl
