#include "warm/memory_budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "redis/info.hpp"
#include "util/error.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"
#include "warm/stop.hpp"

namespace cachectl {

namespace {

MemoryModel model_of(Client& client) {
    MemoryModel model = MemoryModel::of(client.server());
    model.masters = client.nodes().size();
    return model;
}

}  // namespace

WarmMemory::WarmMemory(Client& client, int db, Eviction eviction, Warn warn)
    : m_client(client),
      m_eviction(eviction),
      m_warn(std::move(warn)),
      m_model(model_of(client)),
      m_memory(ServerMemory::of(client.nodes())),
      m_fullest(ServerMemory::fullest_of(client.nodes())),
      m_written(m_model) {
    for (const ServerNode& node : client.nodes()) {
        const InfoFields& info = node.client->server().info;
        const KeyCounts counts = key_counts(info, db);
        m_existing.keys += counts.keys;
        m_existing.expiring += counts.expiring;
        if (const auto evicted = info.integer("evicted_keys")) {
            m_evicted_before = m_evicted_before.value_or(0) + *evicted;
        }
    }
    if (m_fullest && !may_run_over()) {
        m_watch.emplace(client, *m_fullest);
    }
}

/// What is evicted at the limit is what was asked for.
bool WarmMemory::may_run_over() const {
    return m_eviction == Eviction::allowed && m_fullest->evicts();
}

// Keys that are there already grow little or not at all, whether they are skipped or overwritten,
// but of one that is overwritten there are two values for a moment. What is written goes into the
// replication backlog too, until that is full.
MemoryNeed WarmMemory::estimate(const InputSample& sampled, double share_new) const {
    MemoryEstimate estimate(m_model);
    estimate.add(sampled.estimate, share_new);
    const std::uint64_t backlog = std::min(estimate.sent_bytes(), m_memory->backlog);
    const std::uint64_t unused = m_memory->unused() - std::min(m_memory->unused(), backlog);
    // Without a limit a server's tables grow whatever the room is.
    constexpr std::uint64_t k_any = std::numeric_limits<std::uint64_t>::max();
    const MemoryPeak peak = estimate.peak(m_existing, m_memory->limit == 0 ? k_any : unused);
    const auto twice =
        m_replaces
            ? static_cast<std::uint64_t>((1 - share_new) * static_cast<double>(estimate.largest()))
            : 0;
    return {estimate.bytes(m_existing) + backlog, peak.most + backlog + twice,
            peak.least + backlog + twice};
}

std::optional<WarmFit> WarmMemory::fit() const {
    if (m_need.bytes == 0) {
        return std::nullopt;
    }
    return WarmFit{m_need.bytes, m_need.peak, m_memory->room(), m_model.name()};
}

// A sample is enough to say yes. Before it says no, the server is asked which keys it has already,
// and then the files are read as far as that takes to be sure: the first rows need not be like the
// rest, and a dump may hold much else.
void WarmMemory::check(const WarmPlan& plan, const std::vector<KeyPolicy>& policies,
                       const UnpackLimits& unpack) {
    if (!m_memory) {
        const std::vector<SlotGap> gaps = m_client.gaps();
        m_warn(fmt::format(
            "cannot tell whether the keys fit: {}",
            gaps.empty() ? "the server does not tell its memory (INFO)" : gaps.front().why.what()));
        return;
    }
    m_replaces = std::any_of(plan.datasets.begin(), plan.datasets.end(), [](const auto& dataset) {
        return dataset.if_exists != IfExists::skip;
    });
    const auto stopped = [] { return stop_signal() != 0; };
    SampleLimits limits;
    limits.unpack = unpack;
    InputSample sampled = sample_inputs(plan, policies, m_model, limits, stopped);
    const auto verdict = [&](double share_new) {
        m_need = estimate(sampled, share_new);
        return judge_fit(m_need, *m_memory, m_eviction);
    };
    if (verdict(1).kind == FitVerdict::Kind::fits) {
        return;
    }
    const double share_new = 1 - share_that_exists(m_client, sampled.names);
    if (verdict(share_new).kind == FitVerdict::Kind::fits) {
        return;
    }
    if (!sampled.is_whole) {
        limits = SampleLimits::none();
        limits.unpack = unpack;
        limits.bytes_in_any_case = SampleLimits{}.bytes_in_all;  // so that the figures are right
        if (share_new > 0) {
            limits.enough =
                static_cast<std::uint64_t>(static_cast<double>(m_memory->room()) / share_new);
        }
        InputSample further = sample_inputs(plan, policies, m_model, limits, stopped);
        // Where it stopped early there is more, and the sample tells how much.
        if (further.is_whole || further.estimate.bytes() <= limits.enough) {
            sampled = further;
        }
    }
    const FitVerdict last = verdict(share_new);
    if (last.kind == FitVerdict::Kind::warned) {
        m_warn(last.message);
    }
    if (last.kind == FitVerdict::Kind::refused) {
        throw WarmStop({ExitCode::guard, last.message, last.hint}, "guard-fit");
    }
}

// What the tables grow by is reckoned up once for several keys.
bool WarmMemory::wrote(const KeyWrite& write) {
    if (!m_watch) {
        return true;
    }
    constexpr std::uint64_t k_keys = 16;
    constexpr std::uint64_t k_bytes = std::uint64_t{64} << 10;
    m_unwatched_bytes += m_written.add(write.key, write.value, write.ttl.has_value());
    if (++m_unwatched_keys >= k_keys || m_unwatched_bytes >= k_bytes) {
        const std::uint64_t bytes = m_written.bytes(m_existing);
        m_unwatched_keys = m_unwatched_bytes = 0;
        m_watch->wrote(bytes - std::min(bytes, std::exchange(m_watched_bytes, bytes)),
                       m_written.passing(m_existing));
    }
    return !m_watch->is_full();
}

Error WarmMemory::nearly_full() const {
    const ServerMemory& memory = m_watch->memory();
    return {ExitCode::partial, "the server is nearly full: " + memory.description(),
            memory.evicts() ? "raise maxmemory, or let it evict other keys with --allow-eviction"
                            : "raise maxmemory, or free memory"};
}

std::optional<std::uint64_t> WarmMemory::evicted() {
    if (!m_fullest || !m_fullest->evicts() || !m_evicted_before) {
        return {};
    }
    std::int64_t now = 0;
    m_client.connect_all();
    for (const ServerNode& node : m_client.nodes()) {
        const Reply reply = node.client->call({"INFO", "stats"});
        const auto evicted = InfoFields(reply.is_text() ? reply.text : "").integer("evicted_keys");
        if (!evicted) {
            return {};
        }
        now += *evicted;
    }
    return static_cast<std::uint64_t>(std::max<std::int64_t>(now - *m_evicted_before, 0));
}

}  // namespace cachectl
