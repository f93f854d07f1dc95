// Passwords out of the process list.
#pragma once

#include <string>
#include <vector>

namespace cachectl {

/// Overwrites, in place, what follows -a or --password, and in other arguments what may be the
/// password of a URL or of a user.
void scrub_arguments(int argc, char** argv);

/// The arguments as they may be kept: with "***" for what follows -a or --password, for passwords
/// of this run wherever they stand, and for logins and parameters of what was typed as a URL.
std::vector<std::string> masked_words(const std::vector<std::string>& words);

}  // namespace cachectl
