// The bytes of an RDB file, read once from front to back, and what they add up to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "util/sha256.hpp"

namespace cachectl {

/// Why an RDB file cannot be read on: thrown by what reads it.
struct RdbFault {
    bool is_cut = false;  // it ends there; otherwise what stands there cannot be
    std::uint64_t offset = 0;
    std::string reason;  // "a length of 99 bytes with 3 to come"
};

class RdbInput {
public:
    static constexpr std::size_t k_window_bytes = 256 * 1024;

    /// `fd` is that of a file of `size` bytes; it stays open and belongs to the caller. It begins
    /// at `offset`, and so do its sums. At most `window_bytes` are read at once.
    RdbInput(int fd, std::uint64_t size, std::size_t window_bytes = k_window_bytes,
             std::uint64_t offset = 0);

    [[nodiscard]] std::uint64_t offset() const { return m_window_offset + m_next; }
    [[nodiscard]] std::uint64_t left() const { return m_size - offset(); }

    // All of these throw RdbFault where the file is too short, and Error(local_io) where it cannot
    // be read.
    std::uint8_t byte();
    /// What byte() will give.
    std::uint8_t peek();
    /// Little endian, of so many bytes, at most 8.
    std::uint64_t number(std::size_t bytes);
    /// Big endian.
    std::uint64_t number_big_endian(std::size_t bytes);
    std::string text(std::uint64_t bytes);
    void skip(std::uint64_t bytes);

    /// Of all bytes up to here.
    [[nodiscard]] std::uint64_t crc();
    void begin_digest();
    /// The SHA-256 of the bytes since begin_digest(), as text.
    [[nodiscard]] std::string digest();

    [[noreturn]] void damaged(std::string reason) const;

private:
    void need(std::uint64_t bytes) const;
    void fill();
    void add_up();

    int m_fd;
    std::uint64_t m_size;
    std::size_t m_window_bytes;
    std::unique_ptr<char[]> m_window;
    std::size_t m_window_size = 0;
    std::size_t m_next = 0;      // in the window
    std::size_t m_added_up = 0;  // up to here in the window
    std::uint64_t m_window_offset = 0;
    std::uint64_t m_crc = 0;
    std::optional<Sha256> m_digest;
};

/// A length as RDB files have it, or how a string is encoded that has none.
struct RdbLength {
    std::uint64_t value = 0;
    bool is_encoding = false;
};
RdbLength read_rdb_length_or_encoding(RdbInput& in);
/// One that is no encoding. Throws RdbFault.
std::uint64_t read_rdb_length(RdbInput& in);
/// A string as it was before it was stored as a number or compressed. Throws RdbFault.
std::string read_rdb_string(RdbInput& in);
void skip_rdb_string(RdbInput& in);

}  // namespace cachectl
