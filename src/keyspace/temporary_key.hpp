// A name for a key while it is being built, beside the one that it will be renamed to.
#pragma once

#include <string>
#include <string_view>

namespace cachectl {

/// A name with `suffix` in it, in the same slot of a cluster as the key (RENAMENX wants that,
/// https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/, "Hash tags").
/// It begins like the key, and ends like it from its last ':' on where it has one, so that an ACL's
/// ~PATTERN with a star for what stands between covers both.
std::string temporary_key(std::string_view key, std::string_view suffix);

/// Of 64 random bits: no other run, and no application, has keys with it.
std::string random_suffix();

/// Whether such a suffix is in the name: then a run is building a key there, or was.
bool is_temporary_key(std::string_view name);

}  // namespace cachectl
