#include "cli/abilities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <utility>

#include "util/text.hpp"

namespace cachectl {

namespace {

using Words = std::vector<std::string>;

Reply ask(Client& server, const Words& words) {
    const std::vector<std::string_view> views(words.begin(), words.end());
    return server.call(views);
}

/// "+memory|usage": {"memory", "usage"}
Words words_of(std::string_view rule) {
    rule.remove_prefix(rule.starts_with('+') ? 1 : 0);
    const std::size_t bar = rule.find('|');
    Words words{std::string(rule.substr(0, bar))};
    if (bar != std::string_view::npos) {
        words.emplace_back(rule.substr(bar + 1));
    }
    return words;
}

/// The arity of a command by its name, "memory|usage"; those that the server does not have are not
/// there.
std::map<std::string, std::int64_t> read_arities(Client& server, const std::set<std::string>& names,
                                                 bool& told) {
    Words words = {"COMMAND", "INFO"};
    words.insert(words.end(), names.begin(), names.end());
    const Reply reply = ask(server, words);
    told = reply.is_array() && reply.elements.size() == names.size();
    std::map<std::string, std::int64_t> arities;
    auto name = names.begin();
    for (std::size_t i = 0; told && i < reply.elements.size(); ++i, ++name) {
        const Reply& entry = reply.elements[i];
        if (entry.is_array() && entry.elements.size() >= 2 && entry.elements[1].is_integer()) {
            arities[*name] = entry.elements[1].integer;
        }
    }
    return arities;
}

/// The call of that command which ACL DRYRUN is asked about.
Words dry_run(const std::string& user, Words words, std::int64_t arity) {
    constexpr std::int64_t k_most_words = 32;
    const auto wanted = static_cast<std::size_t>(std::clamp<std::int64_t>(
        std::abs(arity), static_cast<std::int64_t>(words.size()), k_most_words));
    words.resize(wanted, "1");
    words.insert(words.begin(), {"ACL", "DRYRUN", user});
    return words;
}

/// What ACL DRYRUN has said; nothing if it does not say.
std::optional<RightStatus> status_of(const Reply& reply) {
    if (!reply.is_text()) {
        return std::nullopt;
    }
    // Which keys and channels the user may have is another question.
    const bool of_command = reply.text.find("to run the") != std::string::npos;
    return of_command ? RightStatus::denied : RightStatus::allowed;
}

/// In one round trip, but for the first: one refusal is enough. False if it does not say.
bool ask_dry_runs(Client& server, const std::vector<std::pair<std::string, Words>>& calls,
                  Abilities& abilities) {
    bool says = false;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        RightStatus& status = abilities.rights[calls[i].first];
        const std::vector<std::string_view> views(calls[i].second.begin(), calls[i].second.end());
        server.send(views, [&status, &says](const Reply& reply) {
            const auto said = status_of(reply);
            says = says || said.has_value();
            status = said.value_or(RightStatus::unknown);
        });
        if (i == 0) {
            server.drain();
            if (!says) {
                return false;
            }
        }
    }
    server.drain();
    return says;
}

/// Whether ACL GETUSER says that the user may run all there is.
bool may_all(Client& server, const std::string& user) {
    const Reply reply = ask(server, {"ACL", "GETUSER", user});
    for (std::size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
        if (reply.elements[i].text == "commands") {
            return reply.elements[i + 1].text == "+@all";
        }
    }
    return false;
}

}  // namespace

std::string_view name_of(RightStatus status) {
    constexpr std::array<std::string_view, 4> k_names = {"allowed", "denied", "absent", "unknown"};
    return k_names[static_cast<std::size_t>(status)];
}

std::string_view name_of(Works::Extent extent) {
    constexpr std::array<std::string_view, 4> k_names = {"fully", "partly", "no", "unknown"};
    return k_names[static_cast<std::size_t>(extent)];
}

RightStatus Abilities::of(std::string_view rule) const {
    const auto found = rights.find(rule);
    return found == rights.end() ? RightStatus::unknown : found->second;
}

Abilities probe_abilities(Client& server, const std::set<std::string>& rules) {
    Abilities abilities;
    const Reply who = ask(server, {"ACL", "WHOAMI"});
    abilities.user = who.is_text() ? who.text : "";

    std::set<std::string> names;
    for (const std::string& rule : rules) {
        names.insert(words_of(rule).front());
        names.insert(rule.substr(1));
    }
    bool told = false;
    const auto arities = read_arities(server, names, told);
    // Before Redis 7.0 COMMAND INFO knows no subcommands.
    const bool knows_subcommands =
        std::any_of(arities.begin(), arities.end(),
                    [](const auto& known) { return known.first.find('|') != std::string::npos; });

    const bool named = !abilities.user.empty();
    const bool all = named && may_all(server, abilities.user);
    std::vector<std::pair<std::string, Words>> calls;
    for (const std::string& rule : rules) {
        RightStatus& status = abilities.rights[rule] = RightStatus::unknown;
        const Words words = words_of(rule);
        const auto arity = arities.find(rule.substr(1));
        if (told &&
            (!arities.contains(words.front()) || (knows_subcommands && arity == arities.end()))) {
            status = RightStatus::absent;
        } else if (all && told) {
            status = RightStatus::allowed;
        } else if (named) {
            calls.emplace_back(
                rule, dry_run(abilities.user, words, arity == arities.end() ? -2 : arity->second));
        }
    }
    abilities.tested = (all && told) || ask_dry_runs(server, calls, abilities);
    return abilities;
}

Works works_with(const Abilities& abilities, std::span<const AclRight> rights) {
    using Extent = Works::Extent;
    Works works;
    const auto note = [](std::vector<std::string>& list, std::string_view rule) {
        if (std::find(list.begin(), list.end(), rule) == list.end()) {
            list.emplace_back(rule);
        }
    };
    bool unknown = false, lacks = false, cannot = false;
    for (const AclRight& right : rights) {
        const RightStatus status = abilities.of(right.rule);
        const bool always = right.when.empty();
        unknown = unknown || status == RightStatus::unknown;
        if (status == RightStatus::absent) {
            note(works.absent, right.rule);
        } else if (status == RightStatus::denied) {
            note(works.denied, right.rule);
        }
        if (status == RightStatus::denied || (status == RightStatus::absent && always)) {
            lacks = true;
            cannot = cannot || (always && right.without.empty());
        }
    }
    works.extent = cannot    ? Extent::no
                   : lacks   ? Extent::partly
                   : unknown ? Extent::unknown
                             : Extent::fully;
    return works;
}

std::string missing_rules(const Abilities& abilities) {
    std::string rules;
    for (const auto& [rule, status] : abilities.rights) {
        if (status == RightStatus::denied) {
            rules += ' ' + rule;
        }
    }
    return rules.empty() ? "" : "ACL SETUSER " + shell_word_if_needed(abilities.user) + rules;
}

}  // namespace cachectl
