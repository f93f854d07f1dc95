// How a command that is suggested connects as this one does.
#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"

namespace cachectl {

/// The flags and their values that say how to log in and to encrypt: all but those that name the
/// server, and never a password.
std::vector<std::string> connection_words(const ConnectionFlags& flags, const Settings& settings);

}  // namespace cachectl
