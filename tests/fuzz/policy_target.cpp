// Key policies, with what health reads in the same file, and what an audit has written before.
#include <algorithm>
#include <string>

#include "audit/baseline.hpp"
#include "fuzz/target.hpp"
#include "health/thresholds.hpp"
#include "keyspace/glob.hpp"
#include "keyspace/policy.hpp"
#include "util/error.hpp"
#include "util/json_file.hpp"

namespace cachectl {

namespace {

constexpr const char* k_file = "policy.json";

template <typename Read>
void refused_as_usage(Read read) {
    try {
        read();
    } catch (const Error& error) {
        expect(error.code() == ExitCode::usage, "a mistake in it is the user's");
        expect(std::string_view(error.what()).starts_with(k_file), "a mistake has its file");
    }
}

void check_policy(const KeyPolicy& policy) {
    expect(!policy.delimiter.empty(), "keys are divided by something");
    for (const KeyRule& rule : policy.rules) {
        expect(!rule.pattern.empty() && rule.line > 0, "a rule has a pattern and a line");
        expect(!rule.ttl || rule.ttl->count() > 0, "a TTL is more than 0");
        expect(!rule.ttl || !rule.max_ttl || *rule.ttl <= *rule.max_ttl,
               "a TTL is not longer than the longest");
        expect(!rule.max_size || *rule.max_size > 0, "a size is more than 0");
        // The pattern itself is as good a key as any.
        const KeyRule* found = policy.find(rule.pattern);
        expect(found == nullptr || glob_match(found->pattern, rule.pattern), "a rule matches");
        const KeyRule* kept = policy.find_protected(rule.pattern);
        expect(kept == nullptr || kept->is_protected, "a protected rule protects");
        expect(!rule.is_protected || !glob_match(rule.pattern, rule.pattern) || kept != nullptr,
               "what a protected rule matches is protected");
    }
    const auto kept = std::count_if(policy.rules.begin(), policy.rules.end(),
                                    [](const KeyRule& rule) { return rule.is_protected; });
    expect(policy.protected_patterns().size() == static_cast<std::size_t>(kept),
           "all protected rules count");
}

}  // namespace

void fuzz_policy(std::string_view input) {
    refused_as_usage([&] { check_policy(parse_key_policy(input, k_file)); });
    refused_as_usage([&] { parse_health_rules(parse_json(input, k_file)); });
    refused_as_usage([&] { Baseline::parse(input, k_file); });
}

}  // namespace cachectl
