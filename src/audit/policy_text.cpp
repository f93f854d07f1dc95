// A suggested policy as a file: JSON with a comment beside each rule.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "audit/suggestion.hpp"
#include "audit/value_words.hpp"
#include "keyspace/key_type.hpp"
#include "output/escape.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"
#include "util/parse.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t k_enough_of_a_sample = 30;  // keys of a rule, for limits
constexpr double k_usual_share = 0.9;  // of the keys: their TTL is what new ones are given

std::string json_text(std::string_view text) {
    std::string json;
    Writer writer(json);
    JsonWriter(writer, JsonLayout::compact).value(text);
    writer.flush();
    if (json.ends_with('\n')) {
        json.pop_back();
    }
    return json;
}

/// Of a sample: the keys that it has not met may be of another kind than the few that it has.
bool is_rare(const KeyTraits& traits, bool sampled) {
    return sampled && traits.keys < k_enough_of_a_sample;
}

/// Of a sample, TTLs are given twice the room: the longest is hardly among it.
std::string fields_of(const KeyTraits& traits, bool sampled) {
    std::string text;
    if (is_rare(traits, sampled)) {
        return text;
    }
    const auto add = [&](std::string_view name, const std::string& value) {
        text += fmt::format(R"(, "{}": "{}")", name, value);
    };
    if (is_key_type(traits.type)) {
        add("type", traits.type);
    }
    const auto max_ttl =
        traits.persistent == 0 ? rounded_up_ttl((sampled ? 2 : 1) * traits.longest) : std::nullopt;
    if (max_ttl) {
        const auto usual = traits.ttls.percentile(k_usual_share).value_or(traits.longest);
        const auto ttl = std::min(rounded_up_ttl(usual).value_or(*max_ttl), *max_ttl);
        add("ttl", duration_word(ttl));
        add("max_ttl", duration_word(*max_ttl));
    }
    if (traits.unsized == 0) {
        add("max_size", size_word(size_with_headroom(traits.largest)));
    }
    return text;
}

std::string comment_of(const KeyTraits& traits, bool rare) {
    std::string text =
        fmt::format("{} {}", format_count(traits.keys), traits.keys == 1 ? "key" : "keys");
    if (traits.unsized == 0) {
        text += ", " + format_size(traits.bytes);
    }
    if (traits.persistent != 0) {
        text += traits.persistent == traits.keys
                    ? (traits.keys == 1 ? ", never expires" : ", none expires")
                    : fmt::format(", of which {} never {}", format_count(traits.persistent),
                                  traits.persistent == 1 ? "expires" : "expire");
    }
    if (rare) {
        text += "; too few of the sample for limits";
    }
    return text;
}

}  // namespace

std::optional<std::chrono::milliseconds> rounded_up_ttl(std::chrono::milliseconds ttl) {
    constexpr auto k_day = 24h;
    constexpr std::array<std::chrono::milliseconds, 26> k_usual = {
        1s,         2s,         5s,         10s,        15s,        30s,       1min,
        2min,       5min,       10min,      15min,      30min,      1h,        2h,
        3h,         6h,         12h,        k_day,      2 * k_day,  3 * k_day, 7 * k_day,
        14 * k_day, 30 * k_day, 60 * k_day, 90 * k_day, 180 * k_day};
    const auto* usual = std::lower_bound(k_usual.begin(), k_usual.end(), ttl);
    if (usual != k_usual.end()) {
        return *usual;
    }
    constexpr auto k_year = 365 * k_day;
    const std::chrono::milliseconds years((ttl + k_year - 1ms) / k_year * k_year);
    return years <= k_longest_duration ? std::optional(years) : std::nullopt;
}

std::uint64_t size_with_headroom(std::uint64_t bytes) {
    constexpr std::uint64_t k_least = 1024;
    return std::bit_ceil(std::max(2 * bytes, k_least));
}

std::string policy_text(const Suggestion& suggestion, const std::vector<std::string>& about) {
    std::string text;
    for (const std::string& line : about) {
        text += "// " + escape_for_terminal(line) + '\n';
    }
    text +=
        fmt::format("{{\n  \"delimiter\": {},\n  \"keys\": [\n", json_text(suggestion.delimiter()));
    const bool sampled = suggestion.sample().has_value();
    const std::vector<SuggestedRule> rules = suggestion.rules();
    for (std::size_t i = 0; i < rules.size(); ++i) {
        text +=
            fmt::format("    {{\"pattern\": {}{}}}{} // {}\n", json_text(rules[i].shape.pattern),
                        fields_of(rules[i].all, sampled), i + 1 == rules.size() ? "" : ",",
                        comment_of(rules[i].own, is_rare(rules[i].all, sampled)));
    }
    return text + "  ],\n  \"unknown\": \"warn\"\n}\n";
}

}  // namespace cachectl
