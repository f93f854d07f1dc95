#include "usage/collect.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/key_walk.hpp"
#include "cli/option.hpp"
#include "cli/sample_choice.hpp"
#include "cli/target.hpp"
#include "keyspace/glob.hpp"
#include "keyspace/namespaces.hpp"
#include "keyspace/policy.hpp"
#include "keyspace/value.hpp"
#include "usage/shape.hpp"
#include "util/parse.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_most_segments = 64;
constexpr double k_cost_of_a_key = 2.4;  // microseconds: SCAN, PTTL, MEMORY USAGE (pace/cost)
constexpr double k_normal_share = 0.5;   // of the server's time

std::string pattern_of(const std::string& name, const std::string& delimiter) {
    if (name == delimiter) {
        throw Error(
            ExitCode::usage,
            fmt::format("the namespace '{}' has no name before the delimiter", name),
            fmt::format("for the keys that begin with it: cachectl du {}", shell_word(name + '*')));
    }
    return has_glob_characters(name) ? name : namespace_pattern(name, delimiter);
}

Selection selection_of(Context& ctx, const UsageChoice& choice, const std::string& delimiter,
                       UsageFacts facts) {
    KeyOptions keys = choice.keys;
    for (const std::string& name : choice.namespaces) {
        keys.filter.patterns.push_back(pattern_of(name, delimiter));
    }
    Selection selection = make_selection(keys, ctx);
    selection.facts = {.type = facts.type,
                       .ttl = true,
                       .size = true,
                       .encoding = facts.encoding,
                       .may_lack = true};
    apply_sample_choice(choice.sample, selection);
    return selection;
}

std::optional<std::uint64_t> sum_of(const std::vector<ServerNode>& nodes, std::string_view field) {
    std::uint64_t sum = 0;
    for (const ServerNode& node : nodes) {
        const auto value = node.client->server().info.integer(field);
        if (!value || *value < 0) {
            return std::nullopt;
        }
        sum += static_cast<std::uint64_t>(*value);
    }
    return sum;
}

/// What the servers have in use beyond what they began with and what clients and replicas take.
std::optional<std::uint64_t> bytes_of_keys(const std::vector<ServerNode>& nodes) {
    const auto used = sum_of(nodes, "used_memory");
    if (!used) {
        return std::nullopt;
    }
    std::uint64_t others = 0;
    for (const char* field : {"used_memory_startup", "mem_clients_normal", "mem_clients_slaves",
                              "mem_replication_backlog", "mem_aof_buffer"}) {
        others += sum_of(nodes, field).value_or(0);
    }
    return *used - std::min(*used, others);
}

}  // namespace

bool UsageChoice::is_of_all() const {
    const KeyFilter& filter = keys.filter;
    return namespaces.empty() && !keys.names_any() && filter.excludes.empty() &&
           filter.type.empty() && !filter.facts_needed().any() && keys.limit == 0;
}

void add_usage_choice(CommandSyntax& syntax, UsageChoice& choice) {
    add_text_option(syntax, "NAMESPACE", choice.namespaces, "",
                    "Only the keys that start with this name and the delimiter; or a glob "
                    "(default: all keys)");
    add_sample_choice(syntax, choice.sample);
    add_text_option(syntax, "--delimiter", choice.delimiter, "TEXT",
                    "What divides the names (default: the policy's, else :)")
        .group("Choosing keys");
    add_key_filters(syntax, choice.keys);
}

UsageReport CollectedUsage::report() const {
    UsageReport report{.usage = *usage, .server = server, .by = "namespace"};
    report.complete = outcome.complete();
    report.of_all = of_all;
    report.elapsed = elapsed;
    report.used_bytes = used_bytes;
    report.max_bytes = max_bytes;
    report.dataset_bytes = dataset_bytes;
    report.keys_bytes = keys_bytes;
    report.exact_takes = exact_takes;
    return report;
}

