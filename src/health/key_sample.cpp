#include "health/key_sample.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "cli/key_walk.hpp"
#include "cli/pace_options.hpp"
#include "health/gather.hpp"
#include "redis/error_reply.hpp"
#include "usage/collect.hpp"
#include "util/text.hpp"
#include "walk/sample.hpp"

namespace cachectl {

namespace {

constexpr std::uint64_t k_sample = 2'000;
// Up to so many, all keys are looked at where no sample can be drawn.
constexpr std::uint64_t k_most_walked = 100'000;

/// What the user lacks says more than what was refused.
std::string why_of(const Error& error) {
    const bool of_rights = error.code() != ExitCode::partial && !error.hint().empty();
    return of_rights ? error.hint() : std::string(error.what());
}

/// Why some keys, besides those that were looked at, could not be.
std::string describe_denied(const SelectionOutcome& outcome, std::uint64_t looked_at) {
    return fmt::format("{} of {} keys could not be looked at, such as {}: {}",
                       format_count(outcome.denied), format_count(looked_at + outcome.denied),
                       outcome.first_denied,
                       hint_at(outcome.denial ? outcome.denial->text : std::string()));
}

/// Why there is no sample, if there is none; else, how many keys are drawn: 0 for all.
std::optional<std::string> choose_sample(Client& client, std::int64_t db, Selection& selection) {
    std::uint64_t keys = 0;
    std::string why;
    for (const ServerNode& node : sampled_servers(client).nodes) {
        const ServerInfo& server = node.client->server();
        keys += server.info.database(db).count("keys").value_or(0);
        const std::string none = Sampler::why_none_of(server);
        why = none.empty() ? why : none;
    }
    if (why.empty()) {
        selection.sample = k_sample;
        return std::nullopt;
    }
    if (keys > k_most_walked) {
        return "no sample of the keys can be drawn: " + why;
    }
    return std::nullopt;
}

/// Counts the elements of those that may have many.
void find_big_keys(Client& client, KeyTally& tally) {
    std::vector<BigKey> counted = tally.worth_counting();
    std::vector<LargeKey> large;
    for (const BigKey& key : counted) {
        large.push_back({key.key, key.bytes, {}});
    }
    const std::vector<DescribedKey> described = describe_keys(client, std::move(large));
    for (std::size_t i = 0; i < described.size(); ++i) {
        if (described[i].type != "string") {
            counted[i].elements = described[i].elements;
        }
    }
    tally.set_big(counted);
}

}  // namespace

void take_key_sample(Context& ctx, Client& client, const HealthQuestion& question,
                     HealthEvidence& evidence) {
    Selection selection;
    selection.facts.ttl = true;
    selection.facts.size = true;
    selection.facts.may_lack = true;
    if (const auto why = choose_sample(client, ctx.settings.address.db, selection)) {
        evidence.keys_lacking = *why;
        return;
    }
    KeyTally tally(question.policy, question.protected_patterns);
    try {
        const auto paces = make_paces(ctx, client, PaceFlags{}, RateOf::walked);
        KeyWalk walk(ctx, client, *paces, std::move(selection), "looking at keys");
        walk.on_resume = [&](Resumption how) {
            if (how == Resumption::all_again) {
                tally.clear();
            }
        };
        const SelectionOutcome outcome = walk.run([&](std::span<KeyFacts> keys) {
            for (const KeyFacts& key : keys) {
                tally.add(key);
            }
            return Flow::go_on;
        });
        walk.clear_progress();
        const bool is_sample = outcome.sample && !outcome.sample->too_few;
        const std::optional<Error> failure =
            is_sample && outcome.sample->failure ? outcome.sample->failure : outcome.walk.failure;
        if (failure) {
            evidence.keys_lacking = why_of(*failure);
            return;
        }
        if (outcome.denied > 0) {
            evidence.keys_lacking = describe_denied(outcome, tally.looked_at);
        }
        const std::uint64_t met = tally.looked_at + outcome.denied;
        tally.population = is_sample ? outcome.sample->population : met;
        if (tally.looked_at == 0 && tally.population > 0) {
            if (evidence.keys_lacking.empty()) {
                evidence.keys_lacking = "none of the keys could be looked at";
            }
            return;
        }
        find_big_keys(client, tally);
    } catch (const Error& error) {
        if (error.code() != ExitCode::unreachable && error.code() != ExitCode::refused) {
            throw;
        }
        evidence.keys_lacking = why_of(error);
        return;
    }
    evidence.keys = std::move(tally);
}

}  // namespace cachectl
