// A server that one sends commands to: each gets its reply by callback.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "redis/reply.hpp"

namespace cachectl {

struct ServerInfo;

/// Where a reply has come from.
struct ReplyOrigin {
    std::uint64_t connection = 0;  // its number: each one that is made gets another
    std::string process = {};      // of the server: its run_id; empty if it does not tell

    [[nodiscard]] bool is_same_process_as(const ReplyOrigin& other) const {
        return process == other.process && (!process.empty() || connection == other.connection);
    }
};

/// Takes the replies of many commands, in the order of sending: for those who send one command a
/// key, to whom a callback each would be dear.
class ReplySink {
public:
    virtual ~ReplySink() = default;
    virtual void take(Reply reply) = 0;
};

class Server {
public:
    using Callback = std::function<void(Reply)>;

    virtual ~Server() = default;

    /// Queues one command (argv form, binary safe; the views need not outlive the call).
    /// `done` is called exactly once, in the order of sending, from within run_until();
    /// it may send further commands. Callers bound how much they have pending: a reply that
    /// is not read fills the server's memory (SCAN pages count towards its maxmemory).
    virtual void send(std::span<const std::string_view> args, Callback done) = 0;
    void send(std::initializer_list<std::string_view> args, Callback done) {
        send(std::span(args.begin(), args.size()), std::move(done));
    }

    /// The same, for commands that may be repeated: where a connection ends among those of one
    /// sink, `lost` and `unsent` are not told apart.
    virtual void send(std::span<const std::string_view> args,
                      const std::shared_ptr<ReplySink>& sink) = 0;
    void send(std::initializer_list<std::string_view> args,
              const std::shared_ptr<ReplySink>& sink) {
        send(std::span(args.begin(), args.size()), sink);
    }

    /// As send(), but large arguments need not be copied: they have to stay where they are until
    /// `done` is called, or copy_in_place().
    virtual void send_in_place(std::span<const std::string_view> args, Callback done) {
        send(args, std::move(done));
    }
    /// Copies what of them has not been sent yet.
    virtual void copy_in_place() {}

    /// Calls `action` once, right after the reply to the latest command sent so far, be it `lost`;
    /// at once if nothing is pending.
    virtual void when_answered(std::function<void()> action) = 0;

    /// From now on, what the server sends without having been asked goes to the callback, and last
    /// of all `lost`, should the connection fail: after MONITOR, which nothing else can share a
    /// connection with.
    virtual void listen(Callback /*on_line*/) {}

    /// Commands whose replies are still to come.
    [[nodiscard]] virtual std::size_t pending() const = 0;

    /// After a `lost` or `unsent` reply: connects anew, with bounded retries. Returns true if
    /// it is the same server process as at the reconnect() before (same run_id and role), so that
    /// a SCAN cursor still means something. Throws Error(unreachable) when it cannot.
    virtual bool reconnect() = 0;

    /// Begins to connect anew without waiting for it, from wherever: true while connecting() will
    /// tell that it goes on, after which reconnect() knows how it went. False if there is nothing
    /// to wait for.
    virtual bool begin_reconnect() { return false; }
    /// A connection to it is being made; meanwhile what is sent is `unsent`.
    [[nodiscard]] virtual bool connecting() const { return false; }

    /// Of the latest reply: to be asked within its `done`.
    [[nodiscard]] virtual ReplyOrigin origin() const = 0;

    /// What the server said of itself when the connection was made.
    [[nodiscard]] virtual const ServerInfo& server() const = 0;
};

}  // namespace cachectl
