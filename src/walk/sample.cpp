#include "walk/sample.hpp"

#include <algorithm>
#include <cmath>

#include "pace/cost.hpp"
#include "redis/error_reply.hpp"
#include "util/signals.hpp"
#include "walk/cursor_kind.hpp"

namespace cachectl {

namespace {

constexpr double k_z = 1.959964;      // of 95 %, two-sided
constexpr unsigned k_max_rounds = 8;  // a table with few keys in many buckets gives short pages
constexpr unsigned k_most_of_one_page = 500;
constexpr unsigned k_most_on_their_way = 16;  // pages, for which there is room (redis/reply_slice)
constexpr double k_least_yield = 0.02;

}  // namespace

Estimate estimate_count(std::uint64_t hits, std::uint64_t sample, std::uint64_t population) {
    const auto all = static_cast<double>(population);
    if (sample == 0) {
        return {0, 0, all};
    }
    if (sample >= population) {
        const auto value = static_cast<double>(hits);
        return {value, value, value};
    }
    const auto n = static_cast<double>(sample);
    const double p = static_cast<double>(hits) / n;
    // As if n were larger, so that the variance is that of drawing without repetition.
    const double n_effective = n * (all - 1) / (all - n);
    const double z2 = k_z * k_z / n_effective;
    const double centre = (p + z2 / 2) / (1 + z2);
    const double half =
        k_z / (1 + z2) * std::sqrt(p * (1 - p) / n_effective + z2 / (4 * n_effective));
    const auto seen = static_cast<double>(hits);
    return {p * all, std::max(seen, (centre - half) * all),
            std::min(all - (n - seen), (centre + half) * all)};
}

Sampler::Sampler(Client& client, Pace& pace, std::uint64_t keys, std::uint64_t seed)
    : m_client(client), m_pace(pace), m_wanted(keys), m_page_size(client.server()), m_random(seed) {
    std::string why = why_cursors_are_unknown(client.server());
    if (cursor_kind(client.server()) == CursorKind::slot_and_hash) {
        why = "this cluster has a table for each slot, and not all slots are of one size";
    }
    if (!why.empty()) {
        throw Error(ExitCode::refused, "cannot draw a sample of the keys: " + why,
                    "without --sample every key is looked at");
    }
}

SampleOutcome Sampler::run(const Walker::PageHandler& on_page) {
    m_on_page = &on_page;
    const Reply size = m_client.call({"DBSIZE"});
    if (!size.is_integer() || size.integer < 0) {
        m_outcome.failure = refusal(size, "count the keys", m_client.server());
        return m_outcome;
    }
    m_outcome.population = static_cast<std::uint64_t>(size.integer);
    m_outcome.too_few = m_outcome.population <= m_wanted;
    while (m_outcome.drawn < m_wanted && !m_outcome.too_few && m_rounds++ < k_max_rounds &&
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
    m_pace.submit_elastic(m_lifetime, [this](double room) { return ask(room); });
}

Pace::Sent Sampler::ask(double room) {
    if (m_stopped || m_outcome.failure || m_expected >= static_cast<double>(m_wanted)) {
        return {};
    }
    const double left = (static_cast<double>(m_wanted) - m_expected) / m_yield;
    const double most = std::min<double>(
        std::min({m_pace.max_keys(), k_most_of_one_page, m_page_size.most()}), left);
    const auto count = std::max(1U, static_cast<unsigned>(std::min(most, scan_count(room))));
    m_expected += count * m_yield;
    m_asked += count;
    ++m_on_their_way;
    m_client.send({"SCAN", std::to_string(m_random()), "COUNT", std::to_string(count)},
                  [this, count](Reply reply) { take(count, std::move(reply)); });
    if (m_on_their_way < k_most_on_their_way) {
        draw();
    }
    return {scan_cost(count), count};
}

void Sampler::take(unsigned count, Reply reply) {
    if (m_on_their_way-- == k_most_on_their_way) {
        draw();
    }
    if (m_stopped || m_outcome.failure) {
        return;
    }
    if (!reply.is_array() || reply.elements.size() != 2) {
        m_outcome.failure = refusal(reply, "draw a sample of the keys", m_client.server());
        return;
    }
    ScanPage page;
    page.filtered = false;
    m_page_size.take(count, reply.elements[1].elements);
    for (Reply& key : reply.elements[1].elements) {
        if (m_drawn.insert(m_hash(key.text))) {
            page.keys.push_back(std::move(key.text));
        }
    }
    m_outcome.drawn += page.keys.size();
    (*m_on_page)(std::move(page));
}

}  // namespace cachectl
