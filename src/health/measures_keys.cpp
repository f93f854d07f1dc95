// What a sample of the keys tells.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "health/measures.hpp"
#include "health/measuring.hpp"
#include "stats/figure_text.hpp"
#include "util/text.hpp"

namespace cachectl::measure {

namespace {

std::string eviction_policy(const HealthEvidence& all) {
    for (const NodeEvidence& node : all.nodes) {
        if (node.after.answered() && figure(node, "maxmemory") > 0) {
            return std::string(node.info().text("maxmemory_policy"));
        }
    }
    return "";
}

/// Else what was found is so, and what was not found is not known; nor is any share.
bool are_all_seen(const HealthEvidence& all) { return all.keys && all.keys_lacking.empty(); }

double share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string keys_of_all(const KeyTally& keys, std::uint64_t part) {
    const std::string count = counted(static_cast<double>(keys.of_all(part)), "key", "keys");
    return part > 0 && keys.population > keys.looked_at ? "about " + count : count;
}

/// Names with glob characters would mean others.
std::string pattern_of(const std::string& name_space, const std::string& delimiter) {
    const bool plain = name_space.find_first_of("*?[]\\") == std::string::npos;
    return shell_word((plain ? name_space : std::string("NAMESPACE")) + delimiter + '*');
}

}  // namespace

Measurement eviction_may_take_protected(const HealthEvidence& all) {
    const std::string policy = eviction_policy(all);
    if (all.protected_patterns.empty()) {
        return Measurement::not_applicable();
    }
    if (!policy.starts_with("allkeys-")) {
        return untold_figures(all).value_or(Measurement::not_applicable());
    }
    if (!all.keys || (all.keys->protected_keys == 0 && !are_all_seen(all))) {
        return Measurement::unknown(all.keys_lacking);
    }
    const KeyTally& keys = *all.keys;
    Measurement found{.value = static_cast<double>(keys.protected_keys)};
    found.shown = keys_of_all(keys, keys.protected_keys);
    found.message = keys.protected_keys == 0
                        ? "none was met"
                        : fmt::format("are protected, such as {}, and {} may evict them",
                                      keys.protected_example, policy);
    found.remedy = "CONFIG SET maxmemory-policy volatile-lru";
    found.gives = "if all that may go has a TTL; else keep them on a server of their own";
    return found;
}

Measurement eviction_starved(const HealthEvidence& all) {
    const std::string policy = eviction_policy(all);
    if (!policy.starts_with("volatile-")) {
        return untold_figures(all).value_or(Measurement::not_applicable());
    }
    if (!are_all_seen(all)) {
        return Measurement::unknown(all.keys_lacking);
    }
    const KeyTally& keys = *all.keys;
    if (keys.looked_at == 0) {
        return Measurement::not_applicable();
    }
    const bool sized = keys.bytes > 0 && keys.unsized < keys.looked_at;
    const double never = sized ? share(keys.bytes_without_ttl, keys.bytes)
                               : share(keys.looked_at - keys.expiring, keys.looked_at);
    return {.value = never,
            .shown = format_share(never),
            .message = fmt::format("of the {} never expire, and {} evicts only what does",
                                   sized ? "memory of keys" : "keys", policy),
            .remedy = all.command + " keys --no-ttl --limit 100",
            .gives = "lists some of them"};
}

Measurement big_keys(const HealthEvidence& all) {
    if (!all.keys || (all.keys->big.empty() && !are_all_seen(all))) {
        return Measurement::unknown(all.keys_lacking);
    }
    const KeyTally& keys = *all.keys;
    if (keys.unsized > 0 && keys.unsized == keys.looked_at) {
        return Measurement::unknown("the server does not tell what a key takes (MEMORY USAGE)");
    }
    const auto count = static_cast<double>(keys.big.size());
    Measurement found{.value = count, .shown = count_text_of(count)};
    constexpr std::size_t k_named = 3;
    for (std::size_t i = 0; i < std::min(keys.big.size(), k_named); ++i) {
        const BigKey& key = keys.big[i];
        found.message += fmt::format("{}{} {}", i == 0 ? "" : ", ", key.key,
                                     bytes_text(static_cast<double>(key.bytes)));
        if (key.elements) {
            found.message += fmt::format(" of {} elements", format_count(*key.elements));
        }
    }
    if (keys.population > keys.looked_at && keys.big.empty()) {
        found.message = fmt::format("among {} keys drawn by lot", format_count(keys.looked_at));
    }
    found.remedy = all.command + " du --exact";
    found.gives = "names the largest of all keys";
    return found;
}

Measurement keys_without_ttl(const HealthEvidence& all) {
    if (!are_all_seen(all)) {
        return Measurement::unknown(all.keys_lacking);
    }
    const KeyTally& keys = *all.keys;
    if (keys.should_expire == 0) {
        return Measurement::not_applicable();
    }
    const double never = share(keys.never_expire, keys.should_expire);
    Measurement found{.value = never};
    found.shown = fmt::format("{}, {}", keys_of_all(keys, keys.never_expire), format_share(never));
    if (all.policy_has_ttls) {
        found.limits = HealthLimits{0, {}};
    }
    if (const auto most = keys.most_without_ttl(); most && keys.never_expire > 0) {
        found.message =
            fmt::format("{} has {} of them, {}", most->name, keys_of_all(keys, most->keys),
                        bytes_text(static_cast<double>(keys.of_all(most->bytes))));
        found.remedy = fmt::format("{} expire {} --cap 1h --jitter 20% --dry-run", all.command,
                                   pattern_of(most->name, keys.delimiter()));
        found.gives = fmt::format("would give back {} within an hour",
                                  bytes_text(static_cast<double>(keys.of_all(most->bytes))));
    }
    return found;
}

Measurement expiry_cliff(const HealthEvidence& all) {
    if (!are_all_seen(all)) {
        return Measurement::unknown(all.keys_lacking);
    }
    const KeyTally& keys = *all.keys;
    constexpr std::uint64_t k_least = 100;  // of which a share says something
    if (keys.expiring < k_least) {
        return {.message = fmt::format("{} of the keys looked at expire", keys.expiring)};
    }
    const KeyTally::Cliff cliff = keys.steepest();
    const double part = share(cliff.keys, keys.expiring);
    return {.value = part,
            .shown = format_share(part),
            .message = fmt::format("of what expires does so within the same {}, in {}",
                                   format_duration(KeyTally::k_cliff), format_duration(cliff.in)),
            .remedy = all.command + " ttl --timeline 1h",
            .gives = "shows whose; `cachectl expire … --jitter 20%` spreads them"};
}

}  // namespace cachectl::measure
