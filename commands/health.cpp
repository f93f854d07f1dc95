// health: a verdict, its reasons, what to do, and an exit code.
#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/app.hpp"
#include "cli/context.hpp"
#include "cli/key_rights.hpp"
#include "cli/option.hpp"
#include "cli/option_groups.hpp"
#include "cli/output_run.hpp"
#include "cli/target.hpp"
#include "commands/commands.hpp"
#include "health/gather.hpp"
#include "health/judge.hpp"
#include "health/report.hpp"
#include "health/thresholds.hpp"
#include "keyspace/policy.hpp"
#include "output/aligned.hpp"
#include "output/document.hpp"
#include "redis/uri.hpp"
#include "stats/sections.hpp"
#include "util/error.hpp"
#include "util/parse.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

using namespace std::chrono_literals;

struct HealthOptions {
    std::chrono::milliseconds interval = 1s;
    std::vector<std::string> mute;
    std::string policy_file;
    FailOn fail_on = FailOn::warn;
    bool no_keys = false;
    bool all = false;
    FormatChoice output;
};

/// In less than that, a few commands look like a busy server.
std::chrono::milliseconds parse_interval(const std::string& text) {
    const auto interval = parse_duration(text);
    if (interval < 100ms) {
        throw Error(ExitCode::usage, "'" + text + "' is less than 100ms");
    }
    return interval;
}

std::string policy_of(const Context& ctx, const HealthOptions& options) {
    return options.policy_file.empty() ? ctx.settings.policy_file : options.policy_file;
}

HealthRules rules_of(const Context& ctx, const HealthOptions& options) {
    const std::string policy = policy_of(ctx, options);
    HealthRules rules = policy.empty() ? HealthRules() : read_health_rules(policy);
    for (const std::string& id : options.mute) {
        rules.muted_until[id] = HealthRules::k_always;
    }
    return rules;
}

HealthQuestion question_of(const Context& ctx, const HealthOptions& options) {
    HealthQuestion question;
    question.interval = options.interval;
    question.keys = !options.no_keys;
    std::set<std::string> patterns(ctx.settings.protected_patterns.begin(),
                                   ctx.settings.protected_patterns.end());
    if (const std::string file = policy_of(ctx, options); !file.empty()) {
        question.policy = std::make_shared<const KeyPolicy>(read_key_policy(file));
        const auto of_policy = question.policy->protected_patterns();
        patterns.insert(of_policy.begin(), of_policy.end());
    }
    question.protected_patterns.assign(patterns.begin(), patterns.end());
    return question;
}

/// Connects, asks and judges. A server that is away is a verdict too.
void take_verdict(Context& ctx, const HealthOptions& options, HealthReport& report) {
    const HealthRules rules = rules_of(ctx, options);
    const HealthQuestion question = question_of(ctx, options);
    const ServerAddress& address = ctx.settings.address;
    report.title = {name_of_database(address), ctx.settings.context, 0, command_for(ctx.settings)};
    try {
        const auto client = ctx.connect();
        client->connect_all();
        report.title.masters = client->masters();
        HealthEvidence evidence = gather_health(ctx, *client, question);
        evidence.command = report.title.command;
        evidence.protected_patterns = question.protected_patterns;
        evidence.policy_has_ttls = question.policy && has_ttls(*question.policy);
        evidence.without_password = address.user.empty() && address.password.empty();
        std::vector<Reading> readings;
        for (const NodeEvidence& node : evidence.nodes) {
            readings.push_back(node.after);
        }
        if (const auto told = told_by(readings, Rates())) {
            report.server = told->server;
        }
        report.verdict = judge_health(evidence, rules, ctx.wall_now());
    } catch (const Error& error) {
        if (stop_signal() != 0) {
            throw;
        }
        report.verdict = judge_failure(error);
    }
}

/// The verdict is on stdout; who reads only stderr learns why there is none.
void tell_failure(Context& ctx, const HealthReport& report, Format format) {
    const auto& failure = report.verdict.failure;
    if (!failure || format == Format::table || format == Format::nagios) {
        return;
    }
    report_error(ctx, *failure, is_json(format));
}

ExitCode run_health(Context& ctx, const HealthOptions& options) {
    HealthReport report;
    report.fail_on = options.fail_on;
    report.all = options.all;
    report.interval = options.interval;
    take_verdict(ctx, options, report);
    const Format format = options.output.resolve(ctx.out_terminal);
    const Display display = ctx.out_display();
    write_document(ctx.out, format,
                   {.table =
                        [&] {
                            write_aligned(ctx.out, [&](Writer& to) {
                                write_health_table(to, display, report);
                            });
                        },
                    .lines = [&] { write_health_lines(ctx.out, report); },
                    .json = [&](JsonWriter& json) { write_health_json(json, report); },
                    .prometheus = [&] { write_health_prometheus(ctx.out, report); },
                    .own = [&](Format) { write_health_nagios(ctx.out, report); }});
    ctx.out.flush();
    tell_failure(ctx, report, format);
    return format == Format::nagios ? report.plugin_exit_code() : report.exit_code();
}

