// Error replies, told apart by their first word, as messages, remedies and exit codes.
#pragma once

#include <string>
#include <string_view>

#include "redis/info.hpp"
#include "redis/reply.hpp"
#include "util/error.hpp"

namespace cachectl {

/// The server knows us and does not let us in: no second try, which might lock the user out.
struct LoginRefused : Error {
    using Error::Error;
};

/// What to throw when `said`, an error, lost or unsent, stops the command before anything has
/// changed. `attempted` completes "cannot …": "list keys", "delete keys". What the server says is
/// quoted without its full stop. `command`, "OBJECT IDLETIME", is named where the server does not
/// have it and does not name it.
Error refusal(const Reply& said, std::string_view attempted, const ServerInfo& server,
              std::string_view command = {});

/// What helps against an error that the server gave for single keys; empty if nothing is known, or
/// if `text` is.
std::string hint_at(std::string_view text);

/// What a server will not do for us: run the command at all, because the user has no right to it or
/// the server does not have it; or run it on this key, which the user's key patterns do not cover.
enum class Denied { nothing, command, key };
Denied denied_by(const Reply& reply);

/// The reply to a command that could not be sent for this reason.
Reply unsent_for(const Error& failure);

/// Servers older than 6.0 answer so when they have no password and were given one.
bool says_no_password_is_set(const Reply& auth);

/// What a server says as it hangs up on one client too many.
bool says_too_many_clients(const Reply& reply);

/// Why a transaction was given up at EXEC ("EXECABORT Transaction discarded because of: NOPERM …"):
/// an error reply by itself. Any other reply as it is.
Reply cause_of(const Reply& exec);

/// Whether waiting a little may help: BUSY, LOADING, TRYAGAIN. A replica that has lost its master
/// (MASTERDOWN) stays so for longer than anyone wants to wait, and CLUSTERDOWN has been waited out
/// by redis/cluster/client.
bool is_passing(const Reply& reply);

}  // namespace cachectl
