// The passwords of this run, so that none is printed: neither by a server that repeats what it was
// sent ("unknown command 'AUTH', with args beginning with: …"), nor because it was typed at the
// wrong place.
#pragma once

#include <string>
#include <string_view>

namespace cachectl {

/// A password that is, or may be, sent to a server. The empty one is no secret.
void remember_secret(std::string_view secret);

/// What a peer says, with "***" for every secret in it, also where it is escaped, percent-encoded,
/// hexadecimal, base64 or cut off. A short one counts only where it is a word by itself, and the
/// code that an error reply begins with stays, because the program decides by it.
std::string mask_secrets(std::string_view text);

/// A word of the command line or a variable. What stands in it where URLs have a user, a password
/// or parameters is not shown by mask_typed(), wherever it was typed.
void remember_typed(std::string_view word);

/// A message of our own, with "***" for what was typed and may be a secret.
std::string mask_typed(std::string text);

/// For tests.
void forget_secrets();

}  // namespace cachectl
