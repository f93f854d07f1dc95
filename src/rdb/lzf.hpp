// LZF, with which Redis compresses strings of more than 20 bytes in RDB files.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cachectl {

/// Unpacks to exactly `size` bytes; nothing if `packed` is not what becomes that.
std::optional<std::string> lzf_unpack(std::string_view packed, std::size_t size);

}  // namespace cachectl
