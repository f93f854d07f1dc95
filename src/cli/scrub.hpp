// Passwords out of the process list.
#pragma once

namespace cachectl {

/// Overwrites, in place, what follows -a or --password and the passwords of URLs.
void scrub_arguments(int argc, char** argv);

}  // namespace cachectl
