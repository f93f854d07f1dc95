// From the command line to a Usage: which keys, whether all of them or a sample, and what the
// servers say beside it. du, snapshot and diff begin with it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/option_groups.hpp"
#include "cli/sample_choice.hpp"
#include "keyspace/key_selector.hpp"
#include "usage/report.hpp"
#include "usage/usage.hpp"

namespace cachectl {

struct UsageChoice {
    std::vector<std::string> namespaces;  // or globs
    KeyOptions keys;                      // its patterns are made of `namespaces`
    std::string delimiter;                // empty: the policy's, else ":"
    SampleChoice sample;

    /// Whether every key of the database counts.
    [[nodiscard]] bool is_of_all() const;
};

/// NAMESPACE…, --exact, --sample, --delimiter and the options that choose keys.
void add_usage_choice(CommandSyntax& syntax, UsageChoice& choice);

struct CollectedUsage {
    std::unique_ptr<Client> client;
    std::unique_ptr<Usage> usage;
    SelectionOutcome outcome;
    std::chrono::milliseconds elapsed{0};
    std::string server;  // "cache.internal:6379 db 0"
    bool of_all = true;
    std::optional<std::uint64_t> used_bytes, max_bytes, dataset_bytes, keys_bytes;
    std::chrono::milliseconds exact_takes{0};

    [[nodiscard]] UsageReport report() const;
};

/// What is read of each key besides its size and TTL.
struct UsageFacts {
    bool type = false;
    bool encoding = false;
};

/// Connects and walks, or draws a sample: of 10,000 keys where there are more than 100,000, unless
/// `choice` says otherwise. `group` says what keys are told apart by, given the client.
using GroupOf = std::function<std::function<std::string(const KeyFacts&)>(Client&)>;
CollectedUsage collect_usage(Context& ctx, const UsageChoice& choice, UsageOptions options,
                             UsageFacts facts = {}, const GroupOf& group = {});

/// Segments of the longest namespace that was asked for: the rows begin behind it.
unsigned segments_asked_for(const UsageChoice& choice, const std::string& delimiter);

/// The policy's, if there is one and none was given.
std::string delimiter_of(const Context& ctx, const UsageChoice& choice);

/// Types, and how many elements, of the keys. Where the server does not let us, or would take the
/// look for a use of the key (before CLIENT NO-TOUCH), that is not known.
std::vector<DescribedKey> describe_keys(Client& client, std::vector<LargeKey> keys);

}  // namespace cachectl
