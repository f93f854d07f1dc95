// Which ACL rules hold for us on a server, found out without running any of the commands: COMMAND
// INFO says what there is, ACL DRYRUN what the user may.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/acl_right.hpp"
#include "redis/client.hpp"

namespace cachectl {

enum class RightStatus {
    allowed,
    denied,
    absent,   // the server does not have the command
    unknown,  // it does not say
};

/// "allowed", "denied", "absent", "unknown"
std::string_view name_of(RightStatus status);

struct Abilities {
    std::string user;     // empty: the server does not say who we are
    bool tested = false;  // whether it says what the user may
    std::map<std::string, RightStatus, std::less<>> rights;  // by rule: "+memory|usage"

    [[nodiscard]] RightStatus of(std::string_view rule) const;
};

/// Of the server alone, of a cluster its first master.
Abilities probe_abilities(Client& server, const std::set<std::string>& rules);

/// How far a command works with these.
struct Works {
    enum class Extent { fully, partly, no, unknown };

    Extent extent = Extent::fully;
    std::vector<std::string> denied;  // rules, in the rights' order, each once
    std::vector<std::string> absent;  // of these, those that the server has no command for
};

/// "fully", "partly", "no", "unknown"
std::string_view name_of(Works::Extent extent);

/// A command that the server does not have is missed only where it is always needed.
Works works_with(const Abilities& abilities, std::span<const AclRight> rights);

/// "ACL SETUSER alice +scan +pttl": what an administrator would grant; empty if nothing is denied.
std::string missing_rules(const Abilities& abilities);

}  // namespace cachectl
