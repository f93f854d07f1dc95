// warm: load keys from dumps.
#include "warm/warm.hpp"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <vector>

#include "cli/key_rights.hpp"
#include "cli/option_groups.hpp"
#include "commands/commands.hpp"
#include "warm/file_list.hpp"
#include "warm/list_tables.hpp"
#include "warm/options.hpp"

namespace cachectl {

namespace {

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

void check_flags(const WarmFlags& flags) {
    const WarmOptions& options = flags.options;
    if (options.manifest.empty()) {
        if (!options.files.empty() || !flags.files_from.empty()) {
            return;
        }
        throw Error(ExitCode::usage, "what is to be read?",
                    "give a FILE, - for stdin, --files-from FILE or --manifest FILE");
    }
    if (flags.list_tables) {
        throw Error(ExitCode::usage, "--list-tables and --manifest cannot be given together",
                    "--list-tables takes the dumps themselves: FILE, or - for stdin");
    }
    for (const Option* option : flags.of_datasets) {
        if (option->values().empty()) {
            continue;
        }
        throw Error(ExitCode::usage,
                    (option->is_argument() ? "a FILE" : option->name()) +
                        " cannot be given with --manifest",
                    "the manifest says it, for each dataset: see cachectl-manifest(5)");
    }
}

void add_listed_files(const std::string& list, WarmOptions& options) {
    if (list.empty()) {
        return;
    }
    for (ListedFile& file : read_file_list(list)) {
        options.files.push_back(std::move(file.name));
        options.file_places.push_back(std::move(file.place));
    }
}

ExitCode run(Context& ctx, WarmFlags& flags) {
    try {
        flags.options.release.values = parse_values(flags.set);
        if (flags.if_exists) {
            flags.options.dataset.if_exists = *flags.if_exists;
            flags.options.dataset.says_if_exists = true;
        }
        check_flags(flags);
        add_listed_files(flags.files_from, flags.options);
    } catch (const Error& error) {
        tell_early_error(ctx, flags.options, error);
        throw;
    }
    if (flags.list_tables) {
        return list_tables(ctx, flags.options);
    }
    return run_warm(ctx, flags.options);
}

constexpr const char* k_in_slices =
    "for more than 2,000 elements, 1,000 fields or 1,000 members with scores";

constexpr auto k_warm_rights = key_rights::and_backup(std::array{
    AclRight{"+set", "for JSON and strings", ""},
    AclRight{"+msetex", "for JSON and strings, on Redis 8.4 and Valkey 9.1 or newer",
             "each is written by a command of its own"},
    AclRight{"+hset", "with `--as hash`", ""},
    AclRight{"+rpush", "with `--as list`", ""},
    AclRight{"+sadd", "with `--as set`", ""},
    AclRight{"+zadd", "with `--as zset`", ""},
    AclRight{"+multi", "for all that is no string", ""},
    AclRight{"+exec", "for all that is no string", ""},
    AclRight{"+pexpire", "for all that is no string and has a time to live", ""},
    AclRight{"+renamenx", "for all that is no string and new, without `--if-exists overwrite`", ""},
    AclRight{"+unlink", "for all that is no string", ""},
    AclRight{"+pexpire", k_in_slices, ""},
    AclRight{"+pttl", k_in_slices, ""},
    AclRight{"+renamenx", k_in_slices, ""},
    AclRight{"+watch", k_in_slices, ""},
    AclRight{"+persist", "for as many that never expire", ""},
    AclRight{"+hlen", "for hashes of more than 1,000 fields", ""},
    AclRight{"+llen", "for lists of more than 2,000 elements", ""},
    AclRight{"+scard", "for sets of more than 2,000 elements", ""},
    AclRight{"+zcard", "for sorted sets of more than 1,000 members", ""},
    AclRight{"+multi", "with `--if-exists refresh`", ""},
    AclRight{"+exec", "with `--if-exists refresh`", ""},
    AclRight{"+watch", "with `--if-exists refresh`, where keys are written again", ""},
    AclRight{"+pttl", "with `--if-exists refresh`", ""},
    AclRight{"+getrange", "with `--if-exists update`, for JSON and strings", ""},
    AclRight{"+hlen", "with `--if-exists update` and `--as hash`", ""},
    AclRight{"+hmget", "with `--if-exists update` and `--as hash`", ""},
    AclRight{"+hpttl", "with `--if-exists update` and `--as hash`, where the server has it",
             "times to live of single fields are not seen"},
    AclRight{"+llen", "with `--if-exists update` and `--as list`", ""},
    AclRight{"+lrange", "with `--if-exists update` and `--as list`", ""},
    AclRight{"+memory|usage", "with `--if-exists update` and `--as hash`",
             "a larger value that is there is read before it is replaced"},
    AclRight{"+memory|usage", "with `--if-exists update` and `--as list`",
             "a larger value that is there is read before it is replaced"},
    AclRight{"+scard", "with `--if-exists update` and `--as set`", ""},
    AclRight{"+smismember", "with `--if-exists update` and `--as set`", ""},
    AclRight{"+zcard", "with `--if-exists update` and `--as zset`", ""},
    AclRight{"+zmscore", "with `--if-exists update` and `--as zset`", ""},
    AclRight{"+scan", "with `--sync`", ""},
    AclRight{"+unlink", "with `--sync`", ""},
    AclRight{"+memory|usage", "with `--sync`", key_rights::k_small_batches},
    AclRight{"+strlen", "with `--switch`", ""},
    AclRight{"+get", "with `--switch`", ""},
    AclRight{"+set", "with `--switch`", ""},
    AclRight{"+info", "", "whether the keys fit is not known, which a warning says"},
    AclRight{
        "+exists",
        "where it does not fit, with `--resume`, and for values above 1 MiB and all that is no "
        "string",
        "keys that exist already count as new ones, and are built aside in vain"},
    AclRight{"+config|get", "for values above 1 MiB",
             "one that the server takes no more (proto-max-bulk-len) ends the connection"},
    AclRight{"+get", "with `--verify`, for JSON and strings", ""},
    AclRight{"+strlen", "with `--verify`, for strings above 256 KiB", ""},
    AclRight{"+getrange", "with `--verify`, for strings above 256 KiB", ""},
    AclRight{"+hlen", "with `--verify` and `--as hash`", ""},
    AclRight{"+hmget", "with `--verify` and `--as hash`", ""},
    AclRight{"+llen", "with `--verify` and `--as list`", ""},
    AclRight{"+lrange", "with `--verify` and `--as list`", ""},
    AclRight{"+scard", "with `--verify` and `--as set`", ""},
    AclRight{"+smismember", "with `--verify` and `--as set`", ""},
    AclRight{"+zcard", "with `--verify` and `--as zset`", ""},
    AclRight{"+zmscore", "with `--verify` and `--as zset`", ""},
    AclRight{"+pttl", "with `--verify`", ""},
    AclRight{"+ping", "while the input keeps cachectl waiting",
             "a connection that the server has closed meanwhile is noticed too late"},
});

void add_warm(CommandSyntax& syntax, Action& action) {
    const auto flags = std::make_shared<WarmFlags>();
    syntax.description(
        "Load keys from a JSON object (key to value), or from rows: a JSON array, NDJSON, CSV or "
        "TSV with a header, or the tables of an SQL dump as pg_dump, mysqldump, mariadb-dump and "
        "sqlite3's .dump write it. What a file is, its content says. Files are read as a stream, "
        "and a value and its time to live always travel together, so that whatever happens no key "
        "is left without one.\n\n"
        "Keys that are there already are left as they are, unless --if-exists says overwrite, "
        "refresh or update; protected ones are in any case. If rows make the same key twice, the "
        "first wins; with overwrite and update, the last wins. The others are told as duplicates, "
        "and make exit 5 if they are more than --max-errors. A run that was cut short can simply "
        "be repeated, or be gone on with by --resume. What that needs, --verify and the check "
        "whether all will fit are explained in cachectl-warming(7).\n\n"
        "The columns and types of an SQL dump come from its CREATE TABLE, so a row becomes JSON "
        "with numbers, booleans, null and nested JSON as such; timestamps stay the text that the "
        "dump has. Of a dump with rows of several tables, --table chooses. What is no data is "
        "skipped, and nothing in a dump is obeyed.\n\n"
        "A manifest names many datasets, which tables they come from and what becomes of them, for "
        "one run that reads each file once.");
    add_reading_options(syntax, *flags);
    add_loading_options(syntax, *flags);
    add_pace_options(syntax, flags->options.pace);
    add_output_options(syntax, flags->options.output,
                       {Format::table, Format::plain, Format::json, Format::ndjson, Format::csv},
                       OutputOf::summary);
    syntax.footer(
        "Examples:\n"
        "  cachectl warm courses.ndjson --key 'course:{id}' --ttl 1h --jitter 10%\n"
        "      a key for each course, expiring between 54 and 60 minutes from now\n"
        "  cachectl warm dump.sql --table courses --key 'course:{id}' --ttl 10m\n"
        "      straight from a database's dump\n"
        "  cachectl warm dump.sql.gz --list-tables\n"
        "      what there is to choose from\n"
        "  cachectl warm dump.sql.gz --table t --where 'active = true' \\\n"
        "      --collect t:all --ttl 1h\n"
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
        "  psql --csv -c 'select * from users' | cachectl warm - --key 'user:{id}' \\\n"
        "      --as hash --ttl 30m --dry-run\n"
        "      what rows that another program writes would become\n");
    action = [flags](Context& ctx) { return run(ctx, *flags); };
}

}  // namespace

Command warm_command() {
    return {"warm",
            "Change",
            "Load keys from JSON, CSV or SQL dumps",
            Command::Needs::server,
            add_warm,
            k_warm_rights,
            write_early_error};
}

}  // namespace cachectl
