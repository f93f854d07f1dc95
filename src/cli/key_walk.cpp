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

constexpr std::chrono::milliseconds k_held_at_most{200};  // rows, before they are shown

/// A pattern without any of these is a key's name: it is looked up, not walked for.
bool is_name(const std::string& pattern) {
    return !pattern.empty() && pattern.find_first_of("*?[\\") == std::string::npos;
}

std::function<bool(std::string&)> list_of(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return [names = std::move(names), at = std::size_t{0}](std::string& key) mutable {
        if (at == names.size()) {
            return false;
        }
        key = names[at++];
        return true;
    };
}

}  // namespace

void check_list_form(const KeyListOptions& options, WritesKeys writes) {
    const bool has_form = options.null_separated || options.escaped;
    if (has_form && options.keys_from.empty() && writes == WritesKeys::no) {
        throw Error(ExitCode::usage,
                    "--null and --escaped say how --keys-from is written, which is missing");
    }
}

Selection make_selection(const KeyOptions& options, Context& ctx) {
    Selection selection;
    selection.filter = options.filter;
    selection.limit = options.limit;
    selection.mode = options.walk.mode;
    if (options.walk.unique) {
        selection.remember = Remember::everything;
    }
    for (const auto* globs : {&options.filter.patterns, &options.filter.excludes}) {
        for (const std::string& glob : *globs) {
            if (const auto problem = glob_problem(glob)) {
                ctx.warn(*problem);
            }
        }
    }
    const std::vector<std::string>& patterns = options.filter.patterns;
    check_list_form(options, options.writes);
    if (!options.members_of.empty()) {
        if (!options.keys_from.empty()) {
            throw Error(ExitCode::usage, "--members-of and --keys-from exclude each other");
        }
        selection.members_of = std::make_shared<MembersOf>(options.members_of);
        selection.next_listed_key = [sets = selection.members_of](std::string& key) {
            return sets->next(key);
        };
    } else if (!options.keys_from.empty()) {
        const auto list = std::make_shared<KeyList>(options.keys_from, options.form());
        selection.next_listed_key = [list](std::string& key) { return list->next(key); };
    } else if (!patterns.empty() && std::all_of(patterns.begin(), patterns.end(), is_name)) {
        selection.next_listed_key = list_of(patterns);
        selection.of_names = true;
    }
    return selection;
}

RowsStyle rows_style(const Context& ctx, const FormatChoice& output, const KeyListOptions& keys) {
    const bool lines = !output.chosen && (keys.null_separated || keys.escaped);
    return {.format = lines ? Format::plain : output.resolve(ctx.out_terminal),
            .display = ctx.out_display(),
            .escaped = keys.escaped || ctx.out_terminal.attached,
            .line_end = keys.null_separated ? '\0' : '\n'};
}

namespace {

/// What a command that found nothing says on stderr.
std::string no_key(const KeyFilter& filter) {
    constexpr std::size_t k_named = 3;
    std::vector<std::string> patterns;
    for (const std::string& pattern : filter.patterns) {
        if (patterns.size() == k_named) {
            patterns.emplace_back("or another pattern");
            break;
        }
        patterns.push_back('\'' + pattern + '\'');
    }
    return patterns.empty() ? "no key matches"
                            : fmt::format("no key matches {}", fmt::join(patterns, ", "));
}

}  // namespace

KeyWalk::KeyWalk(Context& ctx, const PaceFlags& pace, Selection selection, const std::string& verb)
    : m_ctx(ctx),
      m_own_client(ctx.connect()),
      m_own_paces(make_paces(ctx, *m_own_client, pace, RateOf::walked)),
      m_client(*m_own_client),
      m_paces(*m_own_paces),
      m_selection(std::move(selection)),
      m_counts(Counts::looked_at),
      m_progress(ctx.progress(verb, "looked at")),
      m_shown_at(ctx.now()) {}

KeyWalk::KeyWalk(Context& ctx, Client& client, Paces& paces, Selection selection,
                 const std::string& verb)
    : m_ctx(ctx),
      m_client(client),
      m_paces(paces),
      m_selection(std::move(selection)),
      m_counts(Counts::selected),
      m_progress(ctx.progress(verb, "keys")),
      m_shown_at(ctx.now()) {}

KeyWalk::~KeyWalk() { m_paces.on_note({}); }

SelectionOutcome KeyWalk::run(const Selector::KeysHandler& on_keys) {
    m_selector.emplace(m_client, m_paces, m_selection);
    m_selector->on_note = note_to(m_ctx, *m_progress);
    m_paces.on_note(m_selector->on_note);
    m_selector->on_progress = [this](double fraction, std::uint64_t selected) {
        tell(fraction, selected);
    };
    m_selector->on_resume = [this](bool from_start) { resume(from_start); };
    SelectionOutcome outcome = m_selector->run(on_keys);
    const bool none =
        outcome.selected == 0 && outcome.vanished == 0 && outcome.complete() && !outcome.sample;
    if (none && m_counts == Counts::looked_at) {
        clear_progress();
        m_ctx.note(no_key(m_selection.filter));
    }
    return outcome;
}

SelectionOutcome KeyWalk::run(Rows& rows, const std::function<void(const KeyFacts&)>& write) {
    m_rows = &rows;
    m_selection.after_restart = AfterRestart::new_ones;
    SelectionOutcome outcome = run([&](std::span<KeyFacts> keys) {
        m_progress->clear();
        for (const KeyFacts& key : keys) {
            write(key);
        }
        return Flow::go_on;
    });
    clear_progress();
    rows.finish();
    return outcome;
}

SelectionOutcome KeyWalk::run(Sum& sum) {
    m_sum = &sum;
    SelectionOutcome outcome = run([&](std::span<KeyFacts> keys) {
        for (const KeyFacts& key : keys) {
            sum.add(key);
        }
        return Flow::go_on;
    });
    clear_progress();
    if (outcome.sample) {
        sum.scale(*outcome.sample);
    }
    return outcome;
}

/// Once a page.
void KeyWalk::tell(double fraction, std::uint64_t selected) {
    m_fraction = fraction;
    const auto now = m_ctx.now();
    if (m_counts == Counts::selected) {
        m_progress->update(fraction, selected, now);
        return;
    }
    if (m_rows != nullptr && selected > m_rows_shown && now - m_shown_at >= k_held_at_most) {
        m_progress->clear();
        m_rows->show();
        m_ctx.out.flush();
        m_rows_shown = selected;
        m_shown_at = now;
    }
    m_progress->update(fraction, m_selector->looked_at(), now, std::nullopt, selected);
}

void KeyWalk::resume(bool from_start) {
    const bool listed = static_cast<bool>(m_selection.next_listed_key);
    const Resumption resumption = !from_start ? Resumption::same_process
                                  : listed    ? Resumption::other_process
                                              : Resumption::all_again;
    if (resumption == Resumption::all_again && m_sum != nullptr) {
        m_sum->reset();
    }
    if (on_resume) {
        on_resume(resumption);
    }
}

ExitCode finish_walk(Context& ctx, const SelectionOutcome& outcome) {
    if (outcome.lacking) {
        const std::string& hint = outcome.lacking->hint();
        ctx.warn(fmt::format("some columns are not known: {}{}{}", outcome.lacking->what(),
                             hint.empty() ? "" : "; ", hint));
    }
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
