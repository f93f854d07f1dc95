#include "cli/change_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "cli/option.hpp"
#include "cli/scrub.hpp"
#include "util/named_error.hpp"
#include "util/secrets.hpp"

namespace cachectl {

namespace {

std::vector<std::string> masked(std::vector<std::string> texts) {
    for (std::string& text : texts) {
        text = mask_typed(mask_secrets(text));
    }
    return texts;
}

/// "PATTERN" is "patterns".
std::string plural(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return name + 's';
}

AuditedRun describe_run(const CommandEntry& entry, const std::vector<std::string>& words,
                        const Environment& environment) {
    AuditedRun run;
    run.command = entry.command->name;
    run.words = masked_words(words);
    for (const Option& option : entry.syntax.options()) {
        if (option.is_argument()) {
            run.asked_for.emplace_back(plural(option.name()), masked(option.values()));
        } else if (option.has_name("--backup") && !option.values().empty()) {
            // The log may be read elsewhere.
            run.backup = std::filesystem::absolute(option.values().back()).string();
        }
    }
    run.actor = find_actor(environment);
    return run;
}

/// A refusal stands for itself, also where the log does not take it.
[[noreturn]] void refuse_change(Context& ctx, const std::string& log,
                                const std::function<AuditedRun()>& run) {
    if (!log.empty()) {
        try {
            ctx.audit = std::make_unique<AuditTrail>(ctx, log, run());
        } catch (const Error& error) {
            ctx.warn(error.what());
        }
    }
    throw NamedError(
        {ExitCode::guard,
         fmt::format("context '{}' is read-only, by \"read_only\" in the configuration "
                     "file; nothing was sent",
                     ctx.settings.context),
         "--dry-run only looks"},
        "read-only");
}

}  // namespace

void add_audit_log_option(CommandSyntax& syntax, GlobalOptions& globals) {
    add_text_option(syntax, "--audit-log", globals.audit_log, "FILE",
                    "Append to this file who changes what, and how it ends; dry runs are not in it")
        .group("Safety");
}

bool is_change(CommandTree& tree) {
    const auto& options = tree.entry_of(tree.command->name).syntax.options();
    return tree.command->group == "Change" &&
           std::none_of(options.begin(), options.end(), [](const Option& option) {
               return option.outline().changes_nothing && !option.values().empty();
           });
}

void prepare_change(CommandTree& tree, const std::vector<std::string>& words, Context& ctx,
                    const Environment& environment) {
    const CommandEntry& entry = tree.entry_of(tree.command->name);
    const std::string& log =
        tree.globals.audit_log.empty() ? ctx.settings.audit_log : tree.globals.audit_log;
    if (log == "-") {
        throw Error(ExitCode::usage,
                    "--audit-log: takes a file, whose last line can be read again");
    }
    const auto run = [&] { return describe_run(entry, words, environment); };
    if (ctx.settings.read_only) {
        refuse_change(ctx, log, run);
    }
    if (!log.empty()) {
        ctx.audit = std::make_unique<AuditTrail>(ctx, log, run());
    }
}

void finish_change(Context& ctx, ExitCode code) {
    if (!ctx.audit) {
        return;
    }
    try {
        ctx.audit->end(code);
    } catch (const NamedError& error) {
        throw NamedError({error.code(),
                          fmt::format("{}; what the run has done stands, and how it ended is not "
                                      "in the log",
                                      error.what()),
                          error.hint()},
                         error.id);
    }
}

}  // namespace cachectl
