// The bytes of a dump, read once from front to back: a file, a pipe or stdin, through a window
// that holds no more than what a reader has not yet consumed. What is compressed with gzip or zstd
// is unpacked on the way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dump/decompress.hpp"

namespace cachectl {

/// How much a compressed input may become: a file of a few bytes can unpack to terabytes. 0 is no
/// limit.
struct UnpackLimits {
    std::uint64_t max_ratio = 1000;  // to the compressed bytes; the first MiB is free
    std::uint64_t max_bytes = 0;     // in all
};

class Source {
public:
    static constexpr std::size_t k_read_bytes = 256 * 1024;
    /// Readable bytes behind the window: zeros after fill(), so that a parser may look ahead in
    /// whole SIMD registers.
    static constexpr std::size_t k_padding = 64;

    /// Opens a file, or stdin for "-". Throws Error(bad_input) if there is no such file, it is not
    /// readable or it is a directory.
    static Source open(const std::string& path, std::size_t read_bytes = k_read_bytes);
    /// Reads a descriptor, which stays open and belongs to the caller, at most `read_bytes` at
    /// once.
    Source(int fd, std::string name, std::size_t read_bytes = k_read_bytes);
    Source(Source&& other) noexcept;
    Source& operator=(Source&&) = delete;
    ~Source();

    /// For messages: the path as given, or "stdin".
    [[nodiscard]] const std::string& name() const noexcept { return m_name; }
    /// How much there is to read in all, in bytes; nothing for a pipe.
    [[nodiscard]] std::optional<std::uint64_t> size() const noexcept { return m_size; }
    /// How much was read, in bytes of the file as it is, compressed or not: with size(), the
    /// progress.
    [[nodiscard]] std::uint64_t bytes_read() const noexcept { return m_bytes_read; }
    /// How much of size() stands before the window, 0..1; of a compressed input nearly. 0 if the
    /// size is not known.
    [[nodiscard]] double share_consumed() const noexcept;
    /// Where the window begins, in bytes from the start, unpacked.
    [[nodiscard]] std::uint64_t offset() const noexcept { return m_appended - window().size(); }
    /// How much memory the window has, in bytes.
    [[nodiscard]] std::size_t capacity() const noexcept { return m_capacity; }
    [[nodiscard]] int fd() const noexcept { return m_fd; }

    /// What was read and not yet consumed. The view is valid until the next fill().
    [[nodiscard]] std::string_view window() const noexcept {
        return {m_buffer.get() + m_begin, m_end - m_begin};
    }
    /// Reads on and appends to the window, waiting for at least one byte; false at the end.
    /// Throws Error(local_io) when reading fails; of a compressed input Error(bad_input) where it
    /// is damaged or cut, and Error(guard) when it becomes too large.
    bool fill();
    /// Drops the first `count` bytes of the window. They stay readable until the next fill().
    void consume(std::size_t count) noexcept { m_begin += count; }

    /// Before the first fill().
    void set_unpack_limits(const UnpackLimits& limits) noexcept { m_limits = limits; }
    /// Called when a signal interrupts a wait for bytes. It may throw, to stop the command.
    void on_interrupt(std::function<void()> hook) { m_on_interrupt = std::move(hook); }
    /// Called before each fill(). It may throw, to stop the command.
    void on_fill(std::function<void()> hook) { m_on_fill = std::move(hook); }
    /// Called before a read that would have to wait for bytes, as from a pipe. It may throw, to
    /// stop the command.
    void on_wait(std::function<void()> hook) { m_on_wait = std::move(hook); }

private:
    void make_room();
    std::size_t read_some(char* to, std::size_t room);
    bool append(std::size_t count);
    bool fill_plain();
    bool fill_unpacked();
    void begin_unpacking(Packing packing);
    void check_limits(std::size_t more) const;

    int m_fd;
    bool m_owns_fd = false;
    std::string m_name;
    std::size_t m_read_bytes;
    std::optional<std::uint64_t> m_size;
    std::uint64_t m_bytes_read = 0;
    std::unique_ptr<char[]> m_buffer;
    std::size_t m_capacity = 0;
    std::size_t m_begin = 0;
    std::size_t m_end = 0;
    std::uint64_t m_appended = 0;  // to the window, so far
    std::function<void()> m_on_interrupt;
    std::function<void()> m_on_wait;
    std::function<void()> m_on_fill;

    bool m_recognised = false;
    std::unique_ptr<Decompressor> m_decompressor;  // nullptr if the input is not compressed
    UnpackLimits m_limits;
    std::string m_packed;
    std::size_t m_packed_taken = 0;
};

}  // namespace cachectl
