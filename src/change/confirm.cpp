#include "change/confirm.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/context.hpp"
#include "cli/target.hpp"
#include "output/escape.hpp"
#include "util/named_error.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_asked_namespaces = 10;

std::string count_keys(std::uint64_t n, std::string_view kind = "") {
    return fmt::format("{} {}{}", format_count(n), kind, n == 1 ? "key" : "keys");
}

/// What a person types: the host says which machine, and is what they know it by.
std::string short_name(const ServerAddress& server) {
    return server.socket_path.empty() ? server.host : server.socket_path;
}

std::string_view trim(std::string_view text) {
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) {
        return {};
    }
    return text.substr(start, text.find_last_not_of(" \t\r\n") - start + 1);
}

bool names_server(std::string_view answer, const ServerAddress& server) {
    return answer == short_name(server) || answer == server.name();
}

bool is_yes(std::string_view answer) {
    std::string lower(answer);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return lower == "y" || lower == "yes";
}

/// What a person types instead of yes.
std::string name_to_type(const PlannedChange& change) {
    return change.context.empty() ? short_name(change.server) : change.context;
}

std::string_view kind_of_name(const PlannedChange& change) {
    return change.context.empty() ? "server" : "context";
}

bool is_name_to_type(std::string_view answer, const PlannedChange& change) {
    return change.context.empty() ? names_server(answer, change.server) : answer == change.context;
}

NameRequired name_required_for(const PlannedChange& change, NameRequired by_context) {
    const bool is_whole =
        change.scope == ChangeScope::whole_db || change.scope == ChangeScope::all_dbs;
    return is_whole ? NameRequired::yes : by_context;
}

/// Not escaped, as errors are when they are printed.
std::string describe_target(const PlannedChange& change) {
    std::string target = describe_server(change.server.name(), change.masters);
    if (!change.context.empty()) {
        target += fmt::format(" ({}context '{}')", change.production ? "production " : "",
                              change.context);
    }
    switch (change.scope) {
        case ChangeScope::keys:
            return fmt::format("{} in database {} on {}", count_keys(change.keys), change.server.db,
                               target);
        case ChangeScope::load:
            return fmt::format("keys into database {} on {}", change.server.db, target);
        case ChangeScope::whole_db:
            return fmt::format("the WHOLE database {}, {}, on {}", change.server.db,
                               count_keys(change.keys), target);
        case ChangeScope::all_dbs:
            return fmt::format("ALL databases, {}, on {}", count_keys(change.keys), target);
    }
    return target;
}

std::string list_namespaces(const PlannedChange& change) {
    const std::size_t shown = std::min(change.namespaces.size(), k_asked_namespaces);
    std::vector<std::string> names;
    std::size_t width = 0;
    for (std::size_t i = 0; i < shown; ++i) {
        names.push_back(escape_for_terminal(change.namespaces[i].first));
        width = std::max(width, display_width(names.back()));
    }
    std::string text;
    for (std::size_t i = 0; i < shown; ++i) {
        text += fmt::format("  {}{}  {:>12}\n", names[i],
                            std::string(width - display_width(names[i]), ' '),
                            format_count(change.namespaces[i].second));
    }
    std::uint64_t rest = 0;
    for (std::size_t i = shown; i < change.namespaces.size(); ++i) {
        rest += change.namespaces[i].second;
    }
    if (const std::size_t more = change.namespaces.size() - shown; more > 0) {
        text += fmt::format("  and {} in {} more\n", count_keys(rest), format_count(more));
    }
    return text;
}

[[noreturn]] void refuse(std::string_view why, std::string hint = {}) {
    throw NamedError(
        {ExitCode::guard, fmt::format("{}; nothing was changed", why), std::move(hint)},
        "not-confirmed");
}

