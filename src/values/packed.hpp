// Values that an application has compressed: gzip, zlib and zstd, unpacked as far as a bound.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cachectl {

struct Unpacked {
    std::string_view packing;  // "gzip", "zlib", "zstd"; empty: it is not compressed
    std::string bytes;
    bool whole = false;    // all of it was unpacked
    bool damaged = false;  // it ends, or goes wrong, before its end
};

/// The output takes `most` bytes of memory at the most, the work as much again. What only begins
/// like compressed data, and cannot be unpacked, is no such data.
Unpacked unpack(std::string_view bytes, std::size_t most);

}  // namespace cachectl
