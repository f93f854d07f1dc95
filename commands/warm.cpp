// warm: load keys from dumps.
#include "warm/warm.hpp"

#include <fmt/format.h>

#include <memory>
#include <vector>

#include "change/options.hpp"
#include "cli/option.hpp"
#include "cli/option_groups.hpp"
#include "commands/commands.hpp"
#include "dump/json_pointer.hpp"
#include "util/parse.hpp"
#include "warm/file_list.hpp"
#include "warm/list_tables.hpp"

namespace cachectl {

namespace {

constexpr const char* k_input = "Input";
constexpr const char* k_rows = "Rows and keys";
constexpr const char* k_sql = "SQL dumps";
constexpr const char* k_writing = "Writing";
constexpr const char* k_release = "Releases";
constexpr const char* k_errors = "Errors";

/// An option whose values are a few words.
template <typename Target, typename Parse>
Option& add_word_option(CommandSyntax& syntax, const std::string& name, Target& target, Parse parse,
                        const std::vector<std::string>& words, const std::string& value_name,
                        const std::string& description) {
    const auto parse_one = [parse, words](const std::string& word) {
        if (const auto value = parse(word)) return *value;
        throw Error(ExitCode::usage,
                    fmt::format("'{}' is not one of {}", word, fmt::join(words, ", ")));
    };
    Option& option = add_parsed_option(syntax, name, target, parse_one, value_name, description);
    option.choices(words);
    return option;
}

std::optional<IfUnavailable> parse_if_unavailable(std::string_view name) {
    if (name == "skip") return IfUnavailable::skip;
    if (name == "fail") return IfUnavailable::fail;
    return std::nullopt;
}

std::chrono::milliseconds parse_ttl(const std::string& text) {
    const auto ttl = parse_duration(text);
    if (ttl.count() == 0) throw Error(ExitCode::usage, "it must be more than 0");
    return ttl;
}

// Whoever knows how large a file becomes need not be told that it grows a thousandfold.
UnpackLimits parse_unpack_limits(const std::string& text) {
    const std::uint64_t bytes = parse_size(text);
    if (bytes == 0) throw Error(ExitCode::usage, "it must be more than 0");
    return {.max_ratio = 0, .max_bytes = bytes};
}

std::vector<std::string> parse_columns(const std::string& text) {
    std::vector<std::string> columns;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        if (end == begin) throw Error(ExitCode::usage, "'" + text + "' has an empty name in it");
        columns.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return columns;
}

std::vector<ColumnChoice> parse_choices(const std::string& text) {
    std::vector<ColumnChoice> choices;
    for (const std::string& column : parse_columns(text)) {
        choices.push_back(ColumnChoice::parse(column));
    }
    return choices;
}

std::string parse_rows(const std::string& text) {
    parse_json_pointer(text);
    return text;
}

TemplateValues parse_values(const std::vector<std::string>& texts) {
    TemplateValues values;
    for (const std::string& text : texts) {
        try {
            values.add(text);
        } catch (const Error& error) {
            throw Error(error.code(), std::string("--set: ") + error.what(), error.hint());
        }
    }
    return values;
}

/// The options of the command, and those of them that a manifest says instead.
struct WarmFlags {
    WarmOptions options;
    std::string files_from;
    bool list_tables = false;
    std::vector<std::string> set;  // --set, as it was typed
    std::vector<const Option*> of_datasets;

