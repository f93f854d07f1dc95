// A cluster as one Client: each command goes to the master that serves its key's slot, follows the
// slot when it moves, and waits, within bounds, while nobody serves it.
// https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
#pragma once

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "redis/client.hpp"
#include "redis/cluster/nodes.hpp"
#include "redis/cluster/request.hpp"
#include "redis/info.hpp"
#include "util/lifetime.hpp"

namespace cachectl {

/// Replies come in the order of sending, whichever nodes they come from; those of a sink in an
/// order of their own, so that they need not be kept until all others have come. What was not
/// executed is sent again: MOVED and ASK are followed, 16 times at most; CLUSTERDOWN, READONLY and
/// a lost connection are waited out for as long as a failover may take. A command that may have
/// been executed is sent again only if it does nothing but read; else its reply is `lost`. TRYAGAIN
/// comes back at once for a single command, whose keys are better sent one by one.
/// MULTI … EXEC goes to one node as a whole, when its EXEC has been sent.
class ClusterClient final : public LoopClient {
public:
    /// `seed` is connected to a node at `address`. Throws Error(unreachable), or Error(refused),
    /// if that node does not tell the slot map.
    ClusterClient(Loop& loop, ServerAddress address, std::unique_ptr<Session> seed,
                  ClusterOptions options);

    using Client::send;
    void send(std::span<const std::string_view> args, Callback done) override;
    void send(std::span<const std::string_view> args,
              const std::shared_ptr<ReplySink>& sink) override;
    void when_answered(std::function<void()> action) override;
    [[nodiscard]] std::size_t pending() const override { return m_undelivered; }
    /// Reads the slot map anew, from whichever node answers. Always true: which process answers a
    /// command may change at any time, and origin() tells.
    bool reconnect() override;
    [[nodiscard]] ReplyOrigin origin() const override {
        return m_origin ? *m_origin : ReplyOrigin();
    }
    /// The node that was asked first, as a master.
    [[nodiscard]] const ServerInfo& server() const override { return m_server; }
    [[nodiscard]] std::vector<ServerNode> nodes() override;
    void connect_all(WaitFor wait = WaitFor::all) override;
    [[nodiscard]] Client& home_of(std::string_view key) override;
    [[nodiscard]] std::uint16_t slot(std::string_view key) const override { return slot_of(key); }
    [[nodiscard]] std::vector<SlotGap> gaps() override;
    /// A cluster notices after cluster-node-timeout, 15 s unless it is set, that a master is dead,
    /// and then elects another one.
    [[nodiscard]] std::chrono::milliseconds failover_patience() const override {
        return 3 * m_session_options.reply_timeout;
    }

private:
    using Request = std::shared_ptr<ClusterRequest>;
    using Delay = std::chrono::milliseconds;
    enum class Asking { no, yes };
    static constexpr Delay k_step{100};  // between two tries

    [[nodiscard]] static Delay since(SteadyTime begin) {
        return std::chrono::duration_cast<Delay>(std::chrono::steady_clock::now() - begin);
    }

    // A request's way to its node and back.
    ClusterNode* node_for(const ClusterRequest& request);
    void route(const Request& request);
    void transmit(const Request& request, ClusterNode& node, Asking asking);
    void judge(const Request& request, ClusterNode& node);
    void follow(const Request& request, ClusterNode& node, const Reply& reply);
    void finish(const Request& request);
    void deliver(ClusterStream& stream);

    // Requests that cannot go on at once.
    void put_aside(const Request& request, Delay delay);
    void put_aside_within(const Request& request, Delay delay, Delay patience);
    [[nodiscard]] bool is_blocked(const ClusterRequest& request) const;
    void schedule_recovery(Delay delay);
    void recover();
    void retry_waiting();
    bool retry(const Request& request);
    [[nodiscard]] bool is_hopeless(const ClusterRequest& request, const ClusterNode* node) const;

    Loop& m_loop;
    SessionOptions m_session_options;
    ServerInfo m_server;
    Delay m_prompt;  // how long a master may take to be connected to before others go ahead
    ClusterNodes m_nodes;

    Request m_open_transaction;
    ClusterStream m_own;  // requests whose replies go to callbacks
    std::unordered_map<ReplySink*, ClusterStream> m_of_sinks;
    std::deque<ClusterStream*> m_due;
    Request m_latest;  // the one sent last, delivered or not
    std::size_t m_undelivered = 0;
    bool m_delivering = false;
    std::shared_ptr<const ReplyOrigin> m_origin;  // of the latest that was delivered

    std::deque<Request> m_waiting;
    std::unordered_map<std::uint16_t, std::size_t> m_blocked;  // slot -> requests that wait
    bool m_recovery_due = false;
    bool m_retrying = false;
    Lifetime m_lifetime;
};

/// What `seed`, connected to `address`, turns out to be: itself if it is a single server, else a
/// client for its cluster. Throws Error(usage) if that is not what `options.use` says.
std::unique_ptr<Client> client_of(Loop& loop, const ServerAddress& address,
                                  std::unique_ptr<Session> seed, ClusterOptions options);

}  // namespace cachectl
