// audit: do the live keys keep to the team's key policy?
#include "audit/audit.hpp"

#include <array>
#include <memory>

#include "cli/key_rights.hpp"
#include "cli/option.hpp"
#include "commands/commands.hpp"

namespace cachectl {

namespace {

constexpr std::array k_audit_rights = {
    key_rights::k_scan,
    key_rights::k_name_exists,
    key_rights::k_sscan,
    key_rights::k_zscan,
    AclRight{"+pttl", "where the policy has a `ttl` or a `max_ttl`, and with `--suggest`", ""},
    AclRight{"+type", "where the policy has a `type`, and with `--suggest`", ""},
    AclRight{"+memory|usage", "where the policy has a `max_size`, and with `--suggest`",
             "sizes are not checked"},
    AclRight{"+dbsize", "where a sample is drawn", key_rights::k_all_looked_at},
    AclRight{"+cluster|countkeysinslot", "on a cluster of newer servers, where a sample is drawn",
             ""},
    key_rights::k_idle,
    key_rights::k_references};

void add_policy_options(CommandSyntax& syntax, AuditOptions& options, bool& suggest) {
    constexpr const char* k_group = "Policy";
    Option& policy =
        add_text_option(syntax, "--policy", options.policy_file, "FILE",
                        "The key policy, see cachectl-policy(5) (default: the context's)")
            .group(k_group);
    Option& baseline =
        add_text_option(syntax, "--baseline", options.baseline, "FILE",
                        "What an audit with -o json has written: only findings that it has not "
                        "fail")
            .group(k_group);
    Option& suggestion = syntax.add_flag(
        "--suggest", suggest, "Write a policy that the keys that there are keep to, as a start");
    suggestion.group(k_group).excludes(policy).excludes(baseline);
    add_text_option(syntax, "--delimiter", options.delimiter, "TEXT",
                    "What ends a key's namespace (default: the policy's, else :)")
        .group(k_group);
}

void add_audit(CommandSyntax& syntax, Action& action) {
    struct Asked {
        AuditOptions options;
        bool suggest = false;
    };
    const auto asked = std::make_shared<Asked>();
    syntax.description(
        "Check the live keys against the key policy that a team keeps beside its code: keys that "
        "never expire although their rule has a ttl or a max_ttl (no-ttl), or have longer to live "
        "than max_ttl (ttl-too-long), take more memory than max_size (too-large), are of another "
        "type (wrong-type), match no rule (unknown), or are protected while the server's "
        "maxmemory-policy, an allkeys-… one, may evict them (may-be-evicted). Each finding is of "
        "one rule and one namespace, with a count and at most 10 keys, the worst first.\n\n"
        "The exit status is 1 if there are findings. With \"unknown\": \"warn\" in the policy, "
        "keys without a rule are told and do not fail; nor do findings that are in --baseline: so "
        "a policy can be introduced where much is wrong, and what is new still fails.\n\n"
        "Up to 100,000 keys every key is looked at; where there are more, 10,000 that are drawn "
        "by lot, and counts are estimates with limits of 95 %. A sample can miss a few bad keys: "
        "--exact looks at all.\n\n"
        "-o sarif (2.1.0) is for code scanning, -o junit for the test reports of CI servers, -o "
        "github for annotations in GitHub Actions; all point at the rule's line in the policy. "
        "--suggest writes a policy to standard output: patterns with the ids folded, and limits "
        "that every key keeps to which was looked at.");
    add_policy_options(syntax, asked->options, asked->suggest);
    add_sample_choice(syntax, asked->options.sample);
    add_key_options(syntax, asked->options.keys);
    add_output_options(syntax, asked->options.output,
                       {Format::table, Format::plain, Format::json, Format::ndjson, Format::csv,
                        Format::sarif, Format::junit, Format::github});
    syntax.footer(
        "Examples:\n"
        "  cachectl audit --suggest > keys.json\n"
        "      a policy to begin with, made of the keys that there are\n"
        "  cachectl audit --policy keys.json\n"
        "      does every key keep to it?\n"
        "  cachectl audit --policy keys.json --exact -o junit > audit.xml\n"
        "      in a CI job, every key\n"
        "  cachectl audit --policy keys.json -o json > known.json\n"
        "      what is wrong today, to be forgiven from now on\n"
        "  cachectl audit --policy keys.json --baseline known.json\n"
        "      does anything new not keep to it?\n");
    action = [asked](Context& ctx) {
        return asked->suggest ? run_suggestion(ctx, asked->options)
                              : run_audit(ctx, asked->options);
    };
}

}  // namespace

Command audit_command() {
    return {"audit",
            "Look",
            "Check the live keys against the key policy",
            Command::Needs::server,
            add_audit,
            k_audit_rights};
}

}  // namespace cachectl
