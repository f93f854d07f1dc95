#include "redis/cluster/address.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "redis/slot.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_longest_host = 255;  // RFC 1035, 2.3.4

bool is_host_character(char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || (c != '\0' && std::strchr(".:-_%", c) != nullptr);
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
    Number value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

bool is_node_host(std::string_view host) {
    if (host == "?") {
        return true;
    }
    return host.size() <= k_longest_host &&
           std::all_of(host.begin(), host.end(), is_host_character);
}

std::optional<HostPort> parse_node_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
    std::string_view host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    if (!port || *port == 0 || !is_node_host(host)) {
        return std::nullopt;
    }
    return HostPort{std::string(host), *port};
}

void add_to_node_map(NodeMap& map, std::string_view text) {
    const auto equals = text.find('=');
    const auto announced = parse_node_address(text.substr(0, equals));
    const auto real = equals == std::string_view::npos
                          ? std::nullopt
                          : parse_node_address(text.substr(equals + 1));
    if (!announced || !real || real->host.empty() || real->host == "?") {
        throw Error(ExitCode::usage, "'" + std::string(text) + "' is not ANNOUNCED=REAL",
                    "for example 10.0.0.5:6379=127.0.0.1:7001");
    }
    map[*announced] = *real;
}

std::optional<Redirection> parse_redirection(const Reply& reply) {
    const auto kind = reply.error_prefix();
    if (kind != "MOVED" && kind != "ASK") {
        return std::nullopt;
    }
    std::string_view rest = reply.text;
    rest.remove_prefix(std::min(rest.size(), kind.size() + 1));
    const auto space = rest.find(' ');
    if (space == std::string_view::npos) {
        return std::nullopt;
    }
    const auto slot = parse_number<std::uint16_t>(rest.substr(0, space));
    const auto to = parse_node_address(rest.substr(space + 1));
    if (!slot || *slot >= k_slots || !to) {
        return std::nullopt;
    }
    return Redirection{kind == "ASK" ? Redirection::Kind::ask : Redirection::Kind::moved, *slot,
                       *to};
}

}  // namespace cachectl
