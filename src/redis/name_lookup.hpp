// The addresses of a host, without waiting for the resolver.
#pragma once

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "redis/loop.hpp"

namespace cachectl {

struct SocketAddress {
    sockaddr_storage bytes;
    socklen_t size;

    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
};

/// getaddrinfo(3), which there is no way to call without waiting, in a thread of its own. The
/// thread shares nothing with us but where it leaves its result, so that one that hangs may be left
/// to itself.
class NameLookup final : public Pollable {
public:
    struct Result {
        std::vector<SocketAddress> addresses;
        std::string failure;  // empty: it went well
    };

    /// `done` is called once from within run_until(), unless this is gone by then.
    NameLookup(Loop& loop, std::string host, std::uint16_t port, SteadyTime deadline,
               std::function<void(Result)> done);
    ~NameLookup() override;
    NameLookup(const NameLookup&) = delete;
    NameLookup& operator=(const NameLookup&) = delete;

    [[nodiscard]] int poll_fd() const override;
    [[nodiscard]] short poll_events() const override;
    [[nodiscard]] std::optional<SteadyTime> deadline() const override;
    void on_ready(short events) override;
    void on_deadline() override;

private:
    struct Request;

    static void* run(void* request);
    void end(Result result);

    Loop& m_loop;
    SteadyTime m_deadline;
    std::function<void(Result)> m_done;  // empty once it has been called
    std::shared_ptr<Request> m_request;
};

/// Of a host that is an address already; none if it is a name.
std::vector<SocketAddress> numeric_addresses(const std::string& host, std::uint16_t port);

}  // namespace cachectl
