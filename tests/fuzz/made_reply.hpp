// Replies of a server out of any bytes: readers of replies are tried without the lengths of RESP,
// which few changed bytes would still have right.
#pragma once

#include <string_view>

#include "redis/reply.hpp"

namespace cachectl {

/// Each line of `text` is one reply: "[" begins an array and "]" ends it, ":12" is an integer,
/// "+OK" a status, "-ERR no" an error, "_" nil; any other line is a string, behind "$" if it begins
/// like one of these. "\n" in a line is a line break. What is open at the end is closed there. Of
/// several replies the first is returned, nil for an empty text.
Reply made_reply(std::string_view text);

}  // namespace cachectl
