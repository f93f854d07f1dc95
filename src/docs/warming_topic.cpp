// cachectl-warming(7): what a pipeline can rely on when it warms a cache.
#include "docs/topics.hpp"

namespace cachectl {

std::string_view warming_topic() {
    return R"topic(cachectl-warming(7): what a pipeline can rely on when it warms a cache
see also: cachectl-warm(1), cachectl-manifest(5), cachectl-policy(5)

# WHAT IS READ?

What a file is, its content says: JSON, SQL, or CSV and TSV with a header. `--table`, `--dialect`
and a name in `*.sql`, `*.sql.gz` or `*.sql.zst` mean SQL. One column without a comma or a tab is
no CSV, unless `--format csv` says so; text that is none of all these is exit status 6.

The columns that `--key`, `--value`, `--columns`, `--where`, `--collect-by` and `--group` name
have to be in the header of CSV or in the table of a dump: exit status 6, before anything of it is
written, whatever `--max-errors` says. Each record of JSON has its own members, so there a record
without one is rejected by itself.

# SQL DUMPS

The dialect is recognised by what is only its own, outside of strings and comments, in the first
64 KiB; `--list-tables`, the summary and JSON tell it, and `--dialect` says it. Scripts of SQL
Server and Oracle are refused (exit status 6); what they have in plain INSERTs, `--dialect
generic` reads.

Column types come from CREATE TABLE and what ALTER TABLE and RENAME TABLE make of it. What one
file defines holds for the files behind it: `pg_dump --schema-only` and `--data-only`, or
mydumper's files, are given together, definitions first, and a table that is asked for has to be
in one of them; in a manifest `schema` names the file. Values of tables that are defined nowhere
are text, but for numbers without quotes, and a warning says so.

A table of which rows were read, and that is dropped, truncated or emptied afterwards, ends the
run with exit status 6: a database would not have these rows, but they may be written already. The
message has the line and the remedy. So does one that takes another name by which other rows are
wanted. UPDATE, DELETE of some rows, ROLLBACK and ALTER TABLE after rows are not followed, which is
a warning.

In PostgreSQL the rows of a partition, and of a table that INHERITS from another, are rows of that
other table too, as `SELECT * FROM` it has them: with its columns only. By its own name such a
table has all of its columns.

Without `--table` a dump may have rows of one table only, and a name must not mean two, as it does
in dumps of several databases: then DATABASE.SCHEMA.TABLE chooses one. Both is found before
anything is written in the first 8 MiB of files, and later, or through a pipe, when it comes.

The encoding is what `SET NAMES` or `client_encoding` say; LATIN1, WIN1252, KOI8R, EUC_JP and
others of their kind are converted to UTF-8, which is told, and binary columns are left as they
are. Those in which a quote may be half of a character (GBK, SJIS, BIG5) are refused.

Casts are followed where they change nothing; a value that is none without the database (`now()`,
a DEFAULT, a cast that rounds or cuts) makes its row a bad one. COPY is read in its text format
and as CSV, with DELIMITER, NULL, HEADER, QUOTE and ESCAPE.

# CSV, TSV AND JSON

`--dry-run` and the JSON summary say what was found, as `CSV with ';'` or `TSV as mysql --batch
writes it`.

: Separators
    The columns of CSV are separated by what nearly all of the first lines agree on: the tab
    before `;` and `|`, these before the comma, which stands in numbers and texts. A first line
    `sep=;`, as spreadsheets write it, or `--delimiter` says it. With `--format csv` a file with
    tabs has quotes as CSV has, with `--format tsv` none has.
: Nulls
    In CSV an unquoted field with nothing in it is null and `""` is empty text. With `--null TEXT`
    that text, unquoted, is null and a field with nothing in it is empty text.
: TSV
    A quote is text. If fields are `\N`, a backslash escapes as COPY writes it; if they are
    `NULL`, or have escapes, as `mysql --batch` does; and if a backslash stands before something
    that neither would write, all are text. `--no-backslash-escapes` says that they are. Where
    nothing is seen in the first 256 KiB, it shows later and a warning tells the line.
: Headers
    `--header A,B,C` is for files whose first line is a row. A first column without a name, which
    pandas and R write, is left out; so are columns at the end that have neither names nor values.
: Types
    All is text unless `--types` says `int`, `number`, `bool` (true, t, yes, y, on, 1, false, f,
    no, n, off, 0) or `json`. What does not fit is a bad row.
: Cut files
    An open quote, or a last row without a line end that has fewer columns than the others, ends
    the run with exit status 6.
: JSON records
    A file with one object is one record if options say what rows become (`--key`, `--collect`,
    `--group`, `--columns`, `--value`, `--where`), and keys with their values if not; `--format
    json` always means keys, `--format ndjson` records. An export that wraps its rows is refused
    with the `--rows` that reads them.
: Templates
    `{id:05}` fills an integer with zeros to five characters, the sign before them, as printf's
    `%05d` does; what is no integer is a bad row. `{code:lower}` and `{code:upper}` change the
    case of Latin, Greek and Cyrillic letters, on every machine alike. Where a column is called
    `code:lower`, that column is meant.
: Chosen columns
    `--columns id,title=name_fr` is the column `name_fr` by the name of `title`, unless a column
    is called `title=name_fr`; `user.name` is a member of the value of `user`, by that whole name.
    In a manifest columns can be constants too.
: Lists of files
    `--files-from FILE` reads names of files, one a line, or with a NUL behind each as `find
    -print0` writes them; they are relative to the current folder, and read behind the files of
    the command line. Blank lines are left out; a file that is not there is told with its line,
    before anything is written. With `--files-from -` none of the files may be stdin.
: Nested values
    `{user.id}` in a template and `user.id` in a condition is a member of the value of `user`,
    `tags.0` the first element of `tags`, unless a column is called so.
: Missing columns
    A record that lacks a column that `--key`, `--columns`, `--value`, `--where`, `--collect-by`
    or `--group` names is a bad row; it is not taken for null.
: Conditions
    Compared with a number, a text that is one counts as such, written as `007`, `+5`, `.5` or
    with spaces around it; other texts do not match, `=` or `!=`. Compared with `true` and
    `false`, the words of `bool` above do. Compared with `'text'`, bytes are. Null matches nothing
    but `is null`.

# DOES IT FIT?

Before `cachectl warm` writes anything it looks into the files: from their first rows it estimates
the memory that all keys will take, with what the server's own tables and encodings add to names
and values. If that is more than what the server has left below its `maxmemory`, and the files,
read further, leave no doubt, the run ends with exit status 8 and nothing is written. With a
manifest all datasets count together.

The estimate knows the layouts of Redis 6.2 to 8.0 and of Valkey 7.2 to 8.1, with the default
limits of small encodings; for strings and hashes it is mostly within 15 %. Whether a key exists
already, which then takes nothing more, it asks for the first keys only, and only if they matter.

What comes through a pipe cannot be looked into. It is watched instead, as is every run: the
server is asked for its memory now and then, and writing stops shortly before the limit, with exit
status 5, rather than by evicting what others need or by taking the last byte from them.

On a cluster it has to fit into all masters together, because keys go to each alike, and writing
stops shortly before the first of them is full. A slot that has keys takes memory by itself there:
next to nothing on most servers, but 2.6 KB on Redis 8.0, which is 41 MiB if all slots have keys.
So does the replication backlog until it has its full size.

: --allow-eviction
    Write although it does not fit; a warning says so, and another one at the end how many keys
    the server evicted meanwhile. Where `maxmemory-policy` is `noeviction` there is nothing to
    allow: writing still stops before the limit.

A server without `maxmemory` is compared with the memory of its machine, which is no more than a
warning. If the user may not see `INFO`, that is a warning too. `--dry-run` asks no server, and
says the estimate.

# WHAT IS THERE ALREADY

: --if-exists skip
    The default: what exists stays, value and time to live, also where it is of another type.
: --if-exists overwrite
    Every key is written anew.
: --if-exists refresh
    What has `--refresh-below` left to live, or less, is written again, value and time to live
    together; what has more, or never expires, is skipped. The limit has to be below `--ttl` as
    `--jitter` may shorten it, or every run would write everything.
: --if-exists update
    What has another value, or another type, is written again with its new time to live. What has
    the same value is left untouched, its time to live as well, and counted as `unchanged`. The
    order counts for lists only; scores are compared as numbers; JSON is compared byte by byte.

In all cases what does not exist is written, and protected keys are not overwritten. Every key is
in one of the counts: `keys` = `written` + `skipped` + `unchanged` + `duplicates` + `protected` +
`failed` + `unknown` + `not_attempted`; `replaced` says how many of those written with `refresh`
or `update` were there before. `--dry-run` asks no server, and so says nothing of what exists. Of
several rows of a key the last wins with `overwrite` and `update`, the first with `skip` and
`refresh`.

What other clients write meanwhile is safe from `skip`, where the server itself decides, and from
`refresh`: a key is looked at (PTTL), and one that expires soon is watched (WATCH), looked at once
more, and written in a transaction of up to 128 keys, which the server gives up if anybody has
touched one of them since the watch; such keys are looked at again, each by itself, and skipped if
that happens 8 times. So what an application has written with more time left is not overwritten,
at whatever moment. In a cluster a transaction takes keys of one slot only: there, each key that
is refreshed costs about a round trip.

`update` compares and then writes: what another client writes in between, within the pipeline's
few milliseconds, or while a large value is built up, is overwritten as it would have been a moment
before, because it differs. Of an
existing string no more is read than one byte beyond the value's length; hashes, lists, sets and
zsets are read if they have as many parts. The looks are pipelined, and no script is run.

A hash, list, set or sorted set of more than 2,000 elements (1,000 fields, or members with their
scores) would hold the server for too long if it were written at once. It is built up a slice at a
time, within the pace, under another name beside its own (`KEY:{KEY}:cachectl:` and 16 hexadecimal
digits, or the like), and takes its place when it is complete: nobody sees a part of it. What is
there stays until then, so that the server needs room for both. What is left of a run that was
killed meanwhile expires within an hour.

# IS IT RIGHT?

: --verify
    Every key that was written is read back right after it, in the same pipeline, and compared:
    the value, whole, and the time to live, which must not be longer than what was set. Scores are
    compared as numbers. The first few differences are listed, all are counted, and one is enough
    for exit status 5. A key that another client has overwritten in between differs; one that was
    deleted or evicted is counted as gone; one whose own time to live was over is no fault.
: --verify-sample PCT
    The same for so many of the keys, chosen at random.

Keys that were skipped because they were there already are not read. At the end some of those that
were right are looked for once more, so that a cache that was emptied in between is noticed.

With or without it, a server that was restarted in mid-run ends it with exit status 5, because
what had been written is lost; so does one that was a replica for a while. `--resume` then passes
nothing over. A replica that took over from its master is a warning: what the old one had not
passed on is lost.

A key that several rows make is written by one of them: the others are counted as duplicates,
neither as written nor as skipped. More of them than `--max-errors` leaves room for are exit
status 5; where they cannot be counted, because there is no room for a temporary file,
`duplicates` is null (exit status 7). `--group` makes one key of all its rows. Within one key the
last of several rows counts that have the same name: the column of `--collect-by`, a hash's field,
a zset's member. The others are a warning with their number, `replaced_records` of the summary,
and no error.

A key policy is obeyed: a key that would live longer than its `max_ttl` or never expire, a value
larger than its `max_size`, and a key of no pattern where `unknown` is `fail` end the run with
exit status 8. The message names the key and the line of its rule, as in `keys.json:3`, or for a
key of no pattern the file alone. So do a key whose `ttl` is not more than
`--refresh-below`, before it is written, and a pointer of `--switch` whose rule has a `ttl` or a
`max_ttl`, for it never expires, before anything is sent.

Exit status 8 comes before the first key where that can be. What can be known only behind rows
that were written, as the number of keys of a pipe, a policy's limit or what `--sync` would
delete, leaves these keys: the message and `written` of the JSON summary say how many.

# GOING ON

While it writes, a run notes in a journal how far the server has answered: about once a second,
and when it ends before its time, be it by Ctrl-C, SIGTERM, a full server, a lost connection or
too many bad rows. After success the journal is removed; one that nobody goes on with is removed
after 30 days.

: --resume
    The same command with `--resume` goes on behind the last key. The files are read again from
    the beginning, but what is done is not sent again, and what has been told of bad rows is not
    told again, though it counts towards `--max-errors`; the file of `--reject-file`, which
    without it has to be a new one (exit status 7), is continued, and that of a dry run replaced;
    gathered keys are gathered again, and those that are missing are written. A key that the
    server refused is tried again. A run that was killed outright may have written for a second
    longer than its journal knows: those keys are sent again, and skipped unless `--if-exists`
    says otherwise.
: --journal FILE
    Where it is. By default it is in `$XDG_STATE_HOME/cachectl`, or `~/.local/state/cachectl`,
    under a name made of the server and the options that shape the result: so that the same
    command finds it, wherever its files are. A file that is something else than a journal is
    refused and left as it is.

Where nothing was interrupted, `--resume` starts at the beginning and says so: a pipeline can
always give it. What counts is what the rows become, not the bytes or the names of files: the
journal has a digest of every few thousand keys and values, and they are passed over as long as
they are the same. From the first that differ on all is written, with a warning; other options, as
another TTL, mean a start at the beginning. Without `--resume` an old journal is forgotten.

Nothing is passed over, and every row is treated as `--if-exists` says, if the server is another
process than the one that the run before wrote to, or was a replica in between: nobody knows what
it has kept. So it is with `overwrite`, `update` and `refresh` if several rows of that run made
the same key, because the row whose value it has may be gone from the input. Otherwise the server
is asked for each key that is passed over, and one that has expired or was deleted since, or by
`refresh` has to be refreshed by now, is written again. Rows of it that made a key which another
had made are told as `duplicates` of `resumed_from`, and count towards `--max-errors`.

A second run of the same command at the same time keeps no journal, which is a warning if it
matters; with `--journal` it is refused with exit status 8. Where no journal can be written, as in
a read-only home, a run that ends before its time warns of it, and repeating the command without
`--resume` skips what is there.

# RELEASES

: --set NAME=VALUE
    `{NAME}` becomes the value in `--key`, `--group`, `--value`, `--collect`, `--sync`, `--switch`
    and the templates and files of a manifest. The value is taken literally: braces in it are no
    columns, and in a pattern it matches only itself. Rows that have a column of that name (of
    JSON the first one) end the run with exit status 6, because either could be meant; a name that
    is filled in nowhere is a usage error.
: --sync PATTERN
    When all has been read and written, the keys of the pattern that no row of the input stands
    for are deleted as cachectl-invalidate(1) deletes keys: with UNLINK, at `--pace`, never
    protected ones. A row stands for its key whether that was written, was there already, is
    protected or was written by the run that `--resume` goes on with. It needs `--yes`,
    `--confirm` or a terminal, where the number of keys is told first. `--max-keys` holds for
    these keys by themselves. Temporary keys of other runs of `cachectl warm` are left alone.

Nothing is deleted, and nothing switched, where the input may not be all there is or the server
may not have it all: if the run ends before its time, or a key was refused or differs; if a server
was restarted, or a replica took over, in mid-run; if slots of a cluster are out of reach, also
with `--partial`; and if there is no server, which `--if-unavailable skip` makes no error.
`--sync` counts the keys first: if fewer of those that rows stand for are there than were made,
because somebody deleted them, they were evicted or their time to live was over, it deletes
nothing (exit status 5). `--resume` passes nothing over then, but looks again at what the
interrupted run wrote. These are exit status 8:

: a row was rejected
    Even if `--max-errors` allows it: nobody knows which key it stands for. Without `--sync` the
    pointer is switched.
: a file, or a table that `--table` names, has no records
    An export that failed must not empty a namespace. Definitions of tables go into one stream
    with their rows, as with cat(1), or into the manifest's `schema`.
: rows may be missing
    The last line of a CSV file has no end; rows of a dump are changed or rolled back behind them;
    the program that wrote it tells of an error in it; or it has what is not followed: LOAD, MERGE,
    WITH, CALL, EXECUTE, CREATE TABLE AS, EXCHANGE PARTITION, PostgreSQL's DO, statements that are
    not known, and such commands to the client as psql's \i, \copy, \gexec and \if, mysql's \. and
    sqlite3's .read and .import.
: a protected key was there and differs from the input
    With `--switch`: it was not overwritten, so that the release would have a value of before.
: a pattern matches no key of the run
    Then it is a slip, and all that it matches would be deleted. One that every key matches, as
    `*`, is refused before anything is sent.

A key that the application makes while the run is at work, and that no row stands for, cannot be
told from a stale one and is deleted if it matches. So is a key of another pipeline in the same
namespace, and a pointer that is not that of `--switch`: `--protect` spares them.

: --switch KEY
    Sets KEY, after a complete load that was read back (it implies `--verify`; `--verify-sample`
    may say less), to the value of `--set`; `--switch KEY=TEXT` to a text in which names are
    filled, for where several are set. Keys that are there already are compared and written again
    where they differ, as `--if-exists update` does it, unless that says overwrite. The pointer
    has no time to live, so that it stays when its keys have expired. It has to be missing or a
    string of up to 256 bytes, which is looked at before the first key is written too, and must be
    neither protected nor the key of a row. With `--sync` it is switched before the first key is
    deleted, and after all that could refuse; who has read the old value just before may then miss
    its keys.

The summary and JSON tell both (`sync`, `switched`): what was deleted and kept, from what to what,
or the reason why nothing was. `--dry-run` connects for them, changes nothing, and tells the
number and names of the keys that would go. If this last step fails, `--resume` does it again
without writing anything twice.

# EXAMPLE

A release that the application reads through a pointer:

    cachectl warm --manifest warm.json --set release=v42 \
        --switch courses:current --sync 'courses:*' --yes --resume

A deploy that goes on where the one before it was cut off, that is content with a cache that is
away, and that fails if something is not as written:

    cachectl warm --manifest warm.json --resume --verify-sample 5% \
        --if-unavailable skip
)topic";
}

}  // namespace cachectl
