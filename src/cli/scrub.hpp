// Passwords out of the process list.
#pragma once

namespace cachectl {

/// Overwrites, in place, what follows -a or --password, and in other arguments what may be the
/// password of a URL or of a user.
void scrub_arguments(int argc, char** argv);

}  // namespace cachectl