std::string delimiter_of(const Context& ctx, const UsageChoice& choice) {
    std::string delimiter = choice.delimiter;
    if (delimiter.empty()) {
        delimiter = ctx.settings.policy_file.empty()
                        ? ":"
                        : read_key_policy(ctx.settings.policy_file).delimiter;
    }
    check_delimiter(delimiter);
    return delimiter;
}

unsigned segments_asked_for(const UsageChoice& choice, const std::string& delimiter) {
    std::size_t most = 0;
    for (std::string_view name : choice.namespaces) {
        std::size_t segments = 0;
        if (has_glob_characters(name)) {
            // Those that end before the first special character.
            name = name.substr(0, name.find_first_of("*?[\\"));
            segments = split_key(name, delimiter, k_most_segments).size() - 1;
        } else {
            if (name.ends_with(delimiter)) {
                name.remove_suffix(delimiter.size());
            }
            segments = split_key(name, delimiter, k_most_segments).size();
        }
        most = std::max(most, segments);
    }
    return static_cast<unsigned>(most);
}

CollectedUsage collect_usage(Context& ctx, const UsageChoice& choice, UsageOptions options,
                             UsageFacts facts, const GroupOf& group) {
    options.delimiter = delimiter_of(ctx, choice);
    Selection selection = selection_of(ctx, choice, options.delimiter, facts);
    CollectedUsage collected;
    collected.client = ctx.connect();
    Client& client = *collected.client;
    check_sample(ctx, client, choice.sample, selection);
    options.of_all = choice.is_of_all();
    if (group) {
        options.group = group(client);
    }
    collected.usage = std::make_unique<Usage>(std::move(options));
    const auto paces = make_paces(ctx, client, choice.keys.walk.pace, RateOf::walked);
    const auto began = ctx.now();
    {
        KeyWalk walk(ctx, client, *paces, std::move(selection), "measuring");
        collected.outcome = walk.run(*collected.usage);
        walk.clear_progress();
    }
    collected.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(ctx.now() - began);
    const std::vector<ServerNode> nodes = client.nodes();
    const ServerAddress& address = ctx.settings.address;
    collected.server = describe_server(address.name(), client.masters()) +
                       (client.masters() == 0 ? fmt::format(" db {}", address.db) : "");
    collected.used_bytes = sum_of(nodes, "used_memory");
    collected.max_bytes = sum_of(nodes, "maxmemory");
    collected.dataset_bytes = sum_of(nodes, "used_memory_dataset");
    collected.keys_bytes = bytes_of_keys(nodes);
    const double keys = collected.usage->keys_of(collected.usage->total()).value;
    collected.exact_takes = std::chrono::milliseconds(
        static_cast<std::int64_t>(keys * k_cost_of_a_key / k_normal_share / 1'000));
    const auto databases = client.server().info.databases();
    const bool only_this = std::all_of(databases.begin(), databases.end(), [&](const auto& known) {
        return known.number == address.db;
    });
    collected.of_all = choice.is_of_all() && only_this;
    return collected;
}

std::vector<DescribedKey> describe_keys(Client& client, std::vector<LargeKey> keys) {
    std::vector<DescribedKey> described;
    for (LargeKey& key : keys) {
        described.push_back({std::move(key), "", {}});
    }
    for (DescribedKey& key : described) {
        client.send({"TYPE", key.key.key}, [&key](const Reply& reply) {
            if (reply.is_text() && reply.text != "none") {
                key.type = reply.text;
            }
        });
    }
    client.drain();
    for (DescribedKey& key : described) {
        const std::string_view command = length_command(key.type);
        if (command.empty() || !takes_no_touch(client.server())) {
            continue;
        }
        client.send({command, key.key.key}, [&key](const Reply& reply) {
            if (reply.is_integer() && reply.integer >= 0) {
                key.elements = static_cast<std::uint64_t>(reply.integer);
            }
        });
    }
    client.drain();
    return described;
}

}  // namespace cachectl