/// Where nobody can be asked, and what was said beforehand is not enough.
[[noreturn]] void refuse_in_script(const PlannedChange& change, const Consent& consent) {
    const auto error = [](std::string id, const std::string& why, std::string hint) {
        return NamedError({ExitCode::guard, why + "; nothing was sent", std::move(hint)},
                          std::move(id));
    };
    if (consent.name_required == NameRequired::no) {
        throw error("needs-yes",
                    fmt::format("to {} keys must be confirmed, and there is no terminal to ask on",
                                change.verb),
                    "add --yes, or try it with --dry-run");
    }
    if (consent.always) {
        throw error(
            "not-confirmed",
            fmt::format("context '{}' wants a name to {} keys, and there is no terminal to "
                        "ask on{}",
                        change.context, change.verb, consent.yes ? "; --yes is not enough" : ""),
            fmt::format("add --confirm {}", short_name(change.server)));
    }
    throw error(consent.yes ? "needs-context" : "needs-yes",
                fmt::format("context '{}' is production: without a terminal to ask on, to {} keys "
                            "takes --yes together with --context {}",
                            change.context, change.verb, change.context),
                "or try it with --dry-run");
}

}  // namespace

std::string confirmation_question(const PlannedChange& change, NameRequired name_required) {
    std::string text = fmt::format("About to {} {}{}.\n", change.verb,
                                   escape_for_terminal(describe_target(change)),
                                   change.effect.empty() ? "" : ": " + change.effect);
    text += list_namespaces(change);
    for (const std::string& key : change.sample) {
        text +=
            fmt::format("{}{}\n", &key == &change.sample.front() ? "For example " : "            ",
                        escape_for_terminal(key));
    }
    for (const NeighbourCount& neighbour : change.neighbours) {
        text += fmt::format("Among them {}: {}, it seems.\n",
                            escape_for_terminal(describe(neighbour)), neighbour.what);
    }
    if (change.protected_keys > 0) {
        text +=
            fmt::format("{} will be spared.\n", count_keys(change.protected_keys, "protected "));
    }
    if (name_required_for(change, name_required) == NameRequired::yes) {
        text += fmt::format("Type the {}'s name, {}, to go on: ", kind_of_name(change),
                            escape_for_terminal(name_to_type(change)));
    } else {
        text += "Go on? [y/N] ";
    }
    return text;
}

bool is_confirmed(const PlannedChange& change, const Consent& consent, OnTerminal on_terminal) {
    if (consent.server_name) {
        const bool is_context = consent.server_is_of_context && !change.context.empty() &&
                                *consent.server_name == change.context;
        if (is_context || names_server(*consent.server_name, change.server)) {
            return true;
        }
        refuse(fmt::format("--confirm says '{}', but the server is {}", *consent.server_name,
                           change.server.name()));
    }
    if (consent.yes && consent.name_required == NameRequired::no) {
        return true;
    }
    if (on_terminal == OnTerminal::yes) {
        return false;
    }
    if (consent.yes && consent.context_is_chosen && !consent.always) {
        return true;
    }
    refuse_in_script(change, consent);
}

void confirm(const PlannedChange& change, const Consent& consent, OnTerminal on_terminal,
             const Ask& ask) {
    if (is_confirmed(change, consent, ask ? on_terminal : OnTerminal::no)) {
        return;
    }
    const auto line = ask(confirmation_question(change, consent.name_required));
    if (stop_signal() != 0) {  // Ctrl-C is an answer too, and its exit code is its own
        throw Error(stopped_exit_code(), "interrupted; nothing was changed");
    }
    const std::string_view answer = line ? trim(*line) : std::string_view{};
    if (name_required_for(change, consent.name_required) == NameRequired::no) {
        if (!is_yes(answer)) {
            refuse("not confirmed");
        }
    } else if (!is_name_to_type(answer, change)) {
        refuse(answer.empty() ? std::string("not confirmed")
                              : fmt::format("'{}' is not the {}'s name, {}", answer,
                                            kind_of_name(change), name_to_type(change)));
    }
}

}  // namespace cachectl
