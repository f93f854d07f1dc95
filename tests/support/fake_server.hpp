// A server that misbehaves on purpose: each connection runs a script in a thread of its own, and
// every command that a script reads is recorded. Loopback TCP or a Unix socket.
//
//     FakeServer server(answer(polite_redis({{"SCAN", "-NOPERM no\r\n"}})));
//     FakeServer server({reset_after(3, polite_redis()), answer(polite_redis())});
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/temp_dir.hpp"

namespace cachectl::test {

/// How a connection to a real server is passed on.
struct Relay {
    std::size_t chunk = 65536;                  // of the server's bytes, at most so many at once
    std::chrono::milliseconds pause{0};         // between them
    std::chrono::milliseconds client_pause{0};  // between the client's bytes, of at most 64 KiB
    std::optional<std::size_t> cut_after;       // so many of the server's bytes both sides are cut
    std::string* from_client = nullptr;  // gets what the client says, once the test has ended it
    std::size_t* writes = nullptr;       // counts what of it came at once, likewise
    std::size_t* from_server = nullptr;  // counts the server's bytes, likewise
};

class FakeServer {
public:
    using Command = std::vector<std::string>;
    enum class Address { tcp, unix_socket };

    /// One client's connection as a script sees it. When the client has gone or the test is over
    /// every call returns at once, and a script that reads ends by itself.
    class Connection {
    public:
        Connection(FakeServer& server, int fd) : m_server(server), m_fd(fd) {}
        /// The next command; nullopt when none will come.
        std::optional<Command> read_command();
        /// Reads and throws away whatever comes until the client goes: "accepts, says nothing".
        void ignore();
        void send(std::string_view bytes);
        void send_slowly(std::string_view bytes, std::chrono::milliseconds between_bytes);
        void sleep(std::chrono::milliseconds duration);
        /// The connection ends in a RST instead of a FIN.
        void reset();
        /// Carries bytes to and from the server on that port of 127.0.0.1 until one side ends.
        void pass_on(std::uint16_t port, const Relay& relay);

    private:
        friend class FakeServer;
        void finish();
        enum class Wake { readable, elapsed, over };
        Wake wait(int timeout_ms, bool for_bytes);
        bool receive();
        std::optional<Command> parse();

        FakeServer& m_server;
        int m_fd;
        bool m_over = false;
        bool m_reset = false;
        std::string m_buffer;
    };

    using Script = std::function<void(Connection&)>;

    /// Every connection runs the script.
    explicit FakeServer(Script script, Address address = Address::tcp);
    /// The first connection runs the first script and so on; the last serves all that follow.
    explicit FakeServer(std::vector<Script> scripts, Address address = Address::tcp);
    ~FakeServer();
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return m_port; }  // 0 for a Unix socket
    [[nodiscard]] std::string socket_path() const;
    /// All commands until now, over all connections, in the order read.
    [[nodiscard]] std::vector<Command> commands() const;
    /// How many of them have this name, in upper case.
    [[nodiscard]] std::size_t count(std::string_view name) const;
    [[nodiscard]] std::size_t connections() const;

private:
    void accept_clients();
    void record(Command command);

    TempDir m_dir;
    std::vector<Script> m_scripts;
    std::uint16_t m_port = 0;
    int m_listener = -1;
    int m_stop_read = -1, m_stop_write = -1;
    mutable std::mutex m_mutex;
    std::vector<Command> m_commands;
    std::size_t m_connections = 0;
    std::vector<std::thread> m_clients;
    std::thread m_acceptor;
};

/// From a command to the raw reply bytes.
using Handler = std::function<std::string(const FakeServer::Command&)>;

/// Answers what a client asks on arrival (HELLO, AUTH, CLIENT, SELECT, PING, INFO, ROLE, COMMAND)
/// as Redis 7.0.15 would, in RESP2; `others` are raw replies by upper-case command name and win
/// over these; everything else is an unknown command.
Handler polite_redis(const std::map<std::string, std::string>& others = {});

FakeServer::Script silent();
FakeServer::Script pass_on(std::uint16_t port, Relay relay = {});
FakeServer::Script say_and_close(std::string bytes);
FakeServer::Script answer(Handler handler);
/// Answers `commands` commands, then ends the connection when the next one has come.
FakeServer::Script reset_after(std::size_t commands, const Handler& handler);
FakeServer::Script close_after(std::size_t commands, const Handler& handler);
/// Answers everything, but ends the connection in a RST when the command called `name` comes for
/// the `times` + 1st time: for those who do not care what else is asked.
FakeServer::Script reset_at(std::string name, std::size_t times, const Handler& handler);
/// Answers `commands` commands at once, and all later ones a byte at a time.
FakeServer::Script slow_after(std::size_t commands, const Handler& handler,
                              std::chrono::milliseconds between_bytes);

/// Replies on the wire.
namespace resp {
std::string status(std::string_view text);
std::string error(std::string_view text);
std::string integer(std::int64_t value);
std::string bulk(std::string_view bytes);
std::string nil();
/// Of replies that are already on the wire.
std::string array(const std::vector<std::string>& elements);
/// A page of SCAN.
std::string scan_page(std::string_view cursor, const std::vector<std::string>& keys);
}  // namespace resp

}  // namespace cachectl::test
