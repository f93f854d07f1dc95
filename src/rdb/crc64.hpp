// The checksum of RDB files and DUMP payloads.
#pragma once

#include <cstdint>
#include <string_view>

namespace cachectl {

/// CRC-64 with the polynomial of Jones (0xad93d23594c935a9, reflected, from 0), as Redis has it in
/// src/crc64.c. `crc` is that of what stands before `bytes`.
std::uint64_t crc64(std::uint64_t crc, std::string_view bytes);

}  // namespace cachectl
