// The words of a shell command line, for tests that read examples as a user would type them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cachectl::test {

/// The simple commands of a line, each as its words: quotes and backslashes are taken away;
/// pipes, lists, $(…) and <(…) divide; redirections and leading assignments are left out.
/// Variables stand as they are.
std::vector<std::vector<std::string>> shell_commands(std::string_view line);

}  // namespace cachectl::test
