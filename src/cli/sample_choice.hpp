// Whether every key is looked at or a sample of them: the same for all commands that estimate.
#pragma once

#include <cstdint>
#include <optional>

#include "cli/context.hpp"
#include "cli/option.hpp"
#include "keyspace/key_selector.hpp"
#include "redis/client.hpp"

namespace cachectl {

struct SampleChoice {
    std::optional<std::uint64_t> sample;  // --sample
    bool exact = false;                   // --exact
};

/// --exact and --sample
void add_sample_choice(CommandSyntax& syntax, SampleChoice& choice);

/// Has the selection draw a sample of 10,000 keys where there are more than 100,000, or what the
/// choice says; of a list and under --limit all keys are looked at. Error(usage) for a sample of a
/// list.
void apply_sample_choice(const SampleChoice& choice, Selection& selection);

/// Where none can be drawn, all keys are looked at, which a note says; Error(refused) if a sample
/// was asked for. Connects to all nodes.
void check_sample(Context& ctx, Client& client, const SampleChoice& choice, Selection& selection);

}  // namespace cachectl
