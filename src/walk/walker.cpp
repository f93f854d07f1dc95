#include "walk/walker.hpp"

#include <algorithm>

#include "redis/error.hpp"
#include "redis/server_info.hpp"
#include "util/signals.hpp"
#include "walk/cursor.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr unsigned k_max_resumes_in_one_place = 3;
constexpr unsigned k_max_restarts = 3;
constexpr milliseconds k_passing_patience{5'000};  // for BUSY and its like, between two pages
constexpr milliseconds k_passing_step{100};

bool is_page(const Reply& reply) {
    if (!reply.is_array() || reply.elements.size() != 2) return false;
    const std::vector<Reply>& keys = reply.elements[1].elements;
    return reply.elements[0].is_text() && reply.elements[1].is_array() &&
           std::all_of(keys.begin(), keys.end(), [](const Reply& key) { return key.is_text(); });
}

Error lost_for_good(std::string_view why) {
    return {ExitCode::unreachable, "cannot walk the keys: " + std::string(why)};
}

}  // namespace

Walker::Walker(Client& client, ScanOptions options)
    : m_client(client), m_options(std::move(options)) {}

WalkOutcome Walker::run(const PageHandler& on_page) {
    scan(on_page);
    while (true) {
        m_client.run_until(
            [&] { return (m_ended || m_connection_lost) && m_client.pending() == 0; });
        if (m_repeat_page) m_connection_lost = true;
        if (!m_connection_lost || m_stopped) break;
        m_outcome.complete = false;
        if (!m_outcome.failure) m_outcome.failure = lost_for_good("the connection was lost");
        if (!resume()) break;
        scan(on_page);
    }
    if (stop_signal() != 0 && !m_outcome.complete) {
        m_outcome.interrupted = true;
        m_outcome.failure.reset();  // nobody waits for what it was about
    }
    return std::move(m_outcome);
}

void Walker::scan(const PageHandler& on_page) {
    const std::string count = std::to_string(m_options.count);
    std::vector<std::string_view> args = {"SCAN", m_cursor, "COUNT", count};
    if (!m_options.match.empty()) args.insert(args.end(), {"MATCH", m_options.match});
    if (!m_options.type.empty()) args.insert(args.end(), {"TYPE", m_options.type});
    m_client.send(args, [this, &on_page](Reply reply) { take_page(std::move(reply), on_page); });
}

void Walker::take_page(Reply reply, const PageHandler& on_page) {
    if (m_stopped) {  // whatever became of the page that was on its way
        m_ended = true;
        return;
    }
    if (reply.is_broken()) {
        m_connection_lost = true;
        if (!m_outcome.failure)
            m_outcome.failure = refusal(reply, "walk the keys", m_client.server());
        return;
    }
    if (stop_signal() != 0) {
        m_outcome.failure.reset();  // what we were waiting for matters no more
        m_outcome.interrupted = true;
        m_ended = true;
        return;
    }
    if (is_passing(reply) && m_patience < k_passing_patience) {
        retry_later(reply, on_page);
        return;
    }
    if (!is_page(reply)) {
        m_outcome.failure = refusal(reply, "walk the keys", m_client.server());
        m_ended = true;
        return;
    }
    m_outcome.failure.reset();
    m_patience = milliseconds(0);
    m_page_cursor = std::exchange(m_cursor, std::move(reply.elements[0].text));
    m_fraction = std::max(m_fraction, fraction_walked(m_cursor).value_or(0));

    std::vector<std::string> keys;
    keys.reserve(reply.elements[1].elements.size());
    for (Reply& key : reply.elements[1].elements) keys.push_back(std::move(key.text));
    m_outcome.keys += keys.size();
    on_page(std::move(keys));

    m_outcome.complete = m_cursor == "0";
    m_ended = m_outcome.complete || m_stopped;
    if (!m_ended) scan(on_page);
}

void Walker::retry_later(const Reply& reply, const PageHandler& on_page) {
    m_outcome.failure = refusal(reply, "walk the keys", m_client.server());
    m_patience += k_passing_step;
    m_client.after(k_passing_step, [this, &on_page] { scan(on_page); });
}

// A cursor is a place in one server process' hash table: another process means from the start.
bool Walker::resume() {
    const std::string& place = m_repeat_page ? m_page_cursor : m_cursor;
    if (place != m_resumed_at) m_resumes_there = 0;
    m_resumed_at = place;
    if (stop_signal() != 0 || ++m_resumes_there > k_max_resumes_in_one_place) return false;
    bool same_server = false;
    try {
        same_server = m_client.reconnect();
    } catch (const Error& error) {
        m_outcome.failure = error;
        return false;
    }
    if (!same_server && m_outcome.restarts == k_max_restarts) {
        m_outcome.failure = lost_for_good("the server restarts again and again");
        return false;
    }
    m_connection_lost = false;
    m_ended = false;
    if (!same_server) {
        m_cursor = "0";
        m_fraction = 0;
        ++m_outcome.restarts;
    } else if (m_repeat_page) {
        m_cursor = m_page_cursor;
    }
    m_repeat_page = false;
    m_outcome.failure.reset();
    if (on_resume) on_resume(!same_server);
    return true;
}

}  // namespace cachectl
