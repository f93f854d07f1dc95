#include "change/confirm.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/target.hpp"
#include "output/escape.hpp"
#include "util/named_error.hpp"
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

NameRequired name_required_for(const PlannedChange& change, NameRequired by_context) {
    return change.scope == ChangeScope::keys ? by_context : NameRequired::yes;
}

/// Not escaped, as errors are when they are printed.
std::string describe_target(const PlannedChange& change) {
    std::string target = describe_server(change.server.name(), change.masters);
    if (!change.context.empty()) {
        target += fmt::format(" (context '{}')", change.context);
    }
    switch (change.scope) {
        case ChangeScope::keys:
            return fmt::format("{} in database {} on {}", count_keys(change.keys), change.server.db,
                               target);
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

/// How to say yes where nobody can be asked, or where yes is not enough.
std::string remedy(const PlannedChange& change, NameRequired by_context) {
    const std::string confirm_flag = fmt::format("--confirm {}", short_name(change.server));
    return by_context == NameRequired::yes ? fmt::format("add {}", confirm_flag)
                                           : "add --yes, or try it with --dry-run";
}

[[noreturn]] void refuse(std::string_view why, std::string hint = {}) {
    throw NamedError(
        {ExitCode::guard, fmt::format("{}; nothing was changed", why), std::move(hint)},
        "not-confirmed");
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
        text += fmt::format("Type the server's name, {}, to go on: ",
                            escape_for_terminal(short_name(change.server)));
    } else {
        text += "Go on? [y/N] ";
    }
    return text;
}

void confirm(const PlannedChange& change, const Consent& consent, OnTerminal on_terminal,
             const Ask& ask) {
    const std::string server = change.server.name();
    if (consent.server_name) {
        if (names_server(*consent.server_name, change.server)) {
            return;
        }
        refuse(
            fmt::format("--confirm says '{}', but the server is {}", *consent.server_name, server));
    }
    if (consent.yes && consent.name_required == NameRequired::no) {
        return;
    }
    if (on_terminal == OnTerminal::no || !ask) {
        if (consent.yes) {
            refuse(fmt::format("context '{}' wants the server's name, and --yes is not that",
                               change.context),
                   remedy(change, consent.name_required));
        }
        refuse(fmt::format("to {} {} must be confirmed, and there is no terminal to ask on",
                           change.verb, describe_target(change)),
               remedy(change, consent.name_required));
    }
    const auto line = ask(confirmation_question(change, consent.name_required));
    const std::string_view answer = line ? trim(*line) : std::string_view{};
    if (name_required_for(change, consent.name_required) == NameRequired::no) {
        if (!is_yes(answer)) {
            refuse("not confirmed");
        }
    } else if (!names_server(answer, change.server)) {
        refuse(answer.empty() ? std::string("not confirmed")
                              : fmt::format("'{}' is not the server's name, {}", answer,
                                            short_name(change.server)));
    }
}

}  // namespace cachectl
