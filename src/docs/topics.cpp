#include "docs/topics.hpp"

#include <fmt/format.h>

#include <array>

#include "docs/man_page.hpp"
#include "docs/roff.hpp"
#include "docs/topic_blocks.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_strict_json =
    "Comments, `// to the end of the line` or `/* between these */`, are allowed. Everything else "
    "is strict: an unknown name, a name given twice or a value of the wrong type is an error with "
    "file and line, and exit status 2, before anything is sent.";

Topic config_topic() {
    return {
        "cachectl-config",
        "5",
        "servers by name, and the rules that hold there",
        {
            heading("DESCRIPTION"),
            paragraph("cachectl reads one configuration file in JSON: the file that `--config` "
                      "names, else `cachectl/config.json` in `$XDG_CONFIG_HOME`, which is "
                      "`~/.config` where it is not set. No file at all is fine. Nothing is ever "
                      "read from the current folder unless it is named."),
            paragraph(k_strict_json),
            paragraph("The file may be changed by nobody but its owner: who can write to it can "
                      "send deletions to a server of their choice. cachectl refuses one that its "
                      "group or others may write to, and warns of one that holds a password and "
                      "that everybody may read."),
            heading("THE FILE"),
            item("contexts",
                 "An object: the contexts by their names. All that a context may say "
                 "is optional."),
            item("default_context",
                 "The context that is used where neither `--context` nor CACHECTL_CONTEXT names "
                 "one. It has to be one of `contexts`."),
            heading("A CONTEXT"),
            item("url",
                 "The server: `redis://[[USER]:PASSWORD@][HOST][:PORT][/DB]`, the same with "
                 "`rediss://` for TLS, or `unix://[[USER]:PASSWORD@]PATH[?db=N]`, or "
                 "`redis+sentinel://[[USER]:PASSWORD@]HOST[:PORT][,HOST[:PORT]...]/NAME[/DB]` for "
                 "the master that Sentinels know by that name. User, password, "
                 "host and path are "
                 "percent-decoded; an IPv6 address stands in brackets."),
            item("cacert, cacertdir, cert, cert_key, sni, insecure",
                 "For TLS, the same as the flags of these names; `insecure` is `true` or `false`. "
                 "Paths are relative to the configuration file."),
            item("sentinel_user, sentinel_password",
                 "To log in to the Sentinels themselves; user and password of the URL are those "
                 "of the server."),
            item("sentinel_tls",
                 "`true` or `false`, where the Sentinels differ from the server in TLS."),
            item("policy",
                 "A key policy, see `cachectl-policy`(5); its path is relative to the "
                 "configuration file."),
            item("protect",
                 "An array of patterns, see `cachectl-patterns`(7): keys that match one of them "
                 "are never deleted, expired or overwritten, whatever is asked for."),
            item("confirm",
                 "`tty`, the default: commands that delete or expire keys ask on a terminal, and "
                 "need `--yes` "
                 "where there is none. `always`: the server's name has to be typed, or given as "
                 "`--confirm NAME`; `--yes` is not enough."),
            item("pace",
                 "`gentle`, `normal` or `full`: how much of the server's time commands take that "
                 "walk or write many keys, unless `--pace` says it."),
            heading("WHICH VALUE COUNTS"),
            paragraph("A flag stands above the environment, the environment above the context, "
                      "the context above the default of 127.0.0.1:6379; but a context that "
                      "`--context` names stands above the environment. A URL gives host, port, "
                      "user, password and database at once: what it leaves out is the default, "
                      "not what a lower place says. Single flags stand above `-u`, so `-u URL -n "
                      "2` is that server's database 2."),
            paragraph("Of the environment CACHECTL_URL counts, else REDIS_URL, else REDIS_HOST, "
                      "REDIS_PORT, REDIS_PASSWORD and REDIS_DB, which belong together. "
                      "REDISCLI_AUTH is the password of whatever server, where nothing else gives "
                      "one. What is overridden is not parsed."),
            paragraph("User, password and database belong to the server that they were given "
                      "with. Where a flag or a variable names another host, socket or master, "
                      "they are not used, and a warning says so. The user that is named is logged "
                      "in as, with an empty password if none is given."),
            paragraph(
                "Certificates, keys and names for TLS belong to a server: a URL from a flag or "
                "the environment puts those of the context aside."),
            paragraph("A context's policy, protected patterns, confirmation and pace hold even "
                      "where a flag or a variable names another server. That a variable does so "
                      "is told as a warning."),
            heading("EXAMPLE"),
            json(R"({
  "default_context": "dev",
  "contexts": {
    "dev": {"url": "redis://127.0.0.1:6379"},
    "prod": {
      // The password is in a file of its own: --password-file
      "url": "rediss://cache.example:6379/0",
      "cacert": "ca.pem",
      "policy": "policy.json",
      "protect": ["sess:*", "queue:*"],
      "confirm": "always",
      "pace": "gentle"
    }
  }
}
)"),
            paragraph("With it, this lists the keys of the production cache:"),
            code("cachectl keys --context prod --password-file ~/.secrets/cache"),
        },
        {"cachectl(1)", "cachectl-policy(5)", "cachectl-patterns(7)"},
    };
}

