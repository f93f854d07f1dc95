// hot: the keys that are used most.
#include <fmt/format.h>

#include <array>
#include <memory>

#include "cli/context.hpp"
#include "cli/key_rights.hpp"
#include "cli/option.hpp"
#include "commands/commands.hpp"
#include "hot/hot_keys.hpp"
#include "hot/report.hpp"
#include "util/parse.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds k_longest_monitor{60'000};

struct HotOptions {
    HotQuestion question;
    std::optional<HotMethod> method;
    std::optional<std::chrono::milliseconds> monitor;
    FormatChoice output;
};

std::optional<HotKeys> find_by(HotMethod method, Context& ctx, Client& client, Paces& paces,
                               const HotQuestion& question, std::string& why_not) {
    switch (method) {
        case HotMethod::hotkeys:
            return hot_by_hotkeys(client, question, why_not);
        case HotMethod::slot_stats:
            return hot_by_slot_stats(client, paces, question, why_not);
        case HotMethod::frequency:
            return hot_by_frequency(ctx, client, paces, question, why_not);
        case HotMethod::idle:
            return hot_by_idle(ctx, client, paces, question, why_not);
        case HotMethod::monitor:
            return hot_by_monitor(ctx, question);
    }
    return std::nullopt;
}

/// The best means first. Throws Error(refused) if there is none, or not the one that was chosen.
HotKeys find(Context& ctx, Client& client, Paces& paces, const HotOptions& options) {
    std::string why_not;
    std::string reasons;
    for (const HotMethod method :
         {HotMethod::hotkeys, HotMethod::slot_stats, HotMethod::frequency, HotMethod::idle}) {
        if (options.method && options.method != method) {
            continue;
        }
        why_not.clear();
        if (auto found = find_by(method, ctx, client, paces, options.question, why_not)) {
            return std::move(*found);
        }
        reasons += (reasons.empty() ? "" : "; ") + why_not;
    }
    throw Error(ExitCode::refused, "cannot tell hot keys: " + reasons,
                "--monitor 2s watches what clients do, for a short time");
}

ExitCode run_hot(Context& ctx, HotOptions options) {
    const auto client = ctx.connect();
    const auto paces = make_paces(ctx, *client, options.question.pace, RateOf::walked);
    HotKeys found;
    if (options.monitor) {
        options.question.interval = *options.monitor;
        found = hot_by_monitor(ctx, options.question);
    } else {
        found = find(ctx, *client, *paces, options);
    }
    if (stop_signal() == 0) {
        describe(*client, found);
    }
    if (found.failure && found.keys.empty()) {
        throw Error(*found.failure);
    }
    write_hot_keys(ctx.out, ctx.out_display(), options.output.resolve(ctx.out_terminal), found);
    ctx.note(fmt::format("by {}, watched for {}{}", name_of(found.method),
                         format_duration(found.interval),
                         found.keys.empty() ? ": no key was found to be hot" : ""));
    for (const std::string& note : found.notes) {
        ctx.note(note);
    }
    if (stop_signal() != 0) {
        return stopped_exit_code();
    }
    if (found.failure) {
        throw Error(ExitCode::partial,
                    std::string(found.failure->what()) + " (the list is not complete)",
                    found.failure->hint());
    }
    return ExitCode::ok;
}

constexpr std::array k_hot_rights = {
    AclRight{"+hotkeys", "on Redis 8.6 and newer", "the next means is tried"},
    AclRight{"+cluster|slot-stats", "on a cluster", "the next means is tried"},
    AclRight{"+cluster|countkeysinslot", "on a cluster, with SLOT-STATS", ""},
    AclRight{"+cluster|getkeysinslot", "on a cluster, with SLOT-STATS", ""},
    AclRight{"+scan", "", ""},
    AclRight{"+object|freq", "where the eviction policy is LFU", ""},
    AclRight{"+object|idletime", "", ""},
    AclRight{"+object|refcount", "", "shared numbers are not left out"},
    AclRight{"+type", "", "types are left out"},
    AclRight{"+pttl", "", "times to live are left out"},
    AclRight{"+memory|usage", "", "sizes are left out"},
    AclRight{"+monitor", "with `--monitor`", ""}};

void add_hot(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<HotOptions>();
    syntax.description(
        "Show the keys that are used most, by the best means that the server has, and "
        "say which that was.\n\n"
        "hotkeys: Redis 8.6 adds up its own time by key while a session lasts (HOTKEYS). A "
        "session that somebody else has begun is left as it is, and the next means is tried.\n\n"
        "slot-stats: a cluster's nodes add up their time by slot (CLUSTER SLOT-STATS, where "
        "cluster-slot-stats-enabled is yes); which keys of the hot slots, idle times say.\n\n"
        "freq: under an LFU policy every key has a counter of its uses (OBJECT FREQ); all keys "
        "are walked.\n\n"
        "idle: all keys are walked, and those that have just been used are looked at again, once "
        "a second (OBJECT IDLETIME). A key that is used at every look is hot; which of two is "
        "used more often within a second, this cannot tell.\n\n"
        "--monitor DUR counts what clients do instead. It costs the server much, so it is at most "
        "a minute, and ends early where we cannot keep up.");
    add_text_option(syntax, "PATTERN", options->question.filter.patterns, "",
                    "Only keys that match one of these globs");
    add_text_option(syntax, "--exclude", options->question.filter.excludes, "GLOB",
                    "Leave out keys that match this glob (repeatable)")
        .group("Choosing keys");
    Option& method = add_parsed_option(
        syntax, "--method", options->method,
        [](const std::string& text) {
            const auto chosen = hot_method_of(text);
            if (!chosen || *chosen == HotMethod::monitor) {
                throw Error(ExitCode::usage,
                            "'" + text + "' is not hotkeys, slot-stats, freq or idle");
            }
            return *chosen;
        },
        "METHOD", "Only by this means: hotkeys, slot-stats, freq or idle");
    method.group("How to find them");
    method.choices({"hotkeys", "slot-stats", "freq", "idle"});
    add_parsed_option(syntax, "--interval", options->question.interval, parse_duration, "DUR",
                      "How long to watch (default 10s)")
        .group("How to find them");
    add_parsed_option(
        syntax, "--monitor", options->monitor,
        [](const std::string& text) {
            const auto time = parse_duration(text);
            if (time > k_longest_monitor || time <= 0ms) {
                throw Error(ExitCode::usage, "--monitor is at most 1m");
            }
            return time;
        },
        "DUR", "Count what clients do for this while (MONITOR); expensive")
        .group("How to find them")
        .excludes(method);
    add_parsed_option(
        syntax, "--limit", options->question.count,
        [](const std::string& text) {
            return static_cast<std::size_t>(parse_positive_count(text, "a number of keys"));
        },
        "N", "Show N keys (default 10)")
        .group("Output");
    add_pace_options(syntax, options->question.pace);
    add_output_options(syntax, options->output,
                       {Format::table, Format::plain, Format::json, Format::ndjson, Format::csv});
    syntax.footer(
        "Examples:\n"
        "  cachectl hot\n"
        "      which keys does the application use all the time?\n"
        "  cachectl hot 'tenant:*' --interval 30s --json\n"
        "      of the tenants, looked at for longer, for a script\n"
        "  cachectl hot --monitor 2s\n"
        "      exactly, at a price\n");
    action = [options](Context& ctx) { return run_hot(ctx, *options); };
}

}  // namespace

Command hot_command() {
    return {"hot",   "Look",      "Show the keys that are used most", Command::Needs::server,
            add_hot, k_hot_rights};
}

}  // namespace cachectl
