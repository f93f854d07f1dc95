// Connecting to a server: its name's addresses one after the other, then the TLS handshake, all in
// the loop, so that others are served meanwhile.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include "redis/loop.hpp"
#include "redis/name_lookup.hpp"
#include "redis/stream.hpp"
#include "redis/tls.hpp"
#include "redis/uri.hpp"
#include "util/lifetime.hpp"

namespace cachectl {

class StreamConnect final : public Pollable {
public:
    /// `timeout` is for all of it. `tls` may be null if the address does not ask for it.
    /// `on_end` is called from a timer of the loop and may destroy this; to destroy it before is
    /// to give up.
    StreamConnect(Loop& loop, ServerAddress address, std::chrono::milliseconds timeout,
                  const TlsContext* tls, std::function<void()> on_end);
    ~StreamConnect() override;
    StreamConnect(const StreamConnect&) = delete;
    StreamConnect& operator=(const StreamConnect&) = delete;

    [[nodiscard]] bool ended() const { return m_stage == Stage::ended; }
    /// After the end: the stream. Throws Error(unreachable) with what was tried and why it failed.
    [[nodiscard]] std::unique_ptr<Stream> take();

    [[nodiscard]] int poll_fd() const override;
    [[nodiscard]] short poll_events() const override;
    [[nodiscard]] std::optional<SteadyTime> deadline() const override;
    void on_ready(short events) override;
    void on_deadline() override;

private:
    enum class Stage { resolving, connecting, shaking_hands, ended };

    void begin();
    void connect_to(std::vector<SocketAddress> addresses);
    void connect_next();
    void after_failure(int cause);
    void connected();
    void shake_hands();
    void fail(std::exception_ptr why);
    void end();
    template <typename Step>
    void attempt(Step step);

    Loop& m_loop;
    ServerAddress m_address;
    std::chrono::milliseconds m_timeout;
    const TlsContext* m_tls;
    std::function<void()> m_on_end;
    SteadyTime m_deadline;
    Stage m_stage = Stage::resolving;
    std::unique_ptr<NameLookup> m_lookup;
    std::vector<SocketAddress> m_addresses;
    std::size_t m_next = 0;   // of m_addresses, to try
    SteadyTime m_share_ends;  // of the address that is being tried
    FileDescriptor m_socket;  // to it
    std::unique_ptr<TlsHandshake> m_handshake;
    short m_handshake_event = 0;  // that it waits for
    std::unique_ptr<Stream> m_stream;
    std::exception_ptr m_failure;
    Lifetime m_lifetime;
};

}  // namespace cachectl
