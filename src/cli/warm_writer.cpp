#include "cli/warm_writer.hpp"

#include <fmt/format.h>

#include <utility>

#include "redis/error.hpp"
#include "redis/server_info.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t k_sample_keys = 5;
constexpr std::size_t k_most_sample_keys = 20;
constexpr std::size_t k_sample_bytes = 60;
constexpr std::uint64_t k_keys_between_saves = 64;

std::string type_name(EncodeAs as) {
    switch (as) {
        case EncodeAs::hash:
            return "hash";
        case EncodeAs::list:
            return "list";
        case EncodeAs::set:
            return "set";
        case EncodeAs::zset:
            return "zset";
        case EncodeAs::json:
        case EncodeAs::string:
            break;
    }
    return "string";
}

/// At most so many bytes, and no half of a character.
std::string_view beginning(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
    return text.substr(0, bytes);
}

}  // namespace

WarmWriter::WarmWriter(Context& ctx, const WritingOptions& options, Guards guards,
                       WarmSummary& summary, Warn warn)
    : m_ctx(ctx),
      m_options(options),
      m_guards(std::move(guards)),
      m_summary(summary),
      m_warn(std::move(warn)) {}

void WarmWriter::connect(const PaceFlags& pace) {
    m_client = m_ctx.connect();
    const ServerInfo& server = m_client->server();
    if (server.role == "replica" && server.info.text("slave_read_only") == "1") {
        throw refusal(Reply::make_error("READONLY the server is a read-only replica"), "write keys",
                      server);
    }
    m_left_out = LeftOut(m_ctx, *m_client, m_options.partial);
    m_summary.masters = m_client->masters();
    m_paces = make_paces(m_ctx, *m_client, pace, RateOf::changed);
    m_paces->on_note([this](const std::string& note) { m_ctx.note(note); });
    m_writer = std::make_unique<KeyWriter>(*m_client, m_paces.get());
    m_memory.emplace(*m_client, m_ctx.settings.address.db, m_options.eviction, m_warn);
    if (m_options.verified_share > 0)
        m_verifier.emplace(*m_client, m_options.verified_share, m_paces.get());
    m_writer->on_outcome([this](Outcome outcome) {
        if (m_verifier) m_verifier->take(outcome);
        if (m_journal != nullptr) m_journal->take(outcome);
    });
    if (m_journal != nullptr) m_journal->begin(server.run_id);
}

void WarmWriter::check_fit(const WarmPlan& plan, const std::vector<KeyPolicy>& policies,
                           const UnpackLimits& unpack) {
    m_memory->check(plan, policies, unpack);
}

WarmWriter::Done WarmWriter::write(Dataset& dataset, WarmDataset& counts, std::uint64_t line) {
    using Turn = WarmJournal::Turn;
    const Turn turn = m_journal != nullptr ? m_journal->next_key() : Turn::write;
    if (turn == Turn::pass) return Done::before;
    ++m_summary.keys;
    ++counts.keys;
    const auto ttl = dataset.ttl();
    if (!ttl) warn_of_no_ttl(dataset);
    if (m_summary.dry_run) {
        count_for_dry_run(dataset, counts, ttl);
        return Done::now;
    }
    m_last = &counts;
    const KeyWrite write{
        .key = dataset.key(),
        .value = dataset.value(),
        .ttl = ttl,
        .if_exists = turn == Turn::fill ? IfExists::skip : dataset.options().if_exists,
        .is_protected = m_guards.is_protected(dataset.key()),
        .line = line,
        .counts = &counts.counts};
    if (m_left_out.has(*m_client, write.key)) {
        if (m_verifier) m_verifier->pass_over();
        m_writer->pass_over(write);
        return Done::now;
    }
    if (m_verifier) m_verifier->expect(write);
    m_writer->write(write);
    if (m_verifier) m_verifier->sent();
    check();
    if (!m_memory->wrote(write)) stop_if_it_grows();
    if (m_summary.keys % k_keys_between_saves == 0) save_journal();
    return Done::now;
}

// A server that is full need not stop a run that finds all its keys there.
void WarmWriter::stop_if_it_grows() {
    if (m_keys_when_full++ % k_keys_between_saves != 0) return;
    settle();
    if (m_summary.tally.written != 0) throw m_memory->nearly_full();
}

void WarmWriter::save_journal() {
    if (m_journal != nullptr) m_journal->save_if_due(m_ctx.now(), counts_for_journal());
}

WarmJournal::Counts WarmWriter::counts_for_journal() const {
    if (!m_writer) return {};
    return {m_summary.records(), m_writer->tally().written, m_writer->tally().skipped};
}

void WarmWriter::count_for_dry_run(Dataset& dataset, WarmDataset& counts,
                                   std::optional<milliseconds> ttl) {
    const std::size_t bytes = dataset.key().size() + dataset.value().bytes();
    m_summary.tally.bytes += bytes;
    counts.counts.bytes += bytes;
    m_estimate.add(dataset.key(), dataset.value(), ttl.has_value());
    m_summary.estimated_memory = m_estimate.bytes();
    if (is_sampled(counts)) keep_sample(dataset, ttl);
}

// Once for each dataset.
void WarmWriter::warn_of_no_ttl(const Dataset& dataset) {
    if (!m_warned_of_no_ttl.insert(&dataset).second) return;
    m_warn(dataset.options().located(
        dataset.may_expire() ? fmt::format("'{}' will never expire, nor will others for which the "
                                           "policy has no ttl; --ttl sets one",
                                           dataset.key())
                             : "the keys will never expire; --ttl sets a time to live"));
}

// The first keys, and where there are several datasets a few of each.
bool WarmWriter::is_sampled(const WarmDataset& dataset) const {
    const std::size_t of_each = m_summary.datasets.size() == 1 ? k_sample_keys : 2;
    return dataset.keys <= of_each && m_summary.sample.size() < k_most_sample_keys;
}

void WarmWriter::keep_sample(const Dataset& dataset, std::optional<milliseconds> ttl) {
    const Encoded& value = dataset.value();
    std::string head;
    for (const std::string_view part : value.parts) {
        if (head.size() >= k_sample_bytes) break;
        head += (head.empty() ? "" : " ");
        head += beginning(part, k_sample_bytes);
    }
    m_summary.sample.push_back({dataset.key(), type_name(value.as), ttl,
                                dataset.key().size() + value.bytes(), std::move(head)});
}

void WarmWriter::settle() {
    if (!m_writer) return;
    m_writer->settle();
    m_summary.tally = m_writer->tally();
    if (!m_verifier) return;
    m_verifier->settle();
    m_summary.verification = m_verifier->tally();
}

void WarmWriter::finish() {
    if (!m_memory || m_writer->stopped() || m_summary.keys == 0) return;
    m_summary.evicted = m_memory->evicted();
}

void WarmWriter::check() {
    if (!m_writer || !m_writer->stopped()) return;
    settle();
    const Error& reason = *m_writer->stopped();
    std::string message = reason.what();
    std::string hint = reason.hint();
    if (m_writer->out_of_memory()) {
        if (const auto memory = ServerMemory::ask_for_fullest(*m_client))
            message += " (" + memory->description() + ")";
        hint = "free memory, raise maxmemory or choose a policy that evicts";
    }
    if (m_writer->stopped_line() != 0) {
        message += fmt::format("; stopped at {}:{}", m_last->file, m_writer->stopped_line());
    }
    throw Error(reason.code(), message, hint);
}

void WarmWriter::check_connection() {
    if (m_client && m_client->call({"PING"}).is_broken()) m_client->reconnect();
}

}  // namespace cachectl
