// The seam between commands and servers: whom a command talks to, be it a single server or a
// cluster. The real ones are redis/session and redis/cluster/client; tests put a recording fake
// here.
#pragma once

#include "redis/event_loop.hpp"
#include "redis/server.hpp"
#include "redis/topology.hpp"

namespace cachectl {

class Client : public Server, public EventLoop, public Topology {
public:
    [[nodiscard]] std::vector<ServerNode> nodes() override { return {{"", this}}; }
    [[nodiscard]] std::size_t masters() override;
    [[nodiscard]] Client& home_of(std::string_view /*key*/) override { return *this; }

    /// Sends one command and waits for its reply.
    Reply call(std::span<const std::string_view> args);
    Reply call(std::initializer_list<std::string_view> args) {
        return call(std::span(args.begin(), args.size()));
    }

    /// The same; `origin` gets where the reply has come from.
    Reply call(std::initializer_list<std::string_view> args, ReplyOrigin& origin);

    /// One connection to one process, unless it says otherwise.
    [[nodiscard]] ReplyOrigin origin() const override;

    /// Waits until nothing is pending.
    void drain();
};

/// A Client whose loop is another object.
class LoopClient : public Client {
public:
    explicit LoopClient(EventLoop& loop) : m_loop(loop) {}

    void after(std::chrono::microseconds delay, std::function<void()> action) override {
        m_loop.after(delay, std::move(action));
    }
    void run_until(const std::function<bool()>& finished) override { m_loop.run_until(finished); }

private:
    EventLoop& m_loop;
};

}  // namespace cachectl
