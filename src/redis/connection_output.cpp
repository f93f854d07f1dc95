// The part of redis/connection.hpp that keeps the bytes of commands until they have gone.
#include <array>
#include <charconv>
#include <utility>

#include "redis/connection.hpp"
#include "util/free_memory.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_sent_kept_bytes = 64 * 1024;
constexpr std::size_t k_least_bytes_in_place = 64 * 1024;
constexpr std::size_t k_most_kept_capacity = std::size_t{4} << 20;

// "$5\r\n" or "*3\r\n". redisFormatCommandArgv() does the same by way of sprintf, which took a
// quarter of the time of writing a million keys.
void append_length(std::string& out, char kind, std::size_t length) {
    std::array<char, 24> text;
    text[0] = kind;
    char* end = std::to_chars(text.data() + 1, text.data() + text.size() - 2, length).ptr;
    *end++ = '\r';
    *end++ = '\n';
    out.append(text.data(), end);
}

// An array of bulk strings:
// https://redis.io/docs/latest/develop/reference/protocol-spec/#sending-commands-to-a-redis-server
void append_command(std::string& out, std::span<const std::string_view> args) {
    append_length(out, '*', args.size());
    for (const std::string_view arg : args) {
        append_length(out, '$', arg.size());
        out.append(arg).append("\r\n", 2);
    }
}

}  // namespace

// Someone who keeps the pipeline full never lets the buffer run empty.
void Connection::make_room() {
    if (m_out_sent <= k_sent_kept_bytes || m_out_sent <= m_out.size() / 2) {
        return;
    }
    m_out.erase(0, m_out_sent);
    m_out_begin += std::exchange(m_out_sent, 0);
}

void Connection::queue(std::span<const std::string_view> args) {
    if (m_sent == m_answered) {
        begin_wait();
    }
    make_room();
    const std::size_t before = m_out.size();
    append_command(m_out, args);
    m_queued += m_out.size() - before;
    m_pending.back().end = m_queued;
    ++m_sent;
}

void Connection::queue_in_place(std::span<const std::string_view> args) {
    if (m_sent == m_answered) {
        begin_wait();
    }
    make_room();
    const std::size_t before = m_out.size();
    append_length(m_out, '*', args.size());
    for (const std::string_view arg : args) {
        append_length(m_out, '$', arg.size());
        if (arg.size() < k_least_bytes_in_place) {
            m_out.append(arg);
        } else {
            m_in_place.push_back({m_out_begin + m_out.size(), arg});
            m_queued += arg.size();
        }
        m_out.append("\r\n", 2);
    }
    m_queued += m_out.size() - before;
    m_pending.back().end = m_queued;
    ++m_sent;
}

std::string_view Connection::next_output() const {
    const std::string_view copied = std::string_view(m_out).substr(m_out_sent);
    if (m_in_place.empty()) {
        return copied;
    }
    const InPlace& next = m_in_place.front();
    const std::uint64_t before = next.after - m_out_begin - m_out_sent;
    return before != 0 ? copied.substr(0, before) : next.bytes;
}

/// Of next_output(), which has gone.
void Connection::drop_output(std::size_t bytes) {
    if (!m_in_place.empty() && m_in_place.front().after == m_out_begin + m_out_sent) {
        std::string_view& rest = m_in_place.front().bytes;
        rest.remove_prefix(bytes);
        if (rest.empty()) {
            m_in_place.pop_front();
        }
        return;
    }
    m_out_sent += bytes;
    if (m_out_sent != m_out.size()) {
        return;
    }
    m_out_begin += std::exchange(m_out_sent, 0);
    m_out.clear();
    if (m_out.capacity() > k_most_kept_capacity) {
        free_memory(m_out);
    }
}

void Connection::copy_in_place() {
    std::string copy;
    while (has_output()) {
        const std::string_view bytes = next_output();
        copy.append(bytes);
        drop_output(bytes.size());
    }
    m_out = std::move(copy);
}

}  // namespace cachectl
