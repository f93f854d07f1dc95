#include "cli/scrub.hpp"

#include <cstring>
#include <string_view>

namespace cachectl {

namespace {

constexpr auto k_none = std::string_view::npos;

void blank(char* text) { std::memset(text, 'x', std::strlen(text)); }

/// scheme://USER:PASSWORD@host?parameters and scheme://PASSWORD@host; without a scheme, what stands
/// between a ':' and an '@'.
void blank_login(char* text) {
    const std::string_view word(text);
    const auto scheme = word.find("://");
    const auto login = scheme == k_none ? 0 : scheme + 3;
    const auto at = word.rfind('@');
    const auto colon = word.find(':', login);
    if (at != k_none && colon != k_none && colon < at) {
        std::memset(text + colon + 1, 'x', at - colon - 1);
    } else if (at != k_none && at > login && scheme != k_none) {
        std::memset(text + login, 'x', at - login);
    }
    const auto query = word.find('?', login);
    if (scheme != k_none && query != k_none) {
        blank(text + query + 1);
    }
}

/// "--user NAME:PASSWORD", as other programs have it.
void blank_user_password(char* user) {
    if (char* colon = std::strchr(user, ':')) {
        blank(colon + 1);
    }
}

/// Where the password begins in "-aPASSWORD" or "-laPASSWORD": at the end of "-a" and "-la", whose
/// password is the next argument. Else k_none. Letters in front of the 'a' are flags unless they
/// take a value, which is then the rest.
std::size_t password_in_letters(std::string_view arg) {
    if (!arg.starts_with('-') || arg.starts_with("--")) {
        return k_none;
    }
    const auto letter = arg.find_first_of("ahnopsu", 1);
    if (letter == k_none || arg[letter] != 'a') {
        return k_none;
    }
    return letter + 1;
}

}  // namespace

void scrub_arguments(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view arg(argv[i]);
        char* const next = i + 1 < argc ? argv[i + 1] : nullptr;
        const std::size_t letters = password_in_letters(arg);
        if (arg == "--password" || letters == arg.size()) {
            if (next != nullptr) {
                blank(argv[++i]);
            }
        } else if (letters != k_none) {
            blank(argv[i] + letters);
        } else if (arg.starts_with("--password=")) {
            blank(argv[i] + std::strlen("--password="));
        } else if (arg == "--user" && next != nullptr) {
            blank_user_password(argv[++i]);
        } else if (arg.starts_with("--user=")) {
            blank_user_password(argv[i] + std::strlen("--user="));
        } else {
            blank_login(argv[i]);
        }
    }
}

}  // namespace cachectl
