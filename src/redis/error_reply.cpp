#include "redis/error_reply.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace cachectl {

namespace {

struct Meaning {
    std::string_view prefix;
    ExitCode code;
    std::string_view hint;
};

// https://redis.io/docs/latest/develop/reference/protocol-spec/ and the servers' own texts, of
// which only the first word is stable (Valkey rephrases some).
constexpr Meaning k_meanings[] = {
    {"NOAUTH", ExitCode::unreachable,
     "the server wants a password: -a, --password-file, --askpass, REDISCLI_AUTH or the URL"},
    {"WRONGPASS", ExitCode::unreachable, "the user or the password is wrong; it was tried once"},
    {"DENIED", ExitCode::unreachable,
     "protected mode: the server answers only on its own machine until it has a password"},
    {"NOPERM", ExitCode::refused, ""},
    {"LOADING", ExitCode::refused, "--wait 60s waits until it has loaded"},
    {"BUSY", ExitCode::refused,
     "a script holds the server; its owner may end it with SCRIPT KILL or FUNCTION KILL"},
    {"OOM", ExitCode::refused, "the server has reached maxmemory"},
    {"READONLY", ExitCode::refused, "this is a replica; changes go to its master"},
    {"MISCONF", ExitCode::refused,
     "the server cannot save to disk and refuses changes: see rdb_last_bgsave_status and "
     "aof_last_write_status in `cachectl stats`"},
    {"MASTERDOWN", ExitCode::refused, "the replica has lost its master: see master_link_status"},
    {"NOREPLICAS", ExitCode::refused,
     "too few replicas are connected: see connected_slaves and min_slaves_good_slaves"},
    {"MOVED", ExitCode::partial,
     "the cluster's nodes do not agree on who serves the key's slot: see CLUSTER SLOTS on each"},
    {"ASK", ExitCode::partial, "the key's slot is being moved: try again later"},
    {"CLUSTERDOWN", ExitCode::refused, "the cluster does not cover all slots"},
};

// "User bob has no permissions to run the 'scan' command" (Redis >= 7.0), "this user has no
// permissions to run the 'scan' command or its subcommand" (before): name the missing rule.
std::string missing_acl_rule(std::string_view text) {
    if (const auto open = text.find('\''); open != std::string_view::npos) {
        const auto close = text.find('\'', open + 1);
        if (close != std::string_view::npos) {
            return "the user lacks the ACL rule +" +
                   std::string(text.substr(open + 1, close - open - 1));
        }
    }
    if (text.find("key") != std::string_view::npos) {
        return "the user's ACL key patterns (~PATTERN) do not cover these keys";
    }
    return "see ACL LOG on the server for the missing rule";
}

std::string in_small_letters(std::string_view text) {
    std::string small(text);
    std::transform(small.begin(), small.end(), small.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return small;
}

// In any case of letters: "ERR unknown command 'OBJECT'", "ERR unknown subcommand 'IDLETIME'"; of
// Redis Software "ERR command is not allowed", of Upstash "ERR Command is not available: 'OBJECT'",
// of Kvrocks "ERR object subcommand must be dump".
constexpr std::string_view k_unknown[] = {"unknown command",        "unknown subcommand",
                                          "command is not allowed", "command is not available",
                                          "unsupported command",    "subcommand must be"};

bool says_unknown_command(const Reply& reply) {
    if (reply.error_prefix() != "ERR") {
        return false;
    }
    const std::string text = in_small_letters(reply.text);
    return std::any_of(std::begin(k_unknown), std::end(k_unknown), [&](std::string_view words) {
        return text.find(words) != std::string::npos;
    });
}

// Within our sentence, which goes on behind it: without a full stop, and without the arguments that
// were sent ("…, with args beginning with: 'IDLETIME' 'k' ").
std::string_view as_quoted(std::string_view text) {
    text = text.substr(0, text.find(", with args beginning with:"));
    return text.ends_with('.') && !text.ends_with("..") ? text.substr(0, text.size() - 1) : text;
}

/// "OBJECT IDLETIME: ", where the reply names neither the command nor its subcommand.
std::string name_of_unknown(const Reply& reply, std::string_view command) {
    if (command.empty() || !says_unknown_command(reply)) {
        return {};
    }
    const std::string text = in_small_letters(as_quoted(reply.text));
    const std::string name = in_small_letters(command);
    const std::size_t space = name.find(' ');
    const bool is_named = text.find(name.substr(0, space)) != text.npos ||
                          (space != name.npos && text.find(name.substr(space + 1)) != text.npos);
    return is_named ? "" : std::string(command) + ": ";
}

// A product that speaks the protocol may not have the command at all.
std::string product(const ServerInfo& server) {
    const bool is_another = !server.name.empty() && !server.is_of_known_kind();
    return is_another ? " (" + server.name + ' ' + server.version + ')' : "";
}

std::string loading_estimate(const ServerInfo& server) {
    const auto eta = server.info.integer("loading_eta_seconds");
    return eta ? " (about " + std::to_string(*eta) + " s left)" : "";
}

}  // namespace

Error refusal(const Reply& said, std::string_view attempted, const ServerInfo& server,
              std::string_view command) {
    const Reply reply = cause_of(said);
    std::string message = "cannot " + std::string(attempted) + ": ";
    if (reply.is_broken()) {
        return {ExitCode::unreachable, message + reply.text, {}, reply.lost_at()};
    }
    if (!reply.is_error()) {
        return {ExitCode::unreachable, message + "a reply of the wrong kind"};
    }
    message += name_of_unknown(reply, command);
    message += as_quoted(reply.text);
    const auto prefix = reply.error_prefix();
    const auto* const found = std::find_if(std::begin(k_meanings), std::end(k_meanings),
                                           [&](const Meaning& m) { return m.prefix == prefix; });
    if (says_unknown_command(reply)) {
        message += product(server);
    }
    if (found == std::end(k_meanings)) {
        return {ExitCode::refused, message};
    }
    std::string hint(found->hint);
    if (prefix == "NOPERM") {
        hint = missing_acl_rule(reply.text);
    }
    if (prefix == "LOADING") {
        message += loading_estimate(server);
    }
    if (prefix == "READONLY" && !server.info.text("master_host").empty()) {
        hint = "this is a replica; its master is " + std::string(server.info.text("master_host")) +
               ":" + std::string(server.info.text("master_port"));
    }
    return {found->code, message, hint};
}

std::string hint_at(std::string_view text) {
    return text.empty() ? "" : refusal(Reply::make_error(std::string(text)), "", {}).hint();
}

Denied denied_by(const Reply& reply) {
    if (says_unknown_command(reply)) {
        return Denied::command;
    }
    if (reply.error_prefix() != "NOPERM") {
        return Denied::nothing;
    }
    // "… to run the 'get' command"; "… to access one of the keys used as arguments", "No
    // permissions to access a key".
    return reply.text.find('\'') != std::string::npos ? Denied::command : Denied::key;
}

Reply unsent_for(const Error& failure) {
    const std::string hint = failure.hint().empty() ? "" : "; " + failure.hint();
    return Reply::make_unsent(failure.what() + hint, failure.subject());
}

bool says_no_password_is_set(const Reply& auth) {
    return auth.error_prefix() == "ERR" &&
           (auth.text.find("without any password") != auth.text.npos ||
            auth.text.find("no password is set") != auth.text.npos);
}

bool says_too_many_clients(const Reply& reply) {
    return reply.is_error() && reply.text.find("max number of clients") != std::string::npos;
}

Reply cause_of(const Reply& exec) {
    constexpr std::string_view k_because = "because of: ";
    const auto at = exec.text.find(k_because);
    if (exec.error_prefix() != "EXECABORT" || at == std::string::npos) {
        return exec;
    }
    return Reply::make_error(exec.text.substr(at + k_because.size()));
}

bool is_passing(const Reply& reply) {
    static constexpr std::array<std::string_view, 3> k_passing = {"BUSY", "LOADING", "TRYAGAIN"};
    return std::find(k_passing.begin(), k_passing.end(), reply.error_prefix()) != k_passing.end();
}

}  // namespace cachectl
