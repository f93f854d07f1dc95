// What calls of a command have in common, so that they can be counted together.
#pragma once

#include <string>
#include <vector>

namespace cachectl {

/// What calls of a command have in common, as a text of 64 bytes at most and an ellipsis, with any
/// bytes in it: the command's name and its first argument, "HGETALL user:<n>", in which numbers and
/// identifiers stand for any; a pattern or script as it is, "KEYS sess:0000*". Other arguments may
/// be anybody's data and are not shown, nor are those of commands that are about passwords. Secrets
/// of this run are masked.
std::string shape_of(const std::vector<std::string>& args);

/// The command as INFO commandstats of Redis 7.0 and later calls it: "get", "config|get".
std::string stats_name_of(const std::vector<std::string>& args);

}  // namespace cachectl
