#include "cli/option_groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cli/option.hpp"
#include "keyspace/key_type.hpp"
#include "output/table.hpp"
#include "util/parse.hpp"

namespace cachectl {

namespace {

constexpr const char* k_keys_group = "Choosing keys";

constexpr std::array<std::pair<std::string_view, Format>, 12> k_formats = {{
    {"table", Format::table},
    {"plain", Format::plain},
    {"json", Format::json},
    {"ndjson", Format::ndjson},
    {"csv", Format::csv},
    {"prometheus", Format::prometheus},
    {"folded", Format::folded},
    {"ncdu", Format::ncdu},
    {"nagios", Format::nagios},
    {"sarif", Format::sarif},
    {"junit", Format::junit},
    {"github", Format::github},
}};

std::string name_of(Format format) {
    const auto* found = std::find_if(k_formats.begin(), k_formats.end(),
                                     [&](const auto& known) { return known.second == format; });
    return std::string(found->first);
}

std::string check_type(const std::string& text) {
    check_key_type(text);
    return text;
}

void add_tls_options(CommandSyntax& syntax, ConnectionFlags& flags) {
    const auto text = [&syntax](const char* name, std::optional<std::string>& target,
                                const char* value_name, const char* description) {
        add_text_option(syntax, name, target, value_name, description).group("TLS");
    };
    syntax.add_flag("--tls", flags.tls, "Encrypt the connection, as rediss:// does").group("TLS");
    text("--cacert", flags.cacert, "FILE",
         "Authorities that may vouch for the server, in PEM (default: the system's)");
    text("--cacertdir", flags.cacertdir, "PATH", "The same as a folder, made by openssl rehash");
    text("--cert", flags.cert, "FILE", "Client certificate, with its chain, in PEM");
    text("--cert-key", flags.cert_key, "FILE", "Its private key (default: in the same file)");
    text("--sni", flags.sni, "NAME",
         "Name to ask for and to expect in the server's certificate (default: the host)");
    syntax
        .add_flag("--insecure", flags.insecure,
                  "Encrypt, but do not check who the server is; warns at every run")
        .group("TLS");
}

void add_sentinel_options(CommandSyntax& syntax, ConnectionFlags& flags) {
    const auto text = [&syntax](const char* name, std::optional<std::string>& target,
                                const char* value_name, const char* description) -> Option& {
        return add_text_option(syntax, name, target, value_name, description)
            .group("Sentinels and replicas");
    };
    text("--sentinel", flags.sentinel, "HOST:PORT[,HOST:PORT...]",
         "Sentinels to ask for the server (their port: default 26379)");
    text("--master-name", flags.master_name, "NAME", "What the Sentinels call the server");
    Option& tls = text("--sentinel-tls", flags.sentinel_tls, "WHEN",
                       "Encrypt the connections to the Sentinels: auto, on or off (default "
                       "auto: as that to the server)");
    tls.choices({"auto", "on", "off"});
    text("--sentinel-user", flags.sentinel_user, "NAME", "ACL user of the Sentinels themselves");
    text("--sentinel-password-file", flags.sentinel_password_file, "FILE",
         "File with the Sentinels' own password, or CACHECTL_SENTINEL_PASSWORD");
    Option& read_from = text("--read-from", flags.read_from, "ROLE",
                             "Ask a replica of the server: replica; for commands that only look");
    read_from.choices({"replica"});
}

}  // namespace

void add_connection_options(CommandSyntax& syntax, ConnectionFlags& flags) {
    const auto text = [&syntax](const char* names, std::optional<std::string>& target,
                                const char* value_name, const char* description,
                                EmptyValue empty = EmptyValue::refused) {
        add_text_option(syntax, names, target, value_name, description, empty).group("Connection");
    };
    text("-h,--host", flags.host, "HOST",
         "Server's name or address (default 127.0.0.1); HOST[:PORT],… are several nodes of a "
         "cluster, in case some are down");
    text("-p,--port", flags.port, "PORT", "Server's port (default 6379)");
    text("-s,--socket", flags.socket, "PATH", "Server's Unix socket, instead of host and port");
    text("-n,--db", flags.db, "DB", "Database number (default 0)");
    text("-u,--url", flags.url, "URL",
         "Server as redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], rediss://… (TLS), "
         "unix://PATH?db=N or redis+sentinel://HOST:PORT,…/NAME[/DB]");
    text("-a,--password", flags.password, "PASSWORD",
         "Password; REDISCLI_AUTH or --password-file keep it out of the shell's history",
         EmptyValue::allowed);
    text("--user", flags.user, "NAME", "ACL user to log in as");
    syntax.add_flag("--askpass", flags.askpass, "Ask for the password on the terminal")
        .group("Connection");
    text("--password-file", flags.password_file, "FILE", "File whose first line is the password");
    Option& cluster =
        add_text_option(syntax, "--cluster", flags.cluster, "WHEN",
                        "Work on a whole cluster: auto, on or off (default auto: if the server "
                        "is one of its nodes)")
            .group("Connection");
    cluster.choices({"auto", "on", "off"});
    add_text_option(syntax, "--node-map", flags.node_map, "ANNOUNCED=REAL",
                    "Where a cluster's node is to be found that announces another address "
                    "(repeatable)")
        .group("Connection");
    add_tls_options(syntax, flags);
    add_sentinel_options(syntax, flags);
    text("--connect-timeout", flags.connect_timeout, "DUR",
         "Longest wait for a connection and for the login (default 5s, or --timeout if "
         "that is less)");
    text("--timeout", flags.timeout, "DUR", "Longest wait for one reply (default 10s)");
    text("--wait", flags.wait, "DUR",
         "Longest wait for a server that is loading its dataset (default 0s)");
    text("--context", flags.context, "NAME", "Context of the configuration file to use");
    text("--config", flags.config, "FILE",
         "Configuration file (default $XDG_CONFIG_HOME/cachectl/config.json)");
}

void add_talk_options(CommandSyntax& syntax, GlobalOptions& globals) {
    syntax.add_flag("--quiet", globals.quiet, "Nothing on stderr but warnings and errors")
        .group("Output");
    Option& progress = add_parsed_option(
        syntax, "--progress", globals.progress,
        [](const std::string& when) {
            if (when == "auto") {
                return ProgressWhen::automatic;
            }
            if (when == "plain") {
                return ProgressWhen::plain;
            }
            if (when == "none") {
                return ProgressWhen::none;
            }
            throw Error(ExitCode::usage, "'" + when + "' is not auto, plain or none");
        },
        "WHEN",
        "Progress: auto (drawn on a terminal, plain under CI=true), plain (a line every 30 s) or "
        "none (default auto)");
    progress.group("Output");
    progress.choices({"auto", "plain", "none"});
    syntax.add_flag("--no-progress", globals.no_progress, "The same as --progress none")
        .group("Output");
    syntax
        .add_flag(
            "--csv-safe", globals.csv_safe,
            "With -o csv: an apostrophe before cells that a spreadsheet would run as a formula")
        .group("Output");
    Option& color = add_parsed_option(
        syntax, "--color", globals.color,
        [](const std::string& when) {
            if (when == "auto") {
                return ColorWhen::automatic;
            }
            if (when == "always") {
                return ColorWhen::always;
            }
            if (when == "never") {
                return ColorWhen::never;
            }
            throw Error(ExitCode::usage, "'" + when + "' is not auto, always or never");
        },
        "WHEN", "Colours: auto, always or never (default auto: on a terminal)");
    color.group("Output");
    color.choices({"auto", "always", "never"});
}

void add_output_options(CommandSyntax& syntax, FormatChoice& choice,
                        std::initializer_list<Format> formats, OutputOf of) {
    constexpr std::string_view k_markdown = "markdown";  // a table, written another way
    std::vector<std::string> names;
    bool has_table = false;
    for (const Format format : formats) {
        names.push_back(name_of(format));
        has_table |= format == Format::table;
    }
    if (has_table) {
        names.emplace_back(k_markdown);
    }
    const std::string known = fmt::format("{}", fmt::join(names, ", "));
    const std::vector<Format> allowed(formats);
    Option& output = add_parsed_option(
        syntax, "-o,--output", choice.chosen,
        [allowed, known, has_table, k_markdown](const std::string& name) {
            if (has_table && name == k_markdown) {
                set_table_markup(Markup::markdown);
                return Format::table;
            }
            for (const Format format : allowed) {
                if (name_of(format) == name) {
                    return format;
                }
            }
            throw Error(ExitCode::usage, "'" + name + "' is not one of " + known);
        },
        "FORMAT",
        "Output format: " + known +
            (of == OutputOf::rows
                 ? " (default: table on a terminal, else plain)"
                 : " (default: sentences; plain: a NAME, a tab and a VALUE in each line)"));
    output.group("Output");
    output.choices(names);
    syntax
        .add_flag(
            "--json", [&choice] { choice.chosen = Format::json; }, "Short for -o json")
        .group("Output");
    if (std::find(allowed.begin(), allowed.end(), Format::prometheus) != allowed.end()) {
        add_text_option(syntax, "--to", choice.to_file, "FILE",
                        "Write the output to this file, which is replaced as a whole when all of "
                        "it is there: for a textfile collector")
            .group("Output");
    }
}

void add_key_list_options(CommandSyntax& syntax, KeyListOptions& options, WritesKeys writes,
                          const std::string& what) {
    options.writes = writes;
    add_text_option(syntax, "--keys-from", options.keys_from, "FILE", what).group(k_keys_group);
    const bool both = writes == WritesKeys::yes;
    Option& null = syntax.add_flag(
        "-0,--null,--print0", options.null_separated,
        both ? "Keys end in NUL instead of a newline: in --keys-from, and in what is written"
             : "The keys in --keys-from end in NUL instead of a newline");
    null.group(k_keys_group);
    Option& escaped = syntax.add_flag(
        "--escaped", options.escaped,
        both ? "Keys have \\xNN for what is not printable: in --keys-from, and in what is "
               "written"
             : "The keys in --keys-from have \\xNN for what is not printable, as "
               "keys --escaped writes them");
    escaped.excludes(null).group(k_keys_group);
}

void add_key_options(CommandSyntax& syntax, KeyOptions& options, WritesKeys writes) {
    add_text_option(syntax, "PATTERN", options.filter.patterns, "",
                    "Redis glob (* ? [a-z] [^a] \\x); several are a union. One without any of "
                    "* ? [ \\ is a key's name, and is looked up without a walk",
                    EmptyValue::allowed);
    add_key_filters(syntax, options, writes);
}

void add_key_filters(CommandSyntax& syntax, KeyOptions& options, WritesKeys writes) {
    KeyFilter& filter = options.filter;
    add_text_option(syntax, "--exclude", filter.excludes, "GLOB",
                    "Leave out keys that match this glob (repeatable)")
        .group(k_keys_group);
    Option& type = add_parsed_option(
        syntax, "--type", filter.type, check_type, "TYPE",
        "Only keys of this type: string, list, set, zset, hash, stream or that of a module");
    type.group(k_keys_group);
    type.choices({key_types().begin(), key_types().end()});
    syntax.add_flag("--no-ttl", filter.only_persistent, "Only keys that never expire")
        .group(k_keys_group);
    add_parsed_option(syntax, "--ttl-below", filter.ttl_below, parse_duration, "DUR",
                      "Only keys that expire sooner than this")
        .group(k_keys_group);
    add_parsed_option(syntax, "--ttl-above", filter.ttl_above, parse_duration, "DUR",
                      "Only keys that expire later than this, or never")
        .group(k_keys_group);
    add_parsed_option(syntax, "--idle-over", filter.idle_over, parse_duration, "DUR",
                      "Only keys that nobody has used for longer than this")
        .group(k_keys_group);
    add_parsed_option(syntax, "--size-over", filter.size_over, parse_size, "SIZE",
                      "Only keys that take more memory than this")
        .group(k_keys_group);
    add_key_list_options(
        syntax, options, writes,
        "Take the keys from this file (- is stdin), one a line, instead of a walk");
    add_text_option(syntax, "--members-of", options.members_of, "SET",
                    "Take the keys that this set or sorted set lists, as the tags of a cache do, "
                    "instead of a walk (repeatable: a union, each key once)")
        .group(k_keys_group);
    add_parsed_option(
        syntax, "--limit", options.limit,
        [](const std::string& text) { return parse_positive_count(text, "a number of keys"); }, "N",
        "Stop after this many keys, 1 or more")
        .group(k_keys_group);
    add_walk_options(syntax, options.walk);
}

}  // namespace cachectl
