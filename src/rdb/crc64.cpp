#include "rdb/crc64.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace cachectl {

namespace {

constexpr std::uint64_t k_reflected_polynomial = 0x95ac9329ac4bc9b5;
constexpr std::size_t k_stride = 8;  // bytes that are taken in one step
constexpr std::size_t k_bytes = 256;

using Table = std::array<std::array<std::uint64_t, k_bytes>, k_stride>;

/// [n][b] is what byte b becomes when n more bytes have followed it.
constexpr Table make_table() {
    Table table{};
    for (std::size_t byte = 0; byte < k_bytes; ++byte) {
        std::uint64_t crc = byte;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? k_reflected_polynomial : 0);
        }
        table[0][byte] = crc;
    }
    for (std::size_t n = 1; n < k_stride; ++n) {
        for (std::size_t byte = 0; byte < k_bytes; ++byte) {
            const std::uint64_t before = table[n - 1][byte];
            table[n][byte] = (before >> 8) ^ table[0][before & 0xff];
        }
    }
    return table;
}

constexpr Table k_table = make_table();

static_assert(std::endian::native == std::endian::little);

}  // namespace

std::uint64_t crc64(std::uint64_t crc, std::string_view bytes) {
    while (bytes.size() >= k_stride) {
        std::uint64_t next = 0;
        std::memcpy(&next, bytes.data(), k_stride);
        next ^= crc;
        crc = 0;
        for (std::size_t n = 0; n < k_stride; ++n) {
            crc ^= k_table[k_stride - 1 - n][(next >> (8 * n)) & 0xff];
        }
        bytes.remove_prefix(k_stride);
    }
    for (const char byte : bytes) {
        crc = (crc >> 8) ^ k_table[0][(crc ^ static_cast<unsigned char>(byte)) & 0xff];
    }
    return crc;
}

}  // namespace cachectl
