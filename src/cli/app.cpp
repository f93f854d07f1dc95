#include "cli/app.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "output/escape.hpp"
#include "redis/uri.hpp"
#include "util/error.hpp"
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
    std::string text = "cachectl: error: " + escape_for_terminal(error.what()) + '\n';
    if (!error.hint().empty()) text += "cachectl: " + escape_for_terminal(error.hint()) + '\n';
    say(ctx, text);
    return error.code();
}

/// The known name that `typed` is most likely meant to be; empty if none is near.
std::string nearest(const std::string& typed, const std::vector<std::string>& known) {
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(1, typed.size() / 3) + 1;
    for (const std::string& name : known) {
        const std::size_t distance = edit_distance(typed, name);
        if (distance < best_distance) {
            best = name;
            best_distance = distance;
        }
    }
    return best;
}

std::string did_you_mean(const std::string& name) {
    return name.empty() ? "see `cachectl --help`" : "did you mean " + name + "?";
}

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

// A URL at the wrong place may hold a password.
std::string shown(const std::string& word) {
    return word.find("://") == std::string::npos ? word : redact_url(word);
}

Error unknown_word(const CLI::App& app, const std::string& word) {
    if (word.starts_with('-')) {
        std::vector<std::string> known = option_names(app);
        for (const CLI::App* sub : app.get_subcommands()) {
            for (std::string& name : option_names(*sub)) known.push_back(std::move(name));
        }
        const std::string typed = word.substr(0, word.find('='));
        return {ExitCode::usage, "unknown option " + typed, did_you_mean(nearest(typed, known))};
    }
    if (!app.get_subcommands().empty()) {
        return {ExitCode::usage, "'" + shown(word) + "' is one argument too many",
                "see `cachectl " + app.get_subcommands().front()->get_name() + " --help`"};
    }
    std::vector<std::string> known;
    for (const CLI::App* sub : app.get_subcommands({})) known.push_back(sub->get_name());
    return {ExitCode::usage, "unknown command '" + shown(word) + "'",
            did_you_mean(nearest(word, known))};
}

// `-h` with nothing behind it is what a newcomer types for help; with a value it is the host.
void make_bare_h_help(std::vector<std::string>& args) {
    if (!args.empty() && args.back() == "-h") args.back() = "--help";
}

enum class Parsed { run, done };

Parsed parse(CommandTree& tree, std::vector<std::string> args, Context& ctx) {
    CLI::App& app = *tree.app;
    if (args.empty()) args.emplace_back("--help");
    make_bare_h_help(args);
    std::reverse(args.begin(), args.end());  // what CLI11 wants of a vector
    try {
        app.parse(std::move(args));
    } catch (const CLI::CallForHelp&) {
        ctx.out.write(app.help());
        return Parsed::done;
    } catch (const CLI::CallForVersion& version) {
        ctx.out.write(std::string(version.what()) + '\n');
        return Parsed::done;
    } catch (const CLI::ParseError& error) {
        const auto words = app.remaining(true);
        const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
                           app.get_subcommands().empty();
        if (extra && !words.empty()) throw unknown_word(app, words.front());
        const auto subs = app.get_subcommands();
        const std::string command = subs.empty() ? "" : subs.front()->get_name() + ' ';
        throw Error(ExitCode::usage, error.what(), "see `cachectl " + command + "--help`");
    }
    return Parsed::run;
}

ExitCode parse_and_run(std::vector<std::string> args, std::span<const Command> table, Context& ctx,
                       const Environment& environment) {
    const auto tree = build_command_tree(table);
    if (parse(*tree, std::move(args), ctx) == Parsed::done) {
        ctx.out.flush();
        return ExitCode::ok;
    }
    ctx.quiet = tree->globals.quiet;
    ctx.no_progress = tree->globals.no_progress;
    ctx.color = tree->globals.color;
    if (tree->command->needs == Command::Needs::server) {
        ctx.settings = resolve_settings(tree->globals.connection, environment, ctx.ask_password);
    }
    if (ctx.settings.address.read_from == ReadFrom::replica && tree->command->group == "Change")
        throw Error(ExitCode::usage, "--read-from replica is for commands that only look",
                    "changes go to the master");
    const ExitCode code = tree->action(ctx);
    try {
        ctx.out.flush();
    } catch (const ClosedPipe&) {
        // The work is done; that nobody reads its summary changes nothing.
    }
    return code;
}

}  // namespace

ExitCode run_app(std::vector<std::string> args, std::span<const Command> table, Context& ctx,
                 const Environment& environment) {
    try {
        return parse_and_run(std::move(args), table, ctx, environment);
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
