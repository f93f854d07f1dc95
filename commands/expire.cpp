// expire: set, cap, add or remove times to live.
#include <array>
#include <limits>
#include <memory>
#include <random>

#include "change/change.hpp"
#include "change/expiry_change.hpp"
#include "cli/key_rights.hpp"
#include "cli/option.hpp"
#include "commands/commands.hpp"
#include "util/error.hpp"
#include "util/parse.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

struct ExpireOptions {
    KeyOptions keys;
    std::optional<milliseconds> set;
    std::optional<milliseconds> cap;
    std::optional<milliseconds> add;
    bool remove = false;
    double jitter = 0;  // up to this share of the time is taken off
    ChangeOptions change;
};

/// Times that are spread below the one asked for, so that keys do not all expire at once.
class Spread {
public:
    Spread(milliseconds longest, double share)
        : m_longest(longest.count()), m_share(share), m_random(std::random_device{}()) {}

    milliseconds next() {
        const double off = m_share * m_unit(m_random) * static_cast<double>(m_longest);
        return milliseconds(std::max<std::int64_t>(1, m_longest - static_cast<std::int64_t>(off)));
    }

private:
    std::int64_t m_longest;
    double m_share;
    std::minstd_rand m_random;
    std::uniform_real_distribution<double> m_unit{0, 1};
};

KeyCommand pexpire(const std::string& key, milliseconds ttl, std::string_view condition = {}) {
    return {"PEXPIRE", {key}, std::to_string(ttl.count()), condition};
}

// The server adds its clock to what PEXPIRE is given, and has 63 bits for the sum.
constexpr milliseconds k_longest_ttl{std::numeric_limits<std::int64_t>::max() / 2};

ExpiryChange change_of(const ExpireOptions& options) {
    if (options.set) {
        return {ExpiryMode::set, *options.set, options.jitter};
    }
    if (options.cap) {
        return {ExpiryMode::cap, *options.cap, options.jitter};
    }
    if (options.add) {
        return {ExpiryMode::add, *options.add, 0};
    }
    return {ExpiryMode::remove, {}, 0};
}

void check_options(const ExpireOptions& options) {
    const int asked = int{options.set.has_value()} + int{options.cap.has_value()} +
                      int{options.add.has_value()} + int{options.remove};
    if (asked != 1) {
        throw Error(ExitCode::usage, "give exactly one of --set, --cap, --add and --remove");
    }
    if (options.jitter != 0 && !options.set && !options.cap) {
        throw Error(ExitCode::usage, "--jitter goes with --set and --cap");
    }
    if (!options.keys.names_any()) {
        throw Error(ExitCode::usage, "which keys? give a PATTERN, --keys-from or --members-of");
    }
}

ChangeWork make_work(const ExpireOptions& options) {
    ChangeWork work;
    work.command = "expire";
    work.verb = "change the expiry of";
    work.doing = "changing";
    work.keys = options.keys;
    work.facts.ttl = !options.set;
    work.expiry = change_of(options);
    if (options.set || options.cap) {
        const auto spread =
            std::make_shared<Spread>(options.set ? *options.set : *options.cap, options.jitter);
        // What the key is when the command comes decides: whether it lives longer, or for ever.
        const std::string_view condition = options.cap                           ? "LT"
                                           : options.keys.filter.only_persistent ? "NX"
                                                                                 : "";
        work.command_for = [spread, condition](const KeyFacts& key) {
            return pexpire(key.key, spread->next(), condition);
        };
    }
    if (options.cap) {
        work.concerns = [cap = *options.cap](const KeyFacts& key) {
            return !key.ttl || *key.ttl > cap;
        };
    }
    if (options.add) {
        work.concerns = [add = *options.add](const KeyFacts& key) {
            return key.ttl && *key.ttl <= k_longest_ttl - add;
        };
        // GT: not where the key has got a longer life by then, or one without end.
        work.command_for = [add = *options.add](const KeyFacts& key) {
            return pexpire(key.key, *key.ttl + add, "GT");
        };
        work.check = KeyCheck::When::always;
        work.repeatable = Repeatable::no;
        work.go_on =
            "a second run would lengthen again what this one has lengthened: narrow the patterns";
    }
    if (options.remove) {
        work.concerns = [](const KeyFacts& key) { return key.ttl.has_value(); };
        work.command_for = [](const KeyFacts& key) { return KeyCommand{"PERSIST", {key.key}, ""}; };
    }
    return work;
}

