// A relay on a fixed port of 127.0.0.1 that ends the connection after an exact number of bytes, or
// holds the server's replies back after an exact number of them, so that the client can be killed
// there. It serves run after run: each is begun by arm().
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "support/wire_units.hpp"

namespace cachectl::test {

enum class Side { server, client };

struct CutWish {
    enum class After { goes_on, is_dead };
    enum class Held { replies, everything };
    Side side = Side::server;            // whose bytes are counted, over all connections
    std::optional<std::size_t> bytes;    // after so many that connection is cut
    After after = After::goes_on;        // is_dead: all are, and further ones are refused
    std::optional<std::size_t> replies;  // after so many nothing of the server's is passed on
    Held held = Held::replies;           // everything: nor is what the client then says
};

/// What went by, of one side over all connections.
struct PassedBytes {
    std::size_t bytes = 0;
    std::vector<std::size_t> ends;  // where a unit ended, in these bytes
};

class CutRelay {
public:
    /// Listens at once; the server may come later. Throws std::runtime_error when it cannot.
    explicit CutRelay(Wire wire = Wire::resp);
    /// Ends all connections.
    ~CutRelay();
    CutRelay(const CutRelay&) = delete;
    CutRelay& operator=(const CutRelay&) = delete;

    [[nodiscard]] std::uint16_t port() const { return m_port; }
    void connect_to(std::uint16_t server) { m_server = server; }
    /// Begins anew, with nothing passed. There must be no connection (settle()).
    void arm(const CutWish& wish);
    /// The wish has come true: a connection was cut, or replies are held back.
    [[nodiscard]] bool is_reached() const { return m_reached; }
    /// Replies are held back, and the server has sent more of them.
    [[nodiscard]] bool holds_more() const { return m_holds_more; }
    /// Waits until the clients have gone and the server has carried out all that was passed on.
    /// Throws std::runtime_error after 30 s.
    void settle();
    [[nodiscard]] const PassedBytes& passed(Side side) const {
        return side == Side::server ? m_from_server : m_from_client;
    }

private:
    struct Link {
        int client = -1;  // -1: it is gone, and what the server still says is thrown away
        int server = -1;  // -1: it is over
        WireUnits replies, commands;
    };

    void serve();
    void listen();
    void stop_listening();
    void accept_client();
    void read_client(Link& link);
    void read_server(Link& link);
    std::string_view up_to_cut(Side side, std::string_view bytes) const;
    void count(PassedBytes& passed, WireUnits& units, std::string_view bytes);
    std::size_t up_to_hold(Link& link, std::string_view bytes);
    void cut(Link& link);
    void drop_client(Link& link);
    void wake() const;

    Wire m_wire;
    std::uint16_t m_port;
    std::atomic<std::uint16_t> m_server{0};
    int m_listener = -1;
    int m_wake = -1;
    std::mutex m_mutex;
    std::condition_variable m_settled_event;
    bool m_over = false, m_settling = false, m_settled = false;
    std::atomic<bool> m_reached{false}, m_holds_more{false};
    CutWish m_wish;
    PassedBytes m_from_server, m_from_client;
    std::list<Link> m_links;
    std::thread m_thread;
};

}  // namespace cachectl::test
