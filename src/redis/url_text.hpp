// The parts of a URL that both the parser of redis/uri.hpp and its redaction have to read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cachectl {

/// Digits and nothing else, and not more than `most`.
std::optional<unsigned long> parse_number(std::string_view text, unsigned long most);

/// "cache.example:6379" or "[::1]:6379/2": nothing else without a scheme is believed to be an
/// address, for it may be a password.
bool is_host_and_port(std::string_view text);

/// Nothing if a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace cachectl
