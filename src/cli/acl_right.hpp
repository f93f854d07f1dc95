// The rights that a command needs of an ACL user, see
// https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/: the man pages list
// them, and a test runs each command as a user who has no others.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cachectl {

struct AclRight {
    std::string_view rule;     // "+memory|usage"
    std::string_view when;     // "with `-l`"; empty: always
    std::string_view without;  // "the size is unknown"; empty: the command cannot do its work
};

/// What a connection asks besides its login, whatever the command.
std::span<const AclRight> connection_rights();

/// "With `-l`. Without it the size is unknown."
std::string describe(const AclRight& right);

}  // namespace cachectl
