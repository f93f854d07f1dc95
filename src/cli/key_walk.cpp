#include "cli/key_walk.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/key_list.hpp"
#include "keyspace/glob.hpp"
#include "redis/error_reply.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

/// A pattern without any of these is a key's name: it is looked up, not walked for.
bool is_name(const std::string& pattern) {
    return !pattern.empty() && pattern.find_first_of("*?[\\") == std::string::npos;
}

std::function<bool(std::string&)> list_of(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return [names = std::move(names), at = std::size_t{0}](std::string& key) mutable {
        if (at == names.size()) return false;
        key = names[at++];
        return true;
    };
}

KeyForm form_of(const KeyOptions& options) {
    if (options.escaped) return KeyForm::escaped;
    return options.null_separated ? KeyForm::nul : KeyForm::lines;
}

}  // namespace

Selection make_selection(const KeyOptions& options, Context& ctx) {
    Selection selection;
    selection.filter = options.filter;
    selection.limit = options.limit;
    selection.mode = options.walk.mode;
    if (options.walk.unique) selection.remember = Remember::everything;
    for (const auto* globs : {&options.filter.patterns, &options.filter.excludes}) {
        for (const std::string& glob : *globs) {
            if (const auto problem = glob_problem(glob)) ctx.warn(*problem);
        }
    }
    const std::vector<std::string>& patterns = options.filter.patterns;
    const bool has_form = options.null_separated || options.escaped;
    if (has_form && options.keys_from.empty() && options.writes == WritesKeys::no) {
        throw Error(ExitCode::usage,
                    "--null and --escaped say how --keys-from is written, which is missing");
    }
    if (!options.keys_from.empty()) {
        const auto list = std::make_shared<KeyList>(options.keys_from, form_of(options));
        selection.next_listed_key = [list](std::string& key) { return list->next(key); };
    } else if (!patterns.empty() && std::all_of(patterns.begin(), patterns.end(), is_name)) {
        selection.next_listed_key = list_of(patterns);
        selection.of_names = true;
    }
    return selection;
}

ExitCode finish_look(Context& ctx, const SelectionOutcome& outcome) {
    const WalkOutcome& walk = outcome.walk;
    if (walk.failure) {
        // What has been shown is true but not all: that is "partial", whatever the cause.
        // A refusal before the first of it is just that.
        const ExitCode code = walk.failure->code();
        const bool refused = code == ExitCode::refused;
        const bool began = outcome.selected != 0 || (walk.keys != 0 && !refused);
        // A list that is none says so itself.
        throw Error(began && code != ExitCode::bad_input ? ExitCode::partial : code,
                    walk.failure->what() + std::string(began ? " (the list is not complete)" : ""),
                    walk.failure->hint());
    }
    if (walk.may_repeat) {
        ctx.warn(std::string(walk.restarts != 0 ? "the server was restarted on the way"
                                                : "the walk was begun anew") +
                 ": some keys may be listed twice");
    } else if (walk.restarts != 0) {
        ctx.note("the server was restarted on the way: the walk was begun anew");
    }
    if (outcome.vanished != 0) {
        ctx.note(fmt::format("{} {} gone before we could look", format_count(outcome.vanished),
                             outcome.vanished == 1 ? "key was" : "keys were"));
    }
    if (outcome.denied != 0) {
        ctx.warn(fmt::format("{} {} left out, for example {}: {}", format_count(outcome.denied),
                             outcome.denied == 1 ? "key was" : "keys were", outcome.first_denied,
                             hint_at(outcome.denial->text)));
    }
    if (walk.interrupted && !outcome.limit_reached) {
        ctx.warn(fmt::format("interrupted: what was found is not all, {} {} so far",
                             format_count(outcome.selected),
                             outcome.selected == 1 ? "key" : "keys"));
        return stopped_exit_code();
    }
    return outcome.denied == 0 ? ExitCode::ok : ExitCode::partial;
}

}  // namespace cachectl
