// cachectl-policy(5): the keys a cache may hold, and how long they live.
#include "docs/topics.hpp"

namespace cachectl {

std::string_view policy_topic() {
    return R"topic(cachectl-policy(5): the keys a cache may hold, and how long they live
see also: cachectl(1), cachectl-audit(1), cachectl-config(5), cachectl-manifest(5), cachectl-patterns(7)

# DESCRIPTION

A key policy is a file in JSON that a team keeps beside its code: which keys its cache may hold, how
long they live, how large they are, of which type, and which must never be touched. The commands
obey it, and `cachectl audit` checks whether the keys that are there do.

A context of the configuration file names it, see `cachectl-config`(5), and so does `--policy FILE`.
One that its group or others may write to is refused: it decides what is protected.

Comments, `// to the end of the line` or `/* between these */`, are allowed. Everything else is
strict: an unknown name, a name given twice or a value of the wrong type is an error with file and
line, and exit status 2, before anything is sent.

`cachectl audit --suggest` writes a policy that the keys of a server keep to, as a start.

# THE FILE

: keys
    An array of rules, required. The first rule whose pattern matches a key is that key's rule, so
    the special ones come first; but a key that matches any protected rule is protected. Two rules
    with the same pattern are an error.
: delimiter
    What stands between a namespace and the rest of a key. The default is a colon.
: unknown
    What a key that no rule matches is to `cachectl audit`: `fail`, the default, a finding; `warn`,
    a finding that does not change the exit status; `ignore`, nothing.
: health, mute
    Limits of the checks of `cachectl health`, and until when some are muted: see
    `cachectl-health`(5).

# A RULE

: pattern
    A pattern of keys, see `cachectl-patterns`(7). Required.
: ttl
    The time to live that a key is given when it is written (`cachectl warm`). For an audit it says
    that such keys have to expire, not when.
: max_ttl
    The longest that a key may have left; not less than `ttl`. Such keys have to expire.
: max_size
    The most memory that a key may take, as MEMORY USAGE has it.
: type
    The type that such keys have: `string`, `list`, `set`, `zset`, `hash`, `stream`, or that of a
    module. The default is any.
: protected
    `true`: such keys are never deleted, expired or overwritten, whatever is asked for. The
    default is `false`.

Durations are written as `500ms`, `30s`, `5m`, `2h`, `7d` or `1h30m`; sizes as `512`, `10KiB`,
`1MiB` or `2GB`, where KiB, MiB and GiB are powers of 1024 and KB, MB and GB powers of 1000. Both
have to be more than 0.

# WHO OBEYS IT

: audit
    Checks every field; see below.
: warm
    Gives keys their `ttl`, refuses what is longer than `max_ttl` or larger than `max_size`, and
    leaves protected keys alone.
: invalidate, flush, expire, restore
    Spare protected keys, and say how many.
: du --by rule
    Shows what the keys of each rule take.

# WHAT AN AUDIT FINDS

: no-ttl
    A key never expires although its rule has a `ttl` or a `max_ttl`.
: ttl-too-long
    A key has longer to live than `max_ttl`.
: too-large
    A key takes more memory than `max_size`.
: wrong-type
    A key is of another type than `type`.
: unknown
    A key matches no rule.
: may-be-evicted
    A key is protected, but its server has a memory limit and a maxmemory-policy that begins with
    `allkeys-`: it evicts keys of any kind. A policy that begins with `volatile-` takes only keys
    that expire.

A finding is of one rule (for `unknown`: of none), one check and one namespace. It has the number of
keys and at most 10 of them, the worst first. A later audit knows it again by its check, pattern and
namespace: with `--baseline`, what was there before does not fail.

# EXAMPLE

A team's policy, `keys.json`:

```json
{
  "delimiter": ":",
  "keys": [
    // Sessions: nothing of ours may touch them.
    {"pattern": "sess:*", "ttl": "7d", "max_ttl": "7d", "type": "hash", "protected": true},
    {"pattern": "codes:*:all", "ttl": "1h", "max_ttl": "1h", "max_size": "8MiB"},
    {"pattern": "codes:*", "max_ttl": "1d"}, // whatever else is below codes:
    {"pattern": "user:*:cart", "ttl": "30m", "max_ttl": "1h", "type": "hash"}
  ],
  "unknown": "warn"
}
```

A service writes carts without a TTL. The audit names the rule and its line:

    $ cachectl audit --policy keys.json
    VIOLATED  cache.internal:6379 db 0, 3,503 keys against keys.json with 4 rules

        CHECK     KEYS  NAMESPACE  LINE  PATTERN      ALLOWED     FOR EXAMPLE
     x  no TTL     302  user          8  user:*:cart  max_ttl 1h  user:1007:cart
     !  no rule     12  tmp           -  -                        tmp:export:1

    next: cachectl expire 'user:*:cart' --cap 1h --dry-run

The exit status is 1. Until the service is mended, what is known today is kept, and a CI job fails
only of what is new:

    $ cachectl audit --policy keys.json -o json > known.json
    $ cachectl audit --policy keys.json --baseline known.json -o junit > audit.xml
)topic";
}

}  // namespace cachectl