ExitCode run_expire(Context& ctx, const ExpireOptions& options) {
    check_options(options);
    return Change(ctx, options.change, make_work(options)).run();
}

milliseconds parse_time_to_live(const std::string& text) {
    const milliseconds duration = parse_duration(text);
    if (duration.count() == 0) {
        throw Error(ExitCode::usage, "'" + text + "' would make keys expire at once",
                    "to delete them: cachectl invalidate");
    }
    return duration;
}

constexpr auto k_expire_rights = key_rights::and_backup(std::array{
    key_rights::k_scan,
    key_rights::k_sscan,
    key_rights::k_zscan,
    AclRight{"+pexpire", "without `--remove`", ""},
    AclRight{"+persist", "with `--remove`", ""},
    AclRight{"+pttl", "without `--set`", ""},
    key_rights::k_exists,
    key_rights::k_name_exists,
    key_rights::k_type_of_changed,
    key_rights::k_type_of_mark,
    key_rights::k_size,
    key_rights::k_idle,
    key_rights::k_references,
});

void add_expire(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<ExpireOptions>();
    constexpr const char* k_group = "Expiry";
    syntax.description(
        "Set, cap, add or remove the time to live of the keys that match any of the patterns, or "
        "that a list names. It walks, asks and sums up as invalidate does: a short time to live is "
        "a deletion soon. Keys that already are as asked for count as unchanged. What a key is "
        "when its turn comes decides, not what it was when it was counted.\n\n"
        "--jitter spreads the keys' ends below the time asked for, never above it, so that they do "
        "not all expire at once and send everybody to the database behind the cache.");
    add_key_options(syntax, options->keys);
    add_parsed_option(syntax, "--set", options->set, parse_time_to_live, "DUR",
                      "Give every key this time to live")
        .group(k_group);
    add_parsed_option(syntax, "--cap", options->cap, parse_time_to_live, "DUR",
                      "Shorten what lives longer than this, or for ever; never lengthen")
        .group(k_group);
    add_parsed_option(
        syntax, "--add", options->add,
        [](const std::string& text) {
            const milliseconds duration = parse_duration(text);
            if (duration.count() != 0) {
                return duration;
            }
            throw Error(ExitCode::usage, "'" + text + "' would change nothing");
        },
        "DUR", "Lengthen the life of the keys that expire; the others are left alone")
        .group(k_group);
    syntax.add_flag("--remove", options->remove, "Let the keys live for ever").group(k_group);
    add_parsed_option(syntax, "--jitter", options->jitter, parse_jitter, "PCT",
                      "With --set and --cap: up to so much less for each key, at random")
        .group(k_group);
    add_change_options(syntax, options->change);
    add_plan_options(syntax, options->change);
    add_backup_options(syntax, options->change);
    add_all_option(syntax, options->change);
    add_neighbours_option(syntax, options->change);
    syntax.footer(
        "Examples:\n"
        "  cachectl expire 'course:*' --cap 1h --dry-run\n"
        "      how many keys live longer than an hour\n"
        "  cachectl expire 'menu:*' --set 30m --jitter 10% --yes\n"
        "      between 27 and 30 minutes for each\n"
        "  cachectl expire '*' --all --no-ttl --set 1d --protect 'queue:*'\n"
        "      nothing stays for ever, but the job queue\n");
    action = [options](Context& ctx) { return run_expire(ctx, *options); };
}

}  // namespace

Command expire_command() {
    return {
        "expire",   "Change",       "Set, cap, add or remove times to live", Command::Needs::server,
        add_expire, k_expire_rights};
}

}  // namespace cachectl
