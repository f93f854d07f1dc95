// The check of every glob that is there to keep keys from harm, wherever it is written: --protect,
// --exclude, a context of the configuration file, a key policy.
#pragma once

#include <string>
#include <vector>

namespace cachectl {

/// Throws Error(usage) for a glob that would spare none, or others than its author thinks: worse
/// than a command that stops.
void check_sparing_glob(const std::string& glob);
/// Of all that an option was given; the error names the option.
void check_sparing_globs(const std::vector<std::string>& globs, const std::string& option);

}  // namespace cachectl
