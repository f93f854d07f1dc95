// cachectl-policy(5): the keys a cache may hold, and how long they live.
#include "docs/topics.hpp"

namespace cachectl {

std::string_view policy_topic() {
    return R"topic(cachectl-policy(5): the keys a cache may hold, and how long they live
see also: cachectl(1), cachectl-config(5), cachectl-manifest(5), cachectl-patterns(7)

# DESCRIPTION

A key policy is a file in JSON that a team keeps beside its code. A context of the configuration
file names it, see `cachectl-config`(5), and so does `--policy FILE` of the commands that change
keys. One that its group or others may write to is refused: it decides what is protected.

Comments, `// to the end of the line` or `/* between these */`, are allowed. Everything else is
strict: an unknown name, a name given twice or a value of the wrong type is an error with file and
line, and exit status 2, before anything is sent.

# THE FILE

: keys
    An array of rules, required. The first rule whose pattern matches a key is that key's rule, so
    the special ones come first; but a key that matches any protected rule is protected. Two rules
    with the same pattern are an error.
: delimiter
    What stands between a namespace and the rest of a key. The default is a colon.
: unknown
    What a key that no rule matches is: `fail`, the default, `warn` or `ignore`.

# A RULE

: pattern
    A pattern of keys, see `cachectl-patterns`(7). Required.
: ttl
    The time to live that a key is given when it is written.
: max_ttl
    The longest that a key may have left; not less than `ttl`.
: max_size
    The most memory that a key may take.
: protected
    `true`: such keys are never deleted, expired or overwritten, whatever is asked for. The
    default is `false`.

Durations are written as `500ms`, `30s`, `5m`, `2h`, `7d` or `1h30m`; sizes as `512`, `10KiB`,
`1MiB` or `2GB`, where KiB, MiB and GiB are powers of 1024 and KB, MB and GB powers of 1000. Both
have to be more than 0.

# EXAMPLE

```json
{
  "delimiter": ":",
  "keys": [
    {"pattern": "sess:*", "ttl": "7d", "protected": true},
    {"pattern": "codes:*:all", "ttl": "1h", "max_ttl": "1h", "max_size": "8MiB"},
    {"pattern": "codes:*", "max_ttl": "1d"} // whatever else is below codes:
  ],
  "unknown": "warn"
}
```
)topic";
}

}  // namespace cachectl
