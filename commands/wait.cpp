// wait: a deploy gate, until the cache is as a release needs it.
#include <array>
#include <charconv>
#include <memory>

#include "cli/option.hpp"
#include "cli/option_groups.hpp"
#include "commands/commands.hpp"
#include "gate/gate.hpp"
#include "keyspace/glob.hpp"
#include "util/parse.hpp"

namespace cachectl {

namespace {

struct WaitOptions {
    GateOptions gate;
    std::optional<std::string> pattern;  // the argument
};

/// "0.8" or "80%"
double parse_ratio(const std::string& text) {
    if (text.ends_with('%')) {
        return parse_percent(text);
    }
    double ratio = -1;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, ratio, std::chars_format::fixed);
    if (error != std::errc() || stop != end || !(ratio >= 0 && ratio <= 1)) {
        throw Error(ExitCode::usage, "'" + text + "' is not a ratio from 0 to 1, as 0.8 or 80%");
    }
    return ratio;
}

GateOptions checked(const WaitOptions& options) {
    GateOptions gate = options.gate;
    if (options.pattern && gate.keys) {
        throw Error(ExitCode::usage, "PATTERN and --keys say the same: give one of them");
    }
    if (options.pattern) {
        gate.keys = options.pattern;
    }
    if (gate.min && !gate.keys) {
        gate.keys = "*";
    }
    if (gate.min.value_or(1) > 1 && !has_glob_characters(*gate.keys)) {
        throw Error(ExitCode::usage,
                    "'" + *gate.keys + "' is the name of one key, which --min cannot find more of",
                    "a pattern has one of * ? [");
    }
    return gate;
}

constexpr std::array k_wait_rights = {
    AclRight{"+scan", "for patterns with glob characters", ""},
    AclRight{"+exists", "for names without glob characters", ""},
    AclRight{"+ping", "", "any answer counts as one"},
    AclRight{"+info", "with `--hit-ratio` or `--replica-lag`", ""},
    AclRight{"+cluster|info", "on a cluster", "its slots alone say whether it is whole"}};

void add_conditions(CommandSyntax& syntax, WaitOptions& options) {
    constexpr const char* k_group = "Conditions";
    GateOptions& gate = options.gate;
    add_text_option(syntax, "PATTERN", options.pattern, "",
                    "The same as --keys PATTERN; a name without glob characters is one key");
    add_text_option(syntax, "--keys", gate.keys, "PATTERN", "There are keys of this pattern")
        .group(k_group);
    add_parsed_option(
        syntax, "--min", gate.min,
        [](const std::string& text) { return parse_positive_count(text, "a number of keys"); }, "N",
        "So many of them at least (default 1); without a pattern: of all keys")
        .group(k_group);
    add_parsed_option(syntax, "--hit-ratio", gate.hit_ratio, parse_ratio, "RATIO",
                      "Of the look-ups between two polls, at least so many are hits: 0.8 or 80%; "
                      "100 look-ups are needed to tell")
        .group(k_group);
    add_parsed_option(syntax, "--replica-lag", gate.replica_lag, parse_duration, "DUR",
                      "Every replica is online and at most so far behind; there is one at least. "
                      "Asked of a replica: it has heard of its master within that time, which "
                      "one that has nothing to send lets it do every 10 s")
        .group(k_group);
    syntax
        .add_flag("--ready", gate.ready,
                  "The server answers and is not loading, and a cluster is whole (by itself, if "
                  "nothing else is asked for)")
        .group(k_group);
    add_parsed_option(syntax, "--within", gate.within, parse_duration, "DUR",
                      "How long to wait; 0: look once (default 5m)")
        .group(k_group);
}

void add_wait(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<WaitOptions>();
    syntax.description(
        "Wait until all the given conditions hold at once: a gate in a deploy pipeline, between "
        "the warm-up and the switch. The exit status is 0 when they do; 1 when the time is over, "
        "and then what is missing is told with what was seen last.\n\n"
        "A server that is not there yet, refuses connections or is loading its dataset is waited "
        "for; a wrong password, a missing right or a mistake in the options ends the command at "
        "once. It looks once a second at first, every 5 seconds later. Keys are counted with SCAN "
        "at a gentle pace, no further than --min, and not again while something else is missing. "
        "The hit ratio is that of the "
        "look-ups since the poll before, not since the server's start; our own are left out, and "
        "after a restart it is not known until there were 100 more.\n\n"
        "How far a replica is behind is what its master says: the seconds since it last "
        "acknowledged, which are whole ones; besides, it must have what the master had written "
        "before that.");
    add_conditions(syntax, *options);
    add_output_options(syntax, options->gate.output,
                       {Format::table, Format::plain, Format::json, Format::ndjson});
    syntax.footer(
        "Examples:\n"
        "  cachectl wait --ready --within 60s\n"
        "      until the server answers, as a container's start needs it\n"
        "  cachectl wait 'course:*' --min 1000 --within 10m\n"
        "      until the warm-up has written 1,000 courses\n"
        "  cachectl wait --hit-ratio 0.8 --replica-lag 1s --within 10m && ./switch\n"
        "      until the cache serves, and a failover would lose little\n");
    action = [options](Context& ctx) {
        const GateOptions gate = checked(*options);
        return Gate(ctx, gate).run();
    };
}

}  // namespace

Command wait_command() {
    return {"wait",
            "Look",
            "Wait until a cache is ready: a deploy gate",
            Command::Needs::server,
            add_wait,
            k_wait_rights};
}

}  // namespace cachectl
