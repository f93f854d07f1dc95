#include "walk/walker.hpp"

#include <algorithm>

#include "pace/cost.hpp"
#include "redis/error_reply.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr unsigned k_least_count = 10;         // the servers' own default
constexpr unsigned k_keys_side_by_side = 300;  // a page of one of several partitions
constexpr std::chrono::microseconds k_near{500};

bool is_page(const Reply& reply) {
    if (!reply.is_array() || reply.elements.size() != 2) {
        return false;
    }
    const std::vector<Reply>& keys = reply.elements[1].elements;
    return reply.elements[0].is_text() && reply.elements[1].is_array() &&
           std::all_of(keys.begin(), keys.end(), [](const Reply& key) { return key.is_text(); });
}

bool says_syntax_error(const Reply& reply) {
    return reply.is_error() && reply.text.starts_with("ERR syntax error");
}

}  // namespace

Error Walker::lost_for_good(std::string_view why) {
    return {ExitCode::unreachable, "cannot walk the keys: " + std::string(why)};
}

Walker::Walker(Client& client, Pace& pace, ScanOptions options)
    : m_client(client),
      m_pace(pace),
      m_options(std::move(options)),
      m_duplicates(m_options.remember, 1, m_options.what_fits),
      m_page_size(client.server()),
      m_endlessness(client.server()) {}

WalkOutcome Walker::run(const PageHandler& on_page) {
    begin(on_page);
    do {
        m_client.run_until([this] { return has_paused(); });
    } while (go_on());
    return finish();
}

void Walker::begin(const PageHandler& on_page) {
    m_on_page = &on_page;
    plan();
}

bool Walker::has_paused() const {
    const bool over = m_connection_lost || m_stopped || m_pace.stopped() || stop_signal() != 0 ||
                      (ended() && m_pace.idle());
    const bool stays = m_stopped || m_pace.stopped() || stop_signal() != 0;
    const bool reconnects = m_hold && m_client.connecting() && !stays;
    return over && m_client.pending() == 0 && !reconnects;
}

/// False when the walk is over.
bool Walker::go_on() {
    if (m_stopped || m_refused || m_pace.stopped()) {
        m_hold.reset();
        return false;
    }
    if (m_connection_lost) {
        // Other walks go on meanwhile; has_paused() when it is known how it went.
        if (!m_hold && stop_signal() == 0 && m_client.begin_reconnect()) {
            m_hold.emplace(m_pace);
            return true;
        }
        m_outcome.complete = false;
        if (!m_outcome.failure) {
            m_outcome.failure = lost_for_good("the connection was lost");
        }
        if (!m_hold) {
            m_hold.emplace(m_pace);  // until every partition knows where it goes on
        }
        const bool resumed = resume();
        m_hold.reset();
        if (!resumed) {
            return false;
        }
    } else if (stop_signal() != 0 || all_were_met()) {
        return false;
    } else {
        m_outcome.redone = true;
        restart(0);
    }
    scan_all();
    return true;
}

WalkOutcome Walker::finish() {
    m_outcome.complete = ended() && !m_connection_lost && !m_stopped && !m_refused;
    if (m_pace.stopped() && !m_outcome.complete) {
        m_outcome.failure = m_pace.stopped();
    }
    if (stop_signal() != 0 && !m_outcome.complete) {
        m_outcome.interrupted = true;
        m_outcome.failure.reset();  // nobody waits for what it was about
    }
    return std::move(m_outcome);
}

// --- pages --------------------------------------------------------------------------------------

void Walker::scan_all() {
    for (std::size_t i = 0; i < m_lanes.size(); ++i) {
        if (!m_lanes[i].ended && !m_lanes[i].in_hand) {
            scan(i);
        }
    }
}

void Walker::scan(std::size_t lane) {
    m_lanes[lane].in_hand = true;
    m_pace.submit_elastic(m_lifetime, [this, lane, life = m_life](double room) -> Pace::Sent {
        if (life != m_life || m_stopped) {
            return {};
        }
        if (is_another_process()) {
            m_lanes[lane].in_hand = false;
            m_connection_lost = true;
            return {};
        }
        return send_scan(lane, room);
    });
}

Pace::Sent Walker::send_scan(std::size_t index, double room) {
    const Lane& lane = m_lanes[index];
    const unsigned count = count_for(lane, room);
    const std::string count_text = std::to_string(count);
    std::vector<std::string_view> args = {"SCAN", lane.cursor, "COUNT", count_text};
    if (lane.filtered && !m_options.match.empty()) {
        args.insert(args.end(), {"MATCH", m_options.match});
    }
    if (lane.filtered && asks_for_type()) {
        args.insert(args.end(), {"TYPE", m_options.type});
    }
    m_client.send(args, [this, index, count, life = m_life](Reply reply) {
        if (life == m_life) {
            take_reply(index, count, std::move(reply));
        }
    });
    return {scan_cost(count), count};
}

// Near the server its time is all there is to save: the lines of its table that a small page has
// touched are still in its cache when the next partition comes to them. Far away, more small pages
// would have to be on their way than there are partitions.
unsigned Walker::most_for(const Lane& lane) const {
    const unsigned paced = std::min(m_pace.max_keys(), m_page_size.most());
    const unsigned most = m_options.count == 0 ? paced : std::min(m_options.count, paced);
    if (lane.whole || m_pace.round_trip() > k_near) {
        return most;
    }
    return std::min(most, k_keys_side_by_side);
}

