// cachectl-config(5): servers by name, and the rules that hold there.
#include "docs/topics.hpp"

namespace cachectl {

std::string_view config_topic() {
    return R"topic(cachectl-config(5): servers by name, and the rules that hold there
see also: cachectl(1), cachectl-policy(5), cachectl-patterns(7)

# DESCRIPTION

cachectl reads one configuration file in JSON: the file that `--config` names, else
`cachectl/config.json` in `$XDG_CONFIG_HOME`, which is `~/.config` where it is not set. No file at
all is fine. Nothing is ever read from the current folder unless it is named.

Comments, `// to the end of the line` or `/* between these */`, are allowed. Everything else is
strict: an unknown name, a name given twice or a value of the wrong type is an error with file and
line, and exit status 2, before anything is sent.

The file may be changed by nobody but its owner: who can write to it can send deletions to a
server of their choice. cachectl refuses one that its group or others may write to, and warns of
one that holds a password and that everybody may read. A link that leads nowhere, of the file or of
its folder, is an error: rules may be missing.

# THE FILE

: contexts
    An object: the contexts by their names. All that a context may say is optional.
: default_context
    The context that is used where neither `--context` nor CACHECTL_CONTEXT names one. It has to
    be one of `contexts`.

# A CONTEXT

: url
    The server: `redis://[[USER]:PASSWORD@][HOST][:PORT][/DB]`, the same with `rediss://` for TLS,
    or `unix://[[USER]:PASSWORD@]PATH[?db=N]`, or
    `redis+sentinel://[[USER]:PASSWORD@]HOST[:PORT][,HOST[:PORT]...]/NAME[/DB]` for the master
    that Sentinels know by that name. User, password, host and path are percent-decoded; an IPv6
    address stands in brackets.
: cacert, cacertdir, cert, cert_key, sni, insecure
    For TLS, the same as the flags of these names; `insecure` is `true` or `false`. Paths are
    relative to the configuration file.
: sentinel_user, sentinel_password
    To log in to the Sentinels themselves; user and password of the URL are those of the server.
: sentinel_tls
    `true` or `false`, where the Sentinels differ from the server in TLS.
: policy
    A key policy, see `cachectl-policy`(5); its path is relative to the configuration file.
: protect
    An array of patterns, see `cachectl-patterns`(7): keys that match one of them are never
    deleted, expired or overwritten, whatever is asked for.
: confirm
    `tty`, the default: commands that delete or expire keys ask on a terminal, and need `--yes`
    where there is none. `always`: the name of the context has to be typed, or given as `--confirm
    NAME`, as may be that of the server; `--yes` is not enough.
: production
    `true`: every change, a load too, wants the name of the context typed on a terminal, whatever
    `--yes` says. In a script `--yes` counts only together with `--context NAME`: not where a
    variable or `default_context` chose what is production.
: read_only
    `true`: every change is refused before anything is sent, with exit status 8. `--dry-run` is
    allowed.
: audit_log
    A file, relative to the configuration file, to which every change is appended, as with
    `--audit-log`: see below.
: pace
    `gentle`, `normal` or `full`: how much of the server's time commands take that walk or write
    many keys, unless `--pace` says it.

# THE AUDIT LOG

Every command that changes keys has `--audit-log FILE`; a context's `audit_log` is used where that
is not given. The file has one JSON object a line. `begin` is written and synced when the server has
answered and before anything is changed: who (user, who called sudo, the run of GitHub Actions,
GitLab, Jenkins or Buildkite), host, server with its run id, context, command line, patterns, backup
file. `end` has the exit code, the error and the counts of the summary, also of a run that failed or
was interrupted; a run that was killed has none. A run that was stopped before its begin has one
line: `refused` by a guard, a question or the server, or `failed`. Dry runs are not in it, nor are
command lines that are wrong. Passwords are masked.

If the log cannot be written, nothing is changed, and the exit status is 7; the same if it is only
the last line that is missing, which a message says. The file is made for its owner alone; for several
users, make it beforehand. Several processes may write to one file at once, which has to be on a file
system with locks (flock).

Each line has the SHA-256 of the line before it as `previous`, which is what sha256sum says of that
line without its line end, and as `sha256` that of its own text up to the comma before that member.
`cachectl audit-log verify FILE` names the first line that is not as it was written.

# WHICH VALUE COUNTS

A flag stands above the environment, the environment above the context, the context above the
default of 127.0.0.1:6379; but a context that `--context` names stands above the environment. A
URL gives host, port, user, password and database at once: what it leaves out is the default, not
what a lower place says. Single flags stand above `-u`, so `-u URL -n 2` is that server's database
2.

Of the environment CACHECTL_URL counts, else REDIS_URL, else REDIS_HOST, REDIS_PORT,
REDIS_PASSWORD and REDIS_DB, which belong together. REDISCLI_AUTH is the password of whatever
server, where nothing else gives one. What is overridden is not parsed.

User, password and database belong to the server that they were given with. Where a flag or a
variable names another host, socket or master, they are not used, and a warning says so. The user
that is named is logged in as, with an empty password if none is given.

Certificates, keys and names for TLS belong to a server: a URL from a flag or the environment puts
those of the context aside.

A context's policy, protected patterns, confirmation, audit log and pace, and that it is production
or read-only, hold even where a flag or a variable names another server. That a variable does so is told as a warning.

Where a flag or a variable names the server of another context, and that one is production or
read-only, its rules hold too, and its name is the one that is asked for: no server is less guarded
for being called by its address. Addresses are compared as they are written, without regard to case,
and masters of Sentinels are the same where a Sentinel is. Of several such contexts for one server
those count that name the database, and FLUSHALL is refused if there is one for another database.
They hold beside another context of the same database, too, unless that one was chosen: by
`--context`, or by CACHECTL_CONTEXT where nothing else names the server. `default_context` is no
choice.

# EXAMPLE

```json
{
  "default_context": "dev",
  "contexts": {
    "dev": {"url": "redis://127.0.0.1:6379"},
    "prod": {
      // The password is in a file of its own: --password-file
      "url": "rediss://cache.example:6379/0",
      "cacert": "ca.pem",
      "policy": "policy.json",
      "protect": ["sess:*", "queue:*"],
      "production": true,
      "audit_log": "/var/log/cachectl.jsonl",
      "pace": "gentle"
    }
  }
}
```

With it, this lists the keys of the production cache:

    cachectl keys --context prod --password-file ~/.secrets/cache

`cachectl context list` shows the contexts, `cachectl context show prod` each setting and where it
comes from, and `cachectl context check prod` whether the server answers.
)topic";
}

}  // namespace cachectl