constexpr std::array k_health_rights = {
    AclRight{"+info", "", ""},
    AclRight{"+ping", "", "the latency is not known"},
    AclRight{"+slowlog|get", "", "it is not known who held the server, nor what was slow"},
    AclRight{"+latency|latest", "", "what the latency monitor has recorded is not known"},
    AclRight{"+config|get", "",
             "the age of the last save and what waits for replicas are not known"},
    AclRight{"+client|list", "where replicas are connected, or a command was slow",
             "what waits for replicas is not known, nor some callers' names"},
    AclRight{"+cluster|info", "on a cluster", "its state is not known"},
    AclRight{"+cluster|nodes", "on a cluster", "which slots its nodes serve is not known"},
    AclRight{"+cluster|countkeysinslot", "on a cluster", "orphan keys are not known"},
    AclRight{"+dbsize", "without `--no-keys`", "nothing is known of the keys"},
    AclRight{"+scan", "without `--no-keys`", "nothing is known of the keys"},
    AclRight{"+pttl", "without `--no-keys`", "nothing is known of the keys"},
    AclRight{"+memory|usage", "without `--no-keys`", "the sizes of keys are not known"},
    AclRight{"+type", "for large keys", "their elements are not counted"},
    AclRight{"+llen", "for large lists", "their elements are not counted"},
    AclRight{"+hlen", "for large hashes", "their elements are not counted"},
    AclRight{"+scard", "for large sets", "their elements are not counted"},
    AclRight{"+zcard", "for large sorted sets", "their elements are not counted"},
};

void add_health(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<HealthOptions>();
    constexpr const char* k_group = "Checks";
    syntax.description(
        "Say whether a cache is healthy, on what evidence, and what to do first. Two readings with "
        "an interval between them tell what happens now, a sample of 2,000 keys what is stored; "
        "of a cluster, each master is asked. It costs the server less than 50 ms of its time.\n\n"
        "The verdict is healthy (exit code 0), degraded (1), down (3 or 4), or unknown where the "
        "user may not even read INFO, be it of one master (4). It is printed in every format, also "
        "of a server that is "
        "down. What the user or the server does not let us see is unknown, with the missing right, "
        "and never ok. Each check, its limits and how to change them are in "
        "cachectl-health(5).\n\n"
        "-o nagios is a plugin for Nagios, Icinga and their like: one line with performance data, "
        "and the exit codes 0 ok, 1 warning, 2 critical, 3 unknown.");
    add_parsed_option(syntax, "--interval", options->interval, parse_interval, "DUR",
                      "The while between the two readings (default 1s, 100ms at least); a longer "
                      "one says more of hits and errors")
        .group(k_group);
    add_text_option(syntax, "--policy", options->policy_file, "FILE",
                    "Key policy, with limits and mutes of the checks (default: the context's)")
        .group(k_group);
    add_value_option(
        syntax, "--mute",
        [options](const std::string& id) {
            check_health_id(id);
            options->mute.push_back(id);
        },
        "ID", "Leave this check out of the verdict; it is still shown (repeatable)")
        .group(k_group);
    add_word_option(
        syntax, "--fail-on", options->fail_on,
        [](const std::string& word) -> std::optional<FailOn> {
            return word == "warn"   ? std::optional(FailOn::warn)
                   : word == "crit" ? std::optional(FailOn::crit)
                                    : std::nullopt;
        },
        {"warn", "crit"}, "STATUS", "From which status on the exit code is 1 (default: warn)")
        .group(k_group);
    syntax
        .add_flag("--no-keys", options->no_keys,
                  "Look at no keys: the checks that go by a sample of them are unknown")
        .group(k_group);
    syntax.add_flag("--all", options->all, "As a table, show each check that is ok too")
        .group("Output");
    add_output_options(
        syntax, options->output,
        {Format::table, Format::plain, Format::json, Format::nagios, Format::prometheus});
    syntax.footer(
        "Examples:\n"
        "  cachectl health\n"
        "      is it well, and if not, what first?\n"
        "  cachectl health --json --fail-on crit\n"
        "      the body and the status of a /health endpoint\n"
        "  cachectl health -o prometheus --to cache_health.prom\n"
        "      for a textfile collector, from cron\n"
        "  cachectl health --interval 10s --mute MEMORY_NO_LIMIT\n"
        "      what is known of one thing does not hide the others\n");
    action = [options](Context& ctx) {
        return run_with_output(ctx, options->output, [&] { return run_health(ctx, *options); });
    };
}

}  // namespace

Command health_command() {
    return {"health",   "Look",         "Say whether the cache is healthy", Command::Needs::server,
            add_health, k_health_rights};
}

}  // namespace cachectl
