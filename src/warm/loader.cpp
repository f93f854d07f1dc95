#include "warm/loader.hpp"

#include <fmt/format.h>

#include <utility>

#include "change/begin_backup.hpp"
#include "cli/target.hpp"
#include "redis/error_reply.hpp"
#include "redis/info.hpp"
#include "util/text.hpp"
#include "warm/duplicates.hpp"
#include "warm/stop.hpp"

namespace cachectl {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::uint64_t k_keys_between_saves = 64;
constexpr std::size_t k_largest_value = std::size_t{512} << 20;  // bytes; the servers' own limit
// Of a large value: a cluster's client keeps it to send it elsewhere, and its connection copies it.
// What is read back is compared with a copy, and is there as it came and as a reply.
constexpr std::size_t k_copies_of_a_cluster = 3;
constexpr std::size_t k_copies_of_reading_back = 5;

}  // namespace

WarmWriter::WarmWriter(Context& ctx, const WritingOptions& options, Guards guards,
                       PolicyLimits limits, WarmSummary& summary, Warn warn)
    : m_ctx(ctx),
      m_options(options),
      m_guards(std::move(guards)),
      m_summary(summary),
      m_warn(std::move(warn)),
      m_limits(std::move(limits)),
      m_largest_value(k_largest_value) {}

void WarmWriter::connect(const PaceFlags& pace) {
    m_client = m_ctx.connect();
    if (m_options.cluster_has_to_be_up && m_client->masters() != 0) {
        check_cluster_is_up();
    }
    check_writable(m_client->server(), "write keys");
    m_skipped_slots = SlotGaps(m_ctx, *m_client, m_options.partial);
    m_summary.masters = m_client->masters();
    m_paces = make_paces(m_ctx, *m_client, pace, RateOf::changed);
    m_paces->on_note([this](const std::string& note) { m_ctx.note(note); });
    m_writer = std::make_unique<KeyWriter>(*m_client, m_paces.get());
    if (!m_options.backup_file.empty()) {
        m_backup = begin_backup(m_ctx, *m_client, m_summary, m_options.backup_file);
        m_writer->save_in(*m_backup,
                          m_options.allow_slow_dump ? AllowSlowDump::yes : AllowSlowDump::no);
    }
    m_memory.emplace(*m_client, m_ctx.settings.address.db, m_options.eviction, m_warn);
    if (m_options.verified_share > 0) {
        m_verifier.emplace(*m_client, m_options.verified_share, m_paces.get());
        if (m_backup) {
            m_verifier->expect_late_writes();
        }
        if (m_options.unchanged_have_to_stay) {
            m_verifier->let_unchanged_stay();
        }
        m_writer->before_rewriting([this] { m_verifier->settle_but_last(); });
    }
    m_writer->on_outcome([this](Outcome outcome) {
        if (m_verifier) {
            m_verifier->take(outcome);
        }
        note_made(outcome);
    });
    m_processes.emplace(*m_client);
    if (m_journal != nullptr) {
        m_journal->begin(m_processes->identities(), m_skipped_slots.slots());
    }
}

void WarmWriter::check_fit(const WarmPlan& plan, const std::vector<KeyPolicy>& policies,
                           const UnpackLimits& unpack) {
    plan.count_copies((m_client->masters() != 0 ? k_copies_of_a_cluster : 0) +
                      (m_verifier ? k_copies_of_reading_back : 0));
    m_memory->check(plan, policies, unpack);
}

std::optional<WarmFit> WarmWriter::fit() const { return m_memory ? m_memory->fit() : std::nullopt; }

std::uint64_t WarmWriter::keys_made() const {
    return m_summary.keys + (m_journal != nullptr ? m_journal->passed() : 0);
}

void WarmWriter::check_max_keys() const {
    const std::uint64_t keys = keys_made();
    if (m_options.expect && keys >= m_options.expect->max) {
        throw WarmStop({ExitCode::guard, fmt::format("there are more keys than --expect allows, {}",
                                                     format_count(m_options.expect->max))},
                       "guard-expect");
    }
    if (!m_options.max_keys || keys < *m_options.max_keys) {
        return;
    }
    throw WarmStop({ExitCode::guard, fmt::format("there are more keys than --max-keys {}",
                                                 format_count(*m_options.max_keys))},
                   "guard-max-keys");
}

void WarmWriter::write(const MadeKey& made, Before before) {
    Dataset& dataset = made.dataset;
    const bool passes = m_journal != nullptr && m_journal->passes(made.key, before == Before::yes,
                                                                  dataset.options().if_exists);
    if (!passes) {
        check_max_keys();
    }
    if (const std::string why = dataset.refreshed_at_once(made.key); !why.empty()) {
        throw WarmStop({ExitCode::guard, why}, "guard-policy");
    }
    const auto ttl = dataset.ttl(made.key);
    m_limits.check(made.key, made.value.bytes(), ttl, m_warn);
    if (!passes) {
        count_key(made.counts, made.is_row);
    }
    if (!ttl) {
        warn_of_no_ttl(made);
    }
    if (m_summary.dry_run) {
        m_made.add(m_made.hash(made.key), made.counts.row, MadeKeys::How::written);
        count_for_dry_run(made, ttl);
    } else if (m_client) {
        if (m_journal != nullptr && m_journal->has_to_be_saved()) {
            save_journal_now();
        }
        send(made, ttl, passes);
    }
}