    Option& of_dataset(Option& option) {
        of_datasets.push_back(&option);
        return option;
    }
};

void add_input_options(CommandSyntax& syntax, WarmFlags& flags) {
    WarmOptions& options = flags.options;
    flags.of_dataset(add_text_option(syntax, "FILE", options.files, "",
                                     "File to read; - is stdin; several are read in turn"));
    flags
        .of_dataset(add_text_option(syntax, "--files-from", flags.files_from, "FILE",
                                    "Take the names of files from this one: one a line, or with "
                                    "a NUL behind each; - is stdin"))
        .group(k_input);
    add_text_option(syntax, "--manifest", options.manifest, "FILE",
                    "Take files and datasets from this JSON file, see cachectl-manifest(5)")
        .group(k_input);
    syntax
        .add_flag(
            "--list-tables", flags.list_tables,
            "Show the tables of SQL dumps, their columns, types and numbers of rows, and stop")
        .group(k_input);
    flags
        .of_dataset(add_word_option(
            syntax, "--format", options.reading.format, parse_dump_format,
            {"json", "ndjson", "csv", "tsv", "sql"}, "FORMAT",
            "What the files are: json, ndjson, csv, tsv or sql (default: by their content)"))
        .group(k_input);
    const auto add = [&](Option& option) { flags.of_dataset(option).group(k_input); };
    add(add_parsed_option(syntax, "--rows", options.reading.rows, parse_rows, "POINTER",
                          "Where in a JSON text the array of records is: /data/items"));
    CsvOptions& csv = options.reading.csv;
    add(add_parsed_option(
        syntax, "--delimiter", csv.delimiter, parse_csv_delimiter, "CHAR",
        "What separates the columns of CSV and TSV, '\\t' for a tab (default: what "
        "the first lines agree on)"));
    add(add_parsed_option(syntax, "--header", csv.header, parse_columns, "A,B,…",
                          "The columns of CSV and TSV whose first line is a row already"));
    add(add_parsed_option(
        syntax, "--types", csv.types, parse_csv_types, "A:TYPE,…",
        "What columns of CSV and TSV hold that are not text: int, number, bool or "
        "json, as in id:int,active:bool"));
    add(add_text_option(
        syntax, "--null", csv.null_text, "TEXT",
        "What stands for null in CSV and TSV, unquoted (default: nothing at all, or "
        "what TSV has)",
        EmptyValue::allowed));
    add_parsed_option(syntax, "--max-unpacked", options.unpack, parse_unpack_limits, "SIZE",
                      "Most that a gzip or zstd file may become (default: 1000 times its size)")
        .group(k_input);
}

void add_row_options(CommandSyntax& syntax, WarmFlags& flags) {
    RowOptions& rows = flags.options.dataset.rows;
    const auto add = [&](Option& option) { flags.of_dataset(option).group(k_rows); };
    add(add_text_option(syntax, "--key", rows.key, "TEMPLATE",
                        "Make a key of each row: text with columns in braces, as in "
                        "'course:{id}'"));
    add(add_word_option(syntax, "--as", rows.as, parse_encode_as,
                        {"json", "string", "hash", "list", "set", "zset"}, "TYPE",
                        "What each key holds: json, string, hash, list, set or zset (default "
                        "json; the strings of a JSON object stand for themselves)"));
    add(add_text_option(syntax, "--value", rows.value, "TEMPLATE",
                        "Make the value of this template, as --as string", EmptyValue::allowed));
    add(add_parsed_option(syntax, "--columns", rows.columns, parse_choices, "A,B=C,…",
                          "Only these columns, in this order; B=C is the column C by the name of B "
                          "(for zset: the member's, the "
                          "score's; for a hash of --group: the field's, the value's)"));
    add(add_parsed_option(
        syntax, "--where", flags.options.dataset.where,
        [](const std::string& text) { return Where::parse(text); }, "COND",
        "Only rows of which this is true: \"active = true and price >= 10\"; =, !=, <, <=, >, "
        ">=, is null, is not null, and"));
    add(add_text_option(syntax, "--collect", rows.collect, "KEY",
                        "Make one key of all rows, a JSON array"));
    add(add_text_option(syntax, "--collect-by", rows.collect_by, "COLUMN",
                        "With --collect: a JSON object whose names are this column's values"));
    add(add_text_option(
        syntax, "--group", rows.group, "TEMPLATE",
        "Make one key of all rows for which this template is the same: a JSON array, "
        "or with --as a list, set, zset or hash"));
    add_parsed_option(syntax, "--max-memory", flags.options.max_memory, parse_size, "SIZE",
                      "Most memory that --collect and --group may take, besides 32 MiB "
                      "that every run may (default 512MiB)")
        .group(k_rows);
}

void add_sql_options(CommandSyntax& syntax, WarmFlags& flags) {
    SqlOptions& sql = flags.options.reading.sql;
    const auto add = [&](Option& option) { flags.of_dataset(option).group(k_sql); };
    add(add_text_option(syntax, "--table", flags.options.dataset.tables, "NAME",
                        "Rows of this table only: NAME or SCHEMA.NAME, \"…\" to mean "
                        "exactly that (repeatable)"));
    add(add_word_option(syntax, "--dialect", sql.dialect, parse_sql_dialect,
                        {"auto", "postgres", "mysql", "sqlite", "generic"}, "NAME",
                        "Whose SQL it is: auto, postgres, mysql, sqlite or generic (default "
                        "auto: by its content)"));
    add(add_word_option(syntax, "--binary", sql.binary, parse_binary_as, {"base64", "hex", "raw"},
                        "HOW",
                        "What becomes of binary values: base64, hex or raw (default base64)"));
    add(syntax.add_flag(
        "--no-backslash-escapes", [&sql] { sql.escapes = SqlEscapes::none; },
        "A backslash in '…' is just a backslash, as where MySQL's NO_BACKSLASH_ESCAPES is set, and "
        "in TSV too (default: what the dump says)"));
}

void add_writing_options(CommandSyntax& syntax, WarmFlags& flags) {
    WarmOptions& options = flags.options;
    const auto add = [&](Option& option) { flags.of_dataset(option).group(k_writing); };
    add(add_parsed_option(syntax, "--ttl", options.dataset.ttl, parse_ttl, "DUR",
                          "Time to live of every key (default: what --policy says)"));
    add(add_parsed_option(syntax, "--jitter", options.dataset.jitter, parse_percent, "PCT",
                          "Shorten each time to live at random by up to this much, so that not "
                          "all keys expire at once; none gets longer"));
    add(add_word_option(syntax, "--if-exists", options.dataset.if_exists, parse_if_exists,
                        {"skip", "overwrite", "refresh", "update"}, "WHAT",
                        "Keys that are there already: skip, overwrite, refresh (write again what "
                        "expires soon) or update (what has another value; default skip)"));
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
            "be "
            "written does not fit under its maxmemory)")
        .group(k_writing);
    Option& verify = syntax
                         .add_flag(
                             "--verify", [&options] { options.writing.verified_share = 1; },
                             "Read back each key that was written, right after it, and compare its "
                             "value and time to "
                             "live (exit 5 if one differs)")
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
        .group(k_writing);
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

void check_flags(const WarmFlags& flags) {
    const WarmOptions& options = flags.options;
    if (options.manifest.empty()) {
        if (!options.files.empty() || !flags.files_from.empty()) return;
        throw Error(ExitCode::usage, "what is to be read?",
                    "give a FILE, - for stdin, --files-from FILE or --manifest FILE");
    }
    if (flags.list_tables) {
        throw Error(ExitCode::usage, "--list-tables and --manifest cannot be given together",
                    "--list-tables takes the dumps themselves: FILE, or - for stdin");
    }
    for (const Option* option : flags.of_datasets) {
        if (option->values().empty()) continue;
        throw Error(ExitCode::usage,
                    (option->is_argument() ? "a FILE" : option->name()) +
                        " cannot be given with --manifest",
                    "the manifest says it, for each dataset: see cachectl-manifest(5)");
    }
}

void add_listed_files(const std::string& list, WarmOptions& options) {
    if (list.empty()) return;
    for (ListedFile& file : read_file_list(list)) {
        options.files.push_back(std::move(file.name));
        options.file_places.push_back(std::move(file.place));
    }
}

ExitCode run(Context& ctx, WarmFlags& flags) {
    try {
        flags.options.release.values = parse_values(flags.set);
        check_flags(flags);
        add_listed_files(flags.files_from, flags.options);
    } catch (const Error& error) {
        tell_early_error(ctx, flags.options, error);
        throw;
    }
    if (flags.list_tables) return list_tables(ctx, flags.options);
    return run_warm(ctx, flags.options);
}

}  // namespace

void add_warm(CommandSyntax& syntax, Action& action) {
    const auto flags = std::make_shared<WarmFlags>();
    syntax.description(
        "Load keys from a JSON object (key to value), or from rows: a JSON array, NDJSON, CSV or "
        "TSV with a header, or the tables of an SQL dump as pg_dump, mysqldump, mariadb-dump and "
        "sqlite3's .dump write it. What a file is, its content says. Files are read as a stream, "
        "and a "
        "value and its time to live always travel together, so that whatever happens no key is "
        "left without one.\n\n"
        "Keys that are there already are left as they are, unless --if-exists says overwrite, "
        "refresh or update; "
        "protected ones are in any case. If rows make the same key twice, the first wins; with "
        "overwrite, the last wins. The others are told as duplicates, and make exit 5 if they are "
        "more than --max-errors. A run that was cut short can "
        "simply be repeated, or be gone on with by --resume. What that needs, --verify and the "
        "check whether all will fit are explained in cachectl-warming(7).\n\n"
        "The columns and types of an SQL dump come from its CREATE TABLE, so a row becomes JSON "
        "with numbers, booleans, null and nested JSON as such; timestamps stay the text that the "
        "dump has. Of a dump with rows of several tables, --table chooses. What is no data is "
        "skipped, and nothing in a dump is obeyed.\n\n"
        "A manifest names many datasets, which tables they come from and what becomes of them, "
        "for one run that reads each file once.");
    add_input_options(syntax, *flags);
    add_row_options(syntax, *flags);
    add_sql_options(syntax, *flags);
    add_writing_options(syntax, *flags);
    add_release_options(syntax, *flags);
    add_error_options(syntax, flags->options);
    add_pace_options(syntax, flags->options.pace);
    add_output_options(syntax, flags->options.output,
                       {Format::table, Format::plain, Format::json, Format::ndjson, Format::csv});
    syntax.footer(
        "Examples:\n"
        "  cachectl warm courses.ndjson --key 'course:{id}' --ttl 1h --jitter 10%\n"
        "      a key for each course, expiring between 54 and 60 minutes from now\n"
        "  cachectl warm dump.sql --table courses --key 'course:{id}' --ttl 10m\n"
        "      straight from a database's dump\n"
        "  cachectl warm dump.sql.gz --list-tables\n"
        "      what there is to choose from\n"
        "  cachectl warm dump.sql.gz --table t --where 'active = true' --collect t:all\n"
        "      the rows that are wanted, as one key\n"
        "  cachectl warm codes.json --collect 'ramq:codes:all' --ttl 1h\n"
        "      a whole table as one key\n"
        "  cachectl warm dispatches.csv --group 'dispatches:list:{tenant_id}' --ttl 5m\n"
        "      one key for each tenant, a list of its rows\n"
        "  cachectl warm c.csv --key 'course:{id:05}' --ttl 1h --if-exists update\n"
        "      what is missing, and what has another value than the cache has\n"
        "  cachectl warm --manifest warm.json --policy keys.json\n"
        "      all that an application wants to find in its cache\n"
        "  cachectl warm --manifest warm.json --resume --verify-sample 5%\n"
        "      in a pipeline: go on where the last run was cut off, and check some of it\n"
        "  cachectl warm --manifest m.json --set release=v42 --switch c:now --sync 'c:*'\n"
        "      a release: load it, point at it, delete what is left of those before it\n"
        "  cachectl warm - --key 'user:{id}' --as hash --ttl 30m --dry-run\n"
        "      what rows that another program writes would become, as in: psql --csv … | …\n");
    action = [flags](Context& ctx) { return run(ctx, *flags); };
}

}  // namespace cachectl
