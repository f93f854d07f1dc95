// SCAN over one server, page by page, through lost connections and restarts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "redis/client.hpp"
#include "util/error.hpp"

namespace cachectl {

struct ScanOptions {
    std::string match;      // a glob for the server to apply; empty: every key
    std::string type;       // "hash": only keys of this type; empty: any
    unsigned count = 1000;  // keys the server looks at for one page: some 0.4 ms of its time
};

/// How a walk ended. Every key that was there from its start to its end was seen if `complete`.
struct WalkOutcome {
    std::uint64_t keys = 0;  // that the pages brought
    unsigned restarts = 0;   // begun anew: another server process answered
    bool complete = false;
    bool interrupted = false;      // by a signal
    std::optional<Error> failure;  // why it is not complete
};

/// A walk sends the SCAN for the next page as soon as it has one, behind whatever the page's
/// handler has sent: both leave in one write, so follow-up commands cost no round trip.
class Walker {
public:
    /// Gets each page's keys. Replies to what it sends come before the next page.
    using PageHandler = std::function<void(std::vector<std::string> keys)>;

    Walker(Client& client, ScanOptions options);

    /// Walks to the end, to stop(), to a signal or to a failure that retries do not mend.
    WalkOutcome run(const PageHandler& on_page);

    /// No further pages; from within the handler or a reply.
    void stop() { m_stopped = true; }

    /// A follow-up of the latest page was lost with the connection: after the reconnect, the page
    /// is fetched once more.
    void repeat_page() { m_repeat_page = true; }

    /// 0..1, by the cursor; 0 where the server's cursors do not tell.
    [[nodiscard]] double fraction() const { return m_fraction; }

    /// Called before a walk goes on over a new connection: true if from the start.
    std::function<void(bool from_start)> on_resume;

private:
    void scan(const PageHandler& on_page);
    void take_page(Reply reply, const PageHandler& on_page);
    void retry_later(const Reply& reply, const PageHandler& on_page);
    bool resume();

    Client& m_client;
    ScanOptions m_options;
    WalkOutcome m_outcome;
    std::string m_cursor = "0";
    std::string m_page_cursor = "0";  // what the latest page was asked for with
    double m_fraction = 0;
    bool m_stopped = false;
    bool m_repeat_page = false;
    bool m_ended = false;
    bool m_connection_lost = false;
    std::string m_resumed_at;  // the cursor that was asked for after the latest reconnect
    unsigned m_resumes_there = 0;
    std::chrono::milliseconds m_patience{};
};

}  // namespace cachectl
