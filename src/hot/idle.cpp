// OBJECT IDLETIME, again and again: a key that has just been used at each look is hot. How often it
// is used within a second, this does not tell.
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

#include "cli/key_walk.hpp"
#include "hot/hot_keys.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_most_candidates = 10'000;
constexpr std::chrono::seconds k_recent{1};
constexpr std::chrono::milliseconds k_between_looks{1'000};
constexpr unsigned k_least_looks = 2;  // one alone tells of a single second

/// Keys that were used within the last second. Of too many a fair part: each is as likely as any
/// other to be among them, and one that is always used is found in the next run at the latest.
class Recent final : public Sum {
public:
    void add(const KeyFacts& key) override {
        if (!key.idle || *key.idle > k_recent) {
            return;
        }
        ++m_seen;
        if (m_keys.size() < k_most_candidates) {
            m_keys.push_back(key.key);
            return;
        }
        std::uniform_int_distribution<std::uint64_t> any(0, m_seen - 1);
        if (const std::uint64_t place = any(m_random); place < k_most_candidates) {
            m_keys[place] = key.key;
        }
    }
    void reset() override {
        m_keys.clear();
        m_seen = 0;
    }
    [[nodiscard]] std::vector<std::string> take() { return std::move(m_keys); }
    [[nodiscard]] std::uint64_t seen() const { return m_seen; }

private:
    std::uint64_t m_seen = 0;
    std::vector<std::string> m_keys;
    std::mt19937_64 m_random{std::random_device{}()};
};

/// One look at all candidates.
struct Look {
    std::vector<unsigned> used;  // at how many looks each had just been used
    std::optional<Error> failure;
};

void look(Client& client, Paces& paces, const std::vector<std::string>& keys, Look& looks) {
    constexpr std::size_t k_portion = 500;
    const Lifetime lifetime;
    std::size_t left = 0;
    for (std::size_t first = 0; first < keys.size(); first += k_portion) {
        const std::size_t end = std::min(first + k_portion, keys.size());
        std::vector<std::string> some(keys.begin() + static_cast<std::ptrdiff_t>(first),
                                      keys.begin() + static_cast<std::ptrdiff_t>(end));
        ++left;
        read_facts(client, paces.common(), lifetime, std::move(some), {.idle = true},
                   [&looks, &left, first](const PageFacts& page) {
                       --left;
                       if (page.refused || page.connection_lost) {
                           looks.failure = page.refused.value_or(
                               Error(ExitCode::unreachable, "the connection was lost"));
                           return;
                       }
                       for (std::size_t i = 0; i < page.keys.size(); ++i) {
                           const auto& idle = page.keys[i].idle;
                           looks.used[first + i] += idle && *idle == 0s ? 1U : 0U;
                       }
                   });
    }
    client.run_until([&] { return left == 0 || paces.stopped() || stop_signal() != 0; });
    client.drain();
}

/// Small numbers are one object for all keys that have them, with one idle time.
void leave_out_shared(Client& client, HotKeys& found) {
    std::vector<char> shared(found.keys.size());
    for (std::size_t i = 0; i < found.keys.size(); ++i) {
        client.send({"OBJECT", "REFCOUNT", found.keys[i].key}, [&shared, i](const Reply& reply) {
            shared[i] = reply.is_integer() && reply.integer > 1'000'000 ? 1 : 0;
        });
    }
    client.drain();
    std::size_t left_out = 0;
    std::vector<HotKey> kept;
    for (std::size_t i = 0; i < found.keys.size(); ++i) {
        if (shared[i] != 0) {
            ++left_out;
        } else {
            kept.push_back(std::move(found.keys[i]));
        }
    }
    found.keys = std::move(kept);
    if (left_out != 0) {
        found.notes.push_back(
            fmt::format("{} {} left out: small numbers share one object, so "
                        "their idle times mean nothing",
                        left_out, left_out == 1 ? "key is" : "keys are"));
    }
}

}  // namespace

HotKeys watch_idle_times(Client& client, Paces& paces, const HotQuestion& question,
                         std::vector<std::string> candidates) {
    HotKeys found{.method = HotMethod::idle, .unit = "share_of_looks"};
    Look looks{std::vector<unsigned>(candidates.size()), {}};
    const auto began = client.now();
    unsigned count = 0;
    while (!candidates.empty() && stop_signal() == 0 && !looks.failure) {
        look(client, paces, candidates, looks);
        ++count;
        const auto passed = client.now() - began;
        if (count >= k_least_looks && passed + k_between_looks > question.interval) {
            break;
        }
        client.sleep(std::chrono::duration_cast<std::chrono::microseconds>(k_between_looks * count -
                                                                           passed));
    }
    found.interval = std::chrono::duration_cast<std::chrono::milliseconds>(client.now() - began);
    found.failure = looks.failure;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (looks.used[i] != 0) {
            found.keys.push_back({std::move(candidates[i]), double(looks.used[i]) / count});
        }
    }
    HotQuestion more = question;
    more.count = question.count * 2 + 20;  // some may be left out
    keep_hottest(found.keys, more);
    leave_out_shared(client, found);
    keep_hottest(found.keys, question);
    if (count == 0) {
        return found;
    }
    found.notes.push_back(
        fmt::format("used at N of {} looks, a second apart; which of two keys is used more often "
                    "within a second, idle times do not tell",
                    count));
    return found;
}

std::optional<HotKeys> hot_by_idle(Context& ctx, Client& client, Paces& paces,
                                   const HotQuestion& question, std::string& why_not) {
    const auto policy = client.server().info.text("maxmemory_policy");
    if (policy.find("lfu") != std::string_view::npos) {
        why_not = "idle times are not kept under an LFU policy";
        return std::nullopt;
    }
    Selection selection;
    selection.filter = question.filter;
    selection.facts = {.idle = true};
    Recent recent;
    SelectionOutcome outcome;
    {
        KeyWalk walk(ctx, client, paces, std::move(selection), "looking for hot keys");
        outcome = walk.run(recent);
        walk.clear_progress();
    }
    const std::uint64_t seen = recent.seen();
    HotKeys found = watch_idle_times(client, paces, question, recent.take());
    if (seen > k_most_candidates) {
        found.notes.push_back(
            fmt::format("{} keys had just been used; {} of them, drawn by lot, "
                        "were watched: narrow it with a pattern",
                        format_count(seen), format_count(k_most_candidates)));
    }
    if (auto missing = missing_from(outcome)) {
        found.failure.emplace(std::move(*missing));
    }
    return found;
}

}  // namespace cachectl
