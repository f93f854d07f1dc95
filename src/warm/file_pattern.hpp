// A file pattern of a manifest, as glob(3) understands it. But what glob(3) cannot look into has no
// files for it, and of keys that no row stands for --sync deletes.
#pragma once

#include <string>
#include <vector>

namespace cachectl {

/// The files that a pattern of the shell (* ? [) names, sorted by their bytes; of a text without
/// these, or of a file that is called so, that alone. `folder` is what the pattern is relative to.
/// Empty if none is. Throws Error(bad_input) where a folder that may have some cannot be read.
std::vector<std::string> matching_files(const std::string& folder, const std::string& pattern);

}  // namespace cachectl
