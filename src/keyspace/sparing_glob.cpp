#include "keyspace/sparing_glob.hpp"

#include <fmt/format.h>

#include "keyspace/glob.hpp"
#include "util/error.hpp"

namespace cachectl {

void check_sparing_glob(const std::string& glob) {
    if (glob.empty()) {
        throw Error(ExitCode::usage, "an empty glob spares no key", "is a shell variable unset?");
    }
    if (matches_nothing(glob)) {
        throw Error(ExitCode::usage,
                    fmt::format("pattern '{}' spares no key: its '[]' matches nothing", glob),
                    "write '\\[]' for brackets in the key");
    }
    if (const auto problem = glob_problem(glob)) {
        throw Error(ExitCode::usage, *problem);
    }
}

void check_sparing_globs(const std::vector<std::string>& globs, const std::string& option) {
    for (const std::string& glob : globs) {
        try {
            check_sparing_glob(glob);
        } catch (const Error& error) {
            throw Error(error.code(), option + ": " + error.what(), error.hint());
        }
    }
}

}  // namespace cachectl
