// du: what keys take by namespace, as du does for folders.
#include <fmt/format.h>

#include <array>
#include <map>
#include <memory>

#include "cli/context.hpp"
#include "cli/key_rights.hpp"
#include "cli/key_walk.hpp"
#include "cli/option.hpp"
#include "cli/output_run.hpp"
#include "cli/target.hpp"
#include "commands/commands.hpp"
#include "keyspace/policy.hpp"
#include "keyspace/ttl_histogram.hpp"
#include "output/document.hpp"
#include "redis/slot.hpp"
#include "usage/collect.hpp"
#include "usage/report.hpp"
#include "util/parse.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

enum class By { name_space, type, ttl, encoding, node, slot, rule };

constexpr std::array<std::pair<std::string_view, By>, 7> k_by = {{
    {"namespace", By::name_space},
    {"type", By::type},
    {"ttl", By::ttl},
    {"encoding", By::encoding},
    {"node", By::node},
    {"slot", By::slot},
    {"rule", By::rule},
}};

struct DuOptions {
    UsageChoice choice;
    FormatChoice output;
    std::optional<std::uint64_t> depth;
    std::uint64_t largest = 5;
    By by = By::name_space;
};

std::string name_of(By by) {
    for (const auto& [name, known] : k_by) {
        if (known == by) {
            return std::string(name);
        }
    }
    return {};
}

/// "never", "up to 1m", "1m to 5m" …, "over 30d"
std::string ttl_group(const KeyFacts& key) {
    static const std::vector<TtlBucket> buckets = TtlHistogram().buckets();
    if (!key.ttl) {
        return "never";
    }
    std::string last;
    for (const TtlBucket& bucket : buckets) {
        if (!bucket.le) {
            break;
        }
        const std::string bound = format_duration(*bucket.le);
        if (*key.ttl <= *bucket.le) {
            return last.empty() ? "up to " + bound : last + " to " + bound;
        }
        last = bound;
    }
    return "over " + last;
}

std::function<std::string(const KeyFacts&)> by_node(Client& client) {
    std::map<const Client*, std::string> names;
    for (const ServerNode& node : client.nodes()) {
        names[node.client] = node.name;
    }
    return [&client, names](const KeyFacts& key) {
        const auto found = names.find(&client.home_of(key.key));
        return found == names.end() || found->second.empty() ? std::string("this server")
                                                             : found->second;
    };
}

/// Throws Error(usage) without a policy.
std::function<std::string(const KeyFacts&)> by_rule(const Context& ctx) {
    if (ctx.settings.policy_file.empty()) {
        throw Error(ExitCode::usage, "--by rule goes by a key policy, and none is given",
                    "--policy FILE, or \"policy\" in the context");
    }
    const auto policy = std::make_shared<KeyPolicy>(read_key_policy(ctx.settings.policy_file));
    return [policy](const KeyFacts& key) {
        const KeyRule* rule = policy->find(key.key);
        return rule == nullptr ? std::string("(no rule)") : rule->pattern;
    };
}

GroupOf group_of(const Context& ctx, By by) {
    using Group = std::function<std::string(const KeyFacts&)>;
    switch (by) {
        case By::name_space:
            return {};
        case By::type:
            return [](Client&) -> Group { return [](const KeyFacts& key) { return key.type; }; };
        case By::ttl:
            return [](Client&) -> Group { return ttl_group; };
        case By::encoding:
            return [](Client&) -> Group {
                return [](const KeyFacts& key) {
                    return key.encoding.empty() ? std::string("(not known)") : key.encoding;
                };
            };
        case By::node:
            return by_node;
        case By::slot:
            return [](Client&) -> Group {
                return [](const KeyFacts& key) { return fmt::to_string(slot_of(key.key)); };
            };
        case By::rule:
            return [rule = by_rule(ctx)](Client&) -> Group { return rule; };
    }
    return {};
}

/// Why the table is empty.
void note_if_none(Context& ctx, const UsageChoice& choice, const CollectedUsage& collected) {
    const SelectionOutcome& outcome = collected.outcome;
    if (outcome.selected != 0 || outcome.vanished != 0 || !outcome.complete()) {
        return;
    }
    if (const auto& sample = collected.usage->sample()) {
        ctx.note(fmt::format("none of {} keys drawn by lot is one of these; --exact looks at all",
                             format_count(sample->drawn)));
    } else if (choice.namespaces.empty()) {
        ctx.note("no key matches");
    } else {
        ctx.note(fmt::format("no key matches '{}'", fmt::join(choice.namespaces, "', '")));
    }
}

ExitCode run_du(Context& ctx, const DuOptions& options) {
    const bool by_name = options.by == By::name_space;
    const std::string delimiter = delimiter_of(ctx, options.choice);
    const unsigned base = by_name ? segments_asked_for(options.choice, delimiter) : 0;
    const unsigned depth = by_name ? base + static_cast<unsigned>(options.depth.value_or(1)) : 1;
    constexpr unsigned k_levels_below = 3;  // what is told apart for those who look on
    UsageOptions usage;
    usage.depth = depth + k_levels_below;
    usage.largest = options.largest;
    const UsageFacts facts{.type = options.by == By::type, .encoding = options.by == By::encoding};
    const CollectedUsage collected =
        collect_usage(ctx, options.choice, usage, facts, group_of(ctx, options.by));

    UsageReport report = collected.report();
    report.by = name_of(options.by);
    report.depth = depth;
    report.drills = by_name && !options.depth;
    report.command = command_for(ctx.settings);
    const Format format = options.output.resolve(ctx.out_terminal);
    if (format == Format::table || is_json(format)) {
        report.largest = describe_keys(*collected.client, collected.usage->largest());
    }
    if (collected.outcome.selected != 0 || !collected.outcome.walk.failure) {
        write_document(ctx.out, format,
                       {.table = [&] { write_usage_table(ctx.out, ctx.out_display(), report); },
                        .lines = [&] { write_usage_rows(ctx.out, report, Format::plain); },
                        .json =
                            [&](JsonWriter& json) {
                                json.begin_object();
                                write_usage_json(json, report);
                                json.end_object();
                            },
                        .csv = [&] { write_usage_rows(ctx.out, report, Format::csv); },
                        .prometheus = [&] { write_usage_prometheus(ctx.out, report); },
                        .own =
                            [&](Format own) {
                                if (own == Format::folded) {
                                    write_usage_folded(ctx.out, report);
                                } else {
                                    write_usage_ncdu(
                                        ctx.out, report,
                                        std::chrono::system_clock::to_time_t(ctx.wall_now()));
                                }
                            }});
    }
    note_if_none(ctx, options.choice, collected);
    return finish_walk(ctx, collected.outcome);
}

