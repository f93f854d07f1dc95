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

WarmWriter::WarmWriter(Context& ctx, Guards guards, WarmSummary& summary, Warn warn)
    : m_ctx(ctx), m_guards(std::move(guards)), m_summary(summary), m_warn(std::move(warn)) {}

void WarmWriter::connect(const PaceFlags& pace) {
    m_client = m_ctx.connect();
    const ServerInfo& server = m_client->server();
    if (server.role == "replica" && server.info.text("slave_read_only") == "1") {
        throw refusal(Reply::make_error("READONLY the server is a read-only replica"), "write keys",
                      server);
    }
    m_pace = make_pace(*m_client, pace, RateOf::changed);
    m_pace->on_note = [this](const std::string& note) { m_ctx.note(note); };
    m_writer = std::make_unique<KeyWriter>(*m_client, m_pace.get());
}

void WarmWriter::write(Dataset& dataset, WarmDataset& counts, std::uint64_t line) {
    const std::string& key = dataset.key();
    const Encoded& value = dataset.value();
    ++m_summary.keys;
    ++counts.keys;
    const auto ttl = dataset.ttl();
    if (!ttl) warn_of_no_ttl(dataset);
    if (m_summary.dry_run) {
        const std::size_t bytes = key.size() + value.bytes();
        m_summary.tally.bytes += bytes;
        counts.counts.bytes += bytes;
        if (is_sampled(counts)) keep_sample(dataset, ttl);
        return;
    }
    m_last = &counts;
    m_writer->write({.key = key,
                     .value = value,
                     .ttl = ttl,
                     .if_exists = dataset.options().if_exists,
                     .is_protected = m_guards.is_protected(key),
                     .line = line,
                     .counts = &counts.counts});
    check();
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
}

void WarmWriter::check() {
    if (!m_writer || !m_writer->stopped()) return;
    settle();
    const Error& reason = *m_writer->stopped();
    std::string message = reason.what();
    std::string hint = reason.hint();
    if (m_writer->out_of_memory()) {
        message += memory_figures();
        hint = "free memory, raise maxmemory or choose a policy that evicts";
    }
    if (m_writer->stopped_line() != 0) {
        message += fmt::format("; stopped at {}:{}", m_last->file, m_writer->stopped_line());
    }
    throw Error(reason.code(), message, hint);
}

std::string WarmWriter::memory_figures() {
    const Reply reply = m_client->call({"INFO", "memory"});
    const InfoFields info(reply.is_text() ? reply.text : "");
    const auto used = info.integer("used_memory");
    const auto most = info.integer("maxmemory");
    if (!used || !most) return "";
    return fmt::format(
        " (it uses {} of {}, and its policy is {})", format_size(static_cast<std::uint64_t>(*used)),
        format_size(static_cast<std::uint64_t>(*most)), info.text("maxmemory_policy"));
}

void WarmWriter::check_connection() {
    if (m_client && m_client->call({"PING"}).is_broken()) m_client->reconnect();
}

}  // namespace cachectl
