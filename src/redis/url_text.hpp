// What the parser of redis/uri.hpp and its redaction both make of a text.
#pragma once

#include <optional>
#include <string_view>

namespace cachectl {

/// Digits and nothing else, and not more than `most`.
std::optional<unsigned long> parse_number(std::string_view text, unsigned long most);

/// "cache.example:6379" or "[::1]:6379/2": nothing else without a scheme is believed to be an
/// address, for it may be a password.
bool is_host_and_port(std::string_view text);

}  // namespace cachectl
