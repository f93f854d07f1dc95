#include "redis/connection.hpp"

#include <poll.h>

#include <algorithm>
#include <new>
#include <utility>

namespace cachectl {

namespace {

constexpr std::size_t k_read_bytes = 64 * 1024;
// hiredis' reader moves what it still holds down after each reply, so it is fed in small slices.
constexpr std::size_t k_feed_bytes = 16 * 1024;
// A reply, or a command, that comes on more slowly than this will not have come to its end soon.
constexpr double k_least_bytes_per_second = 1024;
const std::string k_closed = "connection closed by the server";
static_assert(k_read_bytes >= Stream::k_least_read_bytes);

}  // namespace

Connection::Connection(Loop& loop, std::unique_ptr<Stream> stream,
                       std::chrono::milliseconds reply_timeout)
    : m_loop(loop),
      m_number([] {
          static std::uint64_t made = 0;
          return ++made;
      }()),
      m_stream(std::move(stream)),
      m_reply_timeout(reply_timeout),
      m_bytes(std::make_unique_for_overwrite<char[]>(k_read_bytes)) {
    m_loop.add(*this);
}

Connection::~Connection() { m_loop.remove(*this); }

void Connection::send(std::span<const std::string_view> args, Client::Callback done) {
    if (!m_failure.empty()) {
        done(unanswered(Reply::Type::unsent));
        return;
    }
    m_pending.push_back({std::move(done), nullptr, 1, m_queued, 0, std::string(args.front())});
    queue(args);
}

void Connection::send_in_place(std::span<const std::string_view> args, Client::Callback done) {
    if (!m_failure.empty()) {
        done(unanswered(Reply::Type::unsent));
        return;
    }
    m_pending.push_back({std::move(done), nullptr, 1, m_queued, 0, std::string(args.front())});
    queue_in_place(args);
}

void Connection::send(std::span<const std::string_view> args,
                      const std::shared_ptr<ReplySink>& sink) {
    if (!m_failure.empty()) {
        sink->take(unanswered(Reply::Type::unsent));
        return;
    }
    if (!m_pending.empty() && m_pending.back().sink == sink) {
        ++m_pending.back().commands;
    } else {
        m_pending.push_back({{}, sink, 1, m_queued, 0, std::string(args.front())});
    }
    queue(args);
}

void Connection::when_answered(std::function<void()> action) {
    if (m_sent == m_answered) {
        action();
    } else {
        m_when_answered.push_back({m_sent, std::move(action)});
    }
}

int Connection::poll_fd() const { return m_failure.empty() ? m_stream->fd() : -1; }

short Connection::poll_events() const {
    const short reading = m_stream->read_event();
    return static_cast<short>(has_output() ? reading | m_stream->write_event() : reading);
}

std::optional<SteadyTime> Connection::deadline() const {
    if (m_pending.empty() || !m_failure.empty()) {
        return std::nullopt;
    }
    const std::chrono::duration<double> for_bytes(static_cast<double>(m_moved) /
                                                  k_least_bytes_per_second);
    const auto of_all = m_head_since + m_reply_timeout +
                        std::chrono::duration_cast<SteadyTime::duration>(for_bytes);
    return std::min(m_last_moved + m_reply_timeout, of_all);
}

void Connection::begin_wait() {
    m_head_since = m_last_moved = std::chrono::steady_clock::now();
    m_moved = 0;
}

void Connection::note_progress(std::size_t bytes) {
    m_last_moved = std::chrono::steady_clock::now();
    m_moved += bytes;
}

void Connection::on_ready(short events) {
    if ((events & (m_stream->read_event() | POLLHUP | POLLERR)) != 0) {
        read_some();
    }
    if (m_failure.empty() && has_output() && (events & m_stream->write_event()) != 0) {
        write_some();
    }
}

void Connection::on_deadline() {
    const auto waited = std::chrono::duration<double>(m_reply_timeout).count();
    char text[32];
    std::snprintf(text, sizeof text, "%g s", waited);
    fail("no reply to " + m_pending.front().name + " in " + text, Loss::Cause::timed_out);
}

void Connection::write_some() {
    auto result = m_stream->write(next_output());
    if (result.bytes != 0) {
        // The wait for a reply begins when its command leaves: a process that was stopped, or held
        // up by a reader of its output, has not waited for the server.
        if (!m_pending.empty() && m_pending.front().first_byte >= m_written) {
            begin_wait();
        }
        note_progress(result.bytes);
        drop_output(result.bytes);
        m_written += result.bytes;
    }
    const bool closed = result.status == Stream::Status::closed;
    if (closed || result.status == Stream::Status::failed) {
        // The server may have said why before it closed ("max number of clients reached"), and
        // those bytes wait on our side: read on until it ends.
        stop_writing(closed ? k_closed : result.why,
                     closed ? Loss::Cause::closed : Loss::Cause::io_failed);
    }
}

void Connection::read_some() {
    const auto result = m_stream->read({m_bytes.get(), k_read_bytes});
    if (result.bytes != 0) {
        note_progress(result.bytes);
    }
    try {
        take_bytes({m_bytes.get(), result.bytes});
    } catch (const std::bad_alloc&) {
        // What has come is lost, and with it which reply is next.
        if (m_failure.empty()) {
            fail("out of memory while a reply was read", Loss::Cause::other);
        }
        throw;
    }
    if (!m_failure.empty()) {
        return;
    }
    if (result.status == Stream::Status::closed) {
        if (m_write_error.empty()) {
            fail(k_closed, Loss::Cause::closed);
        } else {
            fail(m_write_error, m_write_error_cause);
        }
    } else if (result.status == Stream::Status::failed) {
        fail(result.why, Loss::Cause::io_failed);
    }
}

void Connection::take_bytes(std::string_view bytes) {
    while (!bytes.empty() && m_failure.empty()) {
        const std::uint64_t queued_before = m_queued;
        m_reader.feed(bytes.substr(0, k_feed_bytes));
        bytes.remove_prefix(std::min(k_feed_bytes, bytes.size()));
        deliver_replies();
        // What a page leads to leaves before the next page is looked at: the server need not wait
        // for it, nor get as many requests in one burst. What small replies lead to shares a write.
        if (m_failure.empty() && m_queued != queued_before && has_output()) {
            write_some();
        }
    }
}

void Connection::deliver_replies() {
    bool delivered = false;
    while (auto reply = m_reader.next()) {
        // A server may say why it hangs up before it has been asked anything, but it cannot answer
        // what has not been sent.
        const bool unasked =
            m_pending.empty() || (m_pending.front().first_byte >= m_written && !reply->is_error());
        if (unasked && m_on_line && !reply->is_error()) {
            m_on_line(std::move(*reply));
            continue;
        }
        if (unasked) {
            fail(reply->is_error() ? reply->text : "a reply that nothing asked for");
            return;
        }
        deliver(std::move(*reply));
        if (!m_failure.empty()) {
            return;
        }
        delivered = true;
    }
    if (delivered) {
        begin_wait();
    }
    if (!m_reader.error().empty()) {
        fail(m_reader.error());
    }
}

/// Nothing more is written; what the peer still says is read.
void Connection::stop_writing(std::string why, Loss::Cause cause) {
    m_write_error = std::move(why);
    m_write_error_cause = cause;
    m_in_place.clear();
}

void Connection::deliver(Reply reply) {
    Pending& front = m_pending.front();
    // What has been answered may be gone from its place.
    if (front.end > m_written && !m_in_place.empty()) {
        stop_writing("the server replied to a command before it was complete", Loss::Cause::other);
    }
    ++m_answered;
    if (front.sink) {
        const std::shared_ptr<ReplySink> sink =
            front.commands == 1 ? std::move(front.sink) : nullptr;
        ReplySink& receiver = sink ? *sink : *front.sink;
        if (--front.commands == 0) {
            m_pending.pop_front();
        }
        receiver.take(std::move(reply));
    } else {
        const auto done = std::move(front.done);
        m_pending.pop_front();
        done(std::move(reply));
    }
    while (!m_when_answered.empty() && m_when_answered.front().command <= m_answered) {
        const auto action = std::move(m_when_answered.front().action);
        m_when_answered.pop_front();
        action();
    }
}

Reply Connection::unanswered(Reply::Type type) const { return {type, 0, m_failure, {}, m_loss}; }

void Connection::fail(const std::string& why, Loss::Cause cause) {
    m_failure = why;
    m_loss = std::make_shared<const Loss>(Loss{cause, {}});
    m_in_place.clear();
    while (!m_pending.empty()) {
        const bool left = m_pending.front().first_byte < m_written;
        deliver(unanswered(left ? Reply::Type::lost : Reply::Type::unsent));
    }
    if (const Client::Callback listener = std::exchange(m_on_line, nullptr)) {
        listener(unanswered(Reply::Type::lost));
    }
}

}  // namespace cachectl
