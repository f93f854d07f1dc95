// The part of redis/uri.hpp that keeps passwords out of messages.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "redis/uri.hpp"
#include "redis/url_text.hpp"

namespace cachectl {

std::optional<unsigned long> parse_number(std::string_view text, unsigned long most) {
    unsigned long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > most) {
        return std::nullopt;
    }
    return value;
}

bool is_host_and_port(std::string_view text) {
    text = text.substr(0, text.find('/'));
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) {
        return false;
    }
    const std::string_view host = text.substr(0, colon);
    const bool in_brackets = host.front() == '[' && host.back() == ']';
    return parse_number(text.substr(colon + 1), 65535).has_value() &&
           host.find_first_of("@?#%, ") == host.npos &&
           (in_brackets || host.find(':') == host.npos);
}

namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            bytes += text[i];
            continue;
        }
        const int high = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        bytes += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return bytes;
}

namespace {

bool is_scheme(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '+' || c == '-' || c == '.';
    });
}

bool is_database_path(std::string_view path) {
    return path.find_first_not_of("/0123456789-") == std::string_view::npos;
}

/// "h:6379", or "[::1]:6379"; "***" stands for what can be no port and no address.
std::string redact_endpoint(std::string_view text) {
    if (text.starts_with('[')) {
        const std::string_view address = text.substr(0, std::min(text.find('%'), text.size()));
        const bool is_address =
            address.find_first_not_of("0123456789abcdefABCDEF:.[]") == address.npos;
        return is_address ? std::string(text) : "[***";
    }
    const std::size_t colon = text.rfind(':');
    const bool has_odd_port =
        colon != text.npos && text.find_first_not_of("0123456789", colon + 1) != text.npos;
    return has_odd_port ? fmt::format("{}***", text.substr(0, text.find(':') + 1))
                        : std::string(text);
}

}  // namespace

std::string redact_url(std::string_view url) {
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos || !is_scheme(url.substr(0, scheme_end))) {
        if (!is_host_and_port(url)) {
            return "***";
        }
        // Behind a '/' may stand what should have stood elsewhere.
        const std::size_t slash = std::min(url.find('/'), url.size());
        std::string endpoint(url.substr(0, slash));
        return endpoint.append(is_database_path(url.substr(slash)) ? url.substr(slash) : "/***");
    }
    const std::string scheme(url.substr(0, scheme_end));
    std::string_view rest = url.substr(scheme_end + 3);
    std::string login;
    // The last '@' of all: a password may hold any byte that its author forgot to encode.
    const std::size_t at = rest.rfind('@');
    const bool is_path = scheme == "unix" && rest.starts_with('/');
    if (at != rest.npos && !(is_path && rest.find(':') == rest.npos)) {
        const std::string_view info = rest.substr(0, at);
        const std::string_view user = info.substr(0, info.find(':'));
        const bool shows_user =
            user.size() < info.size() && user.find_first_of("/?#@") == std::string_view::npos;
        login = fmt::format("{}***@", shows_user ? fmt::format("{}:", user) : "");
        rest.remove_prefix(at + 1);
    }
    rest = rest.substr(0, rest.find_first_of("?#"));
    if (scheme == "unix") {
        return fmt::format("{}://{}{}", scheme, login, rest);
    }
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view path = rest.substr(slash);
    const bool shows_path = scheme.ends_with("sentinel") || is_database_path(path);
    // Without a login, what stands where the port belongs may be a password whose host is missing.
    const std::string endpoint =
        login.empty() ? redact_endpoint(rest.substr(0, slash)) : std::string(rest.substr(0, slash));
    return fmt::format("{}://{}{}{}", scheme, login, endpoint, shows_path ? path : "/***");
}

}  // namespace cachectl
