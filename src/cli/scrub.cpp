#include "cli/scrub.hpp"

#include <cstring>
#include <string_view>

namespace cachectl {

namespace {

void blank(char* text) { std::memset(text, 'x', std::strlen(text)); }

// scheme://USER:PASSWORD@host and scheme://PASSWORD@host
void blank_url_password(char* text) {
    const std::string_view url(text);
    const auto scheme = url.find("://");
    const auto at = url.rfind('@');
    if (scheme == std::string_view::npos || at == std::string_view::npos) return;
    const auto user = scheme + 3;
    if (at < user) return;
    const auto colon = url.find(':', user);
    const auto password = colon < at ? colon + 1 : user;
    std::memset(text + password, 'x', at - password);
}

/// Where the password begins in "-aPASSWORD", "-laPASSWORD" or "--password=PASSWORD": at the end
/// of "-a", "-la" and "--password", whose password is the next argument. Else npos. Letters in
/// front of the 'a' are flags unless they take a value, which is then the rest.
std::size_t password_in(std::string_view arg) {
    constexpr std::string_view k_long = "--password";
    if (arg == k_long) return arg.size();
    if (arg.starts_with("--password=")) return k_long.size() + 1;
    if (!arg.starts_with('-') || arg.starts_with("--")) return std::string_view::npos;
    const auto letter = arg.find_first_of("ahnopsu", 1);
    if (letter == std::string_view::npos || arg[letter] != 'a') return std::string_view::npos;
    return letter + 1;
}

}  // namespace

void scrub_arguments(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::size_t password = password_in(argv[i]);
        if (password == std::string_view::npos) {
            blank_url_password(argv[i]);
        } else if (argv[i][password] != '\0') {
            blank(argv[i] + password);
        } else if (i + 1 < argc) {
            blank(argv[++i]);
        }
    }
}

}  // namespace cachectl
