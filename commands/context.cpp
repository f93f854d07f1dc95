// context: the contexts of the configuration file, what is in force, and whether it answers.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/option.hpp"
#include "cli/option_groups.hpp"
#include "cli/target.hpp"
#include "commands/commands.hpp"
#include "config/contexts.hpp"
#include "config/setting_list.hpp"
#include "output/document.hpp"
#include "output/escape.hpp"
#include "output/plain_fields.hpp"
#include "output/rows.hpp"
#include "redis/info.hpp"
#include "util/named_error.hpp"

namespace cachectl {

namespace {

using std::chrono::microseconds;

struct ContextOptions {
    std::string action;
    std::optional<std::string> name;
    FormatChoice output;
};

RowsStyle style_of(const Context& ctx, const FormatChoice& output) {
    return {
        .format = output.resolve(ctx.out_terminal), .display = ctx.out_display(), .escaped = true};
}

/// For people: what keeps changes away or records them.
std::string rules_of(const ContextEntry& entry) {
    std::vector<std::string> rules;
    const auto add = [&rules](bool holds, const char* rule) {
        if (holds) {
            rules.emplace_back(rule);
        }
    };
    add(entry.production, "production");
    add(entry.read_only, "read-only");
    add(entry.confirm == ConfirmMode::always, "confirm");
    add(!entry.audit_log.empty(), "audit log");
    add(!entry.policy_file.empty(), "policy");
    add(!entry.protected_patterns.empty(), "protect");
    return fmt::format("{}", fmt::join(rules, ", "));
}

std::optional<std::string> text_or_none(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

ExitCode list_contexts(Context& ctx, const ContextOptions& options) {
    if (options.name) {
        throw Error(ExitCode::usage, "context list takes no name",
                    "context show NAME tells of one");
    }
    const KnownContexts known = ctx.read_contexts();
    for (const std::string& warning : known.warnings) {
        ctx.warn(warning);
    }
    Rows rows(ctx.out, style_of(ctx, options.output),
              {{"context", "CONTEXT"},
               {"server", "SERVER", Field::Kind::text, "-"},
               {"", "RULES", Field::Kind::text, "-"},
               {"in_force", "IN FORCE", Field::Kind::flag},
               {"production", "", Field::Kind::flag},
               {"read_only", "", Field::Kind::flag},
               {"confirm", ""},
               {"audit_log", ""},
               {"policy", ""}});
    for (const auto& [name, entry] : known.file.contexts) {
        std::optional<std::string> server;
        if (entry.server) {
            server = name_of_database(*entry.server);
        }
        const std::optional<std::string> rules = text_or_none(rules_of(entry));
        const std::optional<std::string> log = text_or_none(entry.audit_log);
        const std::optional<std::string> policy = text_or_none(entry.policy_file);
        rows.row({name, server, rules, name == known.in_force, entry.production, entry.read_only,
                  entry.confirm == ConfirmMode::always ? "always" : "tty", log, policy});
    }
    rows.finish();
    if (known.file.contexts.empty()) {
        ctx.note("there are no contexts; cachectl-config(5) shows how to write some");
    }
    if (!known.in_force.empty()) {
        ctx.note(fmt::format("'{}' is in force, by {}", known.in_force, known.asked_by));
    }
    if (!known.in_force.empty() && !known.file.contexts.contains(known.in_force)) {
        ctx.warn(fmt::format("there is no context '{}': commands refuse to run", known.in_force));
    }
    return ExitCode::ok;
}

ExitCode show_context(Context& ctx, const ContextOptions& options) {
    const Settings settings = ctx.settings_of(options.name);
    for (const std::string& warning : settings.warnings) {
        ctx.warn(warning);
    }
    Rows rows(
        ctx.out, style_of(ctx, options.output),
        {{"setting", "SETTING"}, {"value", "VALUE", Field::Kind::text, "-"}, {"source", "FROM"}});
    for (const ShownSetting& shown : list_settings(settings)) {
        rows.row({shown.name, shown.value, shown.source});
    }
    rows.finish();
    return ExitCode::ok;
}

/// What is found of the server behind the settings.
struct ServerCheck {
    std::string context;
    std::string target;
    std::optional<ServerInfo> info;  // nothing: it does not answer
    std::size_t masters = 0;
    std::optional<microseconds> latency;  // nothing: it does not take PING
    std::optional<Error> error;
};

/// The median of a few round trips.
std::optional<microseconds> measure_latency(const Context& ctx, Client& client) {
    constexpr std::size_t k_round_trips = 5;
    std::vector<microseconds> times;
    for (std::size_t i = 0; i < k_round_trips; ++i) {
        const auto start = ctx.now();
        const Reply reply = client.call({"PING"});
        if (reply.is_error()) {
            return std::nullopt;
        }
        times.push_back(std::chrono::duration_cast<microseconds>(ctx.now() - start));
    }
    std::sort(times.begin(), times.end());
    return times[k_round_trips / 2];
}

ServerCheck check_server(Context& ctx) {
    ServerCheck check;
    check.context = ctx.settings.context;
    check.target = name_of_database(ctx.settings.address);
    try {
        const auto client = ctx.connect();
        check.info = client->server();
        check.masters = client->masters();
        check.latency = measure_latency(ctx, *client);
    } catch (const Error& error) {
        check.info.reset();
        check.error = error;
    }
    return check;
}

void write_sentences(const ServerCheck& check, Writer& out) {
    const ServerInfo& info = *check.info;
    const std::string name =
        check.context.empty() ? "" : fmt::format(" (context '{}')", check.context);
    const std::string latency = check.latency
                                    ? fmt::format("{:.2f} ms a round trip",
                                                  static_cast<double>(check.latency->count()) / 1e3)
                                    : "a round trip of unknown time, as PING is refused";
    const auto known = [](const std::string& text) { return text.empty() ? "unknown" : text; };
    out.write(escape_for_terminal(fmt::format(
                  "{}{} answers: {} {}, {}, {}", describe_server(check.target, check.masters), name,
                  known(info.name), known(info.version), known(info.role), latency)) +
              '\n');
}

void write_json(const ServerCheck& check, JsonWriter& json) {
    const auto text = [&json](std::string_view name, const std::string& value) {
        json.field(name, value.empty() ? std::nullopt : std::optional<std::string_view>(value));
    };
    const ServerInfo none;
    const ServerInfo& info = check.info ? *check.info : none;
    json.begin_object();
    text("context", check.context);
    text("target", check.target);
    json.field("answers", check.info.has_value());
    text("name", info.name);
    text("version", info.version);
    text("mode", info.mode);
    text("role", info.role);
    text("run_id", info.run_id);
    json.field("masters", check.masters);
    std::optional<std::int64_t> latency;
    if (check.latency) {
        latency = check.latency->count();
    }
    json.field("latency_us", latency);
    json.end_object();
}

ExitCode check_context(Context& ctx, const ContextOptions& options) {
    ctx.settings = ctx.settings_of(options.name);
    const ServerCheck check = check_server(ctx);
    const auto text = [&] {
        if (check.info) {
            write_sentences(check, ctx.out);
        }
    };
    const auto json = [&](JsonWriter& to) { write_json(check, to); };
    const auto fields = [&] { write_plain_fields(ctx.out, json); };
    const bool as_fields = plain_as(options.output) == PlainAs::fields;
    write_document(
        ctx.out, options.output.resolve(ctx.out_terminal),
        {.table = text, .lines = as_fields ? std::function<void()>(fields) : text, .json = json});
    if (check.error) {
        throw NamedError(*check.error, error_id(*check.error));
    }
    return ExitCode::ok;
}

ExitCode run_context(Context& ctx, const ContextOptions& options) {
    if (options.action == "list") {
        return list_contexts(ctx, options);
    }
    return options.action == "show" ? show_context(ctx, options) : check_context(ctx, options);
}

constexpr std::array k_context_rights = {
    AclRight{"+ping", "with `check`", "the time of a round trip is not known"},
};

void add_context(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<ContextOptions>();
    syntax.description(
        "Look at the contexts of the configuration file, see cachectl-config(5). list shows them, "
        "their servers, and which one is in force. show tells each setting that a command would "
        "use, and whether a flag, the environment, the context or nobody has said it; it asks no "
        "server. check connects, and says whether the server answers, what it is, its role and how "
        "long a round trip takes; exit code 3 if it does not. Passwords are never shown.\n\n"
        "show and check take the NAME of a context, as --context does; without one they tell of "
        "what is in force.");
    const std::vector<std::string> actions = {"list", "show", "check"};
    Option& verb = add_word_option(
        syntax, "ACTION", options->action,
        [actions](const std::string& word) {
            const bool is_known = std::find(actions.begin(), actions.end(), word) != actions.end();
            return is_known ? std::optional(word) : std::nullopt;
        },
        actions, "", "What to do: list, show or check");
    verb.required();
    add_text_option(syntax, "NAME", options->name, "", "The context");
    add_output_options(syntax, options->output,
                       {Format::table, Format::plain, Format::json, Format::ndjson});
    syntax.footer(
        "Examples:\n"
        "  cachectl context list\n"
        "      what there is to choose from, and what is in force\n"
        "  cachectl context show prod\n"
        "      why a command goes where it goes\n"
        "  cachectl context check prod --json | jq .latency_us\n"
        "      in a script, before the work begins\n");
    action = [options](Context& ctx) { return run_context(ctx, *options); };
}

}  // namespace

Command context_command() {
    return {"context",
            "Tools",
            "Show contexts, where settings come from, and whether the server answers",
            Command::Needs::chosen_server,
            add_context,
            k_context_rights};
}

}  // namespace cachectl
