// What travels through a cluster as one: a command, or a transaction from MULTI to EXEC, which must
// not be torn apart; with all that is needed to send it again.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "redis/client.hpp"
#include "redis/loop.hpp"

namespace cachectl {

class ClusterNode;

class ClusterRequest;

/// Requests whose replies are delivered in the order of sending.
struct ClusterStream {
    std::deque<std::shared_ptr<ClusterRequest>> requests;
    bool is_due = false;  // its first request is finished, and will be delivered
};

class ClusterRequest {
public:
    explicit ClusterRequest(ClusterStream& of) : stream(of) {}

    /// `done` gets the command's reply once the whole request is finished.
    void add(std::span<const std::string_view> args, Client::Callback done);
    /// Of a request with a sink of its own: no transaction.
    void add(std::span<const std::string_view> args, std::shared_ptr<ReplySink> sink);

    [[nodiscard]] bool is_transaction() const;
    /// From MULTI on, until EXEC is in it.
    [[nodiscard]] bool is_open() const;
    /// Whether it may be sent again although it may have been executed.
    [[nodiscard]] bool only_reads() const;
    [[nodiscard]] std::size_t size() const { return m_commands.size(); }

    /// The slot of its first key; nothing if it has none.
    [[nodiscard]] std::optional<std::uint16_t> slot() const { return m_slot; }

    /// Sends all of it in one go; `answered` is called when the last reply has come.
    void transmit(Client& to, std::function<void()> answered);

    /// The reply that says how it went: the command's, or of a transaction that was not executed
    /// the first refusal, else that of its EXEC.
    [[nodiscard]] const Reply& verdict() const;

    /// Puts the node's name into the replies that never came from it, unless they have it.
    void was_lost_at(const std::string& node);

    /// Its end. deliver() hands the replies to whoever waits for them.
    void finish() { m_finished = true; }
    /// The end of one that was never executed: every reply is this one.
    void finish(const Reply& reply);
    [[nodiscard]] bool finished() const { return m_finished; }
    void deliver();
    [[nodiscard]] bool delivered() const { return m_delivered; }
    [[nodiscard]] ReplySink* sink() const { return m_sink.get(); }

    ClusterStream& stream;
    std::vector<std::function<void()>> when_delivered;

    // What its way through the cluster has been so far.
    std::shared_ptr<const ReplyOrigin> origin;  // of its latest reply
    unsigned redirections = 0;
    unsigned waits = 0;        // times that no node could be had for it
    bool lost_a_node = false;  // which had answered before
    std::optional<SteadyTime> delayed_since;
    ClusterNode* asked_to = nullptr;  // by ASK: once, to this one

private:
    /// Thousands are on their way, so the arguments of each are in one piece.
    class Arguments {
    public:
        explicit Arguments(std::span<const std::string_view> args);
        [[nodiscard]] std::string_view verb() const;
        void get(std::vector<std::string_view>& args) const;

    private:
        std::string m_bytes;  // of each its length, and itself
    };

    struct Command {
        Arguments args;
        Client::Callback done;
        Reply reply;
    };

    void add(Command command, std::span<const std::string_view> args);

    std::vector<Command> m_commands;
    std::shared_ptr<ReplySink> m_sink;
    std::function<void()> m_answered;
    std::optional<std::uint16_t> m_slot;
    std::size_t m_replies = 0;
    bool m_finished = false;
    bool m_delivered = false;
};

}  // namespace cachectl
