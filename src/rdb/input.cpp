#include "rdb/input.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "rdb/crc64.hpp"
#include "rdb/format.hpp"
#include "rdb/lzf.hpp"
#include "util/error.hpp"

namespace cachectl {

RdbInput::RdbInput(int fd, std::uint64_t size, std::size_t window_bytes, std::uint64_t offset)
    : m_fd(fd),
      m_size(size),
      m_window_bytes(window_bytes),
      m_window(std::make_unique<char[]>(window_bytes)),
      m_window_offset(offset) {}

void RdbInput::need(std::uint64_t bytes) const {
    if (bytes > left()) {
        throw RdbFault{
            true, offset(),
            fmt::format("{} {} wanted, {} left", bytes, bytes == 1 ? "byte" : "bytes", left())};
    }
}

void RdbInput::fill() {
    add_up();
    m_window_offset += m_window_size;
    m_window_size = m_next = m_added_up = 0;
    ssize_t got = 0;
    do {
        got = ::pread(m_fd, m_window.get(), m_window_bytes, static_cast<off_t>(m_window_offset));
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        throw Error(ExitCode::local_io, std::string("cannot read it: ") + std::strerror(errno));
    }
    if (got == 0) {
        throw RdbFault{true, m_window_offset, "it has become shorter"};
    }
    m_window_size = static_cast<std::size_t>(got);
}

void RdbInput::add_up() {
    const std::string_view bytes(m_window.get() + m_added_up, m_next - m_added_up);
    m_crc = crc64(m_crc, bytes);
    if (m_digest) {
        m_digest->add(bytes);
    }
    m_added_up = m_next;
}

std::uint8_t RdbInput::peek() {
    need(1);
    if (m_next == m_window_size) {
        fill();
    }
    return static_cast<std::uint8_t>(m_window[m_next]);
}

std::uint8_t RdbInput::byte() {
    const std::uint8_t byte = peek();
    ++m_next;
    return byte;
}

std::uint64_t RdbInput::number(std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
        value |= std::uint64_t{byte()} << (8 * i);
    }
    return value;
}

std::uint64_t RdbInput::number_big_endian(std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
        value = value << 8 | byte();
    }
    return value;
}

std::string RdbInput::text(std::uint64_t bytes) {
    need(bytes);
    std::string text;
    text.reserve(bytes);
    while (text.size() < bytes) {
        if (m_next == m_window_size) {
            fill();
        }
        const auto some = std::min<std::uint64_t>(bytes - text.size(), m_window_size - m_next);
        text.append(m_window.get() + m_next, some);
        m_next += some;
    }
    return text;
}

void RdbInput::skip(std::uint64_t bytes) {
    need(bytes);
    while (bytes != 0) {
        if (m_next == m_window_size) {
            fill();
        }
        const auto some = std::min<std::uint64_t>(bytes, m_window_size - m_next);
        m_next += some;
        bytes -= some;
    }
}

std::uint64_t RdbInput::crc() {
    add_up();
    return m_crc;
}

void RdbInput::begin_digest() {
    add_up();
    m_digest.emplace();
}

std::string RdbInput::digest() {
    add_up();
    return m_digest->hex();
}

void RdbInput::damaged(std::string reason) const {
    throw RdbFault{false, offset(), std::move(reason)};
}

// The two highest bits say how many bytes the length has.
RdbLength read_rdb_length_or_encoding(RdbInput& in) {
    constexpr std::uint8_t k_32_bits = 0x80;
    constexpr std::uint8_t k_64_bits = 0x81;
    const std::uint8_t first = in.byte();
    const std::uint8_t rest = first & 0x3f;
    switch (first >> 6) {
        case 0:
            return {rest, false};
        case 1:
            return {std::uint64_t{rest} << 8 | in.byte(), false};
        case 3:
            return {rest, true};
        default:
            break;
    }
    if (first != k_32_bits && first != k_64_bits) {
        in.damaged(fmt::format("byte {:#04x} begins no length", first));
    }
    return {in.number_big_endian(first == k_32_bits ? 4 : 8), false};
}

std::uint64_t read_rdb_length(RdbInput& in) {
    const RdbLength length = read_rdb_length_or_encoding(in);
    if (length.is_encoding) {
        in.damaged("an encoding where a length should be");
    }
    return length.value;
}

namespace {

/// Names and AUX fields are held in memory.
void check_size(const RdbInput& in, std::uint64_t bytes) {
    constexpr std::uint64_t k_longest = 512U * 1024 * 1024;  // of a server: proto-max-bulk-len
    if (bytes > k_longest && bytes <= in.left()) {
        in.damaged(fmt::format("a name of {} bytes", bytes));
    }
}

}  // namespace

std::string read_rdb_string(RdbInput& in) {
    const RdbLength length = read_rdb_length_or_encoding(in);
    if (!length.is_encoding) {
        check_size(in, length.value);
        return in.text(length.value);
    }
    switch (static_cast<RdbEncoding>(length.value)) {
        case RdbEncoding::int8:
            return std::to_string(static_cast<std::int8_t>(in.number(1)));
        case RdbEncoding::int16:
            return std::to_string(static_cast<std::int16_t>(in.number(2)));
        case RdbEncoding::int32:
            return std::to_string(static_cast<std::int32_t>(in.number(4)));
        case RdbEncoding::lzf: {
            const std::uint64_t packed = read_rdb_length(in);
            const std::uint64_t size = read_rdb_length(in);
            check_size(in, std::max(packed, size));
            auto text = lzf_unpack(in.text(packed), size);
            if (!text) {
                in.damaged("what is compressed cannot be unpacked");
            }
            return std::move(*text);
        }
    }
    in.damaged(fmt::format("a string of encoding {}", length.value));
}

void skip_rdb_string(RdbInput& in) {
    const RdbLength length = read_rdb_length_or_encoding(in);
    if (!length.is_encoding) {
        in.skip(length.value);
        return;
    }
    switch (static_cast<RdbEncoding>(length.value)) {
        case RdbEncoding::int8:
            return in.skip(1);
        case RdbEncoding::int16:
            return in.skip(2);
        case RdbEncoding::int32:
            return in.skip(4);
        case RdbEncoding::lzf: {
            const std::uint64_t packed = read_rdb_length(in);
            read_rdb_length(in);
            return in.skip(packed);
        }
    }
    in.damaged(fmt::format("a string of encoding {}", length.value));
}

}  // namespace cachectl
