// Bytes to and from a server: non-blocking, with a deadline on the connect.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "redis/uri.hpp"

namespace cachectl {

/// A connected byte stream. A layer that encrypts is another Stream over the same poll loop.
class Stream {
public:
    enum class Status { ok, again, closed, failed };
    struct Result {
        Status status;
        std::size_t bytes;  // moved, when ok
        int error;          // errno, when failed
    };

    virtual ~Stream() = default;
    virtual Result read(std::span<char> into) = 0;
    virtual Result write(std::string_view bytes) = 0;
    [[nodiscard]] virtual int fd() const = 0;
};

/// Connects within `timeout`, trying each address a name has in turn. Throws
/// Error(unreachable) with what was tried and why it failed, Error(interrupted) on a signal,
/// Error(usage) for TLS, which this version does not speak: never does it go on without.
std::unique_ptr<Stream> connect_stream(const ServerAddress& address,
                                       std::chrono::milliseconds timeout);

}  // namespace cachectl
