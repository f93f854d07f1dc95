// cachectl-undo(7): how a change is saved, planned, spread and undone.
#include "docs/topics.hpp"

namespace cachectl {

std::string_view undo_topic() {
    return R"topic(cachectl-undo(7): how a change is saved, planned, spread and undone
see also: cachectl(1), cachectl-invalidate(1), cachectl-apply(1), cachectl-restore(1)

# DESCRIPTION

A pattern that deletes too much is noticed when it is too late. There are three ways to be safer,
and they go together: write down first what would be done (`--plan`), save each key before it is
changed (`--backup`), and let keys go one after the other instead of all at once (`--spread`).

# AN EXAMPLE

After a release the courses of all tenants are stale. What would go is written down, read by
somebody else, and done within the hour:

    cachectl invalidate 'course:*' --plan courses.json --backup courses.rdb
    cachectl apply courses.json

Then it turns out that the drafts, which are nowhere else, were called `course:draft:42`. They
come back, each with the time that it had left, and nothing else does:

    cachectl restore courses.rdb --list
    cachectl restore courses.rdb 'course:draft:*' --dry-run
    cachectl restore courses.rdb 'course:draft:*'

# BACKUP

`--backup FILE` is there for `invalidate`, `flush` (also with `--whole-db`, which is then walked),
`expire`, and for `warm`, of what it overwrites, of what `--sync` deletes and of the pointer that
`--switch` sets. The file is an RDB file that only its owner can read; it never overwrites another.
Servers start from it if they read its version, which is no higher than that of the server it comes
from.

Keys are saved in batches. Each batch has a checksum and is synced to the disk before the first of
its keys is changed. If the disk is full, cachectl stops with exit status 7, and has changed nothing
that is not in the file. If it is killed, the file lacks its end: `cachectl restore` takes its whole
batches, and all that was deleted is in these. What was saved and not
deleted any more is still on the server, and restoring leaves it alone.

A file that was cut on its way from another machine looks the same, and of that one keys are
missing. So `restore` of a file without its end says what it is like, restores what it has, and ends
with exit status 5 and `complete: false`; so do `--list` and `--dry-run`. `--repair` writes the whole
batches as a file that has its end, of a damaged one, which `restore` refuses, those before the
damage. It ends with 5 as well; whoever then restores the new file has decided that it is enough.

What other clients write at the same time is kept too: when a key is deleted, its value and its
expiry are read once more in the same transaction, and if it is not the value that was saved, this
one is saved instead. That is lost only if cachectl is killed, loses its connection, or the power
fails in the milliseconds in between; then the value from right before is in the file. A server
before Redis 7.2 that is so full that it takes no transactions (OOM) still deletes: there the value
is read once more right before, in the same pipeline. For `expire` and for what `warm` overwrites,
the value that is saved is the one right before. A full disk is no such case: 8 MiB are held in
reserve.

DUMP tells a value at once, and holds the server for as long as that takes. So values above 100 KiB
are read in pieces, one key after the other, when all others are done. They are watched (WATCH): one
that is written to meanwhile is read again, up to three times, and then left, named and counted as
failed. A full server that takes no transactions is asked whether the key is what it was right
before it is deleted. Streams, values of modules and hashes whose fields expire cannot be read in pieces. They
are left too, unless `--allow-slow-dump` is given: 1 MiB holds the server for some 10 ms, a hash of
a million fields for seconds.

The file has names, values, times to live and, where the server evicts by them, idle times or
frequencies. Treat it as you treat the server's own data: passwords and sessions are in it as they
were.

# RESTORE

`cachectl restore FILE [PATTERN...]` verifies all checksums before it sends the first key. What
exists is left as it is: what the application has written since is newer. `--replace` overwrites
it, which is what undoes an `expire`, or a `warm` but for the keys that it
made anew. Protected keys are never overwritten. Keys whose
time is over count as `expired_since`. What does not fit under maxmemory is refused (exit status 8)
unless `--allow-eviction` is given. `--max-keys`, `--expect` and the question count the keys that
match, be they there already or not. Large values are built up under a name beside their own
(`…:cachectl:…`), which expires in an hour if nobody comes to the end of it. A run that was interrupted goes on when the same command is
run again.

Keys go back into the database that they are of. `restore` takes those of the database that it is
connected to and leaves the others out; if there are only others, it refuses (exit status 8), and
`-n` chooses theirs. A cluster has database 0 alone, but for Valkey 9, which may have several: if all
keys of the file are of one database that the cluster does not have, they go into the one that it is
connected to, and a warning says so, as it does where the file was saved from another server.

A server does not take values of a newer version than its own: 7.0 none of 7.4, Valkey none of
Redis 7.4 or newer. Where the server's version is known, `restore` warns before it sends anything,
with `--dry-run` too (in JSON: `likely_refused`). `--any-version` sends them as if they were of its own; most it can read, and
those that it cannot are counted as failed, by what it says. Values that were read in pieces are of
no version.

# PLAN AND APPLY

`--plan FILE` counts what a change would do, asks nothing, changes nothing, and writes down the
choice of keys, the delimiter, the guards, what is protected, which server it was, and how many keys
of which namespaces were found (by name up to 20,000 of these). The file has a few names of keys,
and neither values nor passwords.

`cachectl apply FILE` counts again. It does nothing (exit status 8) if the server is another one or
was restarted, if an hour has passed (`--valid`), if the plan was applied before, or if there are
by more than 5 % more or less keys (`--tolerance`), in all or in one of the namespaces, or a
namespace that was not planned; it says which. A plan that was made in a context wants that context. Its file can be read by its owner alone, unless that
is allowed, and is applied by the owner: it is written into that it was carried out. Without a terminal the
plan stands for the answer to the question.

# SPREAD

`--spread DUR` (of `invalidate` and `flush`) does not delete. Each key gets a time to live between
1 ms and DUR, by lot, or where idle times are known the longest idle first. What expires within DUR
anyway is left as it is: none lives longer than before, and all are gone when DUR is over. The database behind the cache is then asked for them one after the other: the summary says
how many a second that makes. A server that is nearly full and evicts what expires soonest
(volatile-ttl) would evict these keys at once: that is refused.
)topic";
}

}  // namespace cachectl
