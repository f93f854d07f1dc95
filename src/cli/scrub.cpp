#include "cli/scrub.hpp"

#include <cstring>
#include <string_view>

namespace cachectl {

namespace {

void blank(char* text) { std::memset(text, 'x', std::strlen(text)); }

// scheme://user:PASSWORD@host
void blank_url_password(char* text) {
    const std::string_view url(text);
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return;
    const auto at = url.rfind('@');
    const auto colon = url.find(':', scheme + 3);
    if (at == std::string_view::npos || colon == std::string_view::npos || colon > at) return;
    std::memset(text + colon + 1, 'x', at - colon - 1);
}

}  // namespace

void scrub_arguments(int argc, char** argv) {
    constexpr std::string_view k_long = "--password";
    for (int i = 1; i < argc; ++i) {
        const std::string_view arg(argv[i]);
        const bool takes_next = arg == "-a" || arg == k_long;
        if (takes_next && i + 1 < argc) {
            blank(argv[++i]);
        } else if (arg.starts_with("--password=")) {
            blank(argv[i] + k_long.size() + 1);
        } else if (arg.starts_with("-a") && arg.size() > 2) {
            blank(argv[i] + 2);
        } else {
            blank_url_password(argv[i]);
        }
    }
}

}  // namespace cachectl
