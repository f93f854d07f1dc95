// A small blocking Redis client with which tests prepare and check data: shares no code with the
// client under test. A wait for the server longer than 30 s is an exception.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cachectl::test {

struct RespValue {
    enum class Type { nil, integer, text, array, error };
    Type type = Type::nil;
    std::int64_t integer = 0;
    std::string text;  // also an error's message
    std::vector<RespValue> elements;
};

class RespClient {
public:
    using Args = std::vector<std::string>;

    /// Both throw std::runtime_error when nobody answers there.
    static RespClient unix_socket(const std::string& path);
    static RespClient tcp(std::uint16_t port);  // on 127.0.0.1
    ~RespClient();
    RespClient(RespClient&& other) noexcept;
    RespClient& operator=(RespClient&&) = delete;

    /// The reply, whatever it is; throws only when the connection fails.
    RespValue command(const Args& args);
    /// A reply of the kind asked for; throws std::runtime_error on any other, so also on an error.
    std::string text(const Args& args);
    std::int64_t integer(const Args& args);
    std::vector<std::string> list(const Args& args);
    /// For "+OK": anything but an error.
    void run(const Args& args);

    /// Sends `count` commands pipelined (a million SETs take about a second); throws on the first
    /// error reply.
    void pipeline(std::size_t count, const std::function<Args(std::size_t)>& make);

private:
    explicit RespClient(int fd);
    void write_all(std::string_view bytes);
    RespValue read_value();
    std::string read_line();
    void fill();

    int m_fd;
    std::string m_buffer;
    std::size_t m_at = 0;
};

}  // namespace cachectl::test
