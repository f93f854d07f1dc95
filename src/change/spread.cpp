#include "change/spread.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "cli/option.hpp"
#include "redis/info.hpp"
#include "util/error.hpp"
#include "util/named_error.hpp"
#include "util/parse.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// 0..1, the same for the same key.
double share_of(const KeyHasher& hash, const std::string& key) {
    return static_cast<double>(hash(key).low >> 11) / static_cast<double>(std::uint64_t{1} << 53);
}

}  // namespace

milliseconds SpreadTimes::of(const KeyFacts& key) {
    const double by_name = share_of(m_hash, key.key);
    double share = by_name;
    if (key.idle) {
        note(*key.idle);
        // Where it stands among those met; among equals its name decides.
        const auto [first, last] = std::equal_range(m_idle.begin(), m_idle.end(), *key.idle);
        const auto shorter = static_cast<double>(first - m_idle.begin());
        const auto equal = static_cast<double>(last - first);
        share = 1 - (shorter + by_name * equal) / static_cast<double>(m_idle.size());
    }
    const auto ttl = static_cast<std::int64_t>(share * static_cast<double>(m_span.count()));
    return milliseconds(std::clamp<std::int64_t>(ttl, 1, m_span.count()));
}

void SpreadTimes::note(seconds idle) {
    ++m_met;
    if (m_idle.size() == k_sample) {
        if (std::uniform_int_distribution<std::uint64_t>(0, m_met - 1)(m_random) >= k_sample) {
            return;
        }
        const auto dropped = std::uniform_int_distribution<std::size_t>(0, k_sample - 1)(m_random);
        m_idle.erase(m_idle.begin() + static_cast<std::ptrdiff_t>(dropped));
    }
    m_idle.insert(std::upper_bound(m_idle.begin(), m_idle.end(), idle), idle);
}

void spread(ChangeWork& work, milliseconds span) {
    const auto times = std::make_shared<SpreadTimes>(span);
    work.verb = "expire";
    work.doing = "spreading";
    work.expiry = ExpiryChange{ExpiryMode::spread, span, 0};
    work.facts.ttl = true;
    work.facts.idle = work.facts.own_idle = true;
    work.facts.may_lack = true;
    // What expires within the span anyway is left to do so: which keys these are is no question of
    // luck, so that a rehearsal, a plan and the change mean the same ones.
    work.concerns = [span](const KeyFacts& key) { return !key.ttl || *key.ttl > span; };
    work.command_for = [times](const KeyFacts& key) {
        return KeyCommand{"PEXPIRE", {key.key}, std::to_string(times->of(key).count()), "LT"};
    };
    work.check_server = check_can_spread;
}

void check_can_spread(Client& client) {
    constexpr double k_near = 0.9;
    for (const ServerNode& node : client.nodes()) {
        const Reply reply = node.client->call({"INFO", "memory"});
        const InfoFields fields(reply.is_text() ? reply.text : std::string());
        const auto used = fields.number("used_memory");
        const auto most = fields.number("maxmemory");
        if (fields.text("maxmemory_policy") == "volatile-ttl" && used && most && *most > 0 &&
            *used > k_near * *most) {
            throw NamedError(
                {ExitCode::guard,
                 fmt::format("{}{} has used {:.0f} % of its maxmemory and evicts the keys that "
                             "expire soonest (volatile-ttl): with shorter times to live it would "
                             "evict these, at once; nothing was changed",
                             node.name.empty() ? "the server" : "the node ", node.name,
                             100 * *used / *most),
                 "without --spread they are deleted at the command's own pace"},
                "guard-volatile-ttl");
        }
    }
}

void add_spread_option(CommandSyntax& syntax, std::optional<milliseconds>& span) {
    add_parsed_option(
        syntax, "--spread", span,
        [](const std::string& text) {
            const milliseconds time = parse_duration(text);
            if (time.count() == 0) {
                throw Error(ExitCode::usage, "'" + text + "' would make keys expire at once");
            }
            return time;
        },
        "DUR",
        "Let the keys expire within this time instead of deleting them, those first that nobody "
        "has used for long; none lives longer than before")
        .group("Safety");
}

}  // namespace cachectl
