// The part of walk/walker.hpp for a connection that was lost, and for a walk that begins anew.
#include <algorithm>

#include "redis/error_reply.hpp"
#include "util/signals.hpp"
#include "walk/walker.hpp"

namespace cachectl {

namespace {

constexpr unsigned k_max_resumes_in_one_place = 3;
constexpr unsigned k_max_restarts = 3;

}  // namespace

void Walker::repeat_page(std::size_t partition) {
    Lane& lane = m_lanes[partition];
    if (lane.repeat) {
        return;
    }
    lane.repeat = true;
    m_connection_lost = true;
}

// What is asked for next. A server that answers the same again and again does not get us further,
// however many pages it sends.
std::string Walker::next_place() const {
    std::string place;
    for (const Lane& lane : m_lanes) {
        place += lane.repeat ? lane.page_cursor : lane.cursor;
        place += ' ';
    }
    return place;
}

/// Somebody else may have connected anew, to a server that has been restarted.
bool Walker::is_another_process() const {
    return !m_run_id.empty() && m_client.server().run_id != m_run_id;
}

// A cursor is a place in one server process' hash table: another process means from the start.
bool Walker::resume() {
    if (std::string place = next_place(); place != m_resumed_at) {
        m_resumed_at = std::move(place);
        m_resumes_there = 0;
    }
    if (stop_signal() != 0 || ++m_resumes_there > k_max_resumes_in_one_place) {
        return false;
    }
    bool same_server = false;
    try {
        same_server = m_client.reconnect() && !is_another_process();
    } catch (const Error& error) {
        m_outcome.failure = error;
        return false;
    }
    if (!same_server && m_outcome.restarts == k_max_restarts) {
        m_outcome.failure = lost_for_good("the server restarts again and again");
        return false;
    }
    m_connection_lost = false;
    m_outcome.failure.reset();
    if (!same_server) {
        for (std::size_t i = 0; i < m_lanes.size(); ++i) {
            if (m_lanes[i].repeat) {
                m_duplicates.forget_page(i);
            }
        }
        ++m_outcome.restarts;
        // Where old keys are left out, they cannot be counted either.
        const bool plain = m_outcome.redone || m_options.after_restart == AfterRestart::new_ones;
        restart(plain ? 0 : partition_bits());
        return true;
    }
    for (std::size_t i = 0; i < m_lanes.size(); ++i) {
        Lane& lane = m_lanes[i];
        if (!std::exchange(lane.repeat, false)) {
            continue;
        }
        lane.cursor = lane.page_cursor;
        lane.ended = false;
        m_duplicates.forget_page(i);
    }
    if (on_resume) {
        on_resume(false);
    }
    return true;
}

void Walker::restart(unsigned bits) {
    if (m_options.after_restart == AfterRestart::all_again) {
        m_outcome.keys = 0;
    }
    begin(bits);
    m_outcome.may_repeat |= !m_duplicates.remembers_all();
    if (on_resume) {
        on_resume(true);
    }
}

}  // namespace cachectl
