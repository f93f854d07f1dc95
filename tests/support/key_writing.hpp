// What the tests of KeyWriter share: a writer of short calls, and a server with transactions.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "support/fake_client.hpp"
#include "warm/key_writer.hpp"

namespace cachectl::test {

using Lines = std::vector<std::string>;

inline Reply broken(Reply::Type type) { return {type, 0, "connection closed by the server", {}}; }

/// Writes values of one kind; what is not said is a key without a TTL that is not protected.
class Writing {
public:
    explicit Writing(FakeClient& client) : m_writer(client) {}

    void write(std::string_view key, EncodeAs as, std::vector<std::string_view> parts,
               std::optional<std::chrono::milliseconds> ttl = {},
               IfExists if_exists = IfExists::skip, bool is_protected = false) {
        Encoded value;
        value.as = as;
        value.parts = std::move(parts);
        m_writer.write({.key = key,
                        .value = value,
                        .ttl = ttl,
                        .if_exists = if_exists,
                        .is_protected = is_protected,
                        .line = ++m_line});
    }
    void set(std::string_view key, IfExists if_exists = IfExists::skip, bool is_protected = false) {
        write(key, EncodeAs::json, {"{}"}, std::chrono::seconds(1), if_exists, is_protected);
    }
    KeyWriter& settle() {
        m_writer.settle();
        return m_writer;
    }

    KeyWriter& writer() { return m_writer; }

private:
    KeyWriter m_writer;
    std::uint64_t m_line = 0;
};

/// A server that queues and then answers EXEC with `replies`; the first EXEC is the probe's.
inline void give_transactions(FakeClient& client, std::vector<Reply> replies) {
    for (const char* name : {"HSET", "RPUSH", "SADD", "ZADD", "PEXPIRE", "RENAMENX", "UNLINK"}) {
        client.on(name, [](const auto&) { return Reply::make_status("QUEUED"); });
    }
    client.on("EXEC", [replies, first = true](const auto&) mutable {
        if (std::exchange(first, false)) {
            return Reply::make_array({});
        }
        return Reply::make_array(replies);
    });
}

inline Reply one() { return Reply::make_integer(1); }
inline Reply zero() { return Reply::make_integer(0); }

}  // namespace cachectl::test
