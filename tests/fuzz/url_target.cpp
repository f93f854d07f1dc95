// URLs of servers: no message shows a password. The byte \x01 in the input stands for one, so that
// it is known where it was meant; without it, for what the parser takes for one.
#include <fmt/format.h>

#include <string>

#include "fuzz/target.hpp"
#include "redis/uri.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_secret = "Tr0ub4dor";

/// Whether what stands at `at` is in the place of a password: between "://", or a user's ':', and
/// the last '@'.
bool is_password_at(std::string_view url, std::size_t at) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos || scheme + 3 > at) {
        return false;
    }
    const std::string_view rest = url.substr(scheme + 3);
    const std::size_t place = at - scheme - 3;
    const std::size_t login_end = rest.rfind('@');
    if (login_end == std::string_view::npos || place > login_end) {
        return false;
    }
    const std::size_t colon = rest.substr(0, login_end).find(':');
    const bool is_socket = rest.starts_with('/');  // a path may have an '@'
    return !is_socket && (colon == std::string_view::npos || place > colon);
}

void check_address(const ServerAddress& address) {
    expect(!address.name().empty(), "a server has a name");
    expect(address.is_found_by_sentinels() || !address.host.empty(), "a server has a host");
    expect(address.socket_path.find('\0') == std::string::npos, "a path has no NUL");
    for (const char c : address.socket_path.empty() && !address.is_found_by_sentinels()
                            ? address.host
                            : std::string()) {
        expect(static_cast<unsigned char>(c) > ' ' && c != 0x7f, "a host has no controls");
    }
}

/// What there is to read of the URL: its redaction, and the message if it is none.
std::string shown(const std::string& url, ServerAddress* into) {
    std::string text = redact_url(url);
    try {
        *into = parse_server_url(url);
        check_address(*into);
    } catch (const Error& error) {
        expect(error.code() == ExitCode::usage, "what is no URL is a mistake of the user's");
        *into = {};
        text += fmt::format("\n{}\n{}", error.what(), error.hint());
    }
    return text;
}

}  // namespace

void fuzz_url(std::string_view input) {
    std::string url(input);
    const std::size_t marked = url.find('\x01');
    replace_all(url, "\x01", k_secret);
    ServerAddress address;
    const std::string text = shown(url, &address);
    if (marked != std::string::npos && is_password_at(url, marked)) {
        // Its author may have written the same elsewhere, where it is shown.
        const bool is_elsewhere = url.find(k_secret) != url.rfind(k_secret);
        expect(is_elsewhere || text.find(k_secret) == std::string::npos,
               "a password is not shown: " + text);
    }
    const std::size_t at = url.find(address.password);
    if (address.password.size() >= 4 && at == url.rfind(address.password) && at < url.rfind('@')) {
        const bool is_in_a_form =
            std::string_view("***@redissentinelunixvalkeys:///").find(address.password) !=
            std::string_view::npos;
        expect(is_in_a_form || text.find(address.password) == std::string::npos,
               "a password that was read is not shown: " + text);
    }
    try {
        for (const HostPort& node : parse_sentinels(input, "--sentinel")) {
            expect(!node.host.empty() && node.port != 0, "a Sentinel can be connected to");
        }
    } catch (const Error& error) {
        expect(error.code() == ExitCode::usage, "what is no Sentinel is a mistake of the user's");
    }
}

}  // namespace cachectl
