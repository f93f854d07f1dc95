// What --plan has found, and `apply` carries out if it is still true.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/option.hpp"
#include "redis/client.hpp"
#include "util/time.hpp"

namespace cachectl {

struct Plan {
    using Options = std::vector<std::pair<std::string, std::vector<std::string>>>;
    using Counts = std::vector<std::pair<std::string, std::uint64_t>>;

    std::string command;  // "invalidate"
    Options options;      // by their long names, arguments as "PATTERN"; a flag has one value
    std::vector<std::string> protected_patterns;  // whatever they came from
    std::string list_digest;                      // SHA-256 of what --keys-from names, if it does
    std::string context;                          // empty: none
    std::string target;                           // as summaries have it
    unsigned database = 0;
    std::vector<std::string> servers;  // run ids of the server, or a cluster's masters
    WallTime made_at{}, valid_until{};
    std::uint64_t keys = 0;           // that would be changed
    Counts namespaces;                // of these, as a NamespaceCounter of k_most_namespaces says
    std::vector<std::string> sample;  // a few of the keys

    static constexpr std::size_t k_most_namespaces = 20'000;
};

/// What was given of a command's options, but for those that only concern the run that plans.
/// Files are named so that they are found from anywhere. Throws Error(usage) for what a plan
/// cannot hold: text that is not UTF-8, and files that cannot be read a second time.
Plan::Options planned_options(const CommandSyntax& syntax);
/// SHA-256 of the list that the options name; empty: they name none. Throws Error(bad_input) if it
/// cannot be read.
std::string list_digest(const Plan::Options& options);

/// Sorted. Empty strings: servers that do not tell.
std::vector<std::string> server_processes(Client& client);

/// How what matches now differs from what was planned, as a sentence; nothing if each count, in all
/// and by namespace, is within that share of the planned one. A namespace that the plan does not
/// have may have no keys; those that either side had no room for are one. `namespaces` are as in
/// a plan.
std::optional<std::string> drift(const Plan& plan, std::uint64_t keys,
                                 const Plan::Counts& namespaces, double tolerance);

}  // namespace cachectl
