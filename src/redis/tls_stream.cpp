#include "redis/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <cerrno>

#include "redis/tls_error.hpp"

namespace cachectl {

namespace {

// The most that one record holds (RFC 8446, section 5.1).
constexpr std::size_t k_record_bytes = Stream::k_least_read_bytes;

class TlsStream : public Stream {
public:
    TlsStream(std::unique_ptr<Stream> plain, SslPointer ssl)
        : m_plain(std::move(plain)), m_ssl(std::move(ssl)) {}
    ~TlsStream() override {
        if (!m_broken) {
            SSL_shutdown(m_ssl.get());
        }
        ERR_clear_error();
    }
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    // Whole records only, and none is begun that might not fit: what OpenSSL keeps back, poll(2)
    // does not see.
    Result read(std::span<char> into) override {
        m_read_event = POLLIN;
        std::size_t received = 0;
        Status status = Status::ok;
        std::string why;
        while (status == Status::ok && into.size() - received >= k_record_bytes) {
            std::size_t bytes = 0;
            const int done =
                begin(SSL_read_ex, into.data() + received, into.size() - received, &bytes);
            received += bytes;
            if (done != 1) {
                status = after(done, m_read_event, why);
            }
        }
        if (status == Status::again && received != 0) {
            status = Status::ok;
        }
        return {status, received, std::move(why)};
    }

    Result write(std::string_view bytes) override {
        m_write_event = POLLOUT;
        std::size_t sent = 0;
        Status status = Status::ok;
        std::string why;
        while (status == Status::ok && sent < bytes.size()) {
            std::size_t part = 0;
            const int done = begin(SSL_write_ex, bytes.data() + sent, bytes.size() - sent, &part);
            sent += part;
            if (done != 1) {
                status = after(done, m_write_event, why);
            }
        }
        if (status == Status::again && sent != 0) {
            status = Status::ok;
        }
        return {status, sent, std::move(why)};
    }

    [[nodiscard]] int fd() const override { return m_plain->fd(); }
    [[nodiscard]] short read_event() const override { return m_read_event; }
    [[nodiscard]] short write_event() const override { return m_write_event; }

private:
    template <typename Operation, typename Bytes>
    int begin(Operation operation, Bytes bytes, std::size_t size, std::size_t* moved) {
        ERR_clear_error();
        errno = 0;
        return operation(m_ssl.get(), bytes, size, moved);
    }

    /// What an operation that did not succeed means; `event` becomes what it waits for.
    Status after(int result, short& event, std::string& why) {
        const int system_error = errno;
        switch (SSL_get_error(m_ssl.get(), result)) {
            case SSL_ERROR_WANT_READ:
                event = POLLIN;
                return Status::again;
            case SSL_ERROR_WANT_WRITE:
                event = POLLOUT;
                return Status::again;
            case SSL_ERROR_ZERO_RETURN:
                return Status::closed;
            default:
                break;
        }
        m_broken = true;
        const TlsFailure failure = connection_failure(m_ssl.get(), result, system_error);
        why = "TLS: " + failure.what;
        if (!failure.remedy.empty()) {
            why += " (" + failure.remedy + ")";
        }
        return Status::failed;
    }

    std::unique_ptr<Stream> m_plain;
    SslPointer m_ssl;
    short m_read_event = POLLIN;
    short m_write_event = POLLOUT;
    bool m_broken = false;  // nothing more may be said
};

}  // namespace

std::unique_ptr<Stream> make_tls_stream(std::unique_ptr<Stream> plain, SslPointer ssl) {
    return std::make_unique<TlsStream>(std::move(plain), std::move(ssl));
}

}  // namespace cachectl
