// Bytes to and from a server, without waiting.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "util/file_descriptor.hpp"

namespace cachectl {

/// A connected byte stream. A layer that encrypts is another Stream over the same poll loop.
class Stream {
public:
    /// The room that read() needs at least: a layer may only be able to hand over whole records.
    static constexpr std::size_t k_least_read_bytes = 16 * 1024;

    enum class Status { ok, again, closed, failed };
    struct Result {
        Status status;
        std::size_t bytes;  // moved; with closed and failed, before the end
        std::string why;    // when failed: "read: Connection reset by peer"
    };

    virtual ~Stream() = default;
    virtual Result read(std::span<char> into) = 0;
    virtual Result write(std::string_view bytes) = 0;
    [[nodiscard]] virtual int fd() const = 0;
    /// The poll(2) event that the next read() or write() waits for. A layer may have to write
    /// before it can read on, and the other way round.
    [[nodiscard]] virtual short read_event() const;
    [[nodiscard]] virtual short write_event() const;
};

/// Over a socket as it is. It does not block.
std::unique_ptr<Stream> make_socket_stream(FileDescriptor socket);

}  // namespace cachectl
