// Pipelined commands over one stream: replies in the order of the commands, a deadline for the
// one whose turn it is, and a definite end for each when the connection breaks.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "redis/client.hpp"
#include "redis/loop.hpp"
#include "redis/reply_reader.hpp"
#include "redis/stream.hpp"

namespace cachectl {

class Connection final : public Pollable {
public:
    /// `reply_timeout` is for one reply, from when the one before it was complete: how long nothing
    /// may come, and how long the whole may take unless its bytes come at 1 KiB/s or faster.
    Connection(Loop& loop, std::unique_ptr<Stream> stream, std::chrono::milliseconds reply_timeout);
    ~Connection() override;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Queues a command; the bytes leave in the loop's next turn, those queued by a reply already
    /// in this one, so commands queued together share a write. On a broken connection `done` gets
    /// `unsent` right away.
    void send(std::span<const std::string_view> args, Client::Callback done);
    void send(std::span<const std::string_view> args, const std::shared_ptr<ReplySink>& sink);
    /// Large arguments are sent from where they are: they have to stay there until `done` is
    /// called, or copy_in_place().
    void send_in_place(std::span<const std::string_view> args, Client::Callback done);
    /// Copies what of them has not been sent yet.
    void copy_in_place();
    void when_answered(std::function<void()> action);
    /// What comes unasked goes there.
    void listen(Client::Callback on_line) {
        m_on_line = std::move(on_line);
        m_reader.cut_long_lines();
    }

    [[nodiscard]] std::size_t pending() const { return m_sent - m_answered; }
    [[nodiscard]] std::uint64_t number() const { return m_number; }
    /// Why the connection is broken; empty while it works.
    [[nodiscard]] const std::string& failure() const { return m_failure; }
    void set_reply_timeout(std::chrono::milliseconds timeout) { m_reply_timeout = timeout; }

    [[nodiscard]] int poll_fd() const override;
    [[nodiscard]] short poll_events() const override;
    [[nodiscard]] std::optional<SteadyTime> deadline() const override;
    void on_ready(short events) override;
    void on_deadline() override;

private:
    /// One command, or neighbours that have the same sink.
    struct Pending {
        Client::Callback done;
        std::shared_ptr<ReplySink> sink;
        std::size_t commands;
        std::uint64_t first_byte;  // its place in all that was ever queued here
        std::uint64_t end;         // the place behind it
        std::string name;          // for messages: "SCAN"
    };

    struct AfterReply {
        std::uint64_t command;  // its number among all that were sent, from 1
        std::function<void()> action;
    };

    /// An argument that is sent from where it is.
    struct InPlace {
        std::uint64_t after;  // bytes of all that was ever in m_out, which go first
        std::string_view bytes;
    };

    [[nodiscard]] bool has_output() const {
        return (m_out_sent < m_out.size() || !m_in_place.empty()) && m_write_error.empty();
    }
    [[nodiscard]] std::string_view next_output() const;
    void drop_output(std::size_t bytes);
    void queue(std::span<const std::string_view> args);
    void queue_in_place(std::span<const std::string_view> args);
    void make_room();
    void begin_wait();
    void note_progress(std::size_t bytes);
    void write_some();
    void read_some();
    void take_bytes(std::string_view bytes);
    void deliver_replies();
    void deliver(Reply reply);
    void stop_writing(std::string why, Loss::Cause cause);
    [[nodiscard]] Reply unanswered(Reply::Type type) const;
    void fail(const std::string& why, Loss::Cause cause = Loss::Cause::other);

    Loop& m_loop;
    std::uint64_t m_number;  // from 1 on, in the order of their making
    std::unique_ptr<Stream> m_stream;
    std::chrono::milliseconds m_reply_timeout;
    std::unique_ptr<char[]> m_bytes;  // as they come; not on the stack, which may be small
    ReplyReader m_reader;
    std::deque<Pending> m_pending;
    std::uint64_t m_sent = 0;      // commands in all
    std::uint64_t m_answered = 0;  // of these, commands that have their reply
    std::deque<AfterReply> m_when_answered;
    Client::Callback m_on_line;
    std::string m_out;
    std::size_t m_out_sent = 0;     // bytes of m_out that have gone
    std::uint64_t m_out_begin = 0;  // bytes that were in m_out before its first
    std::deque<InPlace> m_in_place;
    std::uint64_t m_written = 0;
    std::uint64_t m_queued = 0;
    // Of the command whose reply is due: since when it is waited for, when the latest bytes went or
    // came, and how many have since then.
    SteadyTime m_head_since, m_last_moved;
    std::uint64_t m_moved = 0;
    std::string m_write_error;  // set: nothing more is written, what the peer still says is read
    Loss::Cause m_write_error_cause = Loss::Cause::other;
    std::string m_failure;
    std::shared_ptr<const Loss> m_loss;  // with m_failure
};

}  // namespace cachectl