Topic policy_topic() {
    return {
        "cachectl-policy",
        "5",
        "the keys a cache may hold, and how long they live",
        {
            heading("DESCRIPTION"),
            paragraph("A key policy is a file in JSON that a team keeps beside its code. A "
                      "context of the configuration file names it, see `cachectl-config`(5), and "
                      "so does `--policy FILE` of the commands that change keys. One that its "
                      "group or others may write to is refused: it decides what is protected."),
            paragraph(k_strict_json),
            heading("THE FILE"),
            item("keys",
                 "An array of rules, required. The first rule whose pattern matches a key is that "
                 "key's rule, so the special ones come first; but a key that matches any "
                 "protected rule is protected. Two rules with the same pattern are an error."),
            item("delimiter",
                 "What stands between a namespace and the rest of a key. The default is a colon."),
            item("unknown",
                 "What a key that no rule matches is: `fail`, the default, `warn` or `ignore`."),
            heading("A RULE"),
            item("pattern", "A pattern of keys, see `cachectl-patterns`(7). Required."),
            item("ttl", "The time to live that a key is given when it is written."),
            item("max_ttl", "The longest that a key may have left; not less than `ttl`."),
            item("max_size", "The most memory that a key may take."),
            item("protected",
                 "`true`: such keys are never deleted, expired or overwritten, whatever is asked "
                 "for. The default is `false`."),
            paragraph("Durations are written as `500ms`, `30s`, `5m`, `2h`, `7d` or `1h30m`; sizes "
                      "as `512`, `10KiB`, `1MiB` or `2GB`, where KiB, MiB and GiB are powers of "
                      "1024 and KB, MB and GB powers of 1000. Both have to be more than 0."),
            heading("EXAMPLE"),
            json(R"({
  "delimiter": ":",
  "keys": [
    {"pattern": "sess:*", "ttl": "7d", "protected": true},
    {"pattern": "codes:*:all", "ttl": "1h", "max_ttl": "1h", "max_size": "8MiB"},
    {"pattern": "codes:*", "max_ttl": "1d"} // whatever else is below codes:
  ],
  "unknown": "warn"
}
)"),
        },
        {"cachectl(1)", "cachectl-config(5)", "cachectl-manifest(5)", "cachectl-patterns(7)"},
    };
}

constexpr std::array k_pattern_examples = {
    PatternExample{"course:*", "course:", true, "A star is any text, also none"},
    PatternExample{"course:*", "course", false, "The colon is part of the pattern"},
    PatternExample{"course:*", "course:1:title", true, "Nothing stops a star, no delimiter either"},
    PatternExample{"Course:*", "course:1", false, "Upper and lower case differ"},
    PatternExample{"h?llo", "hllo", false, "A question mark is one byte, never none"},
    PatternExample{"caf?", "caf\xc3\xa9", false, "In UTF-8 this letter is two bytes"},
    PatternExample{"caf??", "caf\xc3\xa9", true, "And so it takes two question marks"},
    PatternExample{"h[ae]llo", "hallo", true, "One of these bytes"},
    PatternExample{"h[^e]llo", "hello", false, "Any one byte but these"},
    PatternExample{"h[!e]llo", "hello", true, "Not the shell's negation: one of ! and e"},
    PatternExample{"h[a-c]llo", "hbllo", true, "A range"},
    PatternExample{"h[c-a]llo", "hbllo", true, "A range the wrong way round is turned"},
    PatternExample{"[]a]", "a", false, "A bracket that closes at once matches nothing"},
    PatternExample{"[^]", "x", true, "And negated, any one byte"},
    PatternExample{"[a-]", "-", false, "This is the range from a to ], and never closed"},
    PatternExample{"{a,b}", "a", false, "Braces are the shell's; here they are text"},
    PatternExample{"a\\*b", "a*b", true, "A backslash takes the meaning from the next byte"},
    PatternExample{"*", "", true, "A single star finds the empty key"},
    PatternExample{"**", "", false, "Two do not, as on the server"},
};

