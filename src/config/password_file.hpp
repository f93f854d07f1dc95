// --password-file and its like: a password from a file, so that it stands in no command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

/// The first line, without its line end. Error(usage) if the file cannot be read or that line is
/// empty, which begins with `flag`. Appends a warning if others than the owner may read a regular
/// file.
std::string read_password_file(const std::string& path, std::vector<std::string>& warnings,
                               std::string_view flag = "--password-file");

}  // namespace cachectl
