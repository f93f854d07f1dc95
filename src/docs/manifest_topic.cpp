// cachectl-manifest(5): what a run of cachectl warm loads, as a file.
#include "docs/topics.hpp"

namespace cachectl {

std::string_view manifest_topic() {
    return R"topic(cachectl-manifest(5): what a run of cachectl warm loads, as a file
see also: cachectl(1), cachectl-policy(5), cachectl-warm(1), cachectl-warming(7)

# DESCRIPTION

A manifest is a file in JSON that names many datasets: where their rows are, what keys these
become and how long the keys live. `cachectl warm --manifest FILE` loads them all in one run, and
reads each file once however many datasets take rows of it, so that a dump may also come through a
pipe.

Comments, `// to the end of the line` or `/* between these */`, are allowed. Everything else is
strict: an unknown name, a name given twice, a value of the wrong type or options that contradict
each other are an error with file and line, and exit status 6, before anything is sent. The same
holds for a file that is not there. That a dump lacks a table is known only when it has been read;
what was written until then is told.

What a dataset says cannot be said by flags too. All the other flags of cachectl-warm(1) hold for
the whole run: `--dry-run`, `--policy`, `--protect`, `--max-errors`, `--reject-file`,
`--max-memory`, `--max-unpacked`, `--if-unavailable`. `--manifest -` reads the manifest from
stdin; paths in it are then relative to the current folder.

# THE FILE

: datasets
    An array of datasets, required and not empty.
: defaults
    An object: what is said here holds for each dataset that does not say otherwise. It may have
    `file`, `format`, `dialect`, `schema`, `binary`, `backslash_escapes`, `delimiter`, `header`,
    `types`, `null`, `rows`, `as`, `ttl`, `jitter`, `if_exists` and `refresh_below`.
: policy
    A key policy, see `cachectl-policy`(5): the times to live of keys for which the dataset has no
    `ttl`, and keys that are never overwritten. The rules of `--policy` come before it, those of
    the context's policy behind it. Its path is relative to the manifest.
: set
    An object of names and texts: `{release}` in `key`, `group`, `value`, `collect`, `file`,
    `schema`, `sync`, `switch` and constants becomes the text of `release`. What `--set` says counts before
    it.
: sync
    A pattern, or an array of them: what `--sync` says, besides those that are given there. It
    needs `--yes`, or a terminal to ask on, as ever.
: switch
    `KEY` or `KEY=TEXT`, as `--switch` has it.

# A DATASET

: file
    The file with its rows, relative to the manifest; `-` is stdin. Required, here or in
    `defaults`. A pattern as `dump/part-*.sql.gz` (`*`, `?`, `[`) is all files that match, in the
    order of their bytes, and what one of these dumps defines holds for those behind it. If none
    matches, or a folder cannot be read, that is an error; if there is a file called so, it is
    meant.
: format
    What the file is: `json`, `ndjson`, `csv`, `tsv` or `sql`. The default is what its content
    says.
: dialect
    Whose SQL it is: `auto`, `postgres`, `mysql`, `sqlite` or `generic`.
: binary
    What becomes of binary values of an SQL dump: `base64`, the default, `hex` or `raw`.
: backslash_escapes
    `true` or `false`: whether a backslash escapes within the strings of an SQL dump, or in TSV.
    The default is what the dump says.
: schema
    An SQL file, relative to the manifest, that defines the tables of which `file` has the rows,
    as `pg_dump --schema-only` and mydumper write it. It is read before anything is written, and
    its own rows are not taken. With rows that are no SQL dump it is an error; in `defaults` it is
    for those that are.
: delimiter
    What separates the columns of CSV and TSV: one character, or `tab`. The default is what the
    first lines agree on.
: header
    An array: the columns of a CSV or TSV whose first line is a row already.
: types
    What columns of CSV and TSV hold that are not text, as `id:int,active:bool`: `int`, `number`,
    `bool` or `json`.
: null
    What stands for null in CSV and TSV, unquoted.
: rows
    Where in a JSON text the array of records is: a JSON pointer, as `/data/items`. All that says
    how a file is read, from `format` to here, has to be the same in all datasets of a file.
: table
    The table of an SQL dump, `NAME` or `SCHEMA.NAME`, or an array of them whose rows are taken
    alike. A dump with rows of one table needs none; of the datasets of a file either all name a
    table or none does.
: where
    A condition on the columns, as `active = true and price >= 10`: only such rows are taken.
: key
    Make a key of each row: text with columns in braces, as in `course:{id}`. Of `key`, `collect`
    and `group` a dataset has one; none is needed where the file is a JSON object of keys and
    values.
: collect
    Make one key of all rows, whose value is a JSON array of them.
: collect_by
    With `collect`: make a JSON object instead, whose names are this column's values.
: group
    Make one key of all rows for which this template is the same, whose value is a JSON array of
    them, or with `as` a list, set, zset or hash.
: as
    What each key holds: `json`, the default, `string`, `hash`, `list`, `set` or `zset`.
: value
    Make the value of this template, a string.
: columns
    Only these columns, in this order: an array, or a string with commas between them. For `zset`
    the member's and the score's, for a `hash` of `group` the field's and the value's. An object
    gives them other names, and constants: `{"id": "id", "title": "name_fr", "source":
    {"constant": "ramq"}}` makes the column `name_fr` the member `title`; a constant is a string,
    a number, true, false or null. In a string, names of `set` and `--set` are filled in; a brace
    is written `{{` or `}}`, as in templates. As text, `title=name_fr` says the same. `user.name` is a member
    of the value of `user`.
: ttl
    The time to live of the keys: `500ms`, `30s`, `5m`, `2h`, `7d`, `1h30m`. The default is what
    the policies say.
: jitter
    Shorten each time to live at random by up to this much, as `10%`, so that not all keys expire
    at once.
: if_exists
    Keys that are there already: `skip`, the default, `overwrite`, `refresh` or `update`, see
    `cachectl-warming`(7). Protected ones are never overwritten.
: refresh_below
    With `refresh`: what expires within this time is written again, as `10m`. In `defaults` it is
    for those datasets that refresh.

Rows that are gathered by `collect` and `group` are held in memory until their file has been read,
within the limit of `--max-memory` for all of them. A row that cannot be used counts against
`--max-errors` once for each dataset that it is of.

# EXAMPLE

```json
{
  // Times to live by pattern, and what must not be overwritten
  "policy": "keys.json",
  "defaults": {"file": "dumps/school.sql.gz", "jitter": "10%"},
  "datasets": [
    // One key for each course
    {"table": "courses", "key": "course:{id}", "ttl": "10m"},
    // The same rows once more: a list for each tenant
    {"table": "courses", "group": "courses:list:{tenant_id}", "columns": ["id", "title"],
     "where": "active = true", "ttl": "5m"},
    // A whole table as one key; its time to live is the policy's
    {"table": "codes", "collect": "codes:tax:all", "collect_by": "code"},
    // And rows from elsewhere
    {"file": "tenants.csv", "key": "tenant:{id}", "as": "hash", "ttl": "1h",
     "if_exists": "overwrite"}
  ]
}
```

This says what it would write, and asks no server:

    cachectl warm --manifest warm.json --dry-run

With `"file": "-"` a dump need never be on disk:

    pg_dump school | cachectl warm --manifest warm.json
)topic";
}

}  // namespace cachectl
