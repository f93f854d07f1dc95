// Who runs this program: for the audit log.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "output/json.hpp"

namespace cachectl {

/// Looks a variable up; absent if it is not set.
using LookUp = std::function<std::optional<std::string>(const std::string& name)>;

/// A run of a continuous integration system, by the variables that it sets.
struct CiRun {
    std::string system;  // "github-actions"
    std::string run;     // what the system calls it
    std::string url;     // empty: not known, as are those below
    std::string actor;   // on whose behalf
};

/// GitHub Actions, GitLab, Jenkins and Buildkite.
std::optional<CiRun> find_ci_run(const LookUp& variable);

struct Actor {
    std::string user;       // the process's; its number if it has no name
    std::string sudo_user;  // who called sudo(8); empty: nobody
    std::optional<CiRun> ci;
    std::string host;  // this machine
    int pid = 0;
};

Actor find_actor(const LookUp& variable);

/// Its fields, in an object that has been begun: user, sudo_user, ci, host, pid.
void write_actor(const Actor& actor, JsonWriter& json);

}  // namespace cachectl
