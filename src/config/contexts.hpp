// Which contexts there are, which of them is in force, and where the files of this program are.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"

namespace cachectl {

struct KnownContexts {
    ConfigFile file;       // without a path: there is none
    std::string in_force;  // the name that is asked for, be it one of them or not; empty: none
    std::string asked_by;  // "--context", "CACHECTL_CONTEXT" or "default_context in FILE"
    std::vector<std::string> warnings;  // for stderr
};

/// Throws Error(usage) as resolve_settings() does, but not for a name that is none of theirs.
KnownContexts read_contexts(const ConnectionFlags& flags, const Environment& environment,
                            const CheckGlob& check_glob = {});

/// The folder that a variable of the XDG base directory specification names, else the one in HOME.
/// Relative paths are ignored, as it wants.
std::optional<std::filesystem::path> base_folder(const Environment& environment, const char* name,
                                                 const char* in_home);

}  // namespace cachectl
