// The options of `warm` that say how the keys are written, and what is done about errors.
#include <fmt/format.h>

#include "change/expiry_change.hpp"
#include "change/options.hpp"
#include "util/parse.hpp"
#include "warm/options.hpp"

namespace cachectl {

namespace {

constexpr const char* k_writing = "Writing";
constexpr const char* k_release = "Releases";
constexpr const char* k_errors = "Errors";

std::optional<IfUnavailable> parse_if_unavailable(std::string_view name) {
    if (name == "skip") {
        return IfUnavailable::skip;
    }
    if (name == "fail") {
        return IfUnavailable::fail;
    }
    return std::nullopt;
}

std::chrono::milliseconds parse_ttl(const std::string& text) {
    const auto ttl = parse_duration(text);
    if (ttl.count() == 0) {
        throw Error(ExitCode::usage, "it must be more than 0");
    }
    return ttl;
}

void add_writing_options(CommandSyntax& syntax, WarmFlags& flags) {
    WarmOptions& options = flags.options;
    const auto add = [&](Option& option) { flags.of_dataset(option).group(k_writing); };
    add(add_parsed_option(syntax, "--ttl", options.dataset.ttl, parse_ttl, "DUR",
                          "Time to live of every key (default: what --policy says)"));
    add(add_parsed_option(syntax, "--jitter", options.dataset.jitter, parse_jitter, "PCT",
                          "Shorten each time to live at random by up to this much, so that not "
                          "all keys expire at once; none gets longer"));
    add(add_word_option(
        syntax, "--if-exists", flags.if_exists, parse_if_exists,
        {"skip", "overwrite", "refresh", "update"}, "WHAT",
        "Keys that are there already: skip, overwrite, refresh (write again what "
        "expires soon) or update (what has another value; default skip, with --switch "
        "update)"));
    add(add_parsed_option(syntax, "--refresh-below", options.dataset.refresh_below, parse_ttl,
                          "DUR",
                          "With --if-exists refresh: write again what expires within this time"));
    add_text_option(syntax, "--protect", options.protect, "GLOB",
                    "Never overwrite keys that match this glob, nor delete them for --sync "
                    "(repeatable)")
        .group(k_writing);
    add_text_option(syntax, "--policy", options.policy_file, "FILE",
                    "Key policy: times to live by pattern, limits that hold (exit 8), and keys "
                    "never to be overwritten")
        .group(k_writing);
    syntax
        .add_flag(
            "--allow-eviction", [&options] { options.writing.eviction = Eviction::allowed; },
            "Write even if that makes the server evict other keys (default: exit 8 if what is to "
            "be written does not fit under its maxmemory)")
        .group(k_writing);
}

/// What is read back, and how many keys there may be.
void add_checking_options(CommandSyntax& syntax, WarmOptions& options) {
    Option& verify = syntax
                         .add_flag(
                             "--verify", [&options] { options.writing.verified_share = 1; },
                             "Read back each key that was written, right after it, and compare its "
                             "value and time to live (exit 5 if one differs)")
                         .group(k_writing);
    add_parsed_option(syntax, "--verify-sample", options.writing.verified_share, parse_percent,
                      "PCT",
                      "Read back so many of the keys, chosen at random, as --verify does all")
        .excludes(verify)
        .group(k_writing);
    add_partial_option(syntax, options.writing.partial, k_writing);
    add_parsed_option(
        syntax, "--max-keys", options.writing.max_keys,
        [](const std::string& text) { return parse_count(text, "a number of keys"); }, "N",
        "Write nothing if there are more keys than this; of what can be read only once, as a pipe, "
        "no more than this; and delete nothing for --sync if it would be more")
        .group(k_writing);
    add_parsed_option(syntax, "--expect", options.writing.expect, parse_count_range, "MIN..MAX",
                      "Write nothing unless there are so many keys; of a pipe, exit 8 at its end")
        .group(k_writing);
    syntax
        .add_flag("--fail-if-none", options.fail_if_none, "Exit with 1 if there is no key to write")
        .group(k_writing);
    syntax
        .add_flag("--dry-run", options.dry_run,
                  "Read everything and say what would be written; a server is asked for --sync and "
                  "--switch only, and nothing is changed")
        .group(k_writing)
        .changes_nothing();
}

void add_release_options(CommandSyntax& syntax, WarmFlags& flags) {
    ReleaseOptions& release = flags.options.release;
    add_text_option(syntax, "--set", flags.set, "NAME=VALUE",
                    "Fill {NAME} in --key, --group, --value, --collect, --sync, --switch and the "
                    "manifest with this text, taken literally (repeatable)")
        .group(k_release);
    add_text_option(syntax, "--sync", release.sync, "PATTERN",
                    "When all is loaded, delete the keys of this pattern that no row stands for "
                    "(repeatable); nothing is deleted if a row was rejected, a file is empty, the "
                    "load is not complete or the pattern matches no key of it")
        .group(k_release);
    add_text_option(syntax, "--switch", release.switch_to, "KEY",
                    "When all is loaded and verified (it implies --verify), set KEY to the value "
                    "of --set; KEY=TEXT sets it to a text, with {NAME} filled in")
        .group(k_release);
    add_backup_options(syntax, release.change);
    add_consent_options(syntax, release.change, k_release);
    add_allow_del_option(syntax, release.change);
}

void add_error_options(CommandSyntax& syntax, WarmOptions& options) {
    add_parsed_option(
        syntax, "--max-errors", options.max_errors,
        [](const std::string& text) { return parse_count(text, "a number of rows"); }, "N",
        "Go on past so many rows that cannot be used, or make a key that another one has made "
        "(default 0); rows of the tries before count with --resume")
        .group(k_errors);
    add_text_option(syntax, "--reject-file", options.reject_file, "FILE",
                    "Write those rows with file, line and fault to this new file, as NDJSON; with "
                    "--resume a file of them is continued")
        .group(k_errors);
    syntax
        .add_flag("--resume", options.journal.resume,
                  "Go on where a run like this one was interrupted, without writing twice; if none "
                  "was, or the input is another one, start at the beginning")
        .group(k_errors);
    add_text_option(syntax, "--journal", options.journal.file, "FILE",
                    "Where the run keeps how far it has come, for --resume; never a file that is "
                    "something else (default: in $XDG_STATE_HOME/cachectl)")
        .group(k_errors);
    add_word_option(syntax, "--if-unavailable", options.if_unavailable, parse_if_unavailable,
                    {"skip", "fail"}, "WHAT",
                    "If the server is away (refused, timed out, loading, cluster down): skip (read "
                    "the input, a warning, exit 0) or fail (default fail)")
        .group(k_errors);
}

}  // namespace

void add_loading_options(CommandSyntax& syntax, WarmFlags& flags) {
    add_writing_options(syntax, flags);
    add_checking_options(syntax, flags.options);
    add_release_options(syntax, flags);
    add_error_options(syntax, flags.options);
}

}  // namespace cachectl
