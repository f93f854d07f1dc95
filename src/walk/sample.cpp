#include "walk/sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "pace/cost.hpp"
#include "redis/error_reply.hpp"
#include "util/signals.hpp"
#include "walk/coverage.hpp"
#include "walk/cursor.hpp"
#include "walk/cursor_kind.hpp"

namespace cachectl {

namespace {

constexpr double k_z = 1.959964;       // of 95 %, two-sided
constexpr unsigned k_max_rounds = 16;  // a table with few keys in many buckets gives short pages
constexpr unsigned k_most_of_one_page = 500;
constexpr unsigned k_most_draws = 25;  // of keys each by itself, in one request
constexpr double k_draw_cost = 4;      // SCAN … COUNT 1
constexpr unsigned k_most_on_their_way = 16;
constexpr double k_least_yield = 0.02;
constexpr std::uint64_t k_most_of_one_bucket = 8;  // on an average
constexpr unsigned k_slot_bits = 14;
constexpr unsigned k_slots_shown = 200, k_slots_at_once = 10;
constexpr std::uint64_t k_most_of_one_slot = 100;
constexpr double k_certain = 5;  // standard deviations: by chance once in a million samples

/// Those of a cluster's node in which SCAN finds keys. A node that is taking in a slot as a whole
/// (CLUSTER MIGRATESLOTS) counts the keys that have come so far, and hides them.
SlotSet drawable_slots(Client& node) {
    const auto own = parse_own_slots(node.call({"CLUSTER", "NODES"}));
    const SlotSet slots = own ? own->served | own->arriving : SlotSet();
    return slots.any() ? slots : ~SlotSet();  // a replica's line has none
}

}  // namespace

Estimate SampleOutcome::widened(Estimate estimate, double seen) const {
    estimate.low = std::max(std::min(seen, estimate.low), estimate.low * (1 - population_error));
    estimate.high *= 1 + population_error;
    return estimate;
}

Estimate estimate_count(std::uint64_t hits, const SampleOutcome& sample) {
    const auto all = static_cast<double>(sample.population);
    const auto n = static_cast<double>(sample.drawn);
    const auto seen = static_cast<double>(hits);
    if (sample.drawn == 0) {
        return sample.widened({0, 0, all}, seen);
    }
    if (sample.seen_share() >= 1) {
        return sample.widened({seen, seen, seen}, seen);
    }
    const double p = seen / n;
    // As if n were larger, so that the variance is that of drawing without repetition.
    const double n_effective = sample.repeats ? n : n * (all - 1) / (all - n);
    const double z2 = k_z * k_z / n_effective;
    const double centre = (p + z2 / 2) / (1 + z2);
    const double half =
        k_z / (1 + z2) * std::sqrt(p * (1 - p) / n_effective + z2 / (4 * n_effective));
    Estimate estimate{p * all, (centre - half) * all, std::min(all, (centre + half) * all)};
    if (!sample.repeats) {
        estimate.low = std::max(seen, estimate.low);
        estimate.high = std::min(all - (n - seen), estimate.high);
    }
    return sample.widened(estimate, seen);
}

SampledServers sampled_servers(Client& client) {
    SampledServers servers;
    const std::vector<SlotGap> gaps = client.gaps();
    std::vector<std::string> reasons;
    std::vector<SlotRange> slots;
    for (const SlotGap& gap : gaps) {
        reasons.emplace_back(gap.why.what());
        slots.insert(slots.end(), gap.slots.begin(), gap.slots.end());
    }
    if (!gaps.empty()) {
        servers.lacking =
            Error(ExitCode::partial,
                  fmt::format("the sample is not of all keys: {}", fmt::join(reasons, "; ")),
                  gaps.front().why.hint(), format_slots(slots));
    }
    for (ServerNode& node : client.nodes()) {
        if (std::none_of(gaps.begin(), gaps.end(),
                         [&](const SlotGap& gap) { return gap.master == node.client; })) {
            servers.nodes.push_back(std::move(node));
        }
    }
    return servers;
}

std::string Sampler::why_none_of(const ServerInfo& server) {
    return why_cursors_are_unknown(server);
}

Sampler::Sampler(Client& client, Pace& pace, std::uint64_t keys, std::uint64_t seed)
    : m_client(client),
      m_pace(pace),
      m_wanted(keys),
      m_wanted_now(keys),
      m_page_size(client.server()),
      m_random(seed) {
    if (const std::string why = why_none_of(client.server()); !why.empty()) {
        throw Error(ExitCode::refused, "cannot draw a sample of the keys: " + why,
                    "without --sample every key is looked at");
    }
    if (cursor_kind(client.server()) == CursorKind::slot_and_hash) {
        m_slots.emplace();
        m_outcome.repeats = true;
    }
}

SampleOutcome Sampler::run(const Walker::PageHandler& on_page) {
    m_on_page = &on_page;
    const Reply size = m_client.call({"DBSIZE"});
    if (!size.is_integer() || size.integer < 0) {
        m_outcome.failure = refusal(size, "count the keys", m_client.server());
        return m_outcome;
    }
    m_counted = static_cast<std::uint64_t>(size.integer);
    m_outcome.population = m_counted;
    m_table_bits = static_cast<unsigned>(std::bit_width(m_counted / k_most_of_one_bucket));
    m_outcome.too_few = m_outcome.population <= m_wanted;
    if (m_slots && !m_outcome.too_few) {
        m_slots->read(m_client, m_pace, drawable_slots(m_client));
        m_outcome.failure = m_slots->refused();
        m_outcome.interrupted = stop_signal() != 0;
        if (m_outcome.failure || m_outcome.interrupted || m_slots->keys() == 0) {
            return m_outcome;
        }
        take_share(share_in_slots());
    }
    while (m_outcome.drawn < m_wanted_now && !m_outcome.too_few && m_rounds++ < k_max_rounds &&
           !m_stopped) {
        m_expected = static_cast<double>(m_outcome.drawn);
        draw();
        m_client.run_until([this] {
            const bool over = m_stopped || m_pace.stopped() || stop_signal() != 0 ||
                              m_outcome.failure || m_pace.idle();
            return over && m_client.pending() == 0;
        });
        m_yield = std::clamp(static_cast<double>(m_outcome.drawn) / static_cast<double>(m_asked),
                             k_least_yield, 1.0);
        leave_out_expired();
        m_outcome.interrupted = stop_signal() != 0;
        if (m_pace.stopped()) {
            m_outcome.failure = m_pace.stopped();
        }
        if (m_outcome.interrupted || m_outcome.failure) {
            break;
        }
    }
    return m_outcome;
}

void Sampler::draw() {
    m_is_drawing = true;
    m_pace.submit_elastic(m_lifetime, [this](double room) {
        m_is_drawing = false;
        return ask(room);
    });
}

/// All that is on its way together stays within a slice, as far as is known by now.
void Sampler::draw_more() {
    const unsigned most = std::min(k_most_on_their_way, m_page_size.most_at_once(m_request));
    if (!m_is_drawing && m_on_their_way < most) {
        draw();
    }
}

Pace::Sent Sampler::ask(double room) {
    if (m_stopped || m_outcome.failure || m_expected >= static_cast<double>(m_wanted_now)) {
        return {};
    }
    const double left = (static_cast<double>(m_wanted_now) - m_expected) / m_yield;
    ++m_on_their_way;
    Pace::Sent sent;
    if (m_slots) {
        const double most =
            std::min<double>({k_most_draws, double(m_page_size.most()), room / k_draw_cost, left});
        const auto draws = std::max(1U, static_cast<unsigned>(most));
        m_request = draws;
        for (unsigned i = 1; i <= draws; ++i) {
            send_page((m_random() << k_slot_bits) | draw_slot(), 1, i == draws);
        }
        sent = {draws * k_draw_cost, draws};
    } else {
        const double most = std::min<double>(
            std::min({m_pace.max_keys(), k_most_of_one_page, m_page_size.most()}), left);
        const auto count = std::max(1U, static_cast<unsigned>(std::min(most, scan_count(room))));
        m_request = count;
        send_page(m_random(), count, true);
        sent = {scan_cost(count), count};
    }
    draw_more();
    return sent;
}

/// By the number of its keys.
std::uint16_t Sampler::draw_slot() {
    std::uniform_int_distribution<std::uint64_t> number(0, m_slots->keys() - 1);
    return m_slots->slot_of_number(number(m_random));
}

void Sampler::send_page(std::uint64_t cursor, unsigned count, bool is_last) {
    m_expected += count * m_yield;
    m_asked += count;
    m_client.send({"SCAN", std::to_string(cursor), "COUNT", std::to_string(count)},
                  [this, cursor, count, is_last](Reply reply) {
                      m_on_their_way -= is_last ? 1 : 0;
                      take(cursor, count, is_last, std::move(reply));
                  });
}

void Sampler::take(std::uint64_t cursor, unsigned count, bool is_last, Reply reply) {
    if (m_stopped || m_outcome.failure) {
        return;
    }
    if (!reply.is_array() || reply.elements.size() != 2) {
        m_outcome.failure = refusal(reply, "draw a sample of the keys", m_client.server());
        return;
    }
    ScanPage page;
    page.filtered = false;
    std::vector<Reply>& keys = reply.elements[1].elements;
    m_page_size.take(count, keys);
    if (is_last) {
        draw_more();
    }
    if (m_slots && keys.size() > 1) {  // those of a bucket come together
        std::swap(keys.front(), keys[m_random() % keys.size()]);
        keys.resize(1);
    }
    if (const auto next = parse_cursor(reply.elements[0].text); next && !m_slots) {
        m_due += keys_due(cursor, *next);
        m_shown += keys.size();
    }
    const std::uint64_t left = m_wanted_now - m_outcome.drawn;
    for (Reply& key : keys) {
        // Those behind the last one wanted are as good as drawn by lot themselves.
        if (page.keys.size() < left && (m_slots || m_drawn.insert(m_hash(key.text)))) {
            page.keys.push_back(std::move(key.text));
        }
    }
    m_outcome.drawn += page.keys.size();
    (*m_on_page)(std::move(page));
}

/// As many as the server counts on the stretch of the table that a page covers, if they are evenly
/// spread.
double Sampler::keys_due(std::uint64_t cursor, std::uint64_t next) {
    m_table_bits = std::max(m_table_bits, static_cast<unsigned>(std::bit_width(next)));
    if (m_table_bits != 0) {  // the page begins with the whole of its first bucket
        cursor &= ~std::uint64_t{0} >> (64 - m_table_bits);
    }
    const double begin = static_cast<double>(reverse_bits(cursor)) / 0x1p64;
    const double end = next == 0 ? 1 : static_cast<double>(reverse_bits(next)) / 0x1p64;
    return (end - begin) * static_cast<double>(m_counted);
}

/// Of the keys that the server counts in a slot, it shows so many: on an average over slots that
/// are drawn by the number of their keys. A key drawn by itself does not tell, because those of its
/// bucket that have expired are passed over.
Sampler::Share Sampler::share_in_slots() {
    double sum = 0, squares = 0, slots = 0;
    unsigned at_once = 1;
    for (unsigned i = 1, on_their_way = 0; i <= k_slots_shown; ++i) {
        const std::uint16_t slot = draw_slot();
        const auto due = static_cast<unsigned>(std::min<std::uint64_t>(
            {m_slots->keys_of(slot), k_most_of_one_slot, m_page_size.most()}));
        m_client.send({"SCAN", std::to_string(slot), "COUNT", std::to_string(due)},
                      [this, &sum, &squares, &slots, due](const Reply& page) {
                          if (!page.is_array() || page.elements.size() != 2) {
                              return;
                          }
                          const std::vector<Reply>& keys = page.elements[1].elements;
                          m_page_size.take(due, keys);
                          const double part = std::min(1.0, static_cast<double>(keys.size()) / due);
                          sum += part;
                          squares += part * part;
                          ++slots;
                      });
        if (++on_their_way >= at_once || i == k_slots_shown) {
            m_client.drain();
            on_their_way = 0;
            at_once = std::min(k_slots_at_once, m_page_size.most_at_once(due));
        }
    }
    if (sum == 0 || sum == slots) {
        return {1, 0};  // if none is shown, none will be drawn either
    }
    const double mean = sum / slots;
    const double variance = std::max(0.0, squares / slots - mean * mean);
    return {mean, k_z * std::sqrt(variance / slots) / mean};
}

/// A server counts keys that have expired until it removes them, a replica until its master does,
/// and shows none of them. Where fewer are shown than chance can explain, the pages say how many
/// there are.
void Sampler::leave_out_expired() {
    const auto shown = static_cast<double>(m_shown);
    if (m_shown != 0 && shown < m_due - k_certain * std::sqrt(m_due)) {
        take_share({shown / m_due, k_z / std::sqrt(shown)});
    }
}

void Sampler::take_share(const Share& share) {
    m_outcome.population = std::max(
        m_outcome.drawn,
        static_cast<std::uint64_t>(std::llround(share.value * static_cast<double>(m_counted))));
    m_outcome.population_error = share.error;
    m_wanted_now = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(share.value * static_cast<double>(m_wanted)));
}

}  // namespace cachectl
