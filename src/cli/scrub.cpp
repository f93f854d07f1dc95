#include "cli/scrub.hpp"

#include <cstring>
#include <string_view>

#include "util/secrets.hpp"

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

/// Calls `hide(i, offset)` for each argument of which nothing may be seen from `offset` on, and
/// `other(i)` for the rest. `word(i)` is one of `count` arguments.
template <typename Word, typename Hide, typename Other>
void find_passwords(std::size_t count, Word word, Hide hide, Other other) {
    constexpr std::string_view k_password = "--password=";
    constexpr std::string_view k_user = "--user=";
    const auto hide_after_colon = [&](std::size_t i, std::size_t from) {
        const std::size_t colon = word(i).find(':', from);
        if (colon != k_none) {
            hide(i, colon + 1);
        }
    };
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view arg = word(i);
        const bool has_next = i + 1 < count;
        const std::size_t letters = password_in_letters(arg);
        if (arg == "--password" || letters == arg.size()) {
            if (has_next) {
                hide(++i, 0);
            }
        } else if (letters != k_none) {
            hide(i, letters);
        } else if (arg.starts_with(k_password)) {
            hide(i, k_password.size());
        } else if (arg == "--user" && has_next) {
            hide_after_colon(++i, 0);  // NAME:PASSWORD, as other programs have it
        } else if (arg.starts_with(k_user)) {
            hide_after_colon(i, k_user.size());
        } else {
            other(i);
        }
    }
}

}  // namespace

void scrub_arguments(int argc, char** argv) {
    char** const words = argv + 1;
    find_passwords(
        argc > 0 ? static_cast<std::size_t>(argc - 1) : 0,
        [words](std::size_t i) { return std::string_view(words[i]); },
        [words](std::size_t i, std::size_t offset) { blank(words[i] + offset); },
        [words](std::size_t i) { blank_login(words[i]); });
}

std::vector<std::string> masked_words(const std::vector<std::string>& words) {
    std::vector<std::string> result = words;
    find_passwords(
        words.size(), [&](std::size_t i) { return std::string_view(words[i]); },
        [&](std::size_t i, std::size_t offset) {
            result[i].resize(offset);
            result[i] += "***";
        },
        [&](std::size_t i) { result[i] = mask_typed(mask_secrets(words[i])); });
    return result;
}

}  // namespace cachectl