// What is left of a partition, if it is less than a page: the last page is to end where it does.
unsigned Walker::count_for(const Lane& lane, double room) const {
    const unsigned most = most_for(lane);
    double count = std::min<double>(most, scan_count(room));
    if (!lane.whole && lane.fraction > 0) {
        const double left = static_cast<double>(lane.asked) * (1 - lane.fraction) / lane.fraction;
        if (left < count) {
            count = std::min(left * 1.02 + k_least_count, double{Duplicates::k_longest_last_page});
        }
    }
    return std::max(std::min(most, k_least_count), static_cast<unsigned>(count));
}

void Walker::take_reply(std::size_t index, unsigned count, Reply reply) {
    Lane& lane = m_lanes[index];
    lane.in_hand = false;
    if (m_stopped || m_refused) {
        return;  // whatever became of the page that was on its way
    }
    if (lane.repeat) {
        return;  // the page before it comes again first
    }
    if (reply.is_broken()) {
        m_connection_lost = true;
        if (!m_outcome.failure) {
            m_outcome.failure = refusal(reply, "walk the keys", m_client.server());
        }
        return;
    }
    if (stop_signal() != 0) {
        return;
    }
    if (lane.retry.pays(reply)) {
        retry_later(index, reply);
        return;
    }
    if (asks_for_type() && says_syntax_error(reply)) {
        m_knows_types = false;  // before Redis 6
        scan(index);
        return;
    }
    if (!is_page(reply)) {
        fail(refusal(reply, "walk the keys", m_client.server()));
        return;
    }
    m_outcome.failure.reset();
    lane.retry = Retry();  // between two pages
    take_page(index, count, std::move(reply));
}

void Walker::take_page(std::size_t index, unsigned count, Reply reply) {
    Lane& lane = m_lanes[index];
    lane.page_cursor = std::exchange(lane.cursor, std::move(reply.elements[0].text));
    lane.asked += count;
    const std::uint64_t cursor = parse_cursor(lane.cursor).value_or(0);
    lane.ended = lane.whole ? lane.cursor == "0" : lane.part->ends_at(cursor);
    const double fraction = lane.ended  ? 1
                            : lane.part ? lane.part->fraction(cursor)
                                        : fraction_walked(lane.cursor).value_or(0);
    lane.fraction = std::max(lane.fraction, fraction);

    ScanPage page;
    page.partition = index;
    page.filtered = lane.filtered && (m_knows_types || m_options.type.empty());
    std::vector<Reply>& keys = reply.elements[1].elements;
    page.keys.reserve(keys.size());
    m_page_size.take(count, keys);
    if (!lane.ended) {
        look_for_an_end(count, lane.cursor, keys);
    }
    // What a last page reads beyond its run of slots is the next one's.
    const bool overruns = lane.ended && !lane.whole && lane.part->is_of_slots();
    for (Reply& key : keys) {
        if (!overruns || lane.part->has_slot(slot_of(key.text))) {
            page.keys.push_back(std::move(key.text));
        }
    }
    m_duplicates.leave_new({index, count, lane.ended}, page.keys);
    m_outcome.keys += page.keys.size();
    if (m_check && (!lane.filtered || (m_options.match.empty() && m_options.type.empty()))) {
        m_check->take(page.keys);
    }
    (*m_on_page)(std::move(page));
    if (!m_lanes[index].ended && !m_stopped) {
        scan(index);
    }
}

void Walker::look_for_an_end(unsigned count, std::string_view cursor,
                             const std::vector<Reply>& keys) {
    if (const auto why = m_endlessness.take(count, cursor, keys)) {
        fail(lost_for_good(*why));
    } else if (m_endlessness.take_question_of_size()) {
        m_client.send({"DBSIZE"}, m_lifetime.guard([this, life = m_life](const Reply& size) {
            if (life != m_life || size.is_broken()) {
                return;
            }
            m_endlessness.size_is(size.is_integer() && size.integer > 0
                                      ? static_cast<std::uint64_t>(size.integer)
                                      : 0);
        }));
    }
}

void Walker::fail(Error failure) {
    m_outcome.failure = std::move(failure);
    m_stopped = m_refused = true;
}

void Walker::retry_later(std::size_t index, const Reply& reply) {
    m_outcome.failure = refusal(reply, "walk the keys", m_client.server());
    m_lanes[index].in_hand = true;
    m_client.after(Retry::k_step, m_lifetime.guard([this, index, life = m_life] {
        if (life == m_life) {
            scan(index);
        }
    }));
}

bool Walker::ended() const {
    return std::all_of(m_lanes.begin(), m_lanes.end(),
                       [](const Lane& lane) { return lane.ended && !lane.repeat; });
}

double Walker::fraction() const {
    double sum = 0;
    for (const Lane& lane : m_lanes) {
        sum += lane.fraction;
    }
    return sum / static_cast<double>(std::max<std::size_t>(1, m_lanes.size()));
}

std::uint64_t Walker::looked_at() const {
    std::uint64_t sum = 0;
    for (const Lane& lane : m_lanes) {
        sum += lane.asked;
    }
    return sum;
}

}  // namespace cachectl
