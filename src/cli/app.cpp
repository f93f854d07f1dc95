#include "cli/app.hpp"

#include "cli/command_line.hpp"
#include "cli/help.hpp"
#include "keyspace/sparing_glob.hpp"
#include "output/csv.hpp"
#include "output/escape.hpp"
#include "util/error.hpp"
#include "util/secrets.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

void say(Context& ctx, std::string_view text) {
    try {
        ctx.err.write(text);
        ctx.err.flush();
    } catch (...) {
        // Nobody reads stderr: the exit code has to say it.
    }
}

ExitCode report(Context& ctx, const Error& error) {
    std::string text = "cachectl: error: " + escape_for_terminal(mask_typed(error.what())) + '\n';
    if (!error.hint().empty()) {
        text += "cachectl: " + escape_for_terminal(mask_typed(error.hint())) + '\n';
    }
    say(ctx, text);
    return error.code();
}

/// GitHub, GitLab, Bitbucket, CircleCI, Travis and others set it.
bool is_ci_job(const Environment& environment) {
    const auto ci = environment("CI");
    return ci && !ci->empty() && *ci != "false" && *ci != "0";
}

ExitCode parse_and_run(const std::vector<std::string>& args, std::span<const Command> table,
                       Context& ctx, const Environment& environment) {
    const auto tree = build_command_tree(table);
    const ParsedLine line = parse_command_line(*tree, args);
    if (line.wish != ParsedLine::Wish::run) {
        std::string text = line.wish == ParsedLine::Wish::help ? help_of(*line.syntax, table)
                                                               : "cachectl " CACHECTL_VERSION "\n";
        if (ctx.out_terminal.attached && !ctx.out_terminal.utf8) {
            replace_all(text, "…", "...");
        }
        ctx.out.write(text);
        ctx.out.flush();
        return ExitCode::ok;
    }
    ctx.quiet = tree->globals.quiet;
    ctx.progress_when = tree->globals.no_progress ? ProgressWhen::none : tree->globals.progress;
    ctx.is_ci = is_ci_job(environment);
    ctx.color = tree->globals.color;
    set_csv_formulas(tree->globals.csv_safe ? Formulas::guarded : Formulas::kept);
    if (tree->command->needs == Command::Needs::server) {
        ctx.settings = resolve_settings(tree->globals.connection, environment, ctx.ask_password,
                                        check_sparing_glob);
    }
    if (ctx.settings.address.read_from == ReadFrom::replica && tree->command->group == "Change") {
        throw Error(ExitCode::usage, "--read-from replica is for commands that only look",
                    "changes go to the master");
    }
    const ExitCode code = tree->action(ctx);
    try {
        ctx.out.flush();
    } catch (const ClosedPipe&) {
        // The work is done; that nobody reads its summary changes nothing.
    }
    return code;
}

}  // namespace

ExitCode run_app(const std::vector<std::string>& args, std::span<const Command> table, Context& ctx,
                 const Environment& environment) {
    for (const std::string& word : args) {
        if (word.find("://") != std::string::npos) {
            remember_typed(word);
        }
    }
    try {
        return parse_and_run(args, table, ctx, environment);
    } catch (const ClosedPipe&) {
        return ExitCode::ok;
    } catch (const Error& error) {
        try {
            ctx.out.flush();  // what was found before the error still counts
        } catch (const ClosedPipe&) {
        } catch (const Error&) {
        }
        return report(ctx, error);
    } catch (const std::bad_alloc&) {
        return report(ctx, {ExitCode::local_io, "out of memory"});
    } catch (const std::exception& error) {
        return report(ctx, {ExitCode::partial, std::string("internal error: ") + error.what()});
    }
}

}  // namespace cachectl
