// A name for a key while it is being built, beside the one that it will be renamed to.
#pragma once

#include <string>
#include <string_view>

namespace cachectl {

/// The key with `suffix` behind it, in the same slot of a cluster if there is such a name (RENAMENX
/// wants that, https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/, "Hash
/// tags"). It begins with the key where that is possible, so that an ACL's ~PATTERN covers both.
std::string temporary_key(std::string_view key, std::string_view suffix);

}  // namespace cachectl