constexpr std::string_view k_of_largest = "for the largest keys, as a table or JSON";
constexpr std::string_view k_lengths =
    "for the largest keys, as a table or JSON, on servers with CLIENT NO-TOUCH";
constexpr std::array k_du_rights = {
    key_rights::k_scan,
    key_rights::k_sscan,
    key_rights::k_zscan,
    AclRight{"+pttl", "", ""},
    AclRight{"+memory|usage", "", "sizes are left out: keys are counted"},
    AclRight{"+dbsize", "where a sample is drawn", key_rights::k_all_looked_at},
    AclRight{"+cluster|countkeysinslot", "on a cluster of newer servers, where a sample is drawn",
             ""},
    AclRight{"+type", "with `--type` or `--by type`", ""},
    AclRight{"+type", k_of_largest, "their types are left out"},
    AclRight{"+strlen", k_lengths, "lengths are left out"},
    AclRight{"+llen", k_lengths, "lengths are left out"},
    AclRight{"+scard", k_lengths, "lengths are left out"},
    AclRight{"+zcard", k_lengths, "lengths are left out"},
    AclRight{"+hlen", k_lengths, "lengths are left out"},
    AclRight{"+xlen", k_lengths, "lengths are left out"},
    AclRight{"+object|encoding", "with `--by encoding`", "encodings are left out"},
    key_rights::k_idle,
    key_rights::k_references};

void add_du(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<DuOptions>();
    syntax.description(
        "Show what keys and their values take in memory, by namespace, as du does for folders; "
        "largest first. What looks like an id is folded: user:<n>:cart, cache:<hex>. Up to "
        "100,000 keys every key is looked at; where there are more, 10,000 that are drawn by lot, "
        "which takes a moment and costs the server less than 0.1 s of its time however many there "
        "are: the figures are estimates then, each with limits within which the true one is with "
        "95 % probability. A few very large keys may be missed by a sample; where the server has "
        "more memory in use than the sample accounts for, that is said. --exact looks at "
        "all.\n\n"
        "Sizes are those of MEMORY USAGE, which looks at five elements of a large value. NEVER is "
        "the share of keys that never expire. Into a pipe: bytes, keys and namespace, "
        "tab-separated. -o folded are the stacks that flame graphs are drawn from, -o ncdu is a "
        "file to browse with ncdu -f.");
    add_usage_choice(syntax, options->choice);
    constexpr const char* k_group = "Output";
    Option& by = add_parsed_option(
        syntax, "--by", options->by,
        [](const std::string& text) {
            for (const auto& [name, known] : k_by) {
                if (name == text) {
                    return known;
                }
            }
            throw Error(ExitCode::usage, "'" + text +
                                             "' is not one of namespace, type, ttl, "
                                             "encoding, node, slot, rule");
        },
        "WHAT",
        "Tell keys apart by namespace (default), type, ttl, encoding, node, slot, or by the rule "
        "of the key policy that they match");
    by.group(k_group);
    by.choices({"namespace", "type", "ttl", "encoding", "node", "slot", "rule"});
    add_parsed_option(
        syntax, "--depth", options->depth,
        [](const std::string& text) {
            const std::uint64_t depth = parse_positive_count(text, "a number of segments");
            if (depth > 16) {
                throw Error(ExitCode::usage, "--depth is at most 16");
            }
            return depth;
        },
        "N",
        "Rows of that many segments below the namespaces given (default 1, and what stands "
        "out below)")
        .group(k_group);
    add_parsed_option(
        syntax, "--largest", options->largest,
        [](const std::string& text) { return parse_count(text, "a number of keys"); }, "N",
        "Also the N largest keys by name (default 5; 0: none)")
        .group(k_group);
    add_output_options(syntax, options->output,
                       {Format::table, Format::plain, Format::json, Format::ndjson, Format::csv,
                        Format::prometheus, Format::folded, Format::ncdu});
    syntax.footer(
        "Examples:\n"
        "  cachectl du\n"
        "      where is the memory?\n"
        "  cachectl du tmp --depth 2\n"
        "      and within the namespace tmp?\n"
        "  cachectl du --by ttl\n"
        "      how much of it will be gone within the hour, and how much never?\n"
        "  cachectl du --exact -o ncdu > keys.json && ncdu -f keys.json\n"
        "      browse the keyspace\n");
    action = [options](Context& ctx) {
        return run_with_output(ctx, options->output, [&] { return run_du(ctx, *options); });
    };
}

}  // namespace

Command du_command() {
    return {
        "du",   "Look",     "Show what keys take in memory, by namespace", Command::Needs::server,
        add_du, k_du_rights};
}

}  // namespace cachectl
