#include "cli/app.hpp"

#include <memory>
#include <new>
#include <optional>

#include "cli/change_run.hpp"
#include "cli/command_line.hpp"
#include "cli/help.hpp"
#include "config/contexts.hpp"
#include "keyspace/sparing_glob.hpp"
#include "output/csv.hpp"
#include "output/escape.hpp"
#include "output/json.hpp"
#include "output/table.hpp"
#include "util/named_error.hpp"
#include "util/secrets.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

void say(Context& ctx, std::string_view head, std::string_view message) {
    try {
        ctx.say(head, message);
    } catch (...) {
        // Nobody reads stderr: the exit code has to say it.
    }
}

/// {"error":{…}} on one line, which a script finds behind whatever else was said.
void say_as_json(Context& ctx, const Error& error) {
    try {
        JsonWriter json(ctx.err, JsonLayout::compact);
        json.begin_object();
        json.key("error");
        json.begin_object();
        json.field("code", static_cast<int>(error.code()));
        json.field("id", std::string_view(error_id(error)));
        json.field("message", std::string_view(mask_typed(error.what())));
        json.key("hint");
        if (error.hint().empty()) {
            json.value(nullptr);
        } else {
            json.value(std::string_view(mask_typed(error.hint())));
        }
        json.end_object();
        json.end_object();
        ctx.err.flush();
    } catch (...) {
        // Nobody reads stderr: the exit code has to say it.
    }
}

/// GitHub, GitLab, Bitbucket, CircleCI, Travis and others set it.
bool is_ci_job(const Environment& environment) {
    const auto ci = environment("CI");
    return ci && !ci->empty() && *ci != "false" && *ci != "0";
}

/// `flags` and `environment` outlive the run.
void offer_settings(const ConnectionFlags& flags, Context& ctx, const Environment& environment) {
    ctx.settings_of = [&flags, &ctx, &environment](const std::optional<std::string>& context) {
        ConnectionFlags chosen = flags;
        if (context) {
            chosen.context = context;
        }
        return resolve_settings(chosen, environment, ctx.ask_password, check_sparing_glob);
    };
    ctx.read_contexts = [&flags, &environment] {
        return read_contexts(flags, environment, check_sparing_glob);
    };
}

/// What comes before the command's own work: nothing if the line asks for it, else the exit code.
std::optional<ExitCode> prepare(CommandTree& tree, const std::vector<std::string>& args,
                                std::span<const Command> table, Context& ctx,
                                const Environment& environment) {
    set_table_markup(Markup::none);
    const ParsedLine line = parse_command_line(tree, args);
    if (line.wish != ParsedLine::Wish::run) {
        const std::size_t columns = help_columns(ctx.out_display().columns);
        std::string text = line.wish == ParsedLine::Wish::help
                               ? help_of(*line.syntax, table, columns)
                           : line.wish == ParsedLine::Wish::first_screen
                               ? first_screen(*line.syntax, table, columns)
                               : "cachectl " CACHECTL_VERSION "\n";
        if (ctx.out_display().glyphs == Glyphs::ascii) {
            replace_all(text, "…", "...");
        }
        ctx.out.write(text);
        ctx.out.flush();
        return ExitCode::ok;
    }
    ctx.quiet = tree.globals.quiet;
    ctx.progress_when = tree.globals.no_progress ? ProgressWhen::none : tree.globals.progress;
    ctx.is_ci = is_ci_job(environment);
    ctx.color = tree.globals.color;
    set_csv_formulas(tree.globals.csv_safe ? Formulas::guarded : Formulas::kept);
    offer_settings(tree.globals.connection, ctx, environment);
    if (tree.command->needs == Command::Needs::server) {
        ctx.settings = ctx.settings_of(std::nullopt);
    }
    if (ctx.settings.address.read_from == ReadFrom::replica && tree.command->group == "Change") {
        throw Error(ExitCode::usage, "--read-from replica is for commands that only look",
                    "changes go to the master");
    }
    if (is_change(tree)) {
        prepare_change(tree, args, ctx, environment);
    }
    return std::nullopt;
}

ExitCode parse_and_run(CommandTree& tree, const std::vector<std::string>& args,
                       std::span<const Command> table, Context& ctx,
                       const Environment& environment) {
    try {
        if (const auto code = prepare(tree, args, table, ctx, environment)) {
            return *code;
        }
    } catch (const Error& error) {
        if (tree.json && tree.command != nullptr && tree.command->write_early_error != nullptr) {
            tree.command->write_early_error(ctx, *tree.json, error);
        }
        throw;
    }
    const ExitCode code = tree.action(ctx);
    try {
        ctx.out.flush();
    } catch (const ClosedPipe&) {
        // The work is done; that nobody reads its summary changes nothing.
    }
    return code;
}

/// Whatever goes wrong is told, and is the exit code.
ExitCode run_reporting(std::unique_ptr<CommandTree>& tree, const std::vector<std::string>& args,
                       std::span<const Command> table, Context& ctx,
                       const Environment& environment) {
    const auto failed = [&](const Error& error) {
        if (ctx.audit) {
            ctx.audit->note_error(error);
        }
        return report_error(ctx, error, tree != nullptr && tree->json.has_value());
    };
    try {
        tree = build_command_tree(table);
        return parse_and_run(*tree, args, table, ctx, environment);
    } catch (const ClosedPipe&) {
        return ExitCode::ok;
    } catch (const Error& error) {
        try {
            ctx.out.flush();  // what was found before the error still counts
        } catch (const ClosedPipe&) {
        } catch (const Error&) {
        }
        return failed(error);
    } catch (const std::bad_alloc&) {
        return failed({ExitCode::local_io, "out of memory"});
    } catch (const std::exception& error) {
        return failed({ExitCode::partial, std::string("internal error: ") + error.what()});
    }
}

/// An audit log that has not got its last line is an error where there is no other.
ExitCode finish(Context& ctx, ExitCode code, bool as_json) {
    try {
        finish_change(ctx, code);
    } catch (const Error& error) {
        if (code == ExitCode::ok) {
            return report_error(ctx, error, as_json);
        }
        say(ctx, "cachectl: warning: ", error.what());
    } catch (const std::bad_alloc&) {
        return report_error(
            ctx, {ExitCode::local_io, "out of memory; how the run ended is not in the audit log"},
            as_json);
    } catch (const std::exception& error) {
        return report_error(
            ctx, {ExitCode::local_io, std::string("internal error: ") + error.what()}, as_json);
    }
    return code;
}

}  // namespace

ExitCode report_error(Context& ctx, const Error& error, bool as_json) {
    if (as_json) {
        say_as_json(ctx, error);
        return error.code();
    }
    say(ctx, "cachectl: error: ", error.what());
    if (!error.hint().empty()) {
        say(ctx, "cachectl: ", error.hint());
    }
    return error.code();
}

ExitCode run_app(const std::vector<std::string>& args, std::span<const Command> table, Context& ctx,
                 const Environment& environment) {
    for (const std::string& word : args) {
        if (word.find("://") != std::string::npos) {
            remember_typed(word);
        }
    }
    std::unique_ptr<CommandTree> tree;
    const ExitCode code = run_reporting(tree, args, table, ctx, environment);
    return finish(ctx, code, tree != nullptr && tree->json.has_value());
}

}  // namespace cachectl
