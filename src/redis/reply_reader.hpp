// hiredis' reader, building our owned replies and held to limits: a peer that is not a Redis
// server, or a hostile one, gets an error and bounded memory, never a crash.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "redis/reply.hpp"

struct redisReader;

namespace cachectl {

class ReplyReader {
public:
    static constexpr std::size_t k_max_elements = std::size_t{1}
                                                  << 20;  // of one reply, nested ones too
    static constexpr std::size_t k_max_line_bytes = 64 * 1024;
    static constexpr std::size_t k_max_bulk_bytes = 512 * 1024 * 1024;  // the servers' own limit

    ReplyReader();
    ReplyReader(const ReplyReader&) = delete;
    ReplyReader& operator=(const ReplyReader&) = delete;

    /// From now on of a status line that is longer than k_max_line_bytes that many bytes are the
    /// reply and the rest is dropped, where it is an error otherwise. For MONITOR, whose lines are
    /// as long as what clients write.
    void cut_long_lines() { m_cuts = true; }

    /// Adds bytes as they came from the peer. This and next() throw std::bad_alloc where there is
    /// no memory for a reply; after that it is broken.
    void feed(std::string_view bytes);

    /// The next whole reply, or nothing until more bytes have come, or after an error.
    std::optional<Reply> next();

    /// Why the bytes cannot be replies; empty while all is well. Final.
    [[nodiscard]] const std::string& error() const { return m_error; }

    /// Of the reply that is being read.
    struct Reading {
        std::size_t elements = 0;
        const char* fault = nullptr;  // why it cannot be one, if hiredis was told so
    };

private:
    void renew();
    [[noreturn]] void run_out_of_memory();
    void check_incomplete();
    void begin_cut(std::string_view line);
    std::string_view behind_cut(std::string_view bytes);

    // A buffer that was larger is not kept for the next reply.
    static constexpr std::size_t k_kept_buffer_bytes = 16 * 1024;

    std::unique_ptr<redisReader, void (*)(redisReader*)> m_reader;
    std::size_t m_most_buffered = 0;  // since it was made, in bytes
    std::string m_head;               // the peer's first bytes, to name what it is instead
    std::string m_error;
    Reading m_reading;
    bool m_any_reply = false;
    bool m_cuts = false;
    bool m_is_in_cut = false;    // the end of the line in m_cut has not come yet
    std::optional<Reply> m_cut;  // a line that was too long, what there is of it
};

}  // namespace cachectl
