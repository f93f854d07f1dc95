#include "util/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

namespace cachectl {

namespace {

/// An empty variable counts as one that is not set.
std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view{} : std::string_view(value);
}

std::size_t columns_of(int fd) {
    constexpr std::size_t k_default_columns = 80;
    winsize size{};
    // A serial console, or a terminal made by a script, says 0: it does not know.
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }

    const std::string_view text = environment("COLUMNS");
    unsigned short columns = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), columns);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && columns > 0 ? columns : k_default_columns;
}

/// A container often has no locale at all, and yet the terminal around it is a UTF-8 one: so only
/// a locale that was set, "C" among them, says otherwise.
bool locale_is_utf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        std::string locale(environment(name));
        if (locale.empty()) {
            continue;
        }
        for (char& c : locale) {
            if (c >= 'A' && c <= 'Z') {
                c = static_cast<char>(c - 'A' + 'a');
            }
        }
        return locale.find("utf-8") != std::string::npos ||
               locale.find("utf8") != std::string::npos;
    }
    return true;
}

}  // namespace

Terminal examine_terminal(int fd) {
    const std::string_view term = environment("TERM");
    const auto forces = [](const char* name) {
        const std::string_view value = environment(name);
        return !value.empty() && value != "0";
    };
    return {.attached = ::isatty(fd) == 1,
            .columns = columns_of(fd),
            .dumb = term.empty() || term == "dumb",
            .utf8 = locale_is_utf8(),
            .force_color = forces("FORCE_COLOR") || forces("CLICOLOR_FORCE"),
            .no_color = !environment("NO_COLOR").empty()};
}

}  // namespace cachectl
