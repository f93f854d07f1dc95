// The part of redis/login.hpp that reads the replies: whether we are in, and if not, why.
#include "redis/error_reply.hpp"
#include "redis/login.hpp"
#include "redis/server_away.hpp"

namespace cachectl {

namespace {

// How a server that waits for TLS ends a connection that speaks without: it says nothing.
std::string hint_at_tls(const Reply& first) {
    const bool ended =
        first.is_lost_by(Loss::Cause::closed) || first.is_lost_by(Loss::Cause::io_failed);
    return ended ? "if it wants TLS: --tls, or rediss:// in the URL" : "";
}

// Redis refuses SELECT in a cluster, Valkey 9 numbers that are too high.
std::string hint_at_databases(const Reply& select, const ServerInfo& server) {
    if (server.mode != "cluster") {
        return "";
    }
    return select.text.find("out of range") == std::string::npos
               ? "this cluster has database 0 alone"
               : "cluster-databases of the nodes says how many there are: by default database 0 "
                 "alone";
}

}  // namespace

void check_login(const ServerAddress& address, const LoginReplies& login,
                 const ServerInfo& server) {
    const std::string attempted = "log in to " + address.name();
    const std::string to_server = address.name() + ": ";
    const bool authenticates = !address.user.empty() || !address.password.empty();
    const Reply& first = authenticates ? login.auth : login.hello;
    for (const Reply* reply :
         {&login.auth, &login.hello, &login.select, &login.role, &login.info}) {
        // Whoever refuses the login and hangs up has said why before.
        if (reply->is_broken() && !login.auth.is_error()) {
            const Error error(ExitCode::unreachable, to_server + reply->text,
                              address.tls ? "" : hint_at_tls(first), address.name());
            if (reply->is_lost_by(Loss::Cause::timed_out)) {
                throw ServerAway(error);
            }
            throw Error(error);
        }
        // What the server says and hangs up instead of an answer (maxclients, protected mode).
        if (says_too_many_clients(*reply) || reply->error_prefix() == "DENIED") {
            throw Error(ExitCode::unreachable, to_server + reply->text,
                        refusal(*reply, attempted, server).hint(), address.name());
        }
    }
    const bool may_be_default = address.user.empty() || address.user == "default";
    const bool has_hung_up = login.hello.is_broken();
    if (login.auth.is_error() &&
        (has_hung_up || !(may_be_default && says_no_password_is_set(login.auth)))) {
        // Whatever the words, a failed login is a server out of reach.
        const Error error = refusal(login.auth, attempted, server);
        throw LoginRefused(ExitCode::unreachable, error.what(), error.hint(), address.name());
    }
    if (login.auth.is_error() && address.is_password_alone) {
        throw LoginRefused(ExitCode::unreachable,
                           address.name() +
                               " has no password, and the URL has a word before its '@' that was "
                               "taken for one",
                           "redis://USER:@HOST logs in as that user, without a password; without "
                           "the word, as everybody",
                           address.name());
    }
    for (const Reply* reply : {&login.hello, &login.info}) {
        if (reply->error_prefix() == "NOAUTH") {
            const Error error = refusal(*reply, attempted, server);
            throw LoginRefused(error.code(), error.what(), error.hint(), address.name());
        }
        if (reply->error_prefix() == "BUSY") {
            throw refusal(*reply, "use the server", server);
        }
    }
    if (login.select.error_prefix() == "NOPERM") {
        throw refusal(login.select, "select database " + std::to_string(address.db), server);
    }
    if (login.select.is_error()) {
        throw Error(ExitCode::usage,
                    "cannot select database " + std::to_string(address.db) + " on " +
                        address.name() + ": " + login.select.text,
                    hint_at_databases(login.select, server));
    }
    // It says OK to every SELECT, and goes on with the only database that it has.
    if (address.db != 0 && server.name == "kvrocks") {
        throw Error(ExitCode::usage,
                    "cannot select database " + std::to_string(address.db) + " on " +
                        address.name() + ": Kvrocks has one database",
                    "its namespaces are chosen by the password");
    }
    if (server.mode == "sentinel") {
        throw Error(ExitCode::usage, address.name() + " is a Sentinel",
                    "--sentinel HOST:PORT --master-name NAME asks it for the server");
    }
}

}  // namespace cachectl
