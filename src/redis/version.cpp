#include "redis/version.hpp"

#include <charconv>

namespace cachectl {

Version Version::parse(std::string_view text) {
    Version version;
    const char* end = text.data() + text.size();
    const auto major = std::from_chars(text.data(), end, version.major);
    if (major.ec != std::errc()) {
        return {};
    }
    if (major.ptr != end && *major.ptr == '.') {
        std::from_chars(major.ptr + 1, end, version.minor);
    }
    return version;
}

}  // namespace cachectl