Topic patterns_topic() {
    return {
        "cachectl-patterns",
        "7",
        "the globs that choose keys",
        {
            heading("DESCRIPTION"),
            paragraph("Patterns are the globs of `SCAN` with MATCH. A pattern has to match the "
                      "whole key. It works on bytes: what is one character in UTF-8 may be "
                      "several. Where cachectl matches keys itself, it does so exactly as the "
                      "server does."),
            item("*", "Any text, also none, delimiters included."),
            item("?", "One byte."),
            item("[abc]", "One of these bytes."),
            item("[a-z]", "One byte of this range. Bytes from 0x80 on sort before ASCII."),
            item("[^abc]", "One byte that is none of these."),
            item("\\x", "The byte x itself, also where it is one of `* ? [ \\`."),
            paragraph("There is no `{a,b}`: give several patterns, which are a union, found in "
                      "one pass over the keys."),
            heading("SHELLS"),
            paragraph("A shell has globs of its own, which it replaces by the names of files, and "
                      "takes backslashes away. Single quotes keep a pattern from it:"),
            code("cachectl keys 'course:*' 'lesson:[0-9]*'"),
            heading("WHAT IS REFUSED"),
            paragraph("A `[` without its `]` and a backslash at the end hardly mean what their "
                      "author thinks. Commands that only look warn of them, commands that change "
                      "keys refuse them with exit status 2."),
            paragraph("A pattern that is empty, or nothing but `*` and `?`, is refused with exit "
                      "status 8 by commands that change keys, unless `--all` is given: it is what "
                      "`\"$PREFIX*\"` becomes where PREFIX is not set."),
            paragraph("Many stars in one pattern are costly for a server. One with more than four "
                      "of them, or longer than 512 bytes, is matched by cachectl and not sent."),
            heading("EXAMPLES"),
        },
        {"cachectl(1)", "cachectl-config(5)", "cachectl-policy(5)"},
    };
}

void write_pattern_examples(RoffPage& page) {
    for (const PatternExample& example : k_pattern_examples) {
        const std::string key = example.key.empty() ? "the empty key" : RoffPage::bold(example.key);
        page.item(fmt::format("{} {} {}", RoffPage::bold(example.pattern),
                              example.matches ? "matches" : "does not match", key),
                  std::string(example.why) + '.');
    }
}

void write_block(RoffPage& page, const TopicBlock& block) {
    switch (block.kind) {
        case TopicBlock::Kind::heading:
            return page.heading(block.text);
        case TopicBlock::Kind::paragraph:
            return page.paragraph(block.text);
        case TopicBlock::Kind::item:
            return page.item(RoffPage::bold(block.term), block.text);
        case TopicBlock::Kind::code:
        case TopicBlock::Kind::json:
            return page.code(block.text);
    }
}

}  // namespace

std::span<const PatternExample> pattern_examples() { return k_pattern_examples; }

const std::vector<Topic>& topics() {
    static const std::vector<Topic> all = {config_topic(),  manifest_topic(), policy_topic(),
                                           cluster_topic(), patterns_topic(), warming_topic()};
    return all;
}

std::string topic_page(const Topic& topic) {
    RoffPage page(topic.name, topic.section, page_source(),
                  topic.section == "5" ? "File Formats" : "Miscellanea");
    page.name(topic.name, topic.summary);
    for (const TopicBlock& block : topic.blocks) write_block(page, block);
    if (topic.name == patterns_topic().name) write_pattern_examples(page);
    page.see_also(topic.see_also);
    return page.text();
}

}  // namespace cachectl