void WarmWriter::count_key(WarmDataset& counts, bool is_row) {
    ++m_summary.keys;
    ++counts.keys;
    if (is_row) {
        ++counts.records;
        ++m_open_records;
    }
}

void WarmWriter::note_made(Outcome outcome) {
    using How = MadeKeys::How;
    const Making making = m_making.front();
    m_making.pop_front();
    const auto made = [&](How how) { m_made.add(making.key, making.counts.row, how); };
    if (m_journal != nullptr && m_journal->take(outcome)) {
        return made(How::passed);
    }
    if (making.passes) {
        count_key(making.counts, making.is_row);
    }
    if (making.is_row && is_done(outcome)) {
        --m_open_records;
    }
    if (outcome == Outcome::written) {
        made(How::written);
    }
    if (outcome == Outcome::unchanged) {
        made(How::unchanged);
    }
    if (outcome == Outcome::existed) {
        made(making.is_spared ? How::spared : How::existed);
    }
}

// What an earlier try wrote may have expired or been deleted since, and what it refreshed may be
// due again: it is looked at, and no more.
void WarmWriter::send(const MadeKey& made, std::optional<milliseconds> ttl, bool passes) {
    const bool is_protected = m_guards.is_protected(made.key);
    m_last = &made.counts;
    const IfExists wanted = made.dataset.options().if_exists;
    const KeyWrite write{
        .key = made.key,
        .value = made.value,
        .ttl = ttl,
        .if_exists = passes && wanted != IfExists::refresh ? IfExists::skip : wanted,
        .refresh_below = made.dataset.options().refresh_below.value_or(0ms),
        .is_protected = is_protected,
        .compares_protected = !passes && m_options.unchanged_have_to_stay,
        .was_written = passes,
        .line = made.line,
        .counts = &made.counts.counts};
    m_making.push_back({m_made.hash(made.key), made.counts, made.is_row, passes,
                        write.is_protected && write.if_exists != IfExists::skip});
    if (m_skipped_slots.has(*m_client, write.key)) {
        if (m_verifier) {
            m_verifier->pass_over();
        }
        m_writer->pass_over(write);
        return;
    }
    if (m_verifier) {
        m_verifier->expect(write);
    }
    m_writer->write(write);
    if (m_verifier) {
        m_verifier->sent();
    }
    check();
    if (!m_memory->wrote(write)) {
        stop_if_it_grows();
    }
    if (m_summary.keys % k_keys_between_saves == 0) {
        save_journal();
    }
}

// A server that is full need not stop a run that finds all its keys there.
void WarmWriter::stop_if_it_grows() {
    if (m_keys_when_full++ % k_keys_between_saves != 0) {
        return;
    }
    settle();
    if (m_summary.tally.written != 0) {
        throw m_memory->nearly_full();
    }
}

void WarmWriter::save_journal() {
    if (m_journal != nullptr && m_journal->is_due(m_ctx.now())) {
        save_journal_now();
    }
}

// What the journal calls done has been read back, where that was asked for, and was right.
void WarmWriter::save_journal_now() {
    if (m_verifier) {
        settle();
    }
    if (!found_differences()) {
        m_journal->save_now(m_ctx.now(), counts_for_journal());
    } else if (m_journal->has_to_be_saved()) {
        m_journal->remove();
    }
}

bool WarmWriter::found_differences() const {
    return m_summary.verification && !m_summary.verification->passed();
}

WarmJournal::Counts WarmWriter::counts_for_journal() const {
    if (!m_writer) {
        return {};
    }
    return {m_summary.records() - m_open_records, m_writer->tally().written,
            m_writer->tally().skipped + m_writer->tally().unchanged, m_summary.rejected()};
}

void WarmWriter::settle() {
    if (!m_writer) {
        return;
    }
    m_writer->settle();
    m_summary.tally = m_writer->tally();
    if (!m_verifier) {
        return;
    }
    m_verifier->settle();
    m_summary.verification = m_verifier->tally();
}

void WarmWriter::finish() {
    if (m_summary.dry_run) {
        m_summary.estimated_memory = m_estimate.bytes();
    }
    if (m_memory && !m_writer->stopped() && m_summary.keys != 0) {
        m_summary.evicted = m_memory->evicted();
    }
    count_duplicates(m_made, m_summary);
}

}  // namespace cachectl
