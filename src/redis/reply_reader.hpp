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

    /// Adds bytes as they came from the peer.
    void feed(std::string_view bytes);

    /// The next whole reply, or nothing until more bytes have come, or after an error.
    std::optional<Reply> next();

    /// Why the bytes cannot be replies; empty while all is well. Final.
    [[nodiscard]] const std::string& error() const { return m_error; }

private:
    void check_incomplete();

    std::unique_ptr<redisReader, void (*)(redisReader*)> m_reader;
    std::string m_head;  // the peer's first bytes, to name what it is instead
    std::string m_error;
    std::size_t m_elements = 0;  // of the reply that is being read
    bool m_any_reply = false;
};

}  // namespace cachectl
