// What is in force, one setting after the other, and where each comes from: for people who ask why
// a command goes where it goes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"

namespace cachectl {

struct ShownSetting {
    std::string name;                  // as the flag's or the configuration's: "host", "read_only"
    std::optional<std::string> value;  // as it is written there; "***" for a password; or none
    std::string source;  // "-p", "REDIS_PORT", "context 'prod' (FILE:LINE)", "default"
};

/// The same settings in the same order whatever they are, but for a server's place: host and port,
/// or a socket, or Sentinels and the name of their master.
std::vector<ShownSetting> list_settings(const Settings& settings);

}  // namespace cachectl
