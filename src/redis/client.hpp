// The seam between commands and servers: send a command, get its reply by callback.
// The real one is redis/session; tests put a recording fake here.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redis/reply.hpp"
#include "redis/slot.hpp"
#include "util/error.hpp"
#include "util/run_delay.hpp"

namespace cachectl {

struct ServerInfo;
class Client;

/// A server that holds keys: of a cluster one of its masters.
struct ServerNode {
    std::string name;  // "10.0.0.5:6379"; empty for a single server, which needs no telling apart
    Client* client;
};

/// Slots of a cluster whose keys are out of reach.
struct SlotGap {
    std::vector<SlotRange> slots;
    Error why;  // names them
};

using SteadyTime = std::chrono::steady_clock::time_point;

/// Takes the replies of many commands, in the order of sending: for those who send one command a
/// key, to whom a callback each would be dear.
class ReplySink {
public:
    virtual ~ReplySink() = default;
    virtual void take(Reply reply) = 0;
};

class Client {
public:
    using Callback = std::function<void(Reply)>;

    virtual ~Client() = default;

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

    /// Calls `action` once, right after the reply to the latest command sent so far, be it `lost`;
    /// at once if nothing is pending.
    virtual void when_answered(std::function<void()> action) = 0;

    /// Commands whose replies are still to come.
    [[nodiscard]] virtual std::size_t pending() const = 0;

    /// Calls `action` once, from within run_until(), not sooner than `delay` from now.
    virtual void after(std::chrono::microseconds delay, std::function<void()> action) = 0;

    /// The clock of after().
    [[nodiscard]] virtual SteadyTime now() const { return std::chrono::steady_clock::now(); }

    /// How long we have been kept from running by others who wanted our CPU, in all.
    [[nodiscard]] virtual SteadyTime::duration held_up() const { return run_delay(); }

    /// Writes, reads and runs timers until `finished()`, or until nothing is pending any more.
    virtual void run_until(const std::function<bool()>& finished) = 0;

    /// After a `lost` or `unsent` reply: connects anew, with bounded retries. Returns true if
    /// it is the same server process as before (same run_id and role), so that a SCAN cursor
    /// still means something. Throws Error(unreachable) when it cannot.
    virtual bool reconnect() = 0;

    /// What the server said of itself when the connection was made.
    [[nodiscard]] virtual const ServerInfo& server() const = 0;

    /// Whom to send commands that are about a server and not about a key (SCAN, INFO, DBSIZE,
    /// FLUSHDB …): a single server itself, of a cluster each master by itself. A master that is
    /// out of reach is there too; it answers `unsent`, with the reason.
    [[nodiscard]] virtual std::vector<ServerNode> nodes() { return {{"", this}}; }

    /// How many these are, of a cluster; 0 for a single server.
    [[nodiscard]] std::size_t masters();

    /// The one of them that has the key, as far as is known; this client if none is known.
    [[nodiscard]] virtual Client& home_of(std::string_view /*key*/) { return *this; }

    /// The hash slot that the key lives in: keys of one command must share it. 0 for every key
    /// where there are no slots.
    [[nodiscard]] virtual std::uint16_t slot(std::string_view /*key*/) const { return 0; }

    /// Slots of a cluster that no master serves, or one that does not answer. Not from within a
    /// reply.
    [[nodiscard]] virtual std::vector<SlotGap> gaps() { return {}; }

    /// How long to wait for a node that has died, or for the one that takes its place.
    [[nodiscard]] virtual std::chrono::milliseconds failover_patience() const {
        return std::chrono::seconds(30);
    }

    /// Where Sentinels know the server: the one that they name as its name's master by now, if that
    /// is another one. Throws Error if none of them answers. Not from within a reply.
    [[nodiscard]] virtual std::optional<std::string> successor() { return std::nullopt; }

    /// Sends one command and waits for its reply.
    Reply call(std::span<const std::string_view> args);
    Reply call(std::initializer_list<std::string_view> args) {
        return call(std::span(args.begin(), args.size()));
    }
};

}  // namespace cachectl
