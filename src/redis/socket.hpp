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
    /// What read() must be given room for: a layer may have to take so much at once.
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

class TlsContext;

/// Connects within `timeout`, the TLS handshake included, trying each address a name has in turn.
/// `tls` may be null if the address does not ask for it. Throws Error(unreachable) with what was
/// tried and why it failed, Error(interrupted) on a signal.
std::unique_ptr<Stream> connect_stream(const ServerAddress& address,
                                       std::chrono::milliseconds timeout, const TlsContext* tls);

/// Waits until the descriptor is ready for one of the events. False: not before the deadline.
/// Throws Error(interrupted) on a signal.
bool wait_for(int fd, short events, std::chrono::steady_clock::time_point deadline);

}  // namespace cachectl
